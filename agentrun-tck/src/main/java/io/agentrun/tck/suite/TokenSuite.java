package io.agentrun.tck.suite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.agentrun.command.Command;
import io.agentrun.command.CommandDelivery;
import io.agentrun.error.AgentRunException;
import io.agentrun.error.InvalidInputException;
import io.agentrun.error.LeaseConflictException;
import io.agentrun.event.EventType;
import io.agentrun.event.NewEvent;
import io.agentrun.event.RunEvent;
import io.agentrun.json.JsonObject;
import io.agentrun.lease.ExpiredQuery;
import io.agentrun.lease.Fence;
import io.agentrun.lease.Heartbeat;
import io.agentrun.lease.LeaseSignal;
import io.agentrun.lease.RunLease;
import io.agentrun.model.CancelMode;
import io.agentrun.model.Outcome;
import io.agentrun.model.TurnResult;
import io.agentrun.rules.Rule;
import io.agentrun.run.Run;
import io.agentrun.run.RunQuery;
import io.agentrun.tck.Proves;
import io.agentrun.tck.Race;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.Callable;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

/**
 * What makes a fence its claimer's own: nobody writes one by hand, nothing that is shown tells one, and nobody but the store
 * writes events that look like its own.
 *
 * <p>Not thread-safe: one thread at a time.
 */
public abstract class TokenSuite extends ConformanceSuite {

    private static final TurnResult DONE = TurnResult.of(Outcome.completed());
    private static final NewEvent EVENT = new NewEvent(EventType.ASSISTANT_MESSAGE, JsonObject.of("text", "late"));
    private static final ObjectMapper JSON = new ObjectMapper();

    /** For adapters. */
    protected TokenSuite() {}

    @Test
    @Proves({Rule.L_1, Rule.L_6, Rule.G_3})
    void a_fence_that_was_written_by_hand_is_refused_by_every_write() {
        RunLease lease = given().claimed(given().runIn(given().name("session"), 2));
        Command turn = given().acknowledgedTurn(lease);
        Command steer = given().steer(lease.run());

        everyWriteIsRefused(Given.forged(lease.fence()), lease.run(), turn, steer);
        store().runs().finish(lease.fence(), DONE);
        everyWriteIsRefused(Given.forged(lease.fence()), lease.run(), turn, steer);
    }

    @Test
    @Proves({Rule.L_1, Rule.L_3})
    void every_claim_that_is_granted_has_a_token_of_its_own() {
        RunLease first = given().claimed();
        RunLease second = given().claimed(first.run());
        store().leases().release(second.fence());
        RunLease third = given().claimed(first.run());
        advance(Given.PAST_LEASE);
        RunLease fourth = store().leases().claim(first.run().id(), Given.RUNNER, Given.LEASE);

        assertThat(List.of(first, second, third, fourth))
                .extracting(lease -> lease.fence().tokenHash())
                .doesNotHaveDuplicates();
        assertThat(store().events().append(fourth.fence(), EVENT).seq()).isPositive();
    }

    @Test
    @Proves(Rule.L_1)
    void a_fence_holds_wherever_its_wire_form_arrives() {
        RunLease lease = given().claimed();
        Command turn = given().turn(lease.run());

        Fence elsewhere = Fence.parse(lease.fence().wire());

        assertThat(second().commands().acknowledge(elsewhere, turn.id()).id()).isEqualTo(turn.id());
        assertThat(second().leases().heartbeat(elsewhere, Given.LEASE).signal()).isEqualTo(LeaseSignal.CONTINUE);
        assertThat(second().events().append(elsewhere, List.of(EVENT, EVENT))).hasSize(2);
        assertThat(second().runs().finish(elsewhere, DONE).isTerminal()).isTrue();
    }

    @Test
    @Proves(Rule.L_1)
    void nothing_that_is_shown_tells_a_token() {
        List<Object> shown = new ArrayList<>();
        RunLease lease = given().claimed(given().runIn(given().name("session"), 2));
        Fence fence = lease.fence();
        Command turn = given().acknowledgedTurn(lease);
        shown.add(lease);
        shown.add(store().leases().heartbeat(fence, Given.LEASE));
        shown.add(store().commands().await(fence, 10, Duration.ZERO));
        shown.add(store().events().append(fence, EVENT));
        shown.add(store().commands().finish(fence, turn.id(), DONE));
        advance(Given.PAST_LEASE);
        shown.add(store().leases().listExpired(ExpiredQuery.in(given().scope())));
        shown.add(store().leases().recover(fence.runId(), fence.epoch()));
        shown.add(told(() -> store().events().append(fence, EVENT)));
        shown.add(told(() -> store().leases().release(fence)));
        shown.add(told(() -> store().runs().finish(fence, DONE)));
        shown.add(told(() -> store().commands().acknowledge(fence, turn.id())));
        shown.add(told(() -> Fence.parse(fence.wire() + "AA")));
        shown.add(store().runs().cancel(fence.runId(), "now", CancelMode.FORCE));
        shown.add(told(() -> store().leases().claim(fence.runId(), Given.RUNNER, Given.LEASE)));
        shown.add(store().runs().list(RunQuery.in(given().scope())));
        shown.add(store().commands().list(fence.runId(), 0, 50));
        shown.add(events(fence.runId()));
        shown.add(sessionOf(lease.run()));
        shown.add(store().health());

        String body = fence.wire().substring(fence.wire().indexOf('_') + 1);
        String hex = HexFormat.of().formatHex(Base64.getUrlDecoder().decode(body), 0, 16);
        for (Object record : shown) {
            for (String text :
                    List.of(record.toString(), JSON.valueToTree(record).toString())) {
                assertThat(text)
                        .doesNotContain(body.substring(0, 21))
                        .doesNotContainIgnoringCase(hex)
                        .doesNotContainIgnoringCase(fence.tokenHash());
            }
        }
    }

    @Test
    @Proves({Rule.E_6, Rule.G_1, Rule.G_3})
    void nobody_but_the_store_writes_an_event_with_a_phase_of_its_own() {
        RunLease lease = given().claimed();
        Watch watch = watch().run(lease.run());
        for (String phase : List.of(
                "run-created",
                "run-claimed",
                "run-released",
                "run-recovered",
                "cancel-requested",
                "command-created",
                "command-terminal",
                "session-updated")) {
            NewEvent forged = new NewEvent(EventType.BACKEND_STATUS, JsonObject.of("phase", phase));
            for (List<NewEvent> batch : List.of(List.of(forged), List.of(EVENT, forged))) {
                assertThat(watch.refuses(
                                        InvalidInputException.class,
                                        () -> store().events().append(lease.fence(), batch))
                                .field())
                        .isEqualTo("phase");
                watch.refuses(
                        InvalidInputException.class,
                        () -> store().events().appendUnfenced(lease.run().id(), batch));
            }
        }
        NewEvent own = new NewEvent(EventType.BACKEND_STATUS, JsonObject.of("phase", "warming-up"));
        assertThat(store().events().append(lease.fence(), own).payload()).isEqualTo(own.payload());
        NewEvent other = new NewEvent(EventType.TOOL_CALL, JsonObject.of("phase", "run-claimed"));
        assertThat(store().events().append(lease.fence(), other).payload()).isEqualTo(other.payload());
    }

    /** What an exception tells: its message and its facts. */
    private static List<Object> told(ThrowingCallable call) {
        AgentRunException thrown = catchThrowableOfType(AgentRunException.class, call);
        return List.of(String.valueOf(thrown.getMessage()), thrown.toString(), thrown.details());
    }

    private void everyWriteIsRefused(Fence fence, Run run, Command turn, Command steer) {
        Watch watch = watch().run(run);
        List<Callable<?>> writes = List.of(
                () -> store().events().append(fence, EVENT),
                () -> second().events().append(fence, List.of(EVENT, EVENT)),
                () -> store().commands().acknowledge(fence, steer.id()),
                () -> store().commands().finish(fence, turn.id(), DONE),
                () -> store().runs().finish(fence, DONE),
                () -> store().leases().release(fence));
        for (Callable<?> write : writes) {
            assertThat(watch.refuses(LeaseConflictException.class, write).retryable())
                    .isFalse();
        }
        assertThat(watch.unchangedBy(() -> store().leases().heartbeat(fence, Given.LEASE)))
                .isEqualTo(Heartbeat.over(LeaseSignal.LEASE_LOST));
        assertThat(watch.unchangedBy(() -> store().commands().await(fence, 10, Duration.ofMinutes(10))))
                .isEqualTo(CommandDelivery.over(LeaseSignal.LEASE_LOST));
    }

    /** Appends that a store may execute together: those under a fence of the right epoch, but another token, are refused. */
    @Test
    @Proves({Rule.L_1, Rule.E_2})
    void of_appends_to_several_runs_at_once_those_with_another_token_are_refused() {
        int runs = 8;
        for (int round = 0; round < 10; round++) {
            List<Fence> fences = new ArrayList<>();
            for (int i = 0; i < runs; i++) {
                fences.add(given().claimed().fence());
            }

            List<Race.Finish<List<RunEvent>>> finishes = Race.of(
                    2 * runs,
                    i -> () -> store().events()
                            .append(
                                    i % 2 == 0 ? Given.forged(fences.get(i / 2)) : fences.get(i / 2),
                                    List.of(EVENT, EVENT)));

            for (int i = 0; i < finishes.size(); i++) {
                if (i % 2 == 0) {
                    assertThat(finishes.get(i).failure()).isExactlyInstanceOf(LeaseConflictException.class);
                } else {
                    assertThat(finishes.get(i).failure()).isNull();
                }
            }
            for (Fence fence : fences) {
                assertThat(events(fence.runId()))
                        .filteredOn(event -> event.type() == EVENT.type())
                        .hasSize(2);
            }
        }
    }
}

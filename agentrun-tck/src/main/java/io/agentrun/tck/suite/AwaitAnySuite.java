package io.agentrun.tck.suite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.agentrun.command.Command;
import io.agentrun.command.CommandDelivery;
import io.agentrun.command.SeenCommands;
import io.agentrun.error.InvalidInputException;
import io.agentrun.event.EventPage;
import io.agentrun.event.EventType;
import io.agentrun.event.NewEvent;
import io.agentrun.json.JsonObject;
import io.agentrun.lease.LeaseSignal;
import io.agentrun.lease.RunLease;
import io.agentrun.model.ItemAnswer;
import io.agentrun.model.Outcome;
import io.agentrun.model.TurnResult;
import io.agentrun.model.WaitSet;
import io.agentrun.rules.Rule;
import io.agentrun.run.Run;
import io.agentrun.tck.Proves;
import io.agentrun.tck.Race;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Future;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Waiting for many runs and leases in one call, as {@link AwaitSuite} for one.
 *
 * <p>Not thread-safe: one thread at a time.
 */
public abstract class AwaitAnySuite extends ConformanceSuite {

    private static final Duration LONG = Duration.ofMinutes(30);
    private static final Duration SHORT = Duration.ofMillis(60);
    private static final TurnResult DONE = TurnResult.of(Outcome.completed());

    /** For adapters. */
    protected AwaitAnySuite() {}

    @BeforeEach
    final void stopPolling() {
        fixture().stopPolling();
    }

    @Test
    @Proves({Rule.G_11, Rule.E_3})
    void of_many_runs_those_with_events_answer_and_each_has_its_share() {
        WaitSet<Long> waits = WaitSet.create();
        List<Run> runs = List.of(given().run(), given().run(), given().run());
        runs.forEach(run -> waits.put(run.id(), 0L));
        Run quiet = given().run();
        waits.put(quiet.id(), 1L);
        waits.put("run_unknown", 0L);
        for (int i = 0; i < 2; i++) {
            runs.forEach(run -> store().events().appendUnfenced(run.id(), Collections.nCopies(200, message(1))));
        }
        Run ended = given().completed(given().run());
        waits.put(ended.id(), (long) events(ended.id()).size());

        Map<String, ItemAnswer<EventPage>> seen = store().events().awaitAny(waits, LONG);

        assertThat(seen)
                .containsOnlyKeys(
                        runs.get(0).id(), runs.get(1).id(), runs.get(2).id(), ended.id(), "run_unknown");
        assertThat(seen.get("run_unknown")).isInstanceOf(ItemAnswer.Refused.class);
        assertThat(answer(seen, ended.id()).ended()).isTrue();
        for (Run run : runs) {
            EventPage page = answer(seen, run.id());
            assertThat(page.items())
                    .isEqualTo(store().events()
                            .list(run.id(), 0, page.items().size())
                            .items());
            assertThat(page.items().size()).isBetween(100, 200);
            assertThat(page.ended()).isFalse();
        }
    }

    @Test
    @Proves({Rule.G_11, Rule.E_5})
    void a_wait_for_many_is_woken_by_an_event_by_a_run_that_is_put_in_and_by_its_caller() {
        WaitSet<Long> waits = WaitSet.create();
        assertThat(store().events().awaitAny(waits, SHORT)).isEmpty();
        Run first = given().run();
        waits.put(first.id(), 1L);
        Future<Race.Finish<Map<String, ItemAnswer<EventPage>>>> event =
                Race.waiting(() -> second().events().awaitAny(waits, LONG));
        store().events().appendUnfenced(first.id(), List.of(message(1)));
        assertThat(answer(Race.value(event), first.id()).items()).hasSize(1);

        waits.put(first.id(), 2L);
        Future<Race.Finish<Map<String, ItemAnswer<EventPage>>>> put =
                Race.waiting(() -> second().events().awaitAny(waits, LONG));
        Run late = given().run();
        waits.put(late.id(), 0L);
        assertThat(Race.value(put)).containsOnlyKeys(late.id());

        waits.remove(late.id());
        Future<Race.Finish<Map<String, ItemAnswer<EventPage>>>> woken =
                Race.waiting(() -> second().events().awaitAny(waits, LONG));
        waits.wake();
        assertThat(Race.value(woken)).isEmpty();
    }

    @Test
    @Proves({Rule.G_11, Rule.C_5, Rule.C_8, Rule.R_6})
    void of_many_leases_those_with_something_that_their_holder_has_not_seen_answer() {
        WaitSet<SeenCommands> waits = WaitSet.create();
        RunLease behind = given().claimed(given().runIn(given().name("session")));
        Command active = given().acknowledgedTurn(behind);
        Command waiting = given().turn(behind.run());
        Command steer = given().steer(behind.run());
        waits.put(behind.run().id(), new SeenCommands(behind.fence(), Set.of(steer.id()), false));
        RunLease asked = given().claimed();
        store().runs().cancel(asked.run().id(), "asked");
        waits.put(asked.run().id(), new SeenCommands(asked.fence(), Set.of(), true));
        assertThat(store().commands().awaitAny(waits, Duration.ZERO)).isEmpty();

        store().commands().finish(behind.fence(), active.id(), DONE);
        waits.put(asked.run().id(), SeenCommands.nothing(asked.fence()));
        RunLease lost = given().claimed();
        store().leases().release(lost.fence());
        waits.put(lost.run().id(), SeenCommands.nothing(lost.fence()));
        Map<String, ItemAnswer<CommandDelivery>> seen = store().commands().awaitAny(waits, LONG);

        assertThat(seen).hasSize(3);
        assertThat(answer(seen, behind.run().id()).commands())
                .extracting(Command::id)
                .containsExactly(waiting.id());
        assertThat(answer(seen, asked.run().id()).signal()).isEqualTo(LeaseSignal.CANCEL_REQUESTED);
        assertThat(answer(seen, lost.run().id())).isEqualTo(CommandDelivery.over(LeaseSignal.LEASE_LOST));
    }

    @Test
    @Proves({Rule.G_11, Rule.C_5})
    void a_wait_for_many_leases_is_woken_by_a_command() {
        WaitSet<SeenCommands> waits = WaitSet.create();
        RunLease lease = given().claimed();
        RunLease other = given().claimed();
        waits.put(lease.run().id(), SeenCommands.nothing(lease.fence()));
        waits.put(other.run().id(), SeenCommands.nothing(other.fence()));
        Future<Race.Finish<Map<String, ItemAnswer<CommandDelivery>>>> woken =
                Race.waiting(() -> second().commands().awaitAny(waits, LONG));

        Command turn = given().turn(lease.run());

        assertThat(Race.value(woken)).containsOnlyKeys(lease.run().id());
        assertThat(answer(Race.value(woken), lease.run().id()).commands()).containsExactly(turn);
        waits.put(given().run().id(), SeenCommands.nothing(lease.fence()));
        assertThatExceptionOfType(InvalidInputException.class)
                .isThrownBy(() -> store().commands().awaitAny(waits, SHORT));
    }

    private static <T> T answer(Map<String, ItemAnswer<T>> seen, String runId) {
        return Objects.requireNonNull(seen.get(runId)).orThrow();
    }

    private static NewEvent message(int number) {
        return new NewEvent(EventType.ASSISTANT_MESSAGE, JsonObject.of("number", number));
    }

    @Test
    @Proves({Rule.G_11, Rule.C_5, Rule.E_1})
    void what_is_new_of_a_run_comes_in_its_order() {
        RunLease lease = given().claimed();
        List<Command> commands =
                List.of(given().turn(lease.run()), given().steer(lease.run()), given().steer(lease.run()));
        WaitSet<SeenCommands> waits = WaitSet.create();
        waits.put(lease.run().id(), SeenCommands.nothing(lease.fence()));

        Map<String, ItemAnswer<CommandDelivery>> seen = store().commands().awaitAny(waits, LONG);

        assertThat(answer(seen, lease.run().id()).commands()).isEqualTo(commands);
    }
}

package io.agentrun.tck.suite;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentrun.command.Command;
import io.agentrun.command.CommandDelivery;
import io.agentrun.event.EventPage;
import io.agentrun.event.EventType;
import io.agentrun.event.NewEvent;
import io.agentrun.event.RunEvent;
import io.agentrun.json.JsonObject;
import io.agentrun.lease.Fence;
import io.agentrun.lease.LeaseSignal;
import io.agentrun.lease.RunLease;
import io.agentrun.model.CancelMode;
import io.agentrun.model.Outcome;
import io.agentrun.model.TurnResult;
import io.agentrun.rules.Rule;
import io.agentrun.run.Run;
import io.agentrun.tck.Proves;
import io.agentrun.tck.Race;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Future;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Waiting: for commands and for events, woken by what either instance of the store does.
 *
 * <p>The stores do not poll meanwhile, and a call that is not woken waits longer than {@link Race} has patience: a wake-up that
 * is lost fails its test, and none needs to know how long a wake-up takes.
 *
 * <p>Not thread-safe: one thread at a time.
 */
public abstract class AwaitSuite extends ConformanceSuite {

    private static final Duration LONG = Duration.ofMinutes(30);
    private static final Duration SHORT = Duration.ofMillis(60);
    private static final TurnResult DONE = TurnResult.of(Outcome.completed());
    private static final int ROUNDS = 5;

    /** For adapters. */
    protected AwaitSuite() {}

    @BeforeEach
    final void stopPolling() {
        fixture().stopPolling();
    }

    @Test
    @Proves(Rule.C_5)
    void deliverable_commands_are_handed_out_by_number_until_they_are_acknowledged() {
        RunLease lease = given().claimed();
        Command turn = given().turn(lease.run());
        Command steer = given().steer(lease.run());
        given().turn(lease.run());
        Watch watch = watch().run(lease.run());

        for (int i = 0; i < 2; i++) {
            assertThat(watch.unchangedBy(() -> store().commands().await(lease.fence(), 10, LONG)))
                    .isEqualTo(new CommandDelivery(LeaseSignal.CONTINUE, List.of(turn, steer), null));
        }
        assertThat(look(lease.fence(), 1)).containsExactly(turn);
        given().acknowledged(lease.fence(), turn);
        assertThat(look(lease.fence(), 10)).containsExactly(steer);
        given().acknowledged(lease.fence(), steer);
        assertThat(look(lease.fence(), 10)).isEmpty();
    }

    @Test
    @Proves(Rule.E_5)
    void a_wait_is_over_by_its_timeout() {
        RunLease lease = given().claimed();
        String id = lease.run().id();

        assertThat(store().commands().await(lease.fence(), 10, SHORT))
                .isEqualTo(new CommandDelivery(LeaseSignal.CONTINUE, List.of(), null));
        assertThat(store().events().await(id, 2, 10, SHORT)).isEqualTo(new EventPage(id, List.of(), 2, false));
        assertThat(store().events().await(id, 2, 10, Duration.ZERO)).isEqualTo(new EventPage(id, List.of(), 2, false));
    }

    @Test
    @Proves(Rule.C_5)
    void a_new_command_wakes_its_runner() {
        RunLease lease = given().claimed();
        Future<Race.Finish<CommandDelivery>> waiting =
                Race.waiting(() -> second().commands().await(lease.fence(), 10, LONG));

        Command turn = given().turn(lease.run());

        assertThat(Race.value(waiting).commands()).containsExactly(turn);
    }

    @Test
    @Proves({Rule.C_5, Rule.C_8})
    void a_turn_that_becomes_active_wakes_the_runner_of_another_run() {
        String session = given().name("session");
        RunLease first = given().claimed(given().runIn(session));
        Command active = given().acknowledgedTurn(first);
        RunLease behind = given().claimed(given().runIn(session));
        Command next = given().turn(behind.run());
        Future<Race.Finish<CommandDelivery>> waiting =
                Race.waiting(() -> second().commands().await(behind.fence(), 10, LONG));

        store().commands().finish(first.fence(), active.id(), DONE);

        assertThat(Race.value(waiting).commands()).extracting(Command::id).containsExactly(next.id());
    }

    @Test
    @Proves({Rule.C_5, Rule.R_6})
    void a_cancel_request_wakes_the_runner_and_comes_with_the_commands_that_there_are() {
        RunLease bare = given().claimed();
        Future<Race.Finish<CommandDelivery>> waiting =
                Race.waiting(() -> second().commands().await(bare.fence(), 10, LONG));

        Run asked = store().runs().cancel(bare.run().id(), "asked");

        assertThat(Race.value(waiting))
                .isEqualTo(new CommandDelivery(LeaseSignal.CANCEL_REQUESTED, List.of(), asked.cancelRequest()));
        RunLease busy = given().claimed();
        Command turn = given().turn(busy.run());
        Run also = store().runs().cancel(busy.run().id(), "asked");
        assertThat(store().commands().await(busy.fence(), 10, LONG))
                .isEqualTo(new CommandDelivery(LeaseSignal.CANCEL_REQUESTED, List.of(turn), also.cancelRequest()));
    }

    @Test
    @Proves({Rule.C_5, Rule.L_1})
    void a_lost_lease_wakes_the_runner() {
        RunLease released = given().claimed();
        RunLease forced = given().claimed();
        RunLease recovered = given().claimed(given().runWithAttempts(2));
        advance(Given.PAST_LEASE);
        List<Future<Race.Finish<CommandDelivery>>> waiting = new ArrayList<>();
        for (RunLease lease : List.of(released, forced, recovered)) {
            waiting.add(Race.waiting(() -> second().commands().await(lease.fence(), 10, LONG)));
        }

        store().leases().release(released.fence());
        store().runs().cancel(forced.run().id(), "now", CancelMode.FORCE);
        store().leases().recover(recovered.run().id(), recovered.fence().epoch());

        for (Future<Race.Finish<CommandDelivery>> wait : waiting) {
            assertThat(Race.value(wait)).isEqualTo(CommandDelivery.over(LeaseSignal.LEASE_LOST));
        }
    }

    @Test
    @Proves({Rule.C_5, Rule.R_3})
    void the_end_of_the_run_wakes_its_runner() {
        RunLease lease = given().claimed();
        Future<Race.Finish<CommandDelivery>> waiting =
                Race.waiting(() -> second().commands().await(lease.fence(), 10, LONG));

        store().runs().finish(lease.fence(), DONE);

        assertThat(Race.value(waiting)).isEqualTo(CommandDelivery.over(LeaseSignal.ENDED));
    }

    @Test
    @Proves({Rule.C_5, Rule.L_5})
    void what_a_release_gave_back_is_delivered_to_the_next_holder_only() {
        RunLease lease = given().claimed();
        Command turn = given().acknowledgedTurn(lease);
        store().leases().release(lease.fence());
        RunLease next = store().leases().claim(lease.run().id(), Given.OTHER_RUNNER, Given.LEASE);

        assertThat(store().commands().await(next.fence(), 10, LONG).commands())
                .extracting(Command::id)
                .containsExactly(turn.id());
        assertThat(store().commands().await(lease.fence(), 10, LONG).signal()).isEqualTo(LeaseSignal.LEASE_LOST);
    }

    @Test
    @Proves(Rule.E_5)
    void events_that_are_there_are_returned_at_once() {
        RunLease lease = given().claimed();
        String id = lease.run().id();

        EventPage page = store().events().await(id, 0, 1, LONG);

        assertThat(page).isEqualTo(store().events().list(id, 0, 1));
        assertThat(page.items()).hasSize(1);
    }

    @Test
    @Proves(Rule.E_5)
    void an_append_wakes_the_readers_at_either_instance() {
        RunLease lease = given().claimed();
        String id = lease.run().id();
        Future<Race.Finish<EventPage>> here =
                Race.waiting(() -> store().events().await(id, 2, 10, LONG));
        Future<Race.Finish<EventPage>> there =
                Race.waiting(() -> second().events().await(id, 2, 10, LONG));

        RunEvent stored = store().events().append(lease.fence(), message(1));

        assertThat(Race.value(here)).isEqualTo(new EventPage(id, List.of(stored), 3, false));
        assertThat(Race.value(there)).isEqualTo(new EventPage(id, List.of(stored), 3, false));
    }

    /** Calls that a store may execute together: none of their readers may be forgotten. */
    @Test
    @Proves(Rule.E_5)
    void appends_at_the_same_moment_wake_each_its_own_reader() {
        for (int round = 0; round < ROUNDS; round++) {
            List<Run> runs = new ArrayList<>();
            List<Future<Race.Finish<EventPage>>> waiting = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                Run run = given().run();
                runs.add(run);
                waiting.add(Race.waiting(() -> second().events().await(run.id(), 1, 10, LONG)));
            }

            List<Race.Finish<RunEvent>> appends = Race.of(
                    runs.size(),
                    i -> () -> store().events().appendUnfenced(runs.get(i).id(), message(i)));

            assertThat(Race.failures(appends)).isEmpty();
            for (int i = 0; i < runs.size(); i++) {
                assertThat(Race.value(waiting.get(i)).items())
                        .containsExactly(appends.get(i).value());
            }
        }
    }

    @Test
    @Proves(Rule.E_5)
    void the_events_of_other_operations_wake_readers_too() {
        Run run = given().run();
        Future<Race.Finish<EventPage>> claimed =
                Race.waiting(() -> second().events().await(run.id(), 1, 10, LONG));
        given().claimed(run);
        assertThat(Race.value(claimed).items()).hasSize(1);

        Future<Race.Finish<EventPage>> created =
                Race.waiting(() -> second().events().await(run.id(), 2, 10, LONG));
        given().turn(run);
        assertThat(Race.value(created).items()).hasSize(1);
    }

    @Test
    @Proves({Rule.E_5, Rule.E_3})
    void a_reader_of_an_ended_stream_never_waits() {
        RunLease lease = given().claimed();
        String id = lease.run().id();
        Future<Race.Finish<EventPage>> waiting =
                Race.waiting(() -> second().events().await(id, 2, 10, LONG));

        store().runs().finish(lease.fence(), DONE);

        EventPage last = Race.value(waiting);
        assertThat(last.items()).hasSize(1);
        assertThat(last.ended()).isTrue();
        assertThat(store().events().await(id, last.nextAfterSeq(), 10, LONG))
                .isEqualTo(new EventPage(id, List.of(), 3, true));
    }

    @Test
    @Proves({Rule.E_1, Rule.E_3, Rule.E_5})
    void a_reader_that_follows_a_stream_sees_every_event_once_and_its_end() {
        RunLease lease = given().claimed();
        Future<Race.Finish<List<RunEvent>>> reader = Race.waiting(() -> {
            List<RunEvent> seen = new ArrayList<>();
            EventPage page = second().events().await(lease.run().id(), 0, 7, LONG);
            seen.addAll(page.items());
            while (!page.ended()) {
                page = second().events().await(lease.run().id(), page.nextAfterSeq(), 7, LONG);
                seen.addAll(page.items());
            }
            return seen;
        });

        for (int i = 0; i < 60; i++) {
            store().events().append(lease.fence(), i % 3 == 0 ? List.of(message(i), message(-i)) : List.of(message(i)));
        }
        store().runs().finish(lease.fence(), DONE);

        assertThat(Race.value(reader)).isEqualTo(events(lease.run().id())).hasSize(83);
    }

    private List<Command> look(Fence fence, int limit) {
        return store().commands().await(fence, limit, Duration.ZERO).commands();
    }

    private static NewEvent message(int number) {
        return new NewEvent(EventType.ASSISTANT_MESSAGE, JsonObject.of("number", number));
    }
}

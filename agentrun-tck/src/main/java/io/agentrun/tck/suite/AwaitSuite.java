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
import io.agentrun.event.RunEvent;
import io.agentrun.json.JsonObject;
import io.agentrun.lease.Fence;
import io.agentrun.lease.LeaseSignal;
import io.agentrun.lease.RunLease;
import io.agentrun.model.CancelMode;
import io.agentrun.model.ItemAnswer;
import io.agentrun.model.Outcome;
import io.agentrun.model.TurnResult;
import io.agentrun.model.WaitSet;
import io.agentrun.rules.Rule;
import io.agentrun.run.Run;
import io.agentrun.tck.Proves;
import io.agentrun.tck.Race;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
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
                Race.background(() -> second().commands().await(lease.fence(), 10, LONG));

        Command turn = given().turn(lease.run());

        assertThat(value(waiting).commands()).containsExactly(turn);
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
                Race.background(() -> second().commands().await(behind.fence(), 10, LONG));

        store().commands().finish(first.fence(), active.id(), DONE);

        assertThat(value(waiting).commands()).extracting(Command::id).containsExactly(next.id());
    }

    @Test
    @Proves({Rule.C_5, Rule.R_6})
    void a_cancel_request_wakes_the_runner_and_comes_with_the_commands_that_there_are() {
        RunLease bare = given().claimed();
        Future<Race.Finish<CommandDelivery>> waiting =
                Race.background(() -> second().commands().await(bare.fence(), 10, LONG));

        Run asked = store().runs().cancel(bare.run().id(), "asked");

        assertThat(value(waiting))
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
            waiting.add(Race.background(() -> second().commands().await(lease.fence(), 10, LONG)));
        }

        store().leases().release(released.fence());
        store().runs().cancel(forced.run().id(), "now", CancelMode.FORCE);
        store().leases().recover(recovered.run().id(), recovered.fence().epoch());

        for (Future<Race.Finish<CommandDelivery>> wait : waiting) {
            assertThat(value(wait)).isEqualTo(CommandDelivery.over(LeaseSignal.LEASE_LOST));
        }
    }

    @Test
    @Proves({Rule.C_5, Rule.R_3})
    void the_end_of_the_run_wakes_its_runner() {
        RunLease lease = given().claimed();
        Future<Race.Finish<CommandDelivery>> waiting =
                Race.background(() -> second().commands().await(lease.fence(), 10, LONG));

        store().runs().finish(lease.fence(), DONE);

        assertThat(value(waiting)).isEqualTo(CommandDelivery.over(LeaseSignal.ENDED));
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
                Race.background(() -> store().events().await(id, 2, 10, LONG));
        Future<Race.Finish<EventPage>> there =
                Race.background(() -> second().events().await(id, 2, 10, LONG));

        RunEvent stored = store().events().append(lease.fence(), message(1));

        assertThat(value(here)).isEqualTo(new EventPage(id, List.of(stored), 3, false));
        assertThat(value(there)).isEqualTo(new EventPage(id, List.of(stored), 3, false));
    }

    @Test
    @Proves(Rule.E_5)
    void the_events_of_other_operations_wake_readers_too() {
        Run run = given().run();
        Future<Race.Finish<EventPage>> claimed =
                Race.background(() -> second().events().await(run.id(), 1, 10, LONG));
        given().claimed(run);
        assertThat(value(claimed).items()).hasSize(1);

        Future<Race.Finish<EventPage>> created =
                Race.background(() -> second().events().await(run.id(), 2, 10, LONG));
        given().turn(run);
        assertThat(value(created).items()).hasSize(1);
    }

    @Test
    @Proves({Rule.E_5, Rule.E_3})
    void a_reader_of_an_ended_stream_never_waits() {
        RunLease lease = given().claimed();
        String id = lease.run().id();
        Future<Race.Finish<EventPage>> waiting =
                Race.background(() -> second().events().await(id, 2, 10, LONG));

        store().runs().finish(lease.fence(), DONE);

        EventPage last = value(waiting);
        assertThat(last.items()).hasSize(1);
        assertThat(last.ended()).isTrue();
        assertThat(store().events().await(id, last.nextAfterSeq(), 10, LONG))
                .isEqualTo(new EventPage(id, List.of(), 3, true));
    }

    @Test
    @Proves({Rule.E_1, Rule.E_3, Rule.E_5})
    void a_reader_that_follows_a_stream_sees_every_event_once_and_its_end() {
        RunLease lease = given().claimed();
        Future<Race.Finish<List<RunEvent>>> reader = Race.background(() -> {
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

        assertThat(value(reader)).isEqualTo(events(lease.run().id())).hasSize(83);
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
                Race.background(() -> second().events().awaitAny(waits, LONG));
        store().events().appendUnfenced(first.id(), List.of(message(1)));
        assertThat(answer(value(event), first.id()).items()).hasSize(1);

        waits.put(first.id(), 2L);
        Future<Race.Finish<Map<String, ItemAnswer<EventPage>>>> put =
                Race.background(() -> second().events().awaitAny(waits, LONG));
        Run late = given().run();
        waits.put(late.id(), 0L);
        assertThat(value(put)).containsOnlyKeys(late.id());

        waits.remove(late.id());
        Future<Race.Finish<Map<String, ItemAnswer<EventPage>>>> woken =
                Race.background(() -> second().events().awaitAny(waits, LONG));
        waits.wake();
        assertThat(value(woken)).isEmpty();
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
                Race.background(() -> second().commands().awaitAny(waits, LONG));

        Command turn = given().turn(lease.run());

        assertThat(value(woken)).containsOnlyKeys(lease.run().id());
        assertThat(answer(value(woken), lease.run().id()).commands()).containsExactly(turn);
        waits.put(given().run().id(), SeenCommands.nothing(lease.fence()));
        assertThatExceptionOfType(InvalidInputException.class)
                .isThrownBy(() -> store().commands().awaitAny(waits, SHORT));
    }

    private static <T> T answer(Map<String, ItemAnswer<T>> seen, String runId) {
        return Objects.requireNonNull(seen.get(runId)).orThrow();
    }

    private List<Command> look(Fence fence, int limit) {
        return store().commands().await(fence, limit, Duration.ZERO).commands();
    }

    private static NewEvent message(int number) {
        return new NewEvent(EventType.ASSISTANT_MESSAGE, JsonObject.of("number", number));
    }

    private static <T> T value(Future<Race.Finish<T>> future) {
        Race.Finish<T> finish = Race.await(future);
        T value = finish.value();
        if (value == null) {
            throw new AssertionError("the wait failed", finish.failure());
        }
        return value;
    }
}

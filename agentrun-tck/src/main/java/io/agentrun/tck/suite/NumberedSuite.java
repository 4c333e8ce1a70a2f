package io.agentrun.tck.suite;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentrun.error.AlreadyTerminalException;
import io.agentrun.error.InvalidInputException;
import io.agentrun.error.LeaseConflictException;
import io.agentrun.error.OutdatedBatchException;
import io.agentrun.event.EventBatch;
import io.agentrun.event.EventType;
import io.agentrun.event.NewEvent;
import io.agentrun.event.RunEvent;
import io.agentrun.json.JsonObject;
import io.agentrun.lease.Fence;
import io.agentrun.lease.RunLease;
import io.agentrun.model.CancelMode;
import io.agentrun.model.Outcome;
import io.agentrun.model.TurnResult;
import io.agentrun.rules.Rule;
import io.agentrun.run.Run;
import io.agentrun.tck.Proves;
import io.agentrun.tck.Race;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * Numbered batches of events: repeated after a lost answer, they are stored once.
 *
 * <p>Not thread-safe: one thread at a time.
 */
public abstract class NumberedSuite extends ConformanceSuite {

    private static final TurnResult DONE = TurnResult.of(Outcome.completed());
    private static final int RUNS = 8;
    private static final int BATCHES = 12;

    /** For adapters. */
    protected NumberedSuite() {}

    private static NewEvent event(String text) {
        return new NewEvent(EventType.ASSISTANT_MESSAGE, JsonObject.of("text", text));
    }

    private static EventBatch batch(long number, String... texts) {
        List<NewEvent> events = new ArrayList<>();
        for (String text : texts) {
            events.add(event(text));
        }
        return EventBatch.numbered(number, events);
    }

    @Test
    @Proves({Rule.E_7, Rule.E_1})
    void a_batch_that_is_repeated_returns_what_it_stored_and_adds_nothing() {
        for (EventBatch batch : List.of(batch(1, "one"), batch(7, "one", "two", "three"))) {
            RunLease lease = given().claimed();
            List<RunEvent> stored = store().events().append(lease.fence(), batch);
            Watch watch = watch().run(lease.run());

            assertThat(watch.unchangedBy(() -> store().events().append(lease.fence(), batch)))
                    .isEqualTo(stored);
            assertThat(watch.unchangedBy(() -> second().events().append(lease.fence(), batch)))
                    .isEqualTo(stored);
            assertThat(stored).hasSize(batch.events().size());
        }
    }

    @Test
    @Proves(Rule.E_7)
    void a_batch_is_found_behind_events_of_others_and_of_its_own_runner_without_a_number() {
        RunLease lease = given().claimed();
        store().events().append(lease.fence(), event("before"));
        List<RunEvent> stored = store().events().append(lease.fence(), batch(3, "a", "b"));
        store().events().appendUnfenced(lease.run().id(), event("host"));
        store().events().append(lease.fence(), List.of(event("c"), event("d")));
        given().acknowledgedTurn(lease);

        assertThat(watch().run(lease.run())
                        .unchangedBy(() -> second().events().append(lease.fence(), batch(3, "a", "b"))))
                .isEqualTo(stored);
        assertThat(events(lease.run().id())).containsAll(stored);
    }

    @Test
    @Proves({Rule.E_7, Rule.G_2})
    void a_repeated_batch_is_answered_before_fence_and_end_are_checked() {
        RunLease lease = given().claimed();
        EventBatch batch = batch(1, "last words");
        List<RunEvent> stored = store().events().append(lease.fence(), batch);
        advance(Given.PAST_LEASE);
        assertThat(store().events().append(lease.fence(), batch)).isEqualTo(stored);

        store().runs().finish(lease.fence(), DONE);

        Watch watch = watch().run(lease.run());
        assertThat(watch.unchangedBy(() -> store().events().append(lease.fence(), batch)))
                .isEqualTo(stored);
        watch.refuses(OutdatedBatchException.class, () -> store().events().append(lease.fence(), batch(1, "other")));
        watch.refuses(AlreadyTerminalException.class, () -> store().events().append(lease.fence(), batch(2, "late")));
    }

    @Test
    @Proves({Rule.E_7, Rule.G_3})
    void a_lower_number_and_the_same_number_with_other_events_are_refused() {
        RunLease lease = given().claimed();
        store().events().append(lease.fence(), batch(4, "four"));
        store().events().append(lease.fence(), batch(9, "nine", "more"));
        Watch watch = watch().run(lease.run());
        NewEvent otherType = new NewEvent(EventType.TOOL_CALL, event("nine").payload());

        for (EventBatch old : List.of(
                batch(4, "four"),
                batch(8, "eight"),
                batch(1, "one"),
                batch(9, "nine"),
                batch(9, "more", "nine"),
                batch(9, "nine", "more", "and more"),
                EventBatch.numbered(9, List.of(otherType, event("more"))))) {
            OutdatedBatchException refused = watch.refuses(
                    OutdatedBatchException.class, () -> second().events().append(lease.fence(), old));
            assertThat(refused.lastNumber()).isEqualTo(9);
            assertThat(refused.number()).isEqualTo(old.number());
            assertThat(refused.runId()).isEqualTo(lease.run().id());
            assertThat(refused.retryable()).isFalse();
        }
        assertThat(store().events().append(lease.fence(), batch(100, "gaps are allowed")))
                .hasSize(1);
    }

    @Test
    @Proves({Rule.E_7, Rule.E_4})
    void events_are_compared_as_they_were_given_and_not_as_they_are_kept() {
        RunLease lease = given().claimed();
        NewEvent one = new NewEvent(EventType.TOOL_CALL, JsonObject.of("password", "first secret"));
        NewEvent other = new NewEvent(EventType.TOOL_CALL, JsonObject.of("password", "second secret"));
        List<RunEvent> stored = store().events().append(lease.fence(), EventBatch.numbered(1, List.of(one)));

        assertThat(store().events().append(lease.fence(), EventBatch.numbered(1, List.of(one))))
                .isEqualTo(stored);
        watch().run(lease.run())
                .refuses(
                        OutdatedBatchException.class,
                        () -> store().events().append(lease.fence(), EventBatch.numbered(1, List.of(other))));
    }

    @Test
    @Proves({Rule.E_7, Rule.L_1})
    void a_new_epoch_begins_the_numbers_anew_and_answers_nothing_of_the_old_one() {
        Run run = given().run();
        RunLease lease = given().claimed(run);
        EventBatch batch = batch(5, "five");
        store().events().append(lease.fence(), batch);

        List<RunLease> next = new ArrayList<>();
        next.add(given().claimed(run));
        watch().run(run)
                .refuses(LeaseConflictException.class, () -> store().events().append(lease.fence(), batch));
        assertThat(store().events().append(next.get(0).fence(), batch(1, "one")))
                .hasSize(1);
        store().leases().release(next.get(0).fence());
        next.add(store().leases().claim(run.id(), Given.OTHER_RUNNER, Given.LEASE));
        assertThat(store().events().append(next.get(1).fence(), batch(1, "one")))
                .hasSize(1);
        advance(Given.PAST_LEASE);
        next.add(given().claimed(run));
        assertThat(store().events().append(next.get(2).fence(), batch(1, "one")))
                .hasSize(1);
        store().runs().cancel(run.id(), "now", CancelMode.FORCE);

        for (RunLease old : next) {
            watch().run(run)
                    .refuses(
                            LeaseConflictException.class, () -> store().events().append(old.fence(), batch(1, "one")));
        }
    }

    @Test
    @Proves({Rule.E_7, Rule.L_1})
    void a_fence_that_was_written_by_hand_gets_no_stored_batch() {
        RunLease lease = given().claimed();
        EventBatch batch = batch(1, "one");
        store().events().append(lease.fence(), batch);
        Fence forged = Given.forged(lease.fence());

        Watch watch = watch().run(lease.run());
        watch.refuses(LeaseConflictException.class, () -> store().events().append(forged, batch));
        watch.refuses(LeaseConflictException.class, () -> store().events().append(forged, batch(2, "two")));
        store().runs().finish(lease.fence(), DONE);
        watch.refuses(LeaseConflictException.class, () -> store().events().append(forged, batch));
    }

    @Test
    @Proves({Rule.G_1, Rule.G_3})
    void numbers_begin_with_one_and_batches_have_events() {
        RunLease lease = given().claimed();
        Watch watch = watch().run(lease.run());

        assertThat(watch.refuses(InvalidInputException.class, () -> batch(0, "none"))
                        .field())
                .isEqualTo("number");
        assertThat(watch.refuses(
                                InvalidInputException.class,
                                () -> store().events().append(lease.fence(), batch(1)))
                        .field())
                .isEqualTo("events");
        assertThat(store().events().append(lease.fence(), batch(Long.MAX_VALUE, "last")))
                .hasSize(1);
    }

    @Test
    @Proves({Rule.E_7, Rule.E_2})
    void events_without_a_number_that_meet_others_leave_the_last_batch_as_it_is() {
        List<RunLease> leases = new ArrayList<>();
        List<List<RunEvent>> batches = new ArrayList<>();
        for (int i = 0; i < 2 * RUNS; i++) {
            leases.add(given().claimed());
            batches.add(store().events().append(leases.get(i).fence(), batch(1, "one")));
        }

        List<Race.Finish<RunEvent>> finishes = Race.of(
                leases.size(), i -> () -> store().events().append(leases.get(i).fence(), event("without a number")));

        assertThat(Race.failures(finishes)).isEmpty();
        for (int i = 0; i < leases.size(); i++) {
            assertThat(store().events().append(leases.get(i).fence(), batch(1, "one")))
                    .isEqualTo(batches.get(i));
        }
    }

    @Test
    @Proves({Rule.E_7, Rule.E_1})
    void batches_of_many_runs_that_are_sent_twice_at_the_same_moment_are_stored_once_each() {
        List<RunLease> leases = new ArrayList<>();
        for (int i = 0; i < RUNS; i++) {
            leases.add(given().claimed());
        }

        List<Race.Finish<List<List<RunEvent>>>> finishes = Race.of(2 * RUNS, caller -> () -> {
            Fence fence = leases.get(caller / 2).fence();
            List<List<RunEvent>> answers = new ArrayList<>();
            for (int number = 1; number <= BATCHES; number++) {
                EventBatch batch = batch(number, "a" + number, "b" + number);
                try {
                    answers.add((caller % 2 == 0 ? store() : second()).events().append(fence, batch));
                } catch (OutdatedBatchException overtaken) {
                    // The other caller is ahead: it has stored this batch, and a later one.
                    answers.add(List.of());
                }
            }
            return answers;
        });

        assertThat(Race.failures(finishes)).isEmpty();
        List<List<List<RunEvent>>> answers = Race.values(finishes);
        for (int i = 0; i < RUNS; i++) {
            String runId = leases.get(i).run().id();
            List<RunEvent> own = events(runId).stream()
                    .filter(event -> event.type() == EventType.ASSISTANT_MESSAGE)
                    .toList();
            for (int number = 1; number <= BATCHES; number++) {
                List<RunEvent> stored = own.subList(2 * number - 2, 2 * number);
                assertThat(stored)
                        .extracting(event -> event.payload().string("text").orElse(""))
                        .containsExactly("a" + number, "b" + number);
                for (int caller : new int[] {2 * i, 2 * i + 1}) {
                    assertThat(answers.get(caller).get(number - 1)).isIn(List.of(), stored);
                }
            }
            assertThat(own).hasSize(2 * BATCHES);
        }
    }

    /** Batches of several sizes, so that none is taken for as long as the one before it. */
    @Test
    @Proves({Rule.E_7, Rule.E_1})
    void batches_of_other_sizes_that_meet_others_are_repeated_whole() {
        List<RunLease> leases = new ArrayList<>();
        for (int i = 0; i < 2 * RUNS; i++) {
            leases.add(given().claimed());
            store().events().append(leases.get(i).fence(), batch(1, "one"));
        }
        EventBatch next = batch(2, "two", "three", "four");

        List<List<RunEvent>> stored = Race.values(Race.of(
                leases.size(), i -> () -> store().events().append(leases.get(i).fence(), next)));

        for (int i = 0; i < leases.size(); i++) {
            assertThat(second().events().append(leases.get(i).fence(), next))
                    .hasSize(3)
                    .isEqualTo(stored.get(i));
        }
    }
}

package io.agentrun.tck.suite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.agentrun.error.InvalidInputException;
import io.agentrun.error.NotFoundException;
import io.agentrun.error.StateConflictException;
import io.agentrun.json.JsonObject;
import io.agentrun.model.Deadlines;
import io.agentrun.model.Idempotency;
import io.agentrun.model.TenantScope;
import io.agentrun.queue.NewQueueTask;
import io.agentrun.queue.QueueQuery;
import io.agentrun.queue.QueueTask;
import io.agentrun.queue.TaskState;
import io.agentrun.rules.Rule;
import io.agentrun.schedule.Advance;
import io.agentrun.schedule.DueSchedules;
import io.agentrun.schedule.MissedPolicy;
import io.agentrun.schedule.NewSchedule;
import io.agentrun.schedule.Schedule;
import io.agentrun.schedule.ScheduleKey;
import io.agentrun.schedule.ScheduleQuery;
import io.agentrun.schedule.ScheduleState;
import io.agentrun.tck.Proves;
import io.agentrun.tck.Race;
import io.agentrun.tck.StoreFixture.Persistence;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * Schedules: what they make ahead, who advances them, and what a change or a pause withdraws.
 *
 * <p>Not thread-safe: one thread at a time.
 */
public abstract class ScheduleSuite extends ConformanceSuite {

    private static final String QUEUE = "queue";
    private static final Duration HOUR = Duration.ofHours(1);

    /** For adapters. */
    protected ScheduleSuite() {}

    /** How often what meets at one moment is tried. */
    private static final int ROUNDS = 10;

    private NewSchedule nightly() {
        return NewSchedule.of(
                "nightly", "0 2 * * *", "Europe/Berlin", given().newTask(QUEUE).build());
    }

    private static Advance to(Schedule schedule, @Nullable Instant next) {
        return new Advance(schedule.key(), schedule.last(), next);
    }

    /** Makes the occurrence that is so long after the last one. */
    private Schedule advanced(Schedule schedule, Duration by) {
        return store().schedules().advance(to(schedule, schedule.last().plus(by)));
    }

    private QueueTask taskOf(Schedule schedule) {
        String id = schedule.taskId();
        assertThat(id).isNotNull();
        return store().queue().get(id == null ? "" : id);
    }

    private List<QueueTask> tasks() {
        return store().queue().list(QueueQuery.in(given().scope())).items();
    }

    @Test
    @Proves({Rule.T_1, Rule.G_5})
    void a_schedule_is_active_from_its_creation_on() {
        NewSchedule input = nightly();

        Schedule made = store().schedules().put(input);

        assertThat(made)
                .isEqualTo(new Schedule(
                        input, ScheduleState.ACTIVE, 1, made.createdAt(), null, made.createdAt(), made.createdAt()));
        assertThat(second().schedules().get(input.key())).isEqualTo(made);
        assertThat(second().schedules().put(input)).as("the same again").isEqualTo(made);
        assertThat(tasks()).isEmpty();
        assertThat(store().schedules().due(given().scope(), 10))
                .isEqualTo(new DueSchedules(List.of(made), made.createdAt()));
    }

    @Test
    @Proves({Rule.T_2, Rule.Q_1})
    void the_next_occurrence_is_made_ahead_and_the_stores_clock_starts_it() {
        Schedule made = store().schedules().put(nightly());
        Instant at = made.createdAt().plus(HOUR);

        Schedule next = store().schedules().advance(to(made, at));

        assertThat(next.last()).isEqualTo(at);
        assertThat(next.revision()).isEqualTo(1);
        QueueTask task = taskOf(next);
        assertThat(tasks()).containsExactly(task);
        assertThat(task.notBefore()).isEqualTo(at);
        assertThat(task.content()).isEqualTo(nightly().task().content());
        assertThat(task.idempotency()).isNotNull().extracting(Idempotency::key).isEqualTo("schedule/nightly/1/" + at);
        assertThat(store().schedules().due(given().scope(), 10).schedules()).isEmpty();
        advance(HOUR);
        assertThat(given().dispatched(QUEUE).task().id()).isEqualTo(task.id());
        assertThat(store().schedules().due(given().scope(), 10).schedules()).containsExactly(next);
    }

    @Test
    @Proves(Rule.T_2)
    void who_has_seen_another_occurrence_changes_nothing() {
        Schedule made = store().schedules().put(nightly());
        Schedule first = advanced(made, HOUR);

        Schedule again = second().schedules().advance(to(made, made.last().plus(HOUR)));
        Schedule other = store().schedules().advance(to(made, made.last().plus(HOUR.multipliedBy(2))));

        assertThat(again).isEqualTo(first);
        assertThat(other).isEqualTo(first);
        assertThat(tasks()).hasSize(1);
    }

    @Test
    @Proves({Rule.T_2, Rule.I_2})
    void five_hosts_make_one_occurrence_once() {
        Schedule schedule = store().schedules().put(nightly());
        for (int i = 1; i <= 3; i++) {
            Schedule seen = schedule;
            List<Race.Finish<Schedule>> finishes = Race.of(
                    5,
                    host -> () -> (host % 2 == 0 ? store() : second())
                            .schedules()
                            .advance(to(seen, seen.last().plus(HOUR))));

            assertThat(finishes).allMatch(Race.Finish::succeeded);
            schedule = store().schedules().get(schedule.key());
            assertThat(schedule.last()).isEqualTo(seen.last().plus(HOUR));
            assertThat(tasks()).hasSize(i);
        }
    }

    @Test
    @Proves({Rule.T_1, Rule.I_2})
    void callers_who_create_one_schedule_at_a_moment_get_one() {
        for (int round = 0; round < ROUNDS; round++) {
            NewSchedule schedule = named("at-once-" + round);
            List<Race.Finish<Schedule>> finishes = Race.of(
                    4, i -> () -> (i % 2 == 0 ? store() : second()).schedules().put(schedule));

            assertThat(finishes).allMatch(Race.Finish::succeeded);
        }

        assertThat(store().schedules().list(ScheduleQuery.in(given().scope())).items())
                .hasSize(ROUNDS)
                .allMatch(schedule -> schedule.revision() == 1);
    }

    @Test
    @Proves({Rule.T_2, Rule.T_3})
    void a_changed_rule_that_crosses_an_advance_stays_changed() {
        for (int round = 0; round < ROUNDS; round++) {
            NewSchedule input = named("crossed-" + round);
            Schedule seen = store().schedules().put(input);
            List<Race.Finish<Schedule>> finishes = Race.of(
                    2,
                    i -> () -> i == 0
                            ? store().schedules().put(input.withRule("30 2 * * *"))
                            : second().schedules().advance(to(seen, seen.last().plus(HOUR))));

            assertThat(finishes).allMatch(Race.Finish::succeeded);
            Schedule after = store().schedules().get(seen.key());
            assertThat(after.revision()).isEqualTo(2);
            assertThat(after.given().rule()).isEqualTo("30 2 * * *");
            store().schedules().pause(seen.key());
            assertThat(tasks()).allMatch(task -> task.state() == TaskState.CANCELLED);
        }
    }

    @Test
    @Proves({Rule.T_3, Rule.T_1})
    void a_changed_rule_withdraws_what_was_made_ahead_and_counts_from_now() {
        Schedule first = advanced(store().schedules().put(nightly()), HOUR);
        advance(Duration.ofMinutes(10));

        Schedule changed = store().schedules().put(nightly().withRule("30 2 * * *"));

        assertThat(changed.revision()).isEqualTo(2);
        assertThat(changed.last()).isEqualTo(first.createdAt().plus(Duration.ofMinutes(10)));
        assertThat(taskOf(first).state()).isEqualTo(TaskState.CANCELLED);
        assertThat(store().schedules().due(given().scope(), 10).schedules()).containsExactly(changed);
        Schedule next = store().schedules().advance(to(changed, first.last()));
        assertThat(taskOf(next).state())
                .as("the same time, in the new revision")
                .isEqualTo(TaskState.PENDING);
        assertThat(next.taskId()).isNotEqualTo(first.taskId());
    }

    @Test
    @Proves(Rule.T_3)
    void an_occurrence_whose_time_has_come_or_that_has_begun_stays() {
        Schedule due = advanced(store().schedules().put(nightly()), HOUR);
        advance(HOUR);
        store().schedules().pause(due.key());
        assertThat(taskOf(due).state()).isEqualTo(TaskState.PENDING);

        store().schedules().resume(due.key());
        given().dispatched(QUEUE);
        store().schedules().delete(due.key());
        assertThat(taskOf(due).state()).isEqualTo(TaskState.RUNNING);
    }

    @Test
    @Proves(Rule.T_3)
    void a_paused_schedule_makes_nothing_and_makes_up_for_nothing() {
        Schedule ahead = advanced(store().schedules().put(nightly()), HOUR);

        Schedule paused = store().schedules().pause(ahead.key());

        assertThat(paused.state()).isEqualTo(ScheduleState.PAUSED);
        assertThat(taskOf(ahead).state()).isEqualTo(TaskState.CANCELLED);
        assertThat(store().schedules().pause(ahead.key())).isEqualTo(paused);
        assertThat(advanced(paused, HOUR)).isEqualTo(paused);
        Schedule changed = store().schedules().put(nightly().withRule("30 2 * * *"));
        assertThat(changed.state()).isEqualTo(ScheduleState.PAUSED);
        advance(Duration.ofDays(7));
        assertThat(store().schedules().due(given().scope(), 10).schedules()).isEmpty();
        Schedule resumed = second().schedules().resume(ahead.key());
        assertThat(resumed.state()).isEqualTo(ScheduleState.ACTIVE);
        assertThat(resumed.last()).isEqualTo(ahead.createdAt().plus(Duration.ofDays(7)));
        assertThat(store().schedules().resume(ahead.key())).isEqualTo(resumed);
        assertThat(tasks()).hasSize(1);
    }

    @Test
    @Proves({Rule.T_2, Rule.T_3})
    void a_schedule_without_a_further_occurrence_is_over() {
        Schedule made = store().schedules().put(nightly());

        Schedule over = store().schedules().advance(to(made, null));

        assertThat(over.state()).isEqualTo(ScheduleState.OVER);
        assertThat(store().schedules().due(given().scope(), 10).schedules()).isEmpty();
        assertThatExceptionOfType(StateConflictException.class)
                .isThrownBy(() -> store().schedules().pause(made.key()));
        assertThatExceptionOfType(StateConflictException.class)
                .isThrownBy(() -> store().schedules().resume(made.key()));
        assertThat(store().schedules().put(nightly().withRule("30 2 * * *")).state())
                .isEqualTo(ScheduleState.ACTIVE);
    }

    @Test
    @Proves({Rule.T_4, Rule.Q_19})
    void what_is_skipped_if_missed_must_begin_soon() {
        NewQueueTask template =
                given().newTask(QUEUE).deadlines(Deadlines.within(HOUR)).build();
        Schedule made = store().schedules()
                .put(nightly().withTask(template).withMissed(MissedPolicy.SKIP).withBeginWithin(Duration.ofMinutes(5)));

        QueueTask task = taskOf(advanced(made, HOUR));

        assertThat(task.deadlines())
                .isEqualTo(Deadlines.within(HOUR)
                        .withBeginBy(made.last().plus(HOUR).plus(Duration.ofMinutes(5))));
        advance(HOUR.plusMinutes(5));
        store().upkeep();
        assertThat(store().queue().get(task.id()).state()).isEqualTo(TaskState.CANCELLED);
    }

    @Test
    @Proves({Rule.T_3, Rule.G_2})
    void a_deleted_schedule_is_gone_and_what_it_made_ahead_with_it() {
        Schedule ahead = advanced(store().schedules().put(nightly()), HOUR);

        assertThat(store().schedules().delete(ahead.key())).isEqualTo(ahead);

        assertThat(taskOf(ahead).state()).isEqualTo(TaskState.CANCELLED);
        assertThatExceptionOfType(NotFoundException.class)
                .isThrownBy(() -> second().schedules().get(ahead.key()));
        assertThatExceptionOfType(NotFoundException.class)
                .isThrownBy(() -> store().schedules().delete(ahead.key()));
        assertThatExceptionOfType(NotFoundException.class).isThrownBy(() -> advanced(ahead, HOUR));
    }

    @Test
    @Proves({Rule.T_1, Rule.G_6, Rule.G_8})
    void schedules_are_listed_by_name_and_the_longest_passed_is_due_first() {
        Schedule late = store().schedules().put(named("b"));
        advance(Duration.ofMinutes(1));
        Schedule later = store().schedules().put(named("a"));
        Schedule theirs = store().schedules()
                .put(NewSchedule.of(
                        "c",
                        "0 2 * * *",
                        "UTC",
                        NewQueueTask.builder(given().stranger(), QUEUE, "theirs", given().spec())
                                .build()));

        ScheduleQuery one = ScheduleQuery.in(given().scope()).withLimit(1);
        var first = store().schedules().list(one);
        assertThat(first.items()).containsExactly(later);
        assertThat(second().schedules().list(one.withCursor(first.nextCursor())).items())
                .containsExactly(late);
        assertThat(store().schedules().due(given().scope(), 10).schedules()).containsExactly(late, later);
        assertThat(store().schedules().due(given().scope(), 1).schedules()).containsExactly(late);
        assertThat(store().schedules()
                        .due(TenantScope.tenant(theirs.key().owner().tenantId()), 10)
                        .schedules())
                .containsExactly(theirs);
    }

    @Test
    @Proves(Rule.T_1)
    void each_part_of_a_schedule_can_be_changed_alone() {
        NewSchedule given = nightly();
        for (NewSchedule changed : List.of(
                given.withBeginWithin(HOUR),
                given.withMissed(MissedPolicy.SKIP),
                given.withTask(given().newTask("another").build()),
                NewSchedule.of(given.name(), given.rule(), "America/New_York", given.task()),
                given.withRule("0 3 * * *"))) {
            store().schedules().put(given);

            Schedule stored = store().schedules().put(changed);

            assertThat(stored.given()).isEqualTo(changed);
            assertThat(second().schedules().get(stored.key())).isEqualTo(stored);
        }
    }

    private NewSchedule named(String name) {
        return NewSchedule.of(name, "0 2 * * *", "UTC", given().newTask(QUEUE).build());
    }

    @Test
    @Proves(Rule.G_1)
    void what_each_occurrence_sets_and_unknown_zones_are_refused() {
        Instant later = given().session().createdAt().plus(HOUR);

        for (NewQueueTask task : List.of(
                given().newTask(QUEUE).notBefore(later).build(),
                given().newTask(QUEUE).idempotencyKey("key").build(),
                given().newTask(QUEUE).replaceKey("key").build(),
                given().newTask(QUEUE).deadlines(Deadlines.endBy(later)).build())) {
            assertThatExceptionOfType(InvalidInputException.class)
                    .isThrownBy(() -> NewSchedule.of("nightly", "0 2 * * *", "UTC", task));
        }
        NewQueueTask task = given().newTask(QUEUE).build();
        assertThatExceptionOfType(InvalidInputException.class)
                .isThrownBy(() -> NewSchedule.of("nightly", "0 2 * * *", "Europe/Nowhere", task));
        assertThatExceptionOfType(InvalidInputException.class)
                .isThrownBy(() -> NewSchedule.of("nightly", " ", "UTC", task));
        ScheduleKey key = nightly().key();
        assertThatExceptionOfType(InvalidInputException.class).isThrownBy(() -> new Advance(key, later, later));
    }

    @Test
    @Proves({Rule.T_1, Rule.T_2})
    void schedules_are_there_after_reopening() {
        NewQueueTask rich = given().newTask(QUEUE)
                .lane("fast")
                .metadata(JsonObject.of("who", "ann"))
                .references(List.of(JsonObject.of("url", "https://example.org")))
                .build();
        Schedule schedule = advanced(store().schedules().put(nightly().withTask(rich)), HOUR);
        Schedule deleted = store().schedules().put(named("gone"));
        store().schedules().delete(deleted.key());

        if (reopen() == Persistence.NOTHING_KEPT) {
            return;
        }

        assertThat(store().schedules().get(schedule.key())).isEqualTo(schedule);
        assertThatExceptionOfType(NotFoundException.class)
                .isThrownBy(() -> store().schedules().get(deleted.key()));
    }

    @Test
    @Proves({Rule.T_2, Rule.I_1})
    void an_occurrence_whose_key_was_used_already_is_the_task_that_is_there() {
        Schedule first = store().schedules().put(nightly());
        Instant at = first.last().plus(HOUR);
        QueueTask there = store().queue()
                .create(given().newTask(QUEUE).idempotencyKey(first.taskKey(at)).build());

        Schedule next = store().schedules().advance(to(first, at));

        assertThat(taskOf(next)).isEqualTo(there);
        assertThat(tasks()).containsExactly(there);
    }
}

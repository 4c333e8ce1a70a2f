package io.agentrun.worker.schedule;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.agentrun.AgentRunStore;
import io.agentrun.error.InvalidInputException;
import io.agentrun.memory.InMemoryAgentRunStore;
import io.agentrun.model.BackendProfile;
import io.agentrun.model.Owner;
import io.agentrun.model.RunSpec;
import io.agentrun.model.TenantScope;
import io.agentrun.queue.NewQueueTask;
import io.agentrun.queue.QueueQuery;
import io.agentrun.queue.QueueTask;
import io.agentrun.queue.TaskState;
import io.agentrun.schedule.MissedPolicy;
import io.agentrun.schedule.NewSchedule;
import io.agentrun.schedule.Schedule;
import io.agentrun.schedule.ScheduleState;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** Schedules kept going: what is made ahead, what was missed, and by whose clock. */
class ScheduleTaskTest {

    private static final Owner OWNER = new Owner("t", "p");
    private static final Instant START = Instant.parse("2026-01-05T10:00:00Z");

    private final AtomicReference<Instant> now = new AtomicReference<>(START);
    private final AgentRunStore store =
            InMemoryAgentRunStore.builder().clock(new Settable(now)).build();
    private final ScheduleTask task = ScheduleTask.of(store, new CronOccurrences());

    /** A clock that stands where it was set. */
    private static final class Settable extends Clock {
        private final AtomicReference<Instant> now;

        private Settable(AtomicReference<Instant> now) {
            this.now = now;
        }

        @Override
        public Instant instant() {
            return now.get();
        }

        @Override
        public ZoneOffset getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
            return this;
        }
    }

    private NewSchedule schedule(String rule) {
        return NewSchedule.of(
                "nightly",
                rule,
                "UTC",
                NewQueueTask.builder(OWNER, "queue", "a task", RunSpec.of(BackendProfile.CODEX))
                        .build());
    }

    private List<Instant> times() {
        return tasks().stream().map(QueueTask::notBefore).sorted().toList();
    }

    private List<QueueTask> tasks() {
        return store.queue()
                .list(QueueQuery.in(TenantScope.all()).withLimit(500).withState(TaskState.PENDING))
                .items();
    }

    private static List<Instant> days(int from, int to) {
        List<Instant> days = new ArrayList<>();
        for (int day = from; day <= to; day++) {
            days.add(Instant.parse("2026-01-05T02:00:00Z").plus(Duration.ofDays(day)));
        }
        return days;
    }

    @Test
    void the_next_occurrence_is_made_ahead_and_the_one_behind_it_once_it_has_passed() {
        store.schedules().put(schedule("0 2 * * *"));

        assertThat(task.run()).isEqualTo(1);
        assertThat(task.run()).isZero();
        assertThat(times()).isEqualTo(days(1, 1));
        now.set(Instant.parse("2026-01-06T02:00:00Z"));
        assertThat(task.run()).isEqualTo(1);
        assertThat(times()).isEqualTo(days(1, 2));
    }

    @Test
    void a_week_without_a_host_makes_one_task_for_the_latest() {
        store.schedules().put(schedule("0 2 * * *"));
        task.run();
        now.set(now.get().plus(Duration.ofDays(7)));

        assertThat(task.run()).isEqualTo(2);

        // The first was made ahead before, and the clock of the store has started it.
        assertThat(times())
                .containsExactly(
                        days(1, 1).get(0), days(7, 7).get(0), days(8, 8).get(0));
        assertThat(task.run()).isZero();
    }

    @Test
    void a_week_without_a_host_makes_a_task_for_each_or_none() {
        store.schedules().put(schedule("0 2 * * *").withMissed(MissedPolicy.ALL));
        store.schedules()
                .put(new NewSchedule(
                        "skipping",
                        "0 3 * * *",
                        "UTC",
                        schedule("x").task(),
                        MissedPolicy.SKIP,
                        Duration.ofMinutes(5)));
        task.run();
        now.set(now.get().plus(Duration.ofDays(7)));

        assertThat(task.run()).isEqualTo(8);

        List<Instant> three = List.of(Instant.parse("2026-01-06T03:00:00Z"), Instant.parse("2026-01-13T03:00:00Z"));
        assertThat(times().stream().filter(at -> !three.contains(at)).toList()).isEqualTo(days(1, 8));
        assertThat(times()).containsAll(three).hasSize(10);
        store.upkeep();
        assertThat(times()).as("what was made in time and not begun").doesNotContain(three.get(0));
    }

    @Test
    void of_very_many_missed_ones_the_latest_hundred_are_made() {
        store.schedules().put(schedule("*/5 * * * *").withMissed(MissedPolicy.ALL));
        now.set(now.get().plus(Duration.ofDays(7)));

        assertThat(task.run()).isEqualTo(ScheduleTask.MOST_MISSED + 1);

        assertThat(times()).hasSize(ScheduleTask.MOST_MISSED + 1);
        assertThat(times().get(0)).isEqualTo(now.get().minus(Duration.ofMinutes(5 * 99)));
    }

    @Test
    void five_hosts_make_each_occurrence_once() throws Exception {
        store.schedules().put(schedule("0 2 * * *").withMissed(MissedPolicy.ALL));
        ExecutorService hosts = Executors.newFixedThreadPool(5);
        try {
            for (int day = 0; day < 5; day++) {
                CountDownLatch start = new CountDownLatch(1);
                List<Future<Long>> passes = new ArrayList<>();
                for (int host = 0; host < 5; host++) {
                    ScheduleTask own = ScheduleTask.of(store, new CronOccurrences());
                    passes.add(hosts.submit(() -> {
                        start.await();
                        return own.run();
                    }));
                }
                start.countDown();
                for (Future<Long> pass : passes) {
                    assertThat(pass.get(1, TimeUnit.MINUTES)).isBetween(0L, 1L);
                }
                assertThat(times()).isEqualTo(days(1, day + 1));
                now.set(now.get().plus(Duration.ofDays(1)));
            }
        } finally {
            hosts.shutdownNow();
        }
        assertThat(times()).isEqualTo(days(1, 5));
    }

    @Test
    void a_clock_that_was_set_back_makes_nothing_twice() {
        store.schedules().put(schedule("0 2 * * *"));
        now.set(Instant.parse("2026-01-06T02:00:00Z"));
        task.run();
        now.set(Instant.parse("2026-01-05T23:00:00Z"));

        assertThat(task.run()).isZero();

        now.set(Instant.parse("2026-01-06T02:00:00Z"));
        assertThat(task.run()).isZero();
        assertThat(times()).isEqualTo(days(1, 2));
    }

    @Test
    void a_rule_that_changes_while_its_next_occurrence_is_pending_replaces_it() {
        store.schedules().put(schedule("0 2 * * *"));
        task.run();

        store.schedules().put(schedule("0 4 * * *"));
        task.run();

        assertThat(times()).containsExactly(Instant.parse("2026-01-06T04:00:00Z"));
    }

    @Test
    void an_impossible_date_ends_the_schedule() {
        Schedule schedule = store.schedules().put(schedule("0 2 30 2 *"));

        assertThat(task.run()).isZero();

        assertThat(store.schedules().get(schedule.key()).state()).isEqualTo(ScheduleState.OVER);
    }

    @Test
    void a_rule_that_cannot_be_read_stops_none_of_the_others() {
        store.schedules().put(schedule("every night"));
        store.schedules()
                .put(NewSchedule.of(
                        "readable", "0 2 * * *", "UTC", schedule("x").task()));

        assertThatExceptionOfType(InvalidInputException.class).isThrownBy(task::run);

        assertThat(times()).isEqualTo(days(1, 1));
    }

    @Test
    void an_interval_of_zero_is_refused() {
        assertThatExceptionOfType(InvalidInputException.class).isThrownBy(() -> task.withEvery(Duration.ZERO));
        assertThat(task.withEvery(Duration.ofSeconds(5)).every()).isEqualTo(Duration.ofSeconds(5));
        assertThat(task.withScope(TenantScope.tenant("other")).run()).isZero();
    }
}

package io.agentrun.tck.suite;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentrun.error.FailureKind;
import io.agentrun.model.CancelMode;
import io.agentrun.model.Outcome;
import io.agentrun.model.Owner;
import io.agentrun.model.TenantScope;
import io.agentrun.model.TurnResult;
import io.agentrun.queue.Dispatch;
import io.agentrun.queue.DispatchRequest;
import io.agentrun.queue.NewQueueTask;
import io.agentrun.queue.QueueQuery;
import io.agentrun.queue.QueueScope;
import io.agentrun.queue.QueueSnapshot;
import io.agentrun.queue.QueueStats;
import io.agentrun.queue.QueueTask;
import io.agentrun.queue.TaskState;
import io.agentrun.rules.Rule;
import io.agentrun.tck.Proves;
import io.agentrun.tck.Race;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/**
 * The numbers of the queue, and its first tasks, at one moment.
 *
 * <p>Not thread-safe: one thread at a time.
 */
public abstract class QueueStatsSuite extends ConformanceSuite {

    private static final String QUEUE = "queue";

    /** For adapters. */
    protected QueueStatsSuite() {}

    @Test
    @Proves(Rule.Q_9)
    void statistics_count_the_tasks_by_state() {
        for (Outcome outcome : List.of(
                Outcome.completed(),
                Outcome.failed(FailureKind.BACKEND_FAILED, "f"),
                Outcome.blocked(FailureKind.BACKEND_FAILED, "b"),
                Outcome.cancelled("c"))) {
            given().task(QUEUE);
            Dispatch dispatch = given().dispatched(QUEUE);
            store().runs().finish(given().claimed(dispatch.run()).fence(), TurnResult.of(outcome));
        }
        given().task(QUEUE);
        given().dispatched(QUEUE);
        given().task(QUEUE);
        given().task(QUEUE);

        QueueStats stats = store().queue().stats(scope());

        assertThat(stats.byState())
                .isEqualTo(Map.of(
                        TaskState.PENDING, 2L,
                        TaskState.RUNNING, 1L,
                        TaskState.COMPLETED, 1L,
                        TaskState.FAILED, 1L,
                        TaskState.BLOCKED, 1L,
                        TaskState.CANCELLED, 1L));
        assertThat(stats.byLane()).isEqualTo(Map.of("default", stats.byState()));
        assertThat(stats.scope()).isEqualTo(scope());
    }

    @Test
    @Proves(Rule.Q_9)
    void statistics_count_the_tasks_of_each_lane() {
        lane("b");
        lane("b");
        lane("a");
        store().queue().cancel(lane("a").id(), "no more");

        QueueStats stats = store().queue().stats(scope());

        assertThat(stats.byLane().keySet()).containsExactly("a", "b");
        Map<TaskState, Long> a = Objects.requireNonNull(stats.byLane().get("a"));
        Map<TaskState, Long> b = Objects.requireNonNull(stats.byLane().get("b"));
        assertThat(a).containsEntry(TaskState.PENDING, 1L).containsEntry(TaskState.CANCELLED, 1L);
        assertThat(b).containsEntry(TaskState.PENDING, 2L).containsEntry(TaskState.CANCELLED, 0L);
    }

    @Test
    @Proves(Rule.Q_9)
    void statistics_tell_what_is_due_and_how_old_the_oldest_is() {
        QueueTask oldest = given().task(QUEUE);
        advance(Duration.ofSeconds(1));
        given().task(QUEUE);
        store().queue()
                .create(given().newTask(QUEUE)
                        .notBefore(oldest.createdAt().plus(Duration.ofHours(1)))
                        .build());

        QueueStats before = store().queue().stats(scope());
        advance(Duration.ofHours(2));
        QueueStats after = store().queue().stats(scope());

        assertThat(before.due()).isEqualTo(2);
        assertThat(before.oldestPendingAt()).isEqualTo(oldest.createdAt());
        assertThat(after.due()).isEqualTo(3);
        assertThat(after.generatedAt()).isAfter(before.generatedAt());
        assertThat(after.byState()).isEqualTo(before.byState());
    }

    /** The oldest task of the scope is not the oldest of all, nor are its delayed ones the only ones. */
    @Test
    @Proves({Rule.Q_9, Rule.G_6})
    void what_is_due_and_the_oldest_are_those_of_the_scope_though_others_have_older_and_delayed_ones() {
        Owner stranger = given().stranger();
        QueueTask older = taskOf(stranger);
        advance(Duration.ofSeconds(1));
        QueueTask mine = given().task(QUEUE);
        Instant later = mine.createdAt().plus(Duration.ofHours(1));
        for (Owner owner : List.of(stranger, stranger, given().owner())) {
            store().queue()
                    .create(NewQueueTask.builder(owner, QUEUE, "T", given().spec())
                            .notBefore(later)
                            .build());
        }

        QueueStats own = store().queue().stats(scope());
        QueueStats theirs =
                store().queue().stats(QueueScope.inQueue(QUEUE).withScope(TenantScope.tenant(stranger.tenantId())));

        assertThat(own.due()).isEqualTo(1);
        assertThat(own.oldestPendingAt()).isEqualTo(mine.createdAt());
        assertThat(own.byState()).containsEntry(TaskState.PENDING, 2L);
        assertThat(theirs.due()).isEqualTo(1);
        assertThat(theirs.oldestPendingAt()).isEqualTo(older.createdAt());
        assertThat(theirs.byState()).containsEntry(TaskState.PENDING, 3L);
        assertThat(store().queue().snapshot(scope()).stats().oldestPendingAt()).isEqualTo(mine.createdAt());
        assertThat(store().queue().snapshot(scope()).stats().due()).isEqualTo(1);
    }

    @Test
    @Proves(Rule.Q_9)
    void the_oldest_pending_task_is_not_one_that_runs_or_has_ended() {
        given().task(QUEUE);
        store().queue().cancel(given().dispatched(QUEUE).task().id(), "no more", CancelMode.FORCE);
        advance(Duration.ofSeconds(1));
        given().task(QUEUE);
        given().dispatched(QUEUE);
        assertThat(store().queue().stats(scope()).oldestPendingAt()).isNull();
        advance(Duration.ofSeconds(1));
        QueueTask pending = given().task(QUEUE);

        assertThat(store().queue().stats(scope()).oldestPendingAt()).isEqualTo(pending.createdAt());
        assertThat(store().queue().snapshot(scope()).stats().oldestPendingAt()).isEqualTo(pending.createdAt());
    }

    @Test
    @Proves(Rule.Q_9)
    void an_empty_queue_has_zeros_and_no_lanes() {
        given().task("elsewhere");

        QueueStats stats = store().queue().stats(scope());

        assertThat(stats.byState()).hasSize(TaskState.values().length);
        assertThat(stats.byState().values()).containsOnly(0L);
        assertThat(stats.byLane()).isEmpty();
        assertThat(stats.due()).isZero();
        assertThat(stats.oldestPendingAt()).isNull();
        assertThat(store().queue().snapshot(scope()).items()).isEmpty();
    }

    /** D22: statistics knew no tenant. */
    @Test
    @Proves({Rule.Q_9, Rule.G_6})
    void statistics_and_snapshot_know_the_tasks_of_their_scope_alone() {
        Owner mine = given().owner();
        QueueTask own = given().task(QUEUE);
        QueueTask elsewhere = given().task("elsewhere");
        QueueTask sibling = taskOf(new Owner(mine.tenantId(), given().name("project")));
        QueueTask stranger = taskOf(new Owner(given().name("tenant"), mine.projectId()));

        assertShown(scope(), own);
        assertShown(QueueScope.all().withScope(given().scope()), own, elsewhere);
        assertShown(QueueScope.inQueue(QUEUE).withScope(TenantScope.tenant(mine.tenantId())), own, sibling);
        assertShown(QueueScope.inQueue(QUEUE), own, sibling, stranger);
        assertShown(QueueScope.all(), own, elsewhere, sibling, stranger);
        assertShown(QueueScope.all().withScope(TenantScope.tenant(given().name("tenant"))));
    }

    @Test
    @Proves({Rule.Q_9, Rule.Q_2})
    void a_snapshot_shows_the_first_twenty_in_the_order_of_the_list_beside_the_numbers_of_all() {
        for (int i = 0; i < 25; i++) {
            store().queue().create(given().newTask(QUEUE).priority(i % 3).build());
        }

        QueueSnapshot snapshot = store().queue().snapshot(scope());

        QueueQuery query = QueueQuery.in(given().scope()).withQueue(QUEUE).withLimit(20);
        assertThat(snapshot.items()).isEqualTo(store().queue().list(query).items());
        assertThat(snapshot.stats().byState()).containsEntry(TaskState.PENDING, 25L);
        assertThat(snapshot.stats().due()).isEqualTo(25);
    }

    @Test
    @Proves(Rule.Q_9)
    void a_snapshot_shows_tasks_of_every_state() {
        QueueTask cancelled = store().queue().cancel(given().task(QUEUE).id(), "no more");

        assertThat(store().queue().snapshot(scope()).items()).containsExactly(cancelled);
    }

    @Test
    @Proves(Rule.Q_9)
    void the_numbers_agree_with_each_other_while_others_write() {
        NewQueueTask input = given().newTask(QUEUE).build();
        QueueScope scope = scope();

        List<Race.Finish<Boolean>> finishes = Race.of(5, i -> () -> {
            boolean agree = true;
            for (int n = 0; n < 25; n++) {
                if (i < 3) {
                    QueueTask task = (i % 2 == 0 ? store() : second()).queue().create(input);
                    store().queue().cancel(task.id(), "no more");
                } else {
                    agree &= agrees(second().queue().snapshot(scope));
                }
            }
            return agree;
        });

        assertThat(Race.failures(finishes)).isEmpty();
        assertThat(Race.values(finishes)).containsOnly(true);
    }

    private static boolean agrees(QueueSnapshot snapshot) {
        QueueStats stats = snapshot.stats();
        long all = sum(stats.byState());
        long inLanes =
                stats.byLane().values().stream().mapToLong(QueueStatsSuite::sum).sum();
        Long pending = stats.byState().get(TaskState.PENDING);
        return all == inLanes
                && pending != null
                && pending == stats.due()
                && (pending == 0) == (stats.oldestPendingAt() == null)
                && snapshot.items().size() == Math.min(all, 20);
    }

    private static long sum(Map<TaskState, Long> counts) {
        return counts.values().stream().mapToLong(Long::longValue).sum();
    }

    private void assertShown(QueueScope scope, QueueTask... tasks) {
        QueueSnapshot snapshot = store().queue().snapshot(scope);
        assertThat(snapshot.items()).containsExactlyInAnyOrder(tasks);
        assertThat(snapshot.stats().due()).isEqualTo(tasks.length);
        assertThat(store().queue().stats(scope).byState()).containsEntry(TaskState.PENDING, (long) tasks.length);
    }

    private QueueScope scope() {
        return QueueScope.inQueue(QUEUE).withScope(given().scope());
    }

    private QueueTask lane(String lane) {
        return store().queue().create(given().newTask(QUEUE).lane(lane).build());
    }

    private QueueTask taskOf(Owner owner) {
        return store().queue()
                .create(NewQueueTask.builder(owner, QUEUE, "T", given().spec()).build());
    }

    @Test
    @Proves({Rule.Q_9, Rule.Q_2})
    void a_delay_that_is_not_over_stays_when_those_of_many_others_end() {
        Instant start = given().session().createdAt();
        for (int i = 0; i < 40; i++) {
            store().queue()
                    .create(given().newTask(QUEUE)
                            .notBefore(start.plusSeconds(1))
                            .build());
        }
        QueueTask later = store().queue()
                .create(given().newTask(QUEUE)
                        .notBefore(start.plusSeconds(3_600))
                        .build());
        advance(Duration.ofSeconds(2));

        for (int i = 0; i < 40; i++) {
            assertThat(given().dispatched(QUEUE).task().id()).isNotEqualTo(later.id());
        }

        QueueStats stats = store().queue().stats(scope());
        assertThat(stats.byState()).containsEntry(TaskState.PENDING, 1L);
        assertThat(stats.due()).isZero();
        assertThat(store().queue().dispatchNext(DispatchRequest.fromQueue(QUEUE)))
                .isEmpty();
    }
}

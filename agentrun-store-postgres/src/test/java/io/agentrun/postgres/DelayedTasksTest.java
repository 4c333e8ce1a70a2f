package io.agentrun.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentrun.model.BackendProfile;
import io.agentrun.model.Owner;
import io.agentrun.model.RunSpec;
import io.agentrun.postgres.testing.PlanningDataSource;
import io.agentrun.postgres.testing.TestDatabase;
import io.agentrun.queue.DispatchRequest;
import io.agentrun.queue.NewQueueTask;
import io.agentrun.queue.QueueScope;
import io.agentrun.queue.QueueStats;
import io.agentrun.queue.QueueTask;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Urgent tasks that are to wait, very many of them, and dispatchers who are after the others. */
class DelayedTasksTest {

    private static final Owner OWNER = new Owner("t", "p");

    private static final String FILL = """
            SET search_path = "agent""run";
            INSERT INTO agentrun_queue_tasks (
                id, tenant_id, project_id, queue, lane, title, priority, state, version, backend_profile, provider_id,
                workspace_ref, execution_policy, payload, not_before, delayed, created_at, updated_at)
            SELECT
                'qt_' || lpad(i::text, 8, '0'), 't', 'p', 'q', 'default', 'Later ' || i, 9, 'pending',
                nextval('agentrun_queue_version_seq'), 'codex', 'default', '{}', '{}', '{}',
                agentrun_now() + interval '1 hour' + i * interval '1 microsecond', true,
                agentrun_now() - interval '1 day', agentrun_now() - interval '1 day'
            FROM generate_series(1, %d) AS i;
            RESET search_path;
            """;

    private @Nullable TestDatabase database;
    private PlanningDataSource plans;
    private PostgresAgentRunStore store;

    private TestDatabase open(int delayed) {
        TestDatabase filled = TestDatabase.migrated();
        database = filled;
        filled.execute(FILL.formatted(delayed));
        filled.execute("VACUUM ANALYZE");
        plans = PlanningDataSource.counting(filled.pool(4));
        store = CountedStore.on(plans.dataSource());
        return filled;
    }

    @AfterEach
    void close() {
        store.close();
        Objects.requireNonNull(database).close();
    }

    private QueueTask task(String title) {
        return store.queue()
                .create(NewQueueTask.builder(OWNER, "q", title, RunSpec.of(BackendProfile.CODEX))
                        .build());
    }

    /** The most rows that one statement of the call has looked at. */
    private long rows(Runnable call) {
        return plans.of(call).stream().mapToLong(PlanningDataSource::rows).max().orElseThrow();
    }

    @Test
    void a_dispatch_does_not_look_at_tasks_that_are_to_wait() {
        open(100_000);
        for (DispatchRequest request : List.of(DispatchRequest.fromQueue("q"), DispatchRequest.any())) {
            QueueTask due = task("due");
            List<String> dispatched = new ArrayList<>();

            long rows = rows(() -> dispatched.add(
                    store.queue().dispatchNext(request).orElseThrow().task().id()));
            long none =
                    rows(() -> assertThat(store.queue().dispatchNext(request)).isEmpty());

            assertThat(dispatched).containsExactly(due.id());
            assertThat(rows).isLessThan(500);
            assertThat(none).isLessThan(500);
        }
    }

    /** The first dispatches move them over in portions; then the cost is that of any other task. */
    @Test
    void tasks_that_all_come_due_at_once_are_dispatched_in_order_and_soon_as_fast_as_others() {
        TestDatabase filled = open(5_000);
        QueueTask lessUrgent = task("less urgent");
        QueueStats before = store.queue().stats(QueueScope.all());
        filled.advance(Duration.ofHours(2));
        QueueStats after = store.queue().stats(QueueScope.inQueue("q"));
        List<String> dispatched = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            dispatched.add(store.queue()
                    .dispatchNext(DispatchRequest.any())
                    .orElseThrow()
                    .task()
                    .id());
        }
        filled.execute("VACUUM ANALYZE");

        long rows = rows(() ->
                assertThat(store.queue().dispatchNext(DispatchRequest.any())).isPresent());

        assertThat(dispatched).isSorted().startsWith("qt_00000001").endsWith("qt_00000020");
        assertThat(rows).isLessThan(500);
        assertThat(before.due()).isEqualTo(1);
        assertThat(after.due()).isEqualTo(5_001);
        assertThat(after.oldestPendingAt()).isEqualTo(before.oldestPendingAt()).isBefore(lessUrgent.createdAt());
    }
}

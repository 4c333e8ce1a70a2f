package io.agentrun.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentrun.limit.Limit;
import io.agentrun.limit.LimitKey;
import io.agentrun.model.BackendProfile;
import io.agentrun.model.CancelMode;
import io.agentrun.model.Owner;
import io.agentrun.model.RunSpec;
import io.agentrun.postgres.testing.CountingDataSource;
import io.agentrun.postgres.testing.PlanningDataSource;
import io.agentrun.postgres.testing.TestDatabase;
import io.agentrun.queue.DispatchRequest;
import io.agentrun.queue.NewQueueTask;
import io.agentrun.queue.QueueTask;
import io.agentrun.run.SessionRef;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Very many waiting tasks that a limit or their session holds, and dispatchers who are after the others. */
class HeldTasksTest {

    private static final Owner OWNER = new Owner("t", "p");
    private static final LimitKey FULL = LimitKey.lane("q", "full");
    private static final int MANY = 10_000;

    /** More rows than a dispatch reads that has nothing to pass over, and far fewer than {@link #MANY}. */
    private static final long FEW = 1_000;

    private TestDatabase database;
    private PlanningDataSource plans;
    private PostgresAgentRunStore store;

    @BeforeEach
    void open() {
        database = TestDatabase.migrated();
        plans = PlanningDataSource.counting(database.pool(4));
        store = store(plans.dataSource(), 1);
    }

    @AfterEach
    void close() {
        store.close();
        database.close();
    }

    private static NewQueueTask.Builder task(String lane, String title) {
        return NewQueueTask.builder(OWNER, "q", title, RunSpec.of(BackendProfile.CODEX))
                .lane(lane);
    }

    private static NewQueueTask.Builder ofSession(String session, String title) {
        return task("open", title).session(SessionRef.of(session));
    }

    /** Creates the tasks in this order, which is that of a queue, with a connection whose plans nobody reads. */
    private List<String> create(int count, IntFunction<NewQueueTask.Builder> task) {
        List<String> ids = new ArrayList<>();
        try (PostgresAgentRunStore other = CountedStore.on(database.pool(2))) {
            for (int from = 0; from < count; from += 1_000) {
                List<NewQueueTask> some = IntStream.range(from, Math.min(count, from + 1_000))
                        .mapToObj(i -> task.apply(i).build())
                        .toList();
                other.queue().createAll(some).forEach(made -> ids.add(made.id()));
            }
        }
        database.execute("VACUUM ANALYZE");
        return ids;
    }

    private String next(DispatchRequest request) {
        return store.queue().dispatchNext(request).map(d -> d.task().id()).orElse("none");
    }

    /** The most rows that one statement of the call has looked at. */
    private long rows(Runnable call) {
        return plans.of(call).stream().mapToLong(PlanningDataSource::rows).max().orElseThrow();
    }

    private long held() {
        return count("held_by IS NOT NULL");
    }

    private long heldByTheirSession() {
        return count("held_by LIKE '%s' AND state = 'pending'");
    }

    private long count(String condition) {
        String count = "SELECT count(*) FROM \"agent\"\"run\".agentrun_queue_tasks WHERE " + condition;
        return Long.parseLong(database.query(count).get(0));
    }

    /** Opens the store anew, as one that puts every task that something holds into a group. */
    private void holdEach() {
        store.close();
        store = store(database.pool(4), 0);
    }

    /** Returns a store in which a look at more tasks than this, one after the other, is slow and they are many. */
    private static PostgresAgentRunStore store(DataSource pool, int crowd) {
        return PostgresAgentRunStore.builder(pool)
                .schema(TestDatabase.SCHEMA)
                .withoutMigration()
                .withoutNotifications()
                .crowd(crowd)
                .build();
    }

    @Test
    void a_dispatch_that_knows_of_groups_makes_no_round_trip_more_for_them() {
        CountingDataSource trips = CountingDataSource.over(database.pool(4));
        create(40, i -> task("open", "open " + i));
        store.limits().set(Limit.running(FULL, 1));
        store.close();
        store = store(trips.dataSource(), 1_000);
        next(DispatchRequest.fromQueue("q"));
        long without = trips.of(() -> next(DispatchRequest.fromQueue("q")));
        create(20, i -> task("full", "full " + i).priority(1));
        holdEach();
        next(DispatchRequest.fromQueue("q"));
        next(DispatchRequest.fromQueue("q"));
        assertThat(held()).isEqualTo(19);
        store.close();
        store = store(trips.dataSource(), 1_000);

        assertThat(trips.of(() -> next(DispatchRequest.fromQueue("q")))).isEqualTo(without + 1);
        assertThat(trips.of(() -> next(DispatchRequest.fromQueue("q")))).isEqualTo(without);
        database.execute("UPDATE \"agent\"\"run\".agentrun_queue_tasks SET held_by = NULL, delayed = false");
        next(DispatchRequest.fromQueue("q"));
        assertThat(trips.of(() -> next(DispatchRequest.fromQueue("q")))).isEqualTo(without);
    }

    @Test
    void tasks_of_a_full_lane_are_passed_over_once_and_then_no_more() {
        store.limits().set(Limit.running(FULL, 1));
        List<String> full = create(MANY, i -> task("full", "full " + i));
        List<String> others = create(20, i -> task("open", "open " + i));
        for (DispatchRequest request : List.of(DispatchRequest.fromQueue("q"), DispatchRequest.any())) {
            String running = next(request);
            assertThat(running).isEqualTo(full.remove(0));
            // Three slow looks in a row, twice: each puts 5,000 of them into groups.
            List<String> passed =
                    IntStream.range(0, 7).mapToObj(i -> next(request)).toList();
            assertThat(passed).isEqualTo(others.subList(0, 7));
            others = others.subList(7, others.size());
            List<String> found = new ArrayList<>();

            long rows = rows(() -> found.add(next(request)));

            assertThat(found).containsExactly(others.get(0));
            others = others.subList(1, others.size());
            assertThat(rows).isLessThan(FEW);
            store.queue().cancel(running, "make room", CancelMode.FORCE);
        }
    }

    @Test
    void a_slot_that_becomes_free_goes_to_the_first_of_those_that_were_held() {
        holdEach();
        store.limits().set(Limit.running(FULL, 1));
        List<String> full = create(200, i -> task("full", "full " + i));
        List<String> others = create(5, i -> task("open", "open " + i));
        assertThat(next(DispatchRequest.any())).isEqualTo(full.get(0));
        assertThat(next(DispatchRequest.any())).isEqualTo(others.get(0));
        assertThat(held()).isEqualTo(199);

        store.queue().cancel(full.get(0), "make room", CancelMode.FORCE);

        assertThat(next(DispatchRequest.any())).isEqualTo(full.get(1));
        assertThat(next(DispatchRequest.any())).isEqualTo(others.get(1));
        QueueTask urgent =
                store.queue().create(task("full", "urgent").priority(5).build());
        store.limits().set(Limit.running(FULL, 3));
        assertThat(next(DispatchRequest.any())).isEqualTo(urgent.id());
        assertThat(next(DispatchRequest.any())).isEqualTo(full.get(2));
        store.limits().remove(FULL, Limit.running(FULL, 1).kind());
        assertThat(next(DispatchRequest.any())).isEqualTo(full.get(3));
    }

    @Test
    void tasks_of_a_busy_session_are_passed_over_once_and_then_no_more() {
        List<String> busy = create(3_000, i -> ofSession("busy", "turn " + i));
        List<String> others = create(20, i -> task("open", "other " + i));
        assertThat(next(DispatchRequest.any())).isEqualTo(busy.get(0));
        assertThat(next(DispatchRequest.any())).isEqualTo(others.get(0));
        assertThat(next(DispatchRequest.any())).isEqualTo(others.get(1));
        assertThat(next(DispatchRequest.any())).isEqualTo(others.get(2));
        List<String> found = new ArrayList<>();

        long rows = rows(() -> found.add(next(DispatchRequest.any())));

        assertThat(found).containsExactly(others.get(3));
        assertThat(rows).isLessThan(FEW);
        store.queue().cancel(busy.get(0), "make room", CancelMode.FORCE);
        assertThat(next(DispatchRequest.any())).isEqualTo(busy.get(1));
        assertThat(next(DispatchRequest.any())).isEqualTo(others.get(4));
    }

    /** They wait for the lane first; when it has room, one of them begins, and the others wait for their session. */
    @Test
    void tasks_that_a_limit_held_may_be_held_by_their_session_afterwards() {
        holdEach();
        store.limits().set(Limit.running(FULL, 1));
        List<String> ids = create(
                1_500, i -> task("full", "turn " + i).session(i == 0 || i >= 1_000 ? null : SessionRef.of("busy")));
        assertThat(next(DispatchRequest.any())).isEqualTo(ids.get(0));
        assertThat(next(DispatchRequest.any())).isEqualTo("none");
        assertThat(held()).isEqualTo(1_499);

        store.limits().set(Limit.running(FULL, 8));

        assertThat(next(DispatchRequest.any())).isEqualTo(ids.get(1));
        assertThat(next(DispatchRequest.any())).isEqualTo(ids.get(1_000));
        assertThat(next(DispatchRequest.any())).isEqualTo(ids.get(1_001));
        assertThat(next(DispatchRequest.any())).isEqualTo(ids.get(1_002));
        assertThat(heldByTheirSession()).isEqualTo(998);
    }

    @Test
    void a_task_that_is_replaced_leaves_its_group() {
        holdEach();
        store.limits().set(Limit.running(FULL, 0));
        create(100, i -> task("full", "full " + i));
        QueueTask keyed =
                store.queue().create(task("full", "before").replaceKey("key").build());
        assertThat(next(DispatchRequest.any())).isEqualTo("none");
        assertThat(held()).isEqualTo(101);

        store.queue().create(task("open", "after").replaceKey("key").build());

        assertThat(next(DispatchRequest.any())).isEqualTo(keyed.id());
        assertThat(held()).isEqualTo(100);
    }

    @Test
    void a_transaction_of_the_host_passes_over_them_and_moves_none() throws SQLException {
        holdEach();
        store.limits().set(Limit.running(FULL, 0));
        create(100, i -> task("full", "full " + i));
        List<String> others = create(1, i -> task("open", "open " + i));
        try (Connection connection = database.pool(1).getConnection()) {
            connection.setAutoCommit(false);
            assertThat(store.in(connection).queue().dispatchNext(DispatchRequest.any()))
                    .hasValueSatisfying(d -> assertThat(d.task().id()).isEqualTo(others.get(0)));
            connection.commit();
        }
        assertThat(held()).isZero();
    }

    @Test
    void a_look_walks_only_the_groups_of_its_queue() {
        holdEach();
        store.limits().set(Limit.running(LimitKey.eachQueue(), 0));
        for (String queue : List.of("a", "b")) {
            create(100, i -> NewQueueTask.builder(OWNER, queue, "task " + i, RunSpec.of(BackendProfile.CODEX)));
            assertThat(next(DispatchRequest.fromQueue(queue))).isEqualTo("none");
        }
        assertThat(held()).isEqualTo(200);
        store.limits().set(Limit.running(LimitKey.queue("a"), 1));

        assertThat(next(DispatchRequest.fromQueue("b"))).isEqualTo("none");
        assertThat(next(DispatchRequest.fromQueue("a"))).isNotEqualTo("none");
        assertThat(next(DispatchRequest.fromQueue("a"))).isEqualTo("none");
    }

    /** A look at a group costs more than one at a task: of many busy sessions with a task each no group is made. */
    @Test
    void few_of_a_kind_stay_where_they_are() {
        store.close();
        store = store(database.pool(4), 16);
        create(200, i -> ofSession("session_" + i % 100, "turn " + i));
        create(3_000, i -> ofSession("long", "turn " + i));
        List<String> begun = IntStream.range(0, 101)
                .mapToObj(i -> next(DispatchRequest.any()))
                .toList();
        IntStream.range(0, 40).forEach(i -> next(DispatchRequest.any()));

        assertThat(begun).doesNotHaveDuplicates().doesNotContain("none");
        assertThat(heldByTheirSession()).isEqualTo(2_999);
        assertThat(next(DispatchRequest.any())).isEqualTo("none");
    }
}

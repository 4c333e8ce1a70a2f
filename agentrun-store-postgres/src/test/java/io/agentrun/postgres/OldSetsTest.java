package io.agentrun.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.agentrun.error.NotFoundException;
import io.agentrun.model.BackendProfile;
import io.agentrun.model.CancelMode;
import io.agentrun.model.Owner;
import io.agentrun.model.RunSpec;
import io.agentrun.model.TenantScope;
import io.agentrun.postgres.testing.CountingDataSource;
import io.agentrun.postgres.testing.TestDatabase;
import io.agentrun.queue.NewQueueTask;
import io.agentrun.queue.QueueQuery;
import io.agentrun.queue.QueueTask;
import io.agentrun.run.NewRun;
import io.agentrun.run.PurgeRequest;
import io.agentrun.run.PurgeResult;
import io.agentrun.run.Run;
import io.agentrun.run.SessionRef;
import io.agentrun.session.Session;
import io.agentrun.session.SessionFilter;
import io.agentrun.session.SessionQuery;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Purges of tasks and sessions delete many together; what is held or cannot be read stays, and so does all that belongs to it. */
class OldSetsTest {

    private static final Owner OWNER = new Owner("t", "p");
    private static final RunSpec SPEC = RunSpec.of(BackendProfile.CODEX);
    private static final PurgeRequest ALL = PurgeRequest.olderThan(Duration.ZERO);

    private TestDatabase database;
    private CountingDataSource trips;
    private PostgresAgentRunStore store;

    @BeforeEach
    void open() {
        database = TestDatabase.migrated();
        trips = CountingDataSource.over(database.pool(4));
        store = CountedStore.on(trips.dataSource());
    }

    @AfterEach
    void close() {
        store.close();
        database.close();
    }

    private List<QueueTask> endedTasks(int count) {
        List<QueueTask> tasks = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            QueueTask task = store.queue()
                    .create(NewQueueTask.builder(OWNER, "q", "task", SPEC).build());
            tasks.add(store.queue().cancel(task.id(), "no more"));
        }
        return tasks;
    }

    private Run endedRun(String session) {
        Run run = store.runs()
                .create(NewRun.builder(OWNER, SPEC)
                        .session(SessionRef.of(session))
                        .build());
        return store.runs().cancel(run.id(), "no more", CancelMode.FORCE);
    }

    private List<String> tasks() {
        return store.queue().list(QueueQuery.in(TenantScope.all())).items().stream()
                .map(QueueTask::id)
                .toList();
    }

    private List<String> sessions() {
        return store.sessions().list(SessionQuery.in(TenantScope.all()).withFilter(SessionFilter.ALL)).items().stream()
                .map(summary -> summary.session())
                .map(Session::id)
                .toList();
    }

    private Connection holding(String table, String column, String id) throws SQLException {
        Connection connection = database.pool(2).getConnection();
        connection.setAutoCommit(false);
        try (var lock = connection.prepareStatement(
                "SELECT FROM \"agent\"\"run\"." + table + " WHERE " + column + " = ? FOR NO KEY UPDATE")) {
            lock.setString(1, id);
            lock.execute();
        }
        return connection;
    }

    @Test
    void a_task_that_is_held_stays_and_the_others_go() throws SQLException {
        List<QueueTask> tasks = endedTasks(4);
        String held = tasks.get(1).id();

        try (Connection other = holding("agentrun_queue_tasks", "id", held)) {
            assertThat(store.queue().purge(ALL)).isEqualTo(new PurgeResult(3, false));
            other.rollback();
        }

        assertThat(tasks()).containsExactly(held);
        assertThat(store.queue().purge(ALL)).isEqualTo(new PurgeResult(1, false));
    }

    @Test
    void a_session_that_is_held_stays_with_its_runs_and_the_others_go() throws SQLException {
        endedRun("free");
        Run kept = endedRun("held");
        endedRun("free too");

        try (Connection other = holding("agentrun_sessions", "session_id", "held")) {
            assertThat(store.sessions().purge(ALL)).isEqualTo(new PurgeResult(2, false));
            other.rollback();
        }

        assertThat(sessions()).containsExactly("held");
        assertThat(store.runs().get(kept.id())).isEqualTo(kept);
    }

    @Test
    void a_session_of_which_a_run_is_held_stays_with_all_its_runs() throws SQLException {
        Run first = endedRun("s");
        Run second = endedRun("s");
        Run other = endedRun("free");

        try (Connection holder = holding("agentrun_run_state", "run_id", first.id())) {
            assertThat(store.sessions().purge(ALL)).isEqualTo(new PurgeResult(1, false));
            holder.rollback();
        }

        assertThat(sessions()).containsExactly("s");
        assertThat(store.runs().get(first.id())).isEqualTo(first);
        assertThat(store.runs().get(second.id())).isEqualTo(second);
        assertThatThrownBy(() -> store.runs().get(other.id())).isInstanceOf(NotFoundException.class);
    }

    @Test
    void what_cannot_be_read_stays_and_the_others_go() {
        List<QueueTask> tasks = endedTasks(3);
        endedRun("broken");
        Run run = endedRun("broken run");
        endedRun("whole");
        database.leaveUnexamined();
        String schema = "\"agent\"\"run\".";
        database.execute("UPDATE " + schema + "agentrun_queue_tasks SET priority = 2000000 WHERE id = '"
                + tasks.get(0).id() + "'");
        database.execute(
                "UPDATE " + schema + "agentrun_sessions SET backend_profile = ' ' WHERE session_id = 'broken'");
        database.execute("UPDATE " + schema + "agentrun_runs SET backend_profile = ' ' WHERE id = '" + run.id() + "'");

        assertThat(store.queue().purge(ALL)).isEqualTo(new PurgeResult(2, false));
        assertThat(store.sessions().purge(ALL)).isEqualTo(new PurgeResult(1, false));

        assertThat(database.queryIn(TestDatabase.SCHEMA, "SELECT id FROM agentrun_queue_tasks"))
                .containsExactly(tasks.get(0).id());
        assertThat(database.queryIn(
                        TestDatabase.SCHEMA, "SELECT session_id FROM agentrun_sessions ORDER BY session_id"))
                .containsExactly("broken", "broken run");
        assertThat(database.queryIn(TestDatabase.SCHEMA, "SELECT count(*)::text FROM agentrun_runs"))
                .containsExactly("2");
    }

    @Test
    void nothing_is_left_of_what_has_gone() {
        for (int i = 0; i < 3; i++) {
            endedRun("few");
        }
        for (int i = 0; i < 23; i++) {
            endedRun("more than a set takes");
        }

        assertThat(store.sessions().purge(ALL)).isEqualTo(new PurgeResult(2, false));

        for (String table : List.of(
                "agentrun_sessions", "agentrun_runs", "agentrun_run_state", "agentrun_events", "agentrun_commands")) {
            assertThat(database.queryIn(TestDatabase.SCHEMA, "SELECT count(*)::text FROM " + table))
                    .as(table)
                    .containsExactly("0");
        }
    }

    /** A search, the time, and a commit; then, for each fifty, locks, deletions, and a commit. */
    @Test
    void fifty_records_go_in_three_round_trips() {
        endedTasks(100);
        for (int i = 0; i < 100; i++) {
            endedRun("session " + i);
        }

        assertThat(trips.of(() -> store.queue().purge(ALL))).isEqualTo(3 + 3 + 3);
        assertThat(trips.of(() -> store.sessions().purge(ALL))).isEqualTo(3 + 3 + 3);
        assertThat(tasks()).isEmpty();
        assertThat(sessions()).isEmpty();
    }
}

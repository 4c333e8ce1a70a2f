package io.agentrun.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentrun.model.BackendProfile;
import io.agentrun.model.Owner;
import io.agentrun.model.RunSpec;
import io.agentrun.model.TenantScope;
import io.agentrun.postgres.testing.TestDatabase;
import io.agentrun.queue.Dispatch;
import io.agentrun.queue.DispatchRequest;
import io.agentrun.queue.NewQueueTask;
import io.agentrun.queue.QueueTask;
import io.agentrun.queue.TaskState;
import io.agentrun.run.SessionRef;
import io.agentrun.session.Session;
import io.agentrun.session.SessionUpsert;
import io.agentrun.storage.StorageClaimRequest;
import io.agentrun.storage.StorageIntent;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What dispatchers and collectors do beside a transaction that has rows locked: they pass them over and wait for nobody. */
class DispatchLockTest {

    private static final Owner OWNER = new Owner("t", "p");
    private static final DispatchRequest ANY = DispatchRequest.any();

    private TestDatabase database;
    private PostgresAgentRunStore store;

    @BeforeEach
    void open() {
        database = TestDatabase.migrated();
        store = TestDatabase.quietStore(database.pool(8));
    }

    @AfterEach
    void close() {
        store.close();
        database.close();
    }

    private NewQueueTask.Builder task(String title) {
        return NewQueueTask.builder(OWNER, "q", title, RunSpec.of(BackendProfile.CODEX));
    }

    private Connection transaction() throws SQLException {
        Connection connection = database.pool(2).getConnection();
        connection.setAutoCommit(false);
        return connection;
    }

    @Test
    void a_task_that_another_dispatcher_has_locked_is_passed_over() throws SQLException {
        QueueTask first = store.queue().create(task("first").build());
        QueueTask second = store.queue().create(task("second").build());

        try (Connection other = transaction()) {
            Dispatch theirs = store.in(other).queue().dispatchNext(ANY).orElseThrow();
            Dispatch ours = store.queue().dispatchNext(ANY).orElseThrow();
            other.commit();

            assertThat(theirs.task().id()).isEqualTo(first.id());
            assertThat(ours.task().id()).isEqualTo(second.id());
        }
    }

    @Test
    void a_task_whose_session_stays_locked_is_passed_over() throws SQLException {
        SessionUpsert session =
                SessionUpsert.builder("s", OWNER, BackendProfile.CODEX).build();
        store.sessions().upsert(session);
        QueueTask busy = store.queue()
                .create(task("busy").session(SessionRef.of("s")).priority(1).build());
        QueueTask free = store.queue().create(task("free").build());

        try (Connection other = transaction()) {
            store.in(other)
                    .sessions()
                    .upsert(session.toBuilder().title("longer").build());

            assertThat(store.queue().dispatchNext(ANY).orElseThrow().task().id())
                    .isEqualTo(free.id());
            assertThat(store.queue().dispatchNext(ANY)).isEmpty();
            other.commit();
        }
        assertThat(store.queue().dispatchNext(ANY).orElseThrow().task().id()).isEqualTo(busy.id());
    }

    /** The session is inserted before the task is locked; where the task is not to be had, it must not stay. */
    @Test
    void a_new_session_of_a_task_that_is_taken_by_another_leaves_nothing() throws SQLException {
        QueueTask task =
                store.queue().create(task("new").session(SessionRef.of("s")).build());
        Optional<Dispatch> ours;

        try (Connection other = transaction()) {
            try (var lock = other.prepareStatement(
                    "SELECT id FROM \"agent\"\"run\".agentrun_queue_tasks WHERE id = ? FOR UPDATE")) {
                lock.setString(1, task.id());
                lock.execute();
            }
            ours = store.queue().dispatchNext(ANY);
            other.rollback();
        }

        assertThat(ours).isEmpty();
        assertThat(store.sessions().find("s")).isEmpty();
        assertThat(store.queue().dispatchNext(ANY).orElseThrow().run().sessionId())
                .isEqualTo("s");
    }

    @Test
    void a_dispatch_in_the_host_s_transaction_is_undone_with_it() throws SQLException {
        QueueTask task =
                store.queue().create(task("new").session(SessionRef.of("s")).build());

        try (Connection host = transaction()) {
            assertThat(store.in(host).queue().dispatchNext(ANY)).isPresent();
            host.rollback();
        }

        assertThat(store.queue().get(task.id())).isEqualTo(task);
        assertThat(store.sessions().find("s")).isEmpty();
    }

    /** More candidates are locked than one look finds. */
    @Test
    void a_task_behind_many_that_are_locked_is_found() throws SQLException {
        for (int i = 0; i < 40; i++) {
            store.queue().create(task("locked " + i).priority(1).build());
        }
        QueueTask free = store.queue().create(task("free").build());

        try (Connection other = transaction()) {
            try (var lock = other.createStatement()) {
                lock.execute("SELECT id FROM \"agent\"\"run\".agentrun_queue_tasks WHERE priority = 1 FOR UPDATE");
            }
            assertThat(store.queue().dispatchNext(ANY).orElseThrow().task().id())
                    .isEqualTo(free.id());
            other.rollback();
        }
    }

    @Test
    void many_refused_tasks_do_not_stop_the_queue() {
        store.sessions()
                .upsert(SessionUpsert.builder("s", new Owner("other", "p"), BackendProfile.CODEX)
                        .build());
        for (int i = 0; i < 20; i++) {
            store.queue()
                    .create(task("refused " + i)
                            .session(SessionRef.of("s"))
                            .priority(1)
                            .build());
        }
        QueueTask fine = store.queue().create(task("fine").build());

        assertThat(store.queue().dispatchNext(ANY).orElseThrow().task().id()).isEqualTo(fine.id());
        assertThat(database.query("SELECT count(*) FROM \"agent\"\"run\".agentrun_queue_tasks WHERE state = '"
                        + TaskState.BLOCKED.wire() + "'"))
                .containsExactly("20");
    }

    @Test
    void a_session_that_another_transaction_has_locked_is_not_claimed_by_a_collector() throws SQLException {
        SessionUpsert session =
                SessionUpsert.builder("s", OWNER, BackendProfile.CODEX).build();
        store.sessions().upsert(session);
        store.storage().provision(new StorageIntent("s", "agents", "pvc"));
        database.execute("UPDATE \"agent\"\"run\".agentrun_sessions SET expires_at = now() - interval '1 hour'");
        StorageClaimRequest request =
                new StorageClaimRequest(TenantScope.all(), "collector", Duration.ofMinutes(1), 10);

        try (Connection other = transaction()) {
            store.in(other).sessions().upsert(session.toBuilder().title("busy").build());

            assertThat(store.storage().claimExpired(request)).isEmpty();
            other.commit();
        }
        Session claimed = store.storage().claimExpired(request).get(0).session();
        assertThat(claimed.title()).isEqualTo("busy");
    }
}

package io.agentrun.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariDataSource;
import io.agentrun.backend.Cursors;
import io.agentrun.model.BackendProfile;
import io.agentrun.model.ChangePage;
import io.agentrun.model.Owner;
import io.agentrun.model.RunSpec;
import io.agentrun.model.TenantScope;
import io.agentrun.postgres.internal.query.FeedPosition;
import io.agentrun.postgres.testing.TestDatabase;
import io.agentrun.queue.NewQueueTask;
import io.agentrun.queue.QueueTask;
import io.agentrun.session.Session;
import io.agentrun.session.SessionUpsert;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The change feeds beside writers that are slow, give up, or were somewhere else. */
class ChangeFeedTest {

    private static final Owner OWNER = new Owner("t", "p");
    private static final TenantScope ALL = TenantScope.all();

    private TestDatabase database;
    private PostgresAgentRunStore store;

    @BeforeEach
    void open() {
        database = TestDatabase.migrated();
        store = newStore();
    }

    @AfterEach
    void close() {
        store.close();
        database.close();
    }

    private PostgresAgentRunStore newStore() {
        return TestDatabase.quietStore(database.pool(20));
    }

    private static NewQueueTask task(String title) {
        return NewQueueTask.builder(OWNER, "q", title, RunSpec.of(BackendProfile.CODEX))
                .build();
    }

    private static SessionUpsert session(String id, String title) {
        return SessionUpsert.builder(id, OWNER, BackendProfile.CODEX)
                .title(title)
                .build();
    }

    /** What the feed has behind the cursor, to its present end. */
    private static String read(PostgresAgentRunStore from, @Nullable String cursor, int limit, List<QueueTask> into) {
        String at = cursor;
        while (true) {
            ChangePage<QueueTask> page = from.queue().changes(ALL, at, limit);
            into.addAll(page.items());
            at = page.cursor();
            if (!page.more()) {
                return at;
            }
        }
    }

    /** D6: of 2,400 tasks the original's readers never saw 384. One transaction is slow, and some give up. */
    @Test
    void a_reader_beside_sixteen_writers_sees_all_their_tasks() throws Exception {
        int writers = 16;
        int each = 150;
        Set<String> created = new HashSet<>();
        List<QueueTask> seen = new ArrayList<>();
        @Nullable String cursor = null;

        ExecutorService threads = Executors.newFixedThreadPool(writers);
        try (Connection slow = database.pool(1).getConnection();
                HikariDataSource own = database.pool(1)) {
            slow.setAutoCommit(false);
            created.add(store.in(slow).queue().create(task("slow")).id());
            List<Future<List<String>>> writing = new ArrayList<>();
            for (int w = 0; w < writers; w++) {
                writing.add(threads.submit(() -> {
                    List<String> ids = new ArrayList<>();
                    for (int i = 0; i < each; i++) {
                        ids.add(store.queue().create(task("T")).id());
                        if (i % 30 == 0) {
                            giveUp(own);
                        }
                    }
                    return ids;
                }));
            }
            boolean committed = false;
            while (!writing.stream().allMatch(Future::isDone)) {
                cursor = read(store, cursor, 50, seen);
                if (!committed && writing.stream().anyMatch(Future::isDone)) {
                    slow.commit();
                    committed = true;
                }
            }
            for (Future<List<String>> writer : writing) {
                created.addAll(writer.get());
            }
            if (!committed) {
                slow.commit();
            }
        } finally {
            threads.shutdownNow();
        }
        read(store, cursor, 50, seen);

        assertThat(created).hasSize(writers * each + 1);
        assertThat(seen).extracting(QueueTask::id).doesNotHaveDuplicates().containsExactlyInAnyOrderElementsOf(created);
    }

    private void giveUp(HikariDataSource pool) throws SQLException {
        try (Connection connection = pool.getConnection()) {
            connection.setAutoCommit(false);
            store.in(connection).queue().create(task("given up"));
            connection.rollback();
        }
    }

    /** D6: a version drawn before, and committed after, the one that the reader has seen was never delivered. */
    @Test
    void a_task_that_is_committed_late_is_seen() throws SQLException {
        List<QueueTask> seen = new ArrayList<>();
        String cursor;
        QueueTask slow;
        QueueTask fast;

        try (Connection connection = database.pool(1).getConnection()) {
            connection.setAutoCommit(false);
            slow = store.in(connection).queue().create(task("slow"));
            fast = store.queue().create(task("fast"));
            cursor = read(store, null, 10, seen);
            connection.commit();
        }
        read(store, cursor, 10, seen);

        assertThat(slow.version()).isLessThan(fast.version());
        assertThat(seen).containsExactly(slow, fast);
    }

    @Test
    void a_task_that_was_rolled_back_is_not_seen_and_hides_no_other() throws SQLException {
        List<QueueTask> seen = new ArrayList<>();
        String cursor;
        QueueTask kept;

        try (Connection connection = database.pool(1).getConnection()) {
            connection.setAutoCommit(false);
            store.in(connection).queue().create(task("given up"));
            kept = store.queue().create(task("kept"));
            cursor = read(store, null, 10, seen);
            connection.rollback();
        }
        read(store, cursor, 10, seen);

        assertThat(seen).containsExactly(kept);
    }

    /** A change of a row that the reader has seen moves it to the end of the feed, once. */
    @Test
    void a_session_that_changes_late_is_seen_again_with_its_latest_state() throws SQLException {
        store.sessions().upsert(session("s", "first"));
        String cursor = store.sessions().changes(ALL, null, 10).cursor();
        ChangePage<Session> meanwhile;

        try (Connection connection = database.pool(1).getConnection()) {
            connection.setAutoCommit(false);
            store.in(connection).sessions().upsert(session("s", "second"));
            store.sessions().upsert(session("other", "beside"));
            meanwhile = store.sessions().changes(ALL, cursor, 10);
            connection.commit();
        }
        ChangePage<Session> after = store.sessions().changes(ALL, meanwhile.cursor(), 10);

        assertThat(meanwhile.items()).isEmpty();
        assertThat(after.items()).extracting(Session::title).containsExactly("second", "beside");
    }

    /** The tables of a cluster whose transactions were far ahead: nothing would be seen until this one has caught up. */
    @Test
    void a_restored_database_is_mended_when_a_store_is_opened() {
        QueueTask first = store.queue().create(task("first"));
        QueueTask second = store.queue().create(task("second"));
        Session session = store.sessions().upsert(session("s", "kept"));
        String cursor = read(store, null, 10, new ArrayList<>());
        String sessionCursor = store.sessions().changes(ALL, null, 10).cursor();
        restoredFromAhead();
        assertThat(store.queue().changes(ALL, null, 10).items()).isEmpty();

        List<QueueTask> seen = new ArrayList<>();
        try (PostgresAgentRunStore opened = newStore()) {
            String next = read(opened, cursor, 1, seen);
            assertThat(seen).containsExactly(first, second);
            assertThat(opened.sessions().changes(ALL, sessionCursor, 10).items())
                    .containsExactly(session);

            QueueTask third = opened.queue().create(task("third"));
            List<QueueTask> later = new ArrayList<>();
            read(opened, next, 10, later);
            assertThat(later).containsExactly(third);
        }
    }

    @Test
    void mending_is_done_once_by_the_first_store_that_is_opened() {
        store.queue().create(task("first"));
        restoredFromAhead();

        try (PostgresAgentRunStore one = newStore();
                PostgresAgentRunStore two = newStore()) {
            String cursor = read(one, null, 10, new ArrayList<>());

            assertThat(two.queue().changes(ALL, cursor, 10).items()).isEmpty();
        }
        assertThat(database.query("SELECT generation FROM \"agent\"\"run\".agentrun_feeds WHERE feed = 'tasks'"))
                .containsExactly("2");
    }

    /** A copy that is not ahead: nothing in it shows that it was elsewhere but the home that it remembers. */
    @Test
    void a_reader_that_was_away_during_a_restore_begins_anew() {
        QueueTask task = store.queue().create(task("kept"));
        Session session = store.sessions().upsert(session("s", "kept"));
        String cursor = read(store, null, 10, new ArrayList<>());
        String sessionCursor = store.sessions().changes(ALL, null, 10).cursor();
        database.execute("UPDATE \"agent\"\"run\".agentrun_feeds SET home = 'another cluster'");

        try (PostgresAgentRunStore opened = newStore()) {
            assertThat(opened.queue().changes(ALL, cursor, 10).items()).containsExactly(task);
            assertThat(opened.sessions().changes(ALL, sessionCursor, 10).items())
                    .containsExactly(session);
        }
    }

    @Test
    void a_database_that_stays_where_it_is_keeps_its_cursors() {
        store.queue().create(task("first"));
        String cursor = read(store, null, 10, new ArrayList<>());

        try (PostgresAgentRunStore opened = newStore()) {
            assertThat(opened.queue().changes(ALL, cursor, 10).items()).isEmpty();
        }
    }

    /** A user who may know nothing of the cluster: the tables themselves are recognised all the same. */
    @Test
    void a_cluster_that_may_not_be_asked_is_no_error() {
        database.execute("REVOKE EXECUTE ON FUNCTION pg_control_system() FROM PUBLIC");
        String user = database.name() + "_user";
        database.execute("CREATE ROLE " + user + " LOGIN; GRANT USAGE ON SCHEMA \"agent\"\"run\" TO " + user
                + "; GRANT ALL ON ALL TABLES IN SCHEMA \"agent\"\"run\" TO " + user
                + "; GRANT ALL ON ALL SEQUENCES IN SCHEMA \"agent\"\"run\" TO " + user);

        QueueTask task = store.queue().create(task("first"));
        for (int opening = 0; opening < 2; opening++) {
            try (PostgresAgentRunStore opened = PostgresAgentRunStore.builder(database.pool(2, user))
                    .schema(TestDatabase.SCHEMA)
                    .withoutMigration()
                    .build()) {
                assertThat(opened.queue().changes(ALL, null, 10).items()).containsExactly(task);
            }
        }

        assertThat(database.query("SELECT home FROM \"agent\"\"run\".agentrun_feeds WHERE home LIKE 'unknown/%'"))
                .hasSize(3);
        assertThat(database.query("SELECT generation FROM \"agent\"\"run\".agentrun_feeds"))
                .containsExactly("2", "2", "2");
        database.execute("DROP OWNED BY " + user + "; DROP ROLE " + user);
    }

    /** A cursor that was given out by a cluster whose transactions were ahead of this one's. */
    @Test
    void a_cursor_from_ahead_begins_anew_rather_than_miss_anything() {
        QueueTask task = store.queue().create(task("first"));
        String cursor = read(store, null, 10, new ArrayList<>());

        assertThat(store.queue().changes(ALL, aheadOf(cursor), 10).items()).containsExactly(task);
    }

    private static String aheadOf(String cursor) {
        String position =
                Cursors.decode("task-changes", ALL.fingerprint(), 1, cursor).get(0);
        FeedPosition seen = FeedPosition.parse(position);
        FeedPosition ahead = new FeedPosition(seen.generation(), seen.timeline(), seen.xid() + 1_000_000_000L, 0);
        return Cursors.encode("task-changes", ALL.fingerprint(), List.of(ahead.text()));
    }

    private void restoredFromAhead() {
        for (String table : List.of("agentrun_queue_tasks", "agentrun_sessions")) {
            database.execute(
                    "UPDATE \"agent\"\"run\"." + table
                            + " SET feed_xid = CAST(CAST(CAST(CAST(feed_xid AS text) AS bigint) + 1000000000 AS text) AS xid8)");
        }
    }
}

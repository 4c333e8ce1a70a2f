package io.agentrun.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentrun.StoreHealth;
import io.agentrun.backend.Cursors;
import io.agentrun.model.BackendProfile;
import io.agentrun.model.ChangePage;
import io.agentrun.model.Owner;
import io.agentrun.model.TenantScope;
import io.agentrun.postgres.internal.query.FeedPosition;
import io.agentrun.postgres.testing.TestDatabase;
import io.agentrun.session.Session;
import io.agentrun.session.SessionUpsert;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The change feeds beside transactions that are none of their writers, and their readers' own. */
class ForeignTransactionTest {

    private static final TenantScope ALL = TenantScope.all();
    private static final String BEGINS_TO_WRITE = "SELECT pg_current_xact_id()";

    private TestDatabase database;
    private TestDatabase other;
    private PostgresAgentRunStore store;

    @BeforeEach
    void open() {
        database = TestDatabase.migrated();
        other = TestDatabase.empty();
        store = TestDatabase.quietStore(database.pool(5));
    }

    @AfterEach
    void close() {
        store.close();
        other.close();
        database.close();
    }

    private static SessionUpsert session(String id) {
        return SessionUpsert.builder(id, new Owner("t", "p"), BackendProfile.CODEX)
                .build();
    }

    private static Connection transaction(TestDatabase in, String sql) throws SQLException {
        Connection connection = in.pool(1).getConnection();
        connection.setAutoCommit(false);
        execute(connection, sql);
        return connection;
    }

    private static void execute(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private List<String> read() {
        return store.sessions().changes(ALL, null, 10).items().stream()
                .map(Session::id)
                .toList();
    }

    @Test
    void a_writer_in_another_database_holds_no_feed_back() throws SQLException {
        try (Connection foreign = transaction(other, BEGINS_TO_WRITE)) {
            database.advance(Duration.ofMinutes(1));
            store.sessions().upsert(session("s"));

            assertThat(read()).containsExactly("s");
            assertThat(store.health()).isEqualTo(StoreHealth.ready("postgres", PostgresMigrations.latest()));
            foreign.rollback();
        }
    }

    @Test
    void a_transaction_that_was_prepared_in_another_database_holds_no_feed_back() throws SQLException {
        String gid = other.name();
        try (Connection foreign = transaction(other, BEGINS_TO_WRITE)) {
            execute(foreign, "PREPARE TRANSACTION '" + gid + "'");
        }
        try {
            store.sessions().upsert(session("s"));

            assertThat(read()).containsExactly("s");
        } finally {
            other.execute("ROLLBACK PREPARED '" + gid + "'");
        }
    }

    /** The older of two open transactions is a stranger's; the younger one writes here, and its change comes late. */
    @Test
    void a_writer_here_is_waited_for_beside_a_foreign_one() throws SQLException {
        try (Connection foreign = transaction(other, BEGINS_TO_WRITE);
                Connection ours = transaction(database, BEGINS_TO_WRITE)) {
            store.in(ours).sessions().upsert(session("late"));
            store.sessions().upsert(session("early"));
            ChangePage<Session> meanwhile = store.sessions().changes(ALL, null, 10);
            ours.commit();
            ChangePage<Session> after = store.sessions().changes(ALL, meanwhile.cursor(), 10);
            foreign.rollback();

            assertThat(meanwhile.items()).isEmpty();
            assertThat(after.items()).extracting(Session::id).containsExactly("late", "early");
        }
    }

    @Test
    void a_user_without_any_right_to_look_at_others_is_not_held_back_either() throws SQLException {
        String user = database.name() + "_plain";
        database.execute("CREATE ROLE " + user + " LOGIN; GRANT USAGE ON SCHEMA \"agent\"\"run\" TO " + user
                + "; GRANT ALL ON ALL TABLES IN SCHEMA \"agent\"\"run\" TO " + user
                + "; GRANT ALL ON ALL SEQUENCES IN SCHEMA \"agent\"\"run\" TO " + user);
        try (PostgresAgentRunStore plain = TestDatabase.quietStore(database.pool(2, user));
                Connection foreign = transaction(other, BEGINS_TO_WRITE)) {
            plain.sessions().upsert(session("s"));

            assertThat(plain.sessions().changes(ALL, null, 10).items())
                    .extracting(Session::id)
                    .containsExactly("s");
            foreign.rollback();
        } finally {
            database.execute("DROP OWNED BY " + user + "; DROP ROLE " + user);
        }
    }

    /** It is not told when the transaction of another user began, and counts from when it saw it first. */
    @Test
    void a_user_without_any_right_to_look_at_others_is_told_who_holds_the_feeds_back() throws SQLException {
        String user = database.name() + "_plain";
        database.execute("CREATE ROLE " + user + " LOGIN; GRANT USAGE ON SCHEMA \"agent\"\"run\" TO " + user
                + "; GRANT ALL ON ALL TABLES IN SCHEMA \"agent\"\"run\" TO " + user);
        database.freeze();
        try (PostgresAgentRunStore plain = TestDatabase.quietStore(database.pool(2, user));
                Connection ours = transaction(database, BEGINS_TO_WRITE)) {
            store.sessions().upsert(session("s"));
            StoreHealth first = plain.health();
            database.advance(Duration.ofMinutes(1));
            StoreHealth later = plain.health();
            ours.rollback();

            assertThat(first.message()).isNull();
            assertThat(later.message()).contains("process " + pidOf(ours)).endsWith("has not ended for 60 s");
        } finally {
            database.execute("DROP OWNED BY " + user + "; DROP ROLE " + user);
        }
    }

    /** The list of a snapshot never holds the reader's own transaction. */
    @Test
    void what_a_host_writes_after_reading_the_feed_in_one_transaction_is_not_lost() throws SQLException {
        String between;
        try (Connection host = transaction(database, "SELECT 1")) {
            PostgresAgentRunStore inside = store.in(host);
            inside.sessions().upsert(session("first"));
            ChangePage<Session> page = inside.sessions().changes(ALL, null, 10);
            assertThat(page.items()).isEmpty();
            between = page.cursor();
            inside.sessions().upsert(session("second"));
            host.commit();
        }

        assertThat(store.sessions().changes(ALL, between, 10).items())
                .extracting(Session::id)
                .containsExactly("first", "second");
    }

    /** Within a transaction the server remembers how it saw its sessions the first time. */
    @Test
    void a_reader_in_a_long_transaction_of_the_host_waits_for_a_writer_that_began_later() throws SQLException {
        try (Connection host = transaction(database, "SELECT 1");
                Connection foreign = transaction(other, BEGINS_TO_WRITE)) {
            PostgresAgentRunStore inside = store.in(host);
            String cursor = inside.sessions().changes(ALL, null, 10).cursor();
            try (Connection ours = transaction(database, BEGINS_TO_WRITE)) {
                store.in(ours).sessions().upsert(session("late"));
                cursor = inside.sessions().changes(ALL, cursor, 10).cursor();
                ours.commit();
            }
            List<Session> seen = inside.sessions().changes(ALL, cursor, 10).items();
            host.rollback();
            foreign.rollback();

            assertThat(seen).extracting(Session::id).containsExactly("late");
        }
    }

    /** The horizon moves back when a foreign transaction ends while it is looked for. */
    @Test
    void a_cursor_ahead_of_the_horizon_gets_an_empty_page_and_itself() throws SQLException {
        try (Connection ours = transaction(database, BEGINS_TO_WRITE)) {
            ChangePage<Session> held = store.sessions().changes(ALL, null, 10);
            store.sessions().upsert(session("after"));
            String ahead = movedBy(held.cursor(), 1);

            ChangePage<Session> page = store.sessions().changes(ALL, ahead, 10);
            ours.rollback();

            assertThat(page).isEqualTo(new ChangePage<>(List.of(), ahead, false, false));
            assertThat(store.sessions().changes(ALL, ahead, 10).items())
                    .extracting(Session::id)
                    .containsExactly("after");
        }
    }

    private static String movedBy(String cursor, long transactions) {
        FeedPosition seen = FeedPosition.parse(
                Cursors.decode("session-changes", ALL.fingerprint(), 1, cursor).get(0));
        FeedPosition moved = new FeedPosition(seen.generation(), seen.timeline(), seen.xid() + transactions, 0);
        return Cursors.encode("session-changes", ALL.fingerprint(), List.of(moved.text()));
    }

    @Test
    void health_names_the_process_that_holds_the_feeds_back() throws SQLException {
        database.freeze();
        try (Connection ours = transaction(database, "SET application_name = 'the importer'; " + BEGINS_TO_WRITE)) {
            store.sessions().upsert(session("s"));
            StoreHealth young = store.health();
            database.advance(Duration.ofMinutes(10));
            StoreHealth old = store.health();
            ours.rollback();

            assertThat(young.message()).isNull();
            assertThat(old.ready()).isTrue();
            assertThat(old.message())
                    .matches("change feeds show nothing of the last \\d+ transactions: the transaction of process "
                            + pidOf(ours) + " \\(application 'the importer'\\) has not ended for \\d{3} s");
            assertThat(store.health().message()).isNull();
        }
    }

    private static String pidOf(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("SELECT pg_backend_pid()")) {
            rows.next();
            return rows.getString(1);
        }
    }

    @Test
    void health_names_the_prepared_transaction_that_holds_the_feeds_back() throws SQLException {
        String gid = "it's " + database.name() + "\u202E";
        String literal = "'" + gid.replace("'", "''") + "'";
        try (Connection ours = transaction(database, BEGINS_TO_WRITE)) {
            execute(ours, "PREPARE TRANSACTION " + literal);
        }
        try {
            database.advance(Duration.ofMinutes(1));

            assertThat(store.health().message())
                    .contains("the prepared transaction 'it's " + database.name() + "?' has not ended for");
            store.sessions().upsert(session("s"));
            assertThat(read()).isEmpty();
        } finally {
            database.execute("ROLLBACK PREPARED " + literal);
        }
        assertThat(read()).containsExactly("s");
    }
}

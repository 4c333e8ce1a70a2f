package io.agentrun.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.zaxxer.hikari.HikariDataSource;
import io.agentrun.StoreHealth;
import io.agentrun.error.DatabaseError;
import io.agentrun.error.StoreUnavailableException;
import io.agentrun.error.StoreUnavailableException.Reason;
import io.agentrun.event.EventPage;
import io.agentrun.event.EventType;
import io.agentrun.event.NewEvent;
import io.agentrun.json.JsonObject;
import io.agentrun.model.BackendProfile;
import io.agentrun.model.Owner;
import io.agentrun.model.RunSpec;
import io.agentrun.postgres.testing.TestDatabase;
import io.agentrun.postgres.testing.TestServer;
import io.agentrun.run.NewRun;
import io.agentrun.run.Run;
import io.agentrun.tck.Race;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.postgresql.ds.PGSimpleDataSource;

/** What goes wrong in the database comes out typed, and tells nothing that should not be told. */
class FaultTest {

    private static final String SECRET = "bound-value-nobody-may-see";
    private static final NewEvent EVENT = new NewEvent(EventType.ASSISTANT_MESSAGE, JsonObject.of("text", SECRET));

    private TestDatabase database;
    private HikariDataSource pool;
    private PostgresAgentRunStore store;
    private Run run;

    @BeforeEach
    void open() {
        database = TestDatabase.migrated();
        pool = database.pool(6);
        store = builder(pool).build();
        run = store.runs().create(newRun());
    }

    @AfterEach
    void close() {
        store.close();
        database.close();
    }

    private static PostgresStoreBuilder builder(javax.sql.DataSource dataSource) {
        return PostgresAgentRunStore.builder(dataSource)
                .schema(TestDatabase.SCHEMA)
                .withoutMigration()
                .pollInterval(Duration.ofMillis(50))
                .retries(1);
    }

    private static NewRun newRun() {
        return NewRun.builder(new Owner("t", "p"), RunSpec.of(BackendProfile.CODEX))
                .build();
    }

    private static StoreUnavailableException unavailable(Reason reason, ThrowingCallable call) {
        StoreUnavailableException e = catchThrowableOfType(StoreUnavailableException.class, call);
        assertThat(e).isNotNull();
        assertThat(e.reason()).isEqualTo(reason);
        StringWriter trace = new StringWriter();
        e.printStackTrace(new PrintWriter(trace));
        assertThat(trace.toString()).doesNotContain(SECRET, "jdbc:", "INSERT", "UPDATE ", "localhost");
        return e;
    }

    @Test
    void a_row_that_stays_locked_is_a_lock_timeout_and_can_be_tried_again() throws SQLException {
        PostgresAgentRunStore hasty =
                builder(pool).lockTimeout(Duration.ofMillis(100)).build();
        try (Connection other = TestServer.connect(database.name());
                Statement statement = other.createStatement()) {
            other.setAutoCommit(false);
            statement.execute("SELECT FROM \"agent\"\"run\".agentrun_run_state FOR UPDATE");

            StoreUnavailableException e =
                    unavailable(Reason.LOCK_TIMEOUT, () -> hasty.runs().cancel(run.id(), SECRET));

            assertThat(e.retryable()).isTrue();
            other.rollback();
        }
        assertThat(hasty.runs().cancel(run.id(), "now").isTerminal()).isTrue();
        hasty.close();
    }

    @Test
    void a_statement_that_takes_too_long_is_a_timeout() throws SQLException {
        PostgresAgentRunStore hasty =
                builder(pool).statementTimeout(Duration.ofMillis(200)).build();
        try (Connection other = TestServer.connect(database.name());
                Statement statement = other.createStatement()) {
            other.setAutoCommit(false);
            statement.execute("SELECT FROM \"agent\"\"run\".agentrun_run_state FOR UPDATE");

            StoreUnavailableException e =
                    unavailable(Reason.TIMEOUT, () -> hasty.runs().cancel(run.id(), SECRET));
            assertThat(e.retryable()).isTrue();
            unavailable(Reason.TIMEOUT, () -> hasty.events().appendUnfenced(run.id(), EVENT));

            other.rollback();
        }
        assertThat(hasty.events().appendUnfenced(run.id(), EVENT).seq()).isEqualTo(2);
        hasty.close();
    }

    @Test
    void an_exhausted_pool_is_told_from_a_database_that_is_down() throws SQLException {
        HikariDataSource one = database.pool(1);
        one.setConnectionTimeout(250);
        PostgresAgentRunStore starved = builder(one).withoutNotifications().build();
        try (Connection held = one.getConnection()) {
            assertThat(held.isValid(1)).isTrue();

            StoreUnavailableException e =
                    unavailable(Reason.POOL_EXHAUSTED, () -> starved.runs().get(run.id()));

            assertThat(e.retryable()).isTrue();
        }
        assertThat(starved.runs().get(run.id())).isEqualTo(run);
        starved.close();
    }

    @Test
    void a_database_that_is_not_there_is_unreachable_and_health_says_so() {
        PGSimpleDataSource nowhere = new PGSimpleDataSource();
        nowhere.setUrl("jdbc:postgresql://localhost:1/nowhere?user=somebody&password=hidden-password");
        PostgresAgentRunStore lost = builder(nowhere).build();

        unavailable(Reason.UNREACHABLE, () -> lost.runs().get(run.id()));
        StoreHealth health = lost.health();

        assertThat(health.reachable()).isFalse();
        assertThat(health.ready()).isFalse();
        assertThat(health.message()).doesNotContain("localhost", "hidden-password", "somebody");
        lost.close();
    }

    @Test
    void a_user_who_is_refused_is_a_matter_of_credentials() {
        PGSimpleDataSource stranger = new PGSimpleDataSource();
        stranger.setUrl(TestServer.url(database.name()).replaceAll("user=[^&]*", "user=nobody_at_all"));
        PostgresAgentRunStore refused = builder(stranger).build();

        StoreUnavailableException e =
                unavailable(Reason.CREDENTIALS, () -> refused.runs().get(run.id()));

        assertThat(e.retryable()).isFalse();
        assertThat(refused.health().ready()).isFalse();
        refused.close();
    }

    @Test
    void a_database_that_takes_no_writes_is_read_only_and_can_be_read() {
        database.execute("ALTER DATABASE " + database.name() + " SET default_transaction_read_only = on");
        PostgresAgentRunStore standby = builder(database.pool(2)).build();

        unavailable(Reason.READ_ONLY, () -> standby.events().appendUnfenced(run.id(), EVENT));

        assertThat(standby.runs().get(run.id())).isEqualTo(run);
        assertThat(standby.health().ready()).isFalse();
        assertThat(standby.health().message()).contains("takes no writes");
        standby.close();
    }

    /** The server's own error, as it comes when a table cannot grow: with the path of a file, and a value beside it. */
    @Test
    void a_full_disk_is_distinguished_from_other_faults_until_there_is_free_space_again() {
        database.execute("CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION"
                + " 'could not extend file \"base/1/2\" for %', NEW.payload USING ERRCODE = 'disk_full'; END $$;"
                + " CREATE TRIGGER full_disk BEFORE INSERT ON \"agent\"\"run\".agentrun_events"
                + " FOR EACH ROW EXECUTE FUNCTION full_disk()");

        StoreUnavailableException e =
                unavailable(Reason.STORAGE_FULL, () -> store.events().appendUnfenced(run.id(), EVENT));
        unavailable(Reason.STORAGE_FULL, () -> store.runs().cancel(run.id(), SECRET));
        StoreHealth health = store.health();
        database.execute("DROP TRIGGER full_disk ON \"agent\"\"run\".agentrun_events");
        store.events().appendUnfenced(run.id(), EVENT);

        assertThat(e.retryable()).isTrue();
        assertThat(e).hasMessageContaining("no space left").hasMessageNotContaining("base/");
        assertThat(health.ready()).isFalse();
        assertThat(health.reachable()).isTrue();
        assertThat(health.message()).contains("no space left");
        assertThat(store.health().ready()).isTrue();
        assertThat(store.runs().get(run.id()).isTerminal()).isFalse();
    }

    /** The driver uses the same code where an answer does not fit into the memory of the host. */
    @Test
    void memory_that_ran_out_is_no_full_disk() {
        database.execute("CREATE FUNCTION no_memory() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION"
                + " 'out of memory' USING ERRCODE = 'out_of_memory'; END $$;"
                + " CREATE TRIGGER no_memory BEFORE INSERT ON \"agent\"\"run\".agentrun_events"
                + " FOR EACH ROW EXECUTE FUNCTION no_memory()");

        StoreUnavailableException e =
                unavailable(Reason.INTERNAL, () -> store.events().appendUnfenced(run.id(), EVENT));

        assertThat(e).hasMessageContaining("memory");
        assertThat(store.health().ready()).isTrue();
    }

    @Test
    void a_schema_that_is_not_there_is_said_to_be_missing() {
        PostgresAgentRunStore elsewhere = builder(pool).schema("nowhere").build();

        StoreUnavailableException e =
                unavailable(Reason.SCHEMA, () -> elsewhere.runs().get(run.id()));

        assertThat(e.retryable()).isFalse();
        assertThat(elsewhere.health().ready()).isFalse();
        assertThat(elsewhere.health().message()).contains("schema is missing");
        elsewhere.close();
    }

    @Test
    void a_refused_statement_names_constraint_and_table_and_no_value() {
        database.execute(
                "ALTER TABLE \"agent\"\"run\".agentrun_runs ADD CONSTRAINT no_new_runs CHECK (false) NOT VALID");

        StoreUnavailableException e =
                unavailable(Reason.INTERNAL, () -> store.runs().create(newRun()));

        assertThat(e.databaseError())
                .contains(new DatabaseError("23514", "no_new_runs", "agentrun_runs", "ExecConstraints"));
        assertThat(e.details()).containsEntry("sqlState", "23514").containsEntry("constraint", "no_new_runs");
    }

    /** No poll would come in time: only a listener that came back hears of the other store's commit. */
    @Test
    void a_listener_whose_connection_is_ended_comes_back() {
        PostgresAgentRunStore patient =
                builder(pool).pollInterval(Duration.ofHours(1)).build();
        Future<Race.Finish<EventPage>> reader =
                Race.waiting(() -> patient.events().await(run.id(), 1, 10, Duration.ofMinutes(2)));
        String first = listening("");

        database.execute("SELECT pg_terminate_backend(" + first + ")");
        listening(first);
        store.events().appendUnfenced(run.id(), EVENT);

        assertThat(Race.await(reader).value())
                .satisfies(page -> assertThat(page.items()).hasSize(1));
        patient.close();
    }

    /** The backend that listens, once it is another one than that. */
    private String listening(String before) {
        for (long end = System.nanoTime() + Duration.ofMinutes(1).toNanos(); System.nanoTime() < end; ) {
            for (String pid : database.listeners()) {
                if (!pid.equals(before)) {
                    return pid;
                }
            }
        }
        throw new AssertionError("nobody listens");
    }

    /** As a host waits: what can be tried again is tried again. */
    private EventPage untilTheEnd(String runId) {
        while (true) {
            try {
                EventPage page = store.events().await(runId, 10_000, 10, Duration.ofSeconds(30));
                if (page.ended()) {
                    return page;
                }
            } catch (StoreUnavailableException e) {
                assertThat(e.retryable()).isTrue();
            }
        }
    }

    @Test
    void a_store_whose_connections_are_ended_under_load_loses_nothing_and_heals() {
        AtomicInteger acknowledged = new AtomicInteger();
        Future<Race.Finish<EventPage>> reader = Race.background(() -> untilTheEnd(run.id()));

        Race.of(5, i -> () -> {
            for (int n = 0; n < 60; n++) {
                if (i == 4) {
                    database.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '"
                            + database.name() + "' AND pid <> pg_backend_pid() AND random() < 0.3");
                } else {
                    try {
                        store.events().appendUnfenced(run.id(), EVENT);
                        acknowledged.incrementAndGet();
                    } catch (StoreUnavailableException e) {
                        assertThat(e.retryable()).isTrue();
                    }
                }
            }
            return i;
        });

        assertThat(store.health().ready()).isTrue();
        int stored =
                Math.toIntExact(store.events().list(run.id(), 0, 500).items().size());
        assertThat(stored - 1).isGreaterThanOrEqualTo(acknowledged.get());
        store.runs().cancel(run.id(), "done");
        assertThat(Race.await(reader).value())
                .satisfies(page -> assertThat(page.ended()).isTrue());
    }
}

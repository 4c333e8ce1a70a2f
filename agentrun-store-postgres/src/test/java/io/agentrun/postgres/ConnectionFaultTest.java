package io.agentrun.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.agentrun.StoreHealth;
import io.agentrun.error.StoreUnavailableException;
import io.agentrun.error.StoreUnavailableException.Reason;
import io.agentrun.model.BackendProfile;
import io.agentrun.model.Owner;
import io.agentrun.model.RunSpec;
import io.agentrun.postgres.testing.StallingProxy;
import io.agentrun.postgres.testing.TestDatabase;
import io.agentrun.postgres.testing.TestServer;
import io.agentrun.run.NewRun;
import io.agentrun.run.Run;
import io.agentrun.run.SessionRef;
import io.agentrun.tck.Race;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import javax.sql.DataSource;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Connection trouble has the reason that an operator looks for, and does not keep health from answering. */
class ConnectionFaultTest {

    private static final int CALLERS = 12;

    private TestDatabase database;

    @BeforeEach
    void open() {
        database = TestDatabase.migrated();
    }

    @AfterEach
    void close() {
        database.close();
    }

    private static PostgresStoreBuilder builder(DataSource dataSource) {
        return PostgresAgentRunStore.builder(dataSource)
                .schema(TestDatabase.SCHEMA)
                .withoutMigration();
    }

    private static Run newRun(PostgresAgentRunStore store) {
        return store.runs()
                .create(NewRun.builder(new Owner("t", "p"), RunSpec.of(BackendProfile.CODEX))
                        .session(SessionRef.of("session"))
                        .build());
    }

    private static StoreUnavailableException refused(ThrowingCallable call) {
        StoreUnavailableException e = catchThrowableOfType(StoreUnavailableException.class, call);
        assertThat(e).isNotNull();
        return e;
    }

    @Test
    void a_server_that_never_answers_is_unreachable_although_the_pool_says_that_it_is_exhausted() {
        try (StallingProxy silent = StallingProxy.silent()) {
            HikariConfig config = new HikariConfig();
            config.setJdbcUrl(silent.url());
            config.setConnectionTimeout(300);
            config.setInitializationFailTimeout(-1);
            try (HikariDataSource pool = new HikariDataSource(config);
                    PostgresAgentRunStore store =
                            builder(pool).withoutNotifications().build()) {
                StoreUnavailableException e = refused(() -> store.runs().get("run_1"));
                StoreHealth health = store.health();

                assertThat(e.reason()).isEqualTo(Reason.UNREACHABLE);
                assertThat(health.reachable()).isFalse();
                assertThat(health.message()).contains("cannot be reached");
            }
        }
    }

    @Test
    void a_pool_that_lacks_a_feature_is_a_matter_of_configuration() {
        DataSource lacking = (DataSource) Proxy.newProxyInstance(
                DataSource.class.getClassLoader(), new Class<?>[] {DataSource.class}, (proxy, method, arguments) -> {
                    throw new SQLFeatureNotSupportedException("no " + method.getName(), "0A000");
                });
        try (PostgresAgentRunStore store = builder(database.pool(2)).build()) {
            assertThat(store.health().ready()).isTrue();
        }

        StoreUnavailableException e = refused(() -> builder(lacking).build());

        assertThat(e.reason()).isEqualTo(Reason.CONFIGURATION);
        assertThat(e.retryable()).isFalse();
    }

    @Test
    void a_store_is_healthy_while_callers_crowd_its_pool() throws SQLException {
        HikariDataSource pool = database.pool(10);
        try (PostgresAgentRunStore store = builder(pool)
                .statementTimeout(Duration.ofMinutes(10))
                .lockTimeout(Duration.ofMinutes(10))
                .build()) {
            Run run = newRun(store);
            // As the probe of a host that has just started.
            assertThat(store.health().ready()).isTrue();
            await(() -> !database.listeners().isEmpty(), "the store listens");
            List<Future<Race.Finish<Boolean>>> callers = new ArrayList<>();
            try (Connection other = TestServer.connect(database.name());
                    Statement lock = other.createStatement()) {
                other.setAutoCommit(false);
                lock.execute("SELECT FROM \"agent\"\"run\".agentrun_sessions FOR UPDATE");
                for (int i = 0; i < CALLERS; i++) {
                    callers.add(Race.background(
                            () -> store.runs().cancel(run.id(), "enough").isTerminal()));
                }
                await(() -> waiting() >= 9, "the callers wait for the lock");

                StoreHealth health = store.health();

                assertThat(health.message()).isNull();
                assertThat(health.ready()).isTrue();
                other.rollback();
            }
            for (Future<Race.Finish<Boolean>> caller : callers) {
                assertThat(Race.await(caller).value()).isTrue();
            }
        }
    }

    private int waiting() {
        return Integer.parseInt(database.query("SELECT count(*) FROM pg_stat_activity"
                        + " WHERE datname = current_database() AND wait_event_type = 'Lock'")
                .get(0));
    }

    private static void await(BooleanSupplier condition, String what) {
        long end = System.nanoTime() + TimeUnit.MINUTES.toNanos(1);
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as(what).isLessThan(end);
        }
    }

    @Test
    void a_plan_that_a_change_of_the_schema_has_outdated_is_made_anew() throws SQLException {
        HikariDataSource pool = database.pool(1);
        try (PostgresAgentRunStore store = builder(pool).withoutNotifications().build()) {
            newRun(store);
            for (int i = 0; i < 10; i++) {
                assertThat(store.sessions().find("session")).isPresent();
            }
            database.execute("ALTER TABLE \"agent\"\"run\".agentrun_sessions ALTER COLUMN title TYPE varchar(600)");

            assertThat(store.sessions().find("session")).isPresent();
        }
    }

    /** HikariCP closes a connection that has seen this error, so that only a pool which does not can go on in its transaction. */
    @Test
    void an_outdated_plan_is_made_anew_inside_a_transaction_of_the_host() throws SQLException {
        try (PostgresAgentRunStore store =
                        builder(database.pool(2)).withoutNotifications().build();
                Connection host = TestServer.connect(database.name())) {
            newRun(store);
            host.setAutoCommit(false);
            for (int i = 0; i < 10; i++) {
                assertThat(store.in(host).sessions().find("session")).isPresent();
            }
            host.commit();
            database.execute("ALTER TABLE \"agent\"\"run\".agentrun_sessions ALTER COLUMN title TYPE varchar(600)");

            assertThat(store.in(host).sessions().find("session")).isPresent();
            host.commit();
        }
    }

    @Test
    void a_pool_too_small_for_a_migration_is_told_how_many_it_takes() {
        HikariDataSource pool = database.pool(2);
        pool.setConnectionTimeout(250);

        StoreUnavailableException e =
                refused(() -> PostgresMigrations.in(pool, "elsewhere").migrate());

        assertThat(e.reason()).isEqualTo(Reason.POOL_EXHAUSTED);
        assertThat(e).hasMessageContaining("three connections");
    }
}

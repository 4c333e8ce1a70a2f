package io.agentrun.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.agentrun.backend.Signal;
import io.agentrun.event.EventPage;
import io.agentrun.event.EventType;
import io.agentrun.event.NewEvent;
import io.agentrun.event.RunEvent;
import io.agentrun.json.JsonObject;
import io.agentrun.model.BackendProfile;
import io.agentrun.model.Owner;
import io.agentrun.model.RunSpec;
import io.agentrun.postgres.testing.LogCapture;
import io.agentrun.postgres.testing.StallingProxy;
import io.agentrun.postgres.testing.TestDatabase;
import io.agentrun.postgres.testing.TestServer;
import io.agentrun.run.NewRun;
import io.agentrun.run.Run;
import io.agentrun.tck.Race;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.postgresql.PGConnection;
import org.postgresql.PGNotification;

/** How a store hears of commits when its listening connection is dead, or when there is none. No poll would come in time. */
class ListenTest {

    private static final Duration LONG = Duration.ofMinutes(30);
    private static final NewEvent EVENT = new NewEvent(EventType.DIFF, JsonObject.empty());

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
                .withoutMigration()
                .pollInterval(Duration.ofHours(24));
    }

    private static Run newRun(PostgresAgentRunStore store) {
        return store.runs()
                .create(NewRun.builder(new Owner("t", "p"), RunSpec.of(BackendProfile.CODEX))
                        .build());
    }

    private static Future<Race.Finish<EventPage>> waiting(PostgresAgentRunStore store, Run run) {
        return Race.waiting(() -> store.events().await(run.id(), 1, 10, LONG));
    }

    private void awaitListeners(int count) {
        for (long end = System.nanoTime() + TimeUnit.MINUTES.toNanos(1); System.nanoTime() < end; ) {
            if (database.listeners().size() >= count) {
                return;
            }
        }
        throw new AssertionError("nobody listens");
    }

    @Test
    void a_listening_connection_that_nothing_comes_through_any_more_is_replaced_and_the_log_says_so() {
        try (LogCapture log = LogCapture.of("io.agentrun.postgres");
                StallingProxy proxy = StallingProxy.before(database);
                HikariDataSource through = through(proxy);
                PostgresAgentRunStore store =
                        builder(through).quiet(Duration.ofMillis(500)).build();
                PostgresAgentRunStore other = builder(database.pool(2)).build()) {
            Run run = newRun(other);
            Future<Race.Finish<EventPage>> reader = waiting(store, run);
            awaitListeners(1);

            assertThat(proxy.stallListeners()).isEqualTo(1);
            RunEvent appended = other.events().appendUnfenced(run.id(), EVENT);

            assertThat(Objects.requireNonNull(Race.await(reader).value()).items())
                    .containsExactly(appended);
            assertThat(log.await(2))
                    .containsExactly(
                            "WARNING the connection that listens was refused or lost: waiting calls look by themselves",
                            "INFO the store listens again");
        }
    }

    private static HikariDataSource through(StallingProxy proxy) {
        HikariConfig config = new HikariConfig();
        config.setJdbcUrl(proxy.url());
        config.setMaximumPoolSize(4);
        return new HikariDataSource(config);
    }

    @Test
    void a_silent_listener_tries_its_connection_out_and_keeps_it() {
        try (PostgresAgentRunStore store =
                builder(database.pool(4)).quiet(Duration.ofMillis(1)).build()) {
            Run run = newRun(store);
            Future<Race.Finish<EventPage>> reader = waiting(store, run);
            awaitTriedOut();

            RunEvent appended = store.events().appendUnfenced(run.id(), EVENT);

            assertThat(Objects.requireNonNull(Race.await(reader).value()).items())
                    .containsExactly(appended);
            assertThat(store.health().message()).isNull();
        }
    }

    private void awaitTriedOut() {
        String query =
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'NOTIFY%'";
        for (long end = System.nanoTime() + TimeUnit.MINUTES.toNanos(1); System.nanoTime() < end; ) {
            if (!database.query(query).get(0).equals("0")) {
                return;
            }
        }
        throw new AssertionError("the connection was never tried out");
    }

    /** Every role of the database may listen. */
    @Test
    void a_notification_tells_no_id() throws SQLException {
        try (PostgresAgentRunStore store = builder(database.pool(4)).build();
                Connection listener = TestServer.connect(database.name());
                Statement statement = listener.createStatement()) {
            statement.execute("LISTEN agentrun_" + Integer.toHexString(TestDatabase.SCHEMA.hashCode()));
            Run run = newRun(store);
            store.events().appendUnfenced(run.id(), EVENT);

            List<String> told = new ArrayList<>();
            for (long end = System.nanoTime() + TimeUnit.MINUTES.toNanos(1); System.nanoTime() < end; ) {
                for (PGNotification notification :
                        listener.unwrap(PGConnection.class).getNotifications(100)) {
                    told.addAll(List.of(notification.getParameter().split(",")));
                }
                if (told.contains(Signal.events(run.id()).name())) {
                    break;
                }
            }

            assertThat(told).contains(Signal.events(run.id()).name());
            assertThat(told).noneMatch(text -> text.contains(run.id()) || text.contains("run"));
        }
    }

    @Test
    void a_host_s_commit_wakes_the_waiting_calls_of_a_store_without_notifications() throws SQLException {
        HikariDataSource pool = database.pool(4);
        try (PostgresAgentRunStore store = builder(pool).withoutNotifications().build()) {
            Run run = newRun(store);
            for (int i = 0; i < 5; i++) {
                long seen = i + 1L;
                Future<Race.Finish<EventPage>> reader =
                        Race.waiting(() -> store.events().await(run.id(), seen, 10, LONG));
                RunEvent appended;
                try (Connection host = pool.getConnection()) {
                    host.setAutoCommit(false);
                    appended = store.in(host).events().appendUnfenced(run.id(), EVENT);
                    host.commit();
                }

                assertThat(Objects.requireNonNull(Race.await(reader).value()).items())
                        .containsExactly(appended);
            }
        }
    }

    @Test
    void a_host_s_rollback_wakes_nobody_for_good() throws SQLException {
        HikariDataSource pool = database.pool(4);
        try (PostgresAgentRunStore store = builder(pool).withoutNotifications().build()) {
            Run run = newRun(store);
            Future<Race.Finish<EventPage>> reader = waiting(store, run);
            try (Connection host = pool.getConnection()) {
                host.setAutoCommit(false);
                store.in(host).events().appendUnfenced(run.id(), EVENT);
                host.rollback();
            }
            RunEvent appended = store.events().appendUnfenced(run.id(), EVENT);

            assertThat(Objects.requireNonNull(Race.await(reader).value()).items())
                    .containsExactly(appended);
        }
    }
}

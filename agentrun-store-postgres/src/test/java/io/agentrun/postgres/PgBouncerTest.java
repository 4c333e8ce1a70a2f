package io.agentrun.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.agentrun.error.StoreUnavailableException;
import io.agentrun.error.StoreUnavailableException.Reason;
import io.agentrun.event.EventPage;
import io.agentrun.event.EventType;
import io.agentrun.event.NewEvent;
import io.agentrun.event.RunEvent;
import io.agentrun.json.JsonObject;
import io.agentrun.model.BackendProfile;
import io.agentrun.model.Owner;
import io.agentrun.model.RunSpec;
import io.agentrun.postgres.testing.PgBouncer;
import io.agentrun.postgres.testing.TestDatabase;
import io.agentrun.run.NewRun;
import io.agentrun.run.Run;
import io.agentrun.tck.Race;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The store behind the real PgBouncer in transaction mode; the profile {@code machine} runs it. */
@Tag("machine")
class PgBouncerTest {

    private static final NewEvent EVENT = new NewEvent(EventType.DIFF, JsonObject.empty());

    private TestDatabase database;
    private PgBouncer pooler;

    @BeforeEach
    void open() {
        database = TestDatabase.migrated();
        pooler = PgBouncer.before(database);
    }

    @AfterEach
    void close() {
        pooler.close();
        database.close();
    }

    private HikariDataSource through(String options) {
        HikariConfig config = new HikariConfig();
        config.setJdbcUrl(pooler.url() + options);
        config.setMaximumPoolSize(3);
        return new HikariDataSource(config);
    }

    private static PostgresStoreBuilder builder(HikariDataSource pool) {
        return PostgresAgentRunStore.builder(pool).schema(TestDatabase.SCHEMA).withoutMigration();
    }

    private static Run newRun(PostgresAgentRunStore store) {
        return store.runs()
                .create(NewRun.builder(new Owner("t", "p"), RunSpec.of(BackendProfile.CODEX))
                        .build());
    }

    @Test
    void waiting_calls_poll_and_health_says_so_and_the_pooler_has_nothing_to_warn_of() {
        try (HikariDataSource pool = through("&prepareThreshold=0");
                PostgresAgentRunStore store =
                        builder(pool).pollInterval(Duration.ofMillis(50)).build();
                PostgresAgentRunStore other = builder(database.pool(2)).build()) {
            Run run = newRun(store);
            Future<Race.Finish<EventPage>> reader =
                    Race.waiting(() -> store.events().await(run.id(), 1, 10, Duration.ofMinutes(5)));
            String warning = store.health().message();
            while (warning == null) {
                warning = store.health().message();
            }

            RunEvent appended = other.events().appendUnfenced(run.id(), EVENT);

            assertThat(Objects.requireNonNull(Race.await(reader).value()).items())
                    .containsExactly(appended);
            assertThat(warning).contains("50 ms").contains("pooler");
            assertThat(store.health().ready()).isTrue();
        }
        assertThat(pooler.log()).noneMatch(line -> line.contains("WARNING"));
    }

    @Test
    void a_direct_connection_to_listen_on_makes_up_for_the_pooler() {
        try (HikariDataSource pool = through("&prepareThreshold=0");
                PostgresAgentRunStore store = builder(pool)
                        .pollInterval(Duration.ofHours(24))
                        .listenOn(database.pool(1))
                        .build();
                PostgresAgentRunStore other = builder(database.pool(2)).build()) {
            Run run = newRun(store);
            Future<Race.Finish<EventPage>> reader =
                    Race.waiting(() -> store.events().await(run.id(), 1, 10, Duration.ofMinutes(5)));

            RunEvent appended = other.events().appendUnfenced(run.id(), EVENT);

            assertThat(Objects.requireNonNull(Race.await(reader).value()).items())
                    .containsExactly(appended);
            assertThat(store.health().message()).isNull();
        }
    }

    @Test
    void a_missing_prepare_threshold_is_told_by_name() {
        try (HikariDataSource first = through("");
                HikariDataSource second = through("");
                PostgresAgentRunStore one =
                        builder(first).withoutNotifications().build();
                PostgresAgentRunStore two =
                        builder(second).withoutNotifications().build()) {
            StoreUnavailableException told = null;
            for (int i = 0; i < 500 && told == null; i++) {
                for (PostgresAgentRunStore store : List.of(one, two)) {
                    try {
                        store.runs().get(newRun(store).id());
                    } catch (StoreUnavailableException e) {
                        told = e;
                    }
                }
            }

            assertThat(told).isNotNull();
            assertThat(told.reason()).isEqualTo(Reason.CONFIGURATION);
            assertThat(told).hasMessageContaining("prepareThreshold=0");
        }
    }
}

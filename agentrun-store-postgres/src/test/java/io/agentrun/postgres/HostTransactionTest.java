package io.agentrun.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.agentrun.AgentRunStore;
import io.agentrun.error.InvalidInputException;
import io.agentrun.error.NotFoundException;
import io.agentrun.error.StoreClosedException;
import io.agentrun.model.BackendProfile;
import io.agentrun.model.Owner;
import io.agentrun.model.RunSpec;
import io.agentrun.model.TenantScope;
import io.agentrun.postgres.testing.TestDatabase;
import io.agentrun.run.NewRun;
import io.agentrun.run.Run;
import io.agentrun.run.RunQuery;
import io.agentrun.run.SessionRef;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.UUID;
import javax.sql.DataSource;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.postgres.PostgresPlugin;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The store inside the host's transaction. */
class HostTransactionTest {

    private TestDatabase database;
    private DataSource pool;
    private PostgresAgentRunStore store;

    @BeforeEach
    void open() {
        database = TestDatabase.migrated();
        database.execute("CREATE TABLE hosts_own (id text)");
        pool = database.pool(6);
        store = PostgresAgentRunStore.builder(pool)
                .schema(TestDatabase.SCHEMA)
                .withoutMigration()
                .build();
    }

    @AfterEach
    void close() {
        store.close();
        database.close();
    }

    private static NewRun newRun(String key) {
        return NewRun.builder(new Owner("t", "p"), RunSpec.of(BackendProfile.CODEX))
                .session(SessionRef.of("session"))
                .idempotencyKey(key)
                .build();
    }

    private static void insert(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("INSERT INTO hosts_own (id) VALUES ('row')");
        }
    }

    @Test
    void writes_of_store_and_host_are_committed_together() throws SQLException {
        Run run;
        try (Connection connection = pool.getConnection()) {
            connection.setAutoCommit(false);
            insert(connection);
            run = store.in(connection).runs().create(newRun("key"));
            assertThat(store.runs().list(RunQuery.in(TenantScope.all())).items())
                    .isEmpty();
            connection.commit();
        }

        assertThat(store.runs().get(run.id())).isEqualTo(run);
        assertThat(database.query("SELECT id FROM hosts_own")).containsExactly("row");
    }

    /** The host's Jdbi has a configuration of its own, which the store neither uses nor changes. */
    @Test
    void writes_of_store_and_host_through_a_handle_of_the_host_are_committed_together() {
        database.execute("CREATE TABLE hosts_typed (id uuid, waits interval)");
        Jdbi host = Jdbi.create(pool).installPlugin(new PostgresPlugin());
        UUID id = UUID.fromString("00000000-0000-0000-0000-000000000001");

        Run run = host.inTransaction(handle -> {
            Run created = store.in(handle).runs().create(newRun("key"));
            handle.createUpdate("INSERT INTO hosts_typed (id, waits) VALUES (:id, :waits)")
                    .bind("id", id)
                    .bind("waits", Duration.ofMinutes(5))
                    .execute();
            return created;
        });

        assertThat(store.runs().get(run.id())).isEqualTo(run);
        assertThat(database.query("SELECT id || ' ' || waits FROM hosts_typed")).containsExactly(id + " 00:05:00");
    }

    @Test
    void writes_of_store_and_host_are_rolled_back_together() throws SQLException {
        try (Connection connection = pool.getConnection()) {
            connection.setAutoCommit(false);
            insert(connection);
            AgentRunStore inside = store.in(connection);
            inside.runs().create(newRun("key"));
            assertThat(inside.runs().list(RunQuery.in(TenantScope.all())).items())
                    .hasSize(1);
            connection.rollback();
        }

        assertThat(store.runs().list(RunQuery.in(TenantScope.all())).items()).isEmpty();
        assertThat(store.sessions().find("session")).isEmpty();
        assertThat(database.query("SELECT id FROM hosts_own")).isEmpty();
    }

    @Test
    void a_step_that_is_refused_leaves_nothing_and_the_transaction_goes_on() throws SQLException {
        try (Connection connection = pool.getConnection()) {
            connection.setAutoCommit(false);
            AgentRunStore inside = store.in(connection);
            assertThatThrownBy(() -> inside.runs().cancel("run_unknown", "no")).isInstanceOf(NotFoundException.class);
            insert(connection);
            inside.runs().create(newRun("key"));
            connection.commit();
        }

        assertThat(store.runs().list(RunQuery.in(TenantScope.all())).items()).hasSize(1);
        assertThat(database.query("SELECT id FROM hosts_own")).containsExactly("row");
    }

    @Test
    void waiting_other_levels_and_plain_connections_are_refused() throws SQLException {
        Run run = store.runs().create(newRun("key"));
        try (Connection connection = pool.getConnection()) {
            assertThatThrownBy(() -> store.in(connection)).isInstanceOf(InvalidInputException.class);
            connection.setTransactionIsolation(Connection.TRANSACTION_SERIALIZABLE);
            connection.setAutoCommit(false);
            assertThatThrownBy(() -> store.in(connection)).isInstanceOf(InvalidInputException.class);
            connection.rollback();
            connection.setTransactionIsolation(Connection.TRANSACTION_READ_COMMITTED);
            AgentRunStore inside = store.in(connection);
            assertThatThrownBy(() -> inside.events().await(run.id(), 1, 10, Duration.ofSeconds(1)))
                    .isInstanceOfSatisfying(
                            InvalidInputException.class,
                            e -> assertThat(e.field()).isEqualTo("timeout"));
            assertThat(inside.events().await(run.id(), 1, 10, Duration.ZERO).items())
                    .isEmpty();
            store.close();
            assertThatThrownBy(() -> inside.runs().get(run.id())).isInstanceOf(StoreClosedException.class);
            connection.rollback();
        }
    }
}

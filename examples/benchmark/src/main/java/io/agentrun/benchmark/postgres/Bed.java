package io.agentrun.benchmark.postgres;

import com.zaxxer.hikari.HikariDataSource;
import io.agentrun.AgentRunStore;
import io.agentrun.StoreListener;
import io.agentrun.postgres.PostgresAgentRunStore;
import io.agentrun.postgres.PostgresStoreBuilder;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import javax.sql.DataSource;

/**
 * A store in a schema of its own, which is gone when it is closed.
 *
 * <p>Thread-safe.
 */
public final class Bed implements AutoCloseable {

    private static final String NOT_ALLOWED = "42501";
    private static final String VACUUMS = "SELECT count(*) FROM pg_stat_progress_vacuum";
    private static final int VACUUM_LOOKS = 6_000;

    private final Server server;
    private final String schema;
    private final HikariDataSource pool;
    private final AgentRunStore store;

    /** A new schema on the server, and a store whose pool has so many connections. */
    public Bed(Server server, int connections) {
        this.server = server;
        this.schema = server.newSchema();
        this.pool = server.pool(connections);
        this.store = builder().build();
    }

    private PostgresStoreBuilder builder() {
        return PostgresAgentRunStore.builder(pool).schema(schema);
    }

    /** The store. */
    public AgentRunStore store() {
        return store;
    }

    /** Another store on the same schema and the same connections, as another host's would be. */
    public AgentRunStore another() {
        return builder().build();
    }

    /** The same, whose calls a listener hears of. */
    public AgentRunStore heardBy(StoreListener listener) {
        return builder().listener(listener).build();
    }

    /** The connections that the store has. */
    public DataSource dataSource() {
        return pool;
    }

    /** The schema's name, quoted. */
    public String schema() {
        return "\"" + schema + "\"";
    }

    /** A connection that belongs to no pool. */
    public Connection connect() throws SQLException {
        return server.connect();
    }

    /** Runs a statement in which {@code {schema}} stands for the schema. */
    public void execute(String sql) throws SQLException {
        try (Connection connection = connect();
                Statement statement = connection.createStatement()) {
            statement.execute(sql.replace("{schema}", schema()));
        }
    }

    /** The number that a query finds, in which {@code {schema}} stands for the schema, and {@code {name}} for its bare name. */
    public double number(String sql) throws SQLException {
        String statementText = sql.replace("{schema}", schema()).replace("{name}", schema);
        try (Connection connection = connect();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(statementText)) {
            row.next();
            return row.getDouble(1);
        }
    }

    /**
     * Does what time would have done after many rows were written: their statistics are taken, the dead ones are gone, and
     * the pages are on the disk.
     */
    public void settle() throws SQLException {
        tidy();
        try (Connection connection = connect();
                Statement statement = connection.createStatement()) {
            statement.execute("CHECKPOINT");
        } catch (SQLException e) {
            // On a server that is not ours, a checkpoint may not be ours to ask for.
            if (!NOT_ALLOWED.equals(e.getSQLState())) {
                throw e;
            }
        }
    }

    /**
     * Takes the statistics of what was written, and its dead rows away. Unlike after {@link #settle}, the next change of a page
     * need not write the whole of it to the log: where each operation changes pages of its own, that would be all one sees.
     */
    public void tidy() throws SQLException {
        try (Connection connection = connect();
                Statement statement = connection.createStatement()) {
            statement.execute("VACUUM ANALYZE");
        }
        awaitVacuum();
    }

    /** Waits until the server's own vacuum, which may have begun meanwhile, is at rest; not for ever: it may be at work on another database. */
    private void awaitVacuum() throws SQLException {
        for (int look = 0; look < VACUUM_LOOKS && number(VACUUMS) > 0; look++) {
            LockSupport.parkNanos(Duration.ofMillis(100).toNanos());
        }
    }

    /** Ends the store and its connections, which leave their counts with the server; the schema stays until the bed is closed. */
    public void disconnect() {
        store.close();
        pool.close();
    }

    @Override
    public void close() throws SQLException {
        disconnect();
        execute("DROP SCHEMA {schema} CASCADE");
    }
}

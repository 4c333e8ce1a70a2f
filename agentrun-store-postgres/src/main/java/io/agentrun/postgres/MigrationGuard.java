package io.agentrun.postgres;

import io.agentrun.postgres.internal.db.SchemaName;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;

/**
 * Lets one host at a time migrate a schema: the transaction of a connection that the host keeps open meanwhile. Thread-safe.
 */
final class MigrationGuard {

    private MigrationGuard() {}

    /**
     * Waits for other hosts that migrate, and refuses what a migration would stumble over. Afterwards the transaction holds
     * nothing but its lock.
     *
     * @throws SQLException with 55P03 if another host has not ended in that time
     */
    static void enter(Connection guard, SchemaName schema, Duration wait) throws SQLException {
        lock(guard, schema, wait);
        ForeignNames.refuse(guard, schema);
        dropSnapshot(guard);
    }

    /** Waits for hosts that migrate. Its transaction sees each statement anew, so that no index waits for its end. */
    private static void lock(Connection guard, SchemaName schema, Duration wait) throws SQLException {
        try (Statement statement = guard.createStatement()) {
            statement.execute(
                    "SET TRANSACTION ISOLATION LEVEL READ COMMITTED; SET LOCAL lock_timeout = " + wait.toMillis());
        }
        try (PreparedStatement statement =
                guard.prepareStatement("SELECT pg_catalog.pg_advisory_xact_lock(pg_catalog.hashtextextended(?, 0))")) {
            statement.setString(1, "agentrun migration of " + schema.name());
            statement.execute();
        }
    }

    /**
     * Has the server forget what the last query has read: its portal would keep its snapshot, which an index that is built
     * concurrently waits for. A setting takes the portal's place and needs none.
     */
    private static void dropSnapshot(Connection guard) throws SQLException {
        try (Statement statement = guard.createStatement()) {
            statement.execute("SET LOCAL lock_timeout = 0");
        }
    }
}

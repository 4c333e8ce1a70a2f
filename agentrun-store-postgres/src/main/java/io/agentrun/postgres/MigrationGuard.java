package io.agentrun.postgres;

import io.agentrun.postgres.internal.db.SchemaName;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

/**
 * Lets one host at a time migrate a schema: the transaction of a connection that the host keeps open meanwhile. Thread-safe.
 */
final class MigrationGuard {

    private static final String LOCK_NOT_AVAILABLE = "55P03";
    private static final long PAUSE_NANOS = 100_000_000;

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

    /**
     * Waits for hosts that migrate, looking again every 100 ms, each time in a new transaction: one that waited in the server would
     * keep a snapshot, and the index that the other host builds concurrently would wait for it, without end.
     */
    private static void lock(Connection guard, SchemaName schema, Duration wait) throws SQLException {
        long end = System.nanoTime() + wait.toNanos();
        while (!tryLock(guard, schema)) {
            guard.rollback();
            if (System.nanoTime() - end > 0) {
                throw new SQLException("another host migrates the schema", LOCK_NOT_AVAILABLE);
            }
            pause();
        }
    }

    /** Its transaction sees each statement anew, so that no index waits for its end. */
    private static boolean tryLock(Connection guard, SchemaName schema) throws SQLException {
        try (Statement statement = guard.createStatement()) {
            statement.execute("SET TRANSACTION ISOLATION LEVEL READ COMMITTED");
        }
        try (PreparedStatement statement = guard.prepareStatement(
                "SELECT pg_catalog.pg_try_advisory_xact_lock(pg_catalog.hashtextextended(?, 0))")) {
            statement.setString(1, "agentrun migration of " + schema.name());
            try (ResultSet row = statement.executeQuery()) {
                row.next();
                return row.getBoolean(1);
            }
        }
    }

    /** Pauses also on a thread that is interrupted, whose flag it keeps. */
    private static void pause() {
        boolean interrupted = Thread.interrupted();
        LockSupport.parkNanos(PAUSE_NANOS);
        if (interrupted) {
            Thread.currentThread().interrupt();
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

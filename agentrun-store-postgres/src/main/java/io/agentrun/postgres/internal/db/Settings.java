package io.agentrun.postgres.internal.db;

import io.agentrun.StoreListener;
import io.agentrun.engine.Intake;
import io.agentrun.id.IdSource;
import java.time.Duration;
import java.util.function.LongSupplier;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * What the host chose for the store.
 *
 * <p>Immutable.
 *
 * @param statementTimeout how long one statement may take
 * @param lockTimeout how long a statement of a transaction may wait for one row
 * @param retries how often a transaction that met another one is tried again
 * @param pollInterval how often a waiting call looks by itself
 * @param listener what hears of each call
 * @param ticker the time by which leases say how long they are held
 * @param crowd how many tasks a dispatch passes over before it puts such into groups
 */
public record Settings(
        SchemaName schema,
        Intake intake,
        IdSource ids,
        Duration statementTimeout,
        Duration lockTimeout,
        int retries,
        Duration pollInterval,
        Listening listening,
        Pooling pooling,
        StoreListener listener,
        LongSupplier ticker,
        int crowd) {

    /**
     * How the store hears of commits that are not its own. Immutable.
     *
     * @param notifications whether stores tell each other of their commits
     * @param direct where the connection that listens is taken from; null for the store's data source
     * @param quiet how long that connection is silent before it is tried out
     */
    public record Listening(boolean notifications, @Nullable DataSource direct, Duration quiet) {}

    /**
     * How the store takes connections. Immutable.
     *
     * @param maxConnections how many connections the calls of virtual threads take at once
     * @param callerThreadOnly whether every connection is taken by the thread that makes the call
     * @param withoutAutoCommit whether the pool hands out connections with autocommit off that are in no transaction
     */
    public record Pooling(int maxConnections, boolean callerThreadOnly, boolean withoutAutoCommit) {}

    /** Returns whether stores tell each other of their commits. */
    public boolean notifications() {
        return listening.notifications();
    }
}

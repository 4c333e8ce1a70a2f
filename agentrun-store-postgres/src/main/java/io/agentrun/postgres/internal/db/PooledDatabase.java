package io.agentrun.postgres.internal.db;

import io.agentrun.backend.Interest;
import io.agentrun.error.StoreUnavailableException;
import io.agentrun.error.StoreUnavailableException.Reason;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;
import java.util.function.Supplier;
import javax.sql.DataSource;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.JdbiException;
import org.jspecify.annotations.Nullable;

/**
 * Executes steps on connections of the host's data source, each taken for one step. A transaction that conflicts with another
 * one (deadlock, serialization failure, a unique key) is repeated.
 *
 * <p>Thread-safe.
 */
public final class PooledDatabase implements Database {

    private static final String READ_COMMITTED = "SET TRANSACTION ISOLATION LEVEL READ COMMITTED";
    private static final long FIRST_BACKOFF_NANOS = 2_000_000;
    private static final int MAX_UNREADABLE = 100;
    private static final long LACK_NANOS = 60_000_000_000L;

    private final Jdbi jdbi;
    private final Settings settings;
    private final Wakeups wakeups;
    /** For each transaction: how long statements may take, and not to read a table whole, whose size a plan outlives. */
    private final String localSettings;

    private volatile @Nullable Boolean readCommitted;
    private final CallsAtWork calls = new CallsAtWork();
    private volatile @Nullable Long lackedRoomAt;
    private final Set<String> unreadable = ConcurrentHashMap.newKeySet();

    /** Opens no connection yet. */
    public PooledDatabase(DataSource dataSource, Settings settings) {
        this.jdbi = Jdbis.over(dataSource, settings);
        this.settings = settings;
        this.wakeups = new Wakeups(dataSource, settings);
        this.localSettings = "SELECT set_config('statement_timeout', '"
                + settings.statementTimeout().toMillis() + "', true), set_config('lock_timeout', '"
                + settings.lockTimeout().toMillis() + "', true), set_config('enable_seqscan', 'off', true)";
    }

    @Override
    public <T extends @Nullable Object> T once(Function<Tx, T> step) {
        calls.enter();
        try {
            return statement(step);
        } finally {
            calls.leave();
        }
    }

    private <T extends @Nullable Object> T statement(Function<Tx, T> step) {
        Tx tx;
        T result;
        try (Handle handle = open()) {
            if (!isReadCommitted(handle)) {
                handle.close();
                return transaction(step);
            }
            tx = Tx.step(handle);
            result = step.apply(tx);
        } catch (JdbiException e) {
            if (SqlErrors.worthRetry(e)) {
                return transaction(step);
            }
            throw failed(e);
        }
        committed(tx);
        return result;
    }

    private void committed(Tx tx) {
        for (String record : tx.skipped()) {
            if (unreadable.size() < MAX_UNREADABLE) {
                unreadable.add(record);
            }
        }
        if (lackedRoomAt != null && !tx.signals().isEmpty()) {
            lackedRoomAt = null;
        }
        wakeups.committed(tx.signals());
    }

    @Override
    public Set<String> unreadable() {
        return unreadable;
    }

    private RuntimeException failed(RuntimeException failure) {
        RuntimeException translated = SqlErrors.translated(failure);
        if (translated instanceof StoreUnavailableException e && e.reason() == Reason.STORAGE_FULL) {
            lackedRoomAt = System.nanoTime();
        }
        return translated;
    }

    @Override
    public boolean lacksRoom() {
        Long at = lackedRoomAt;
        return at != null && System.nanoTime() - at < LACK_NANOS;
    }

    @Override
    public <T extends @Nullable Object> T inTransaction(Function<Tx, T> step) {
        calls.enter();
        try {
            return transaction(step);
        } finally {
            calls.leave();
        }
    }

    private <T extends @Nullable Object> T transaction(Function<Tx, T> step) {
        long backoff = FIRST_BACKOFF_NANOS;
        for (int attempt = 0; ; attempt++) {
            try {
                return attempt(step);
            } catch (JdbiException | LostRace e) {
                if (!SqlErrors.worthRetry(e) || attempt >= settings.retries()) {
                    throw failed(e);
                }
            }
            LockSupport.parkNanos(ThreadLocalRandom.current().nextLong(backoff / 2, backoff));
            backoff *= 2;
        }
    }

    private <T extends @Nullable Object> T attempt(Function<Tx, T> step) {
        Tx tx;
        T result;
        try (Handle handle = open()) {
            boolean plain = isReadCommitted(handle);
            tx = Tx.transaction(handle, plain ? localSettings : READ_COMMITTED + "; " + localSettings);
            if (!plain) {
                // What is read at another level must not run before the transaction sets its own.
                tx.begin();
            }
            try {
                result = step.apply(tx);
                tx.commit();
            } catch (RuntimeException | Error e) {
                rollback(tx, e);
                throw e;
            }
        }
        committed(tx);
        return result;
    }

    /**
     * Takes a connection; a pool would refuse a thread whose interrupt flag is set; an operation that does not wait ignores
     * it.
     */
    private Handle open() {
        boolean interrupted = Thread.interrupted();
        try {
            return jdbi.open();
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private static void rollback(Tx tx, Throwable failure) {
        try {
            tx.rollback();
        } catch (RuntimeException lost) {
            // The connection is gone, and the transaction with it; what failed first says why.
            failure.addSuppressed(SqlErrors.translated(lost));
        }
    }

    @Override
    public <T> @Nullable T await(String signal, Duration timeout, Supplier<@Nullable T> look) {
        calls.requireOpen();
        if (timeout.isZero()) {
            return look.get();
        }
        return wakeups.await(signal, timeout, look, calls::requireOpen);
    }

    @Override
    public <T> @Nullable T awaitAny(Interest interest, Duration timeout, Supplier<@Nullable T> look) {
        calls.requireOpen();
        if (timeout.isZero()) {
            return look.get();
        }
        return wakeups.awaitAny(interest, timeout, look, calls::requireOpen);
    }

    @Override
    public boolean commitsSteps() {
        return true;
    }

    /** Returns whether the isolation is READ COMMITTED; asked once, since all connections of one data source are alike. */
    private boolean isReadCommitted(Handle handle) {
        Boolean known = readCommitted;
        if (known == null) {
            try {
                known = handle.getConnection().getTransactionIsolation() == Connection.TRANSACTION_READ_COMMITTED;
            } catch (SQLException e) {
                throw SqlErrors.translated(e);
            }
            readCommitted = known;
        }
        return known;
    }

    /** Returns whether {@link #close} was called. */
    public boolean isClosed() {
        return calls.isClosed();
    }

    @Override
    public void close() {
        calls.refuse();
        wakeups.close();
        calls.awaitEnd();
    }
}

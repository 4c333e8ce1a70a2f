package io.agentrun.postgres.internal.db;

import io.agentrun.backend.Interest;
import io.agentrun.engine.report.OperatorLog;
import io.agentrun.error.StoreUnavailableException;
import io.agentrun.error.StoreUnavailableException.Reason;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;
import java.util.function.Supplier;
import javax.sql.DataSource;
import org.jdbi.v3.core.ConnectionException;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.JdbiException;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;

/**
 * Executes steps on connections of the host's data source, each taken for one step. A transaction that conflicts with another
 * one (deadlock, serialization failure, a unique key) is repeated.
 *
 * <p>Thread-safe.
 */
public final class PooledDatabase implements Database {

    private static final String READ_COMMITTED = "SET TRANSACTION ISOLATION LEVEL READ COMMITTED";
    private static final long FIRST_BACKOFF_NANOS = 2_000_000;

    /** Together a bound for a health check, which a probe of the host's waits for. */
    private static final Duration LISTENER_PATIENCE = Duration.ofSeconds(2);

    private static final Duration POOL_PATIENCE = Duration.ofSeconds(3);
    /** One statement of heartbeats runs while the other one waits for the disk. */
    private static final int URGENT_THREADS = 2;

    private static final int MAX_UNREADABLE = 100;
    private static final long LACK_NANOS = 60_000_000_000L;

    private final Jdbi jdbi;
    private final Settings settings;
    private final Wakeups wakeups;
    private final PlatformThreads threads;
    private final PlatformThreads urgent;
    /** For each transaction: how long statements may take, and not to read a table whole, whose size a plan outlives. */
    private final String localSettings;

    private volatile @Nullable Boolean readCommitted;
    private final OperatorLog log = OperatorLog.named("io.agentrun.postgres");
    private final CallsAtWork calls = new CallsAtWork();
    private final Semaphore checking = new Semaphore(1);
    private volatile @Nullable Long lackedRoomAt;
    private final Set<String> unreadable = ConcurrentHashMap.newKeySet();

    /** Opens no connection yet. */
    public PooledDatabase(DataSource dataSource, Settings settings) {
        Connections connections = new Connections(dataSource, settings.pooling().withoutAutoCommit());
        this.jdbi = Jdbis.over(connections, settings);
        this.settings = settings;
        this.wakeups = new Wakeups(dataSource, connections, settings);
        this.threads = new PlatformThreads(settings.pooling().maxConnections(), settings.statementTimeout());
        this.urgent = new PlatformThreads(URGENT_THREADS, settings.statementTimeout());
        this.localSettings = "SELECT pg_catalog.set_config('statement_timeout', '"
                + settings.statementTimeout().toMillis() + "', true), pg_catalog.set_config('lock_timeout', '"
                + settings.lockTimeout().toMillis() + "', true), pg_catalog.set_config('enable_seqscan', 'off', true)";
    }

    @Override
    public <T extends @Nullable Object> T once(Function<Tx, T> step) {
        return onThreadOf(threads, () -> statement(step));
    }

    @Override
    public <T extends @Nullable Object> T urgently(Function<Tx, T> step) {
        return onThreadOf(urgent, () -> statement(step));
    }

    private <T extends @Nullable Object> T onThreadOf(PlatformThreads on, Supplier<T> work) {
        calls.enter();
        try {
            return settings.pooling().callerThreadOnly() ? work.get() : on.call(work);
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
            tx = Tx.statement(handle);
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
            if (unreadable.size() < MAX_UNREADABLE && unreadable.add(record)) {
                log.warn("lists leave out stored records that cannot be read: health() names them");
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
    public <T> T diagnose(Function<Tx, T> look) {
        calls.requireOpen();
        if (settings.pooling().callerThreadOnly()) {
            return once(look);
        }
        if (settings.notifications()) {
            wakeups.listener().start();
        }
        try {
            T answer = wakeups.listener()
                    .ask(
                            connection -> look.apply(
                                    Tx.step(Jdbis.over(connection, settings).open())),
                            LISTENER_PATIENCE);
            if (answer != null) {
                return answer;
            }
        } catch (JdbiException e) {
            RuntimeException translated = SqlErrors.translated(e);
            if (translated instanceof StoreUnavailableException lost && lost.reason() != Reason.UNREACHABLE) {
                throw translated;
            }
        }
        return inTime(look);
    }

    /** Looks on a thread of its own, because a pool may keep a caller waiting for as long as it likes. */
    private <T> T inTime(Function<Tx, T> look) {
        Question<T> question = new Question<>(() -> once(look));
        T answer = null;
        // An earlier check may still wait for a connection; it is the only one that does.
        if (entered()) {
            Thread thread = new Thread(
                    () -> {
                        question.run();
                        checking.release();
                    },
                    "agentrun-health");
            thread.setDaemon(true);
            thread.start();
            answer = question.answer(POOL_PATIENCE);
        }
        if (answer == null) {
            throw new StoreUnavailableException(
                    Reason.TIMEOUT,
                    "within " + POOL_PATIENCE.toSeconds()
                            + " seconds no connection was free, or the database did not answer",
                    null);
        }
        return answer;
    }

    /** Waits for the check that is at work, not longer than for a connection; an interrupt ends no wait and stays set. */
    private boolean entered() {
        boolean interrupted = false;
        long deadline = System.nanoTime() + POOL_PATIENCE.toNanos();
        try {
            while (true) {
                try {
                    return checking.tryAcquire(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    @Override
    public @Nullable String warning() {
        String problem = settings.notifications() ? wakeups.listener().problem() : null;
        return problem == null
                ? null
                : "waiting calls look every " + settings.pollInterval().toMillis() + " ms by themselves: " + problem;
    }

    /** Wakes who waits for the signals once the host's transaction on the connection has ended, however that is heard of. */
    void writtenByHost(Connection connection, Set<String> signals) {
        if (signals.isEmpty()) {
            return;
        }
        try {
            wakeups.written(connection.unwrap(PGConnection.class).getBackendPID(), signals);
        } catch (SQLException e) {
            // A connection that does not say whose it is: whoever waits looks by itself.
            return;
        }
    }

    @Override
    public boolean lacksRoom() {
        Long at = lackedRoomAt;
        return at != null && System.nanoTime() - at < LACK_NANOS;
    }

    @Override
    public <T extends @Nullable Object> T inTransaction(Function<Tx, T> step) {
        return onThreadOf(threads, () -> transaction(step));
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
     * Takes a connection. A pool refuses a thread that is interrupted, before or while it waits; an operation that does not wait
     * ignores that.
     */
    private Handle open() {
        boolean interrupted = Thread.interrupted();
        try {
            while (true) {
                try {
                    return jdbi.open();
                } catch (ConnectionException e) {
                    if (!Thread.interrupted()) {
                        throw e;
                    }
                    interrupted = true;
                }
            }
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
        threads.close();
        urgent.close();
    }
}

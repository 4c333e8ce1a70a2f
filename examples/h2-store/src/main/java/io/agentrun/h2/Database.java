package io.agentrun.h2;

import io.agentrun.error.StoreClosedException;
import io.agentrun.error.StoreUnavailableException;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.h2.engine.Constants;
import org.h2.jdbcx.JdbcConnectionPool;

/**
 * The database: transactions that read one moment, transactions that write one after the other, and waiting for what others
 * write.
 *
 * <p>Who writes holds the lock on the one row of {@code agentrun_store} until the commit, whichever process it is in. So
 * there is no order of locks to keep, versions become visible in their order, and what was read stays as it is.
 *
 * <p>Thread-safe.
 */
final class Database {

    private static final String WRITERS_LOCK = "SELECT id FROM agentrun_store WHERE id = 1 FOR UPDATE";
    private static final int CONNECTIONS = 16;
    private static final long POLL_NANOS = 20_000_000;

    private final JdbcConnectionPool pool;
    private final UnaryOperator<String> statements;
    /** Shared by operations, exclusive for closing: so operations at work finish first. */
    private final ReentrantReadWriteLock gate = new ReentrantReadWriteLock();
    /** Ends with the next own write or with closing; other processes are only seen by looking. */
    private final AtomicReference<CountDownLatch> news = new AtomicReference<>(new CountDownLatch(1));

    private volatile boolean closed;
    /** Keeps a database in memory alive between operations. */
    private final Connection anchor;

    private Database(JdbcConnectionPool pool, UnaryOperator<String> statements) throws SQLException {
        this.pool = pool;
        this.statements = statements;
        this.anchor = pool.getConnection();
    }

    /** Opens the database, with its tables. */
    static Database open(String url, UnaryOperator<String> statements) {
        JdbcConnectionPool pool = JdbcConnectionPool.create(url, "sa", "");
        pool.setMaxConnections(CONNECTIONS + 1);
        try {
            Database database = new Database(pool, statements);
            database.transaction(Connection.TRANSACTION_READ_COMMITTED, tx -> {
                Schema.prepare(tx);
                return true;
            });
            return database;
        } catch (SQLException | StoreUnavailableException e) {
            pool.dispose();
            throw e instanceof SQLException failure ? Failures.of(failure) : (StoreUnavailableException) e;
        }
    }

    /** Reads as of one moment. */
    <T> T read(Function<Tx, T> work) {
        return whileOpen(() -> transaction(Constants.TRANSACTION_SNAPSHOT, work));
    }

    /** Reads and writes alone: all of it or, if the work throws, nothing. */
    <T> T write(Function<Tx, T> work) {
        T result = whileOpen(() -> transaction(Connection.TRANSACTION_READ_COMMITTED, tx -> {
            tx.number(WRITERS_LOCK);
            return work.apply(tx);
        }));
        tellNews();
        return result;
    }

    /** Looks until there is what is waited for, the time is up or the thread is interrupted; returns what was seen last. */
    <T> T await(Duration timeout, Function<Tx, T> look, Predicate<T> enough) {
        long deadline = System.nanoTime() + timeout.toNanos();
        try {
            while (true) {
                CountDownLatch next = Objects.requireNonNull(news.get());
                T seen = read(look);
                long left = deadline - System.nanoTime();
                if (enough.test(seen) || left <= 0 || Thread.currentThread().isInterrupted()) {
                    return seen;
                }
                next.await(Math.min(left, POLL_NANOS), TimeUnit.NANOSECONDS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return read(look);
        }
    }

    private void tellNews() {
        news.getAndSet(new CountDownLatch(1)).countDown();
    }

    private <T> T whileOpen(Supplier<T> operation) {
        gate.readLock().lock();
        try {
            if (closed) {
                throw new StoreClosedException();
            }
            return operation.get();
        } finally {
            gate.readLock().unlock();
        }
    }

    private <T> T transaction(int isolation, Function<Tx, T> work) {
        try (Connection connection = pool.getConnection()) {
            connection.setAutoCommit(false);
            connection.setTransactionIsolation(isolation);
            try {
                T result = work.apply(new Tx(connection, statements));
                connection.commit();
                return result;
            } catch (RuntimeException | Error e) {
                connection.rollback();
                throw e;
            }
        } catch (SQLException e) {
            throw Failures.of(e);
        }
    }

    /** For tests: stops the time of every instance. */
    void stopTime(Instant at) {
        write(tx -> tx.update("UPDATE agentrun_store SET stopped_at = ?", at));
    }

    void close() {
        closed = true;
        tellNews();
        gate.writeLock().lock();
        try {
            anchor.close();
            pool.dispose();
        } catch (SQLException e) {
            throw Failures.of(e);
        } finally {
            gate.writeLock().unlock();
        }
    }
}

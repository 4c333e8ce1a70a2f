package io.agentrun.h2;

import static io.agentrun.error.StoreUnavailableException.Reason.*;
import static org.h2.api.ErrorCode.*;

import io.agentrun.error.StoreClosedException;
import io.agentrun.error.StoreUnavailableException;
import io.agentrun.error.StoreUnavailableException.Reason;
import io.agentrun.rules.RunnerRules;
import io.agentrun.rules.StartingBackends;
import java.io.EOFException;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.h2.engine.Constants;
import org.h2.jdbcx.JdbcConnectionPool;

/**
 * The database. Who writes holds the lock on the one row of {@code agentrun_store} until the commit, whichever process it is
 * in: so there is no order of locks, versions become visible in their order, and what was read stays. Thread-safe.
 */
final class Database {

    private static final int CONNECTIONS = 16;
    private static final long POLL_NANOS = 10_000_000;
    /** The version of the schema; 1 had other columns, and was in no release. */
    static final long VERSION = 2;

    // It keeps the connections that it has made, and with them a database in memory.
    private final JdbcConnectionPool pool;
    private final UnaryOperator<String> statements;
    // Shared by operations, exclusive for closing: so operations at work finish first.
    private final ReadWriteLock gate = new ReentrantReadWriteLock();
    private volatile boolean closed;

    /** Opens the database; {@code statements} sees the text of every statement, and a test may break it there. */
    Database(String url, UnaryOperator<String> statements) {
        this.pool = JdbcConnectionPool.create(url, "sa", "");
        this.statements = statements;
        pool.setMaxConnections(CONNECTIONS);
        try {
            transaction(Connection.TRANSACTION_READ_COMMITTED, Database::prepare);
        } catch (StoreUnavailableException e) {
            pool.dispose();
            throw e;
        }
    }

    /** Makes the tables in an empty database; what was begun and not ended is begun again. */
    private static long prepare(Tx tx) {
        if (version(tx) == 0) {
            tx.update("CREATE TABLE IF NOT EXISTS agentrun_store (id INTEGER PRIMARY KEY, version INTEGER NOT NULL,"
                    + " stopped_at TIMESTAMP(6) WITH TIME ZONE)");
            Stream.of(H2Runs.RUNS, H2Runs.EVENTS, H2Commands.COMMANDS, H2Commands.JOBS, H2Commands.RUNNERS)
                    .forEach(table -> table.create(tx));
            Stream.of(H2Commands.BACKENDS, H2Sessions.SESSIONS, H2Sessions.MARKS, H2Queue.TASKS, H2Queue.MARKS)
                    .forEach(table -> table.create(tx));
            // Last of all. Of two instances that come here at once, the second waits for the first and adds nothing.
            String merge = "MERGE INTO agentrun_store s USING (VALUES (1)) v (id) ON s.id = v.id";
            tx.update(merge + " WHEN NOT MATCHED THEN INSERT (id, version) VALUES (1, ?)", VERSION);
            StartingBackends.all().forEach(given -> H2Commands.BACKENDS.save(tx, RunnerRules.backend(given, tx.now())));
        }
        long version = version(tx);
        if (version != VERSION) {
            throw unavailable(SCHEMA, "the schema has version " + version + ", and this store knows " + VERSION);
        }
        return version;
    }

    /** The version that the database says it has; 0 if it was not made, or not to the end. */
    static long version(Tx tx) {
        String tables = "SELECT COUNT(*) FROM INFORMATION_SCHEMA.TABLES WHERE ";
        boolean ours = tx.only(Long.class, tables + "TABLE_SCHEMA = 'PUBLIC' AND TABLE_NAME = 'AGENTRUN_STORE'") > 0;
        if (!ours && tx.only(Long.class, tables + "TABLE_SCHEMA <> 'INFORMATION_SCHEMA'") > 0) {
            throw unavailable(SCHEMA, "the database is somebody else's: it has tables, and none of agentrun's");
        }
        return ours ? tx.only(Long.class, "SELECT COALESCE(MAX(version), 0) FROM agentrun_store") : 0;
    }

    /** Reads as of one moment. */
    <T> T read(Function<Tx, T> work) {
        return transaction(Constants.TRANSACTION_SNAPSHOT, work);
    }

    /** Reads and writes alone: all of it or, if the work throws, nothing. */
    <T> T write(Function<Tx, T> work) {
        return transaction(Connection.TRANSACTION_READ_COMMITTED, tx -> {
            tx.only(Long.class, "SELECT id FROM agentrun_store WHERE id = 1 FOR UPDATE");
            return work.apply(tx);
        });
    }

    /** Looks until there is what is waited for, the time is up or the thread is interrupted; returns what was seen last. */
    <T> T await(Duration timeout, Predicate<T> enough, Function<Tx, T> look) {
        long deadline = System.nanoTime() + timeout.toNanos();
        while (true) {
            T seen = read(look);
            long left = deadline - System.nanoTime();
            if (enough.test(seen) || left <= 0 || Thread.currentThread().isInterrupted()) {
                return seen;
            }
            LockSupport.parkNanos(Math.min(left, POLL_NANOS));
        }
    }

    private <T> T transaction(int isolation, Function<Tx, T> work) {
        gate.readLock().lock();
        try {
            if (closed) {
                throw new StoreClosedException();
            }
            try (Connection connection = pool.getConnection()) {
                connection.setAutoCommit(false);
                connection.setTransactionIsolation(isolation);
                T result = work.apply(new Tx(connection, statements));
                // What is not committed is rolled back, by the pool when it gets the connection back.
                connection.commit();
                return result;
            }
        } catch (SQLException e) {
            throw failure(e);
        } finally {
            gate.readLock().unlock();
        }
    }

    void close() {
        closed = true;
        gate.writeLock().lock();
        try {
            pool.dispose();
        } finally {
            gate.writeLock().unlock();
        }
    }

    /** Says in agentrun's words what H2 says in its own, which hold SQL and values, so that none is passed on. */
    static StoreUnavailableException failure(SQLException e) {
        Reason reason = switch (e.getErrorCode()) {
            case DATABASE_ALREADY_OPEN_1 -> IN_USE;
            case FILE_CORRUPTED_1, FILE_VERSION_ERROR_1, FILE_ENCRYPTION_ERROR_1 -> CORRUPT;
            case WRONG_USER_OR_PASSWORD -> CREDENTIALS;
            case LOCK_TIMEOUT_1 -> LOCK_TIMEOUT;
            case DEADLOCK_1, CONCURRENT_UPDATE_1 -> CONFLICT;
            case DATABASE_IS_READ_ONLY -> READ_ONLY;
            // The end of a file that is shorter than the header of a database.
            case IO_EXCEPTION_1 ->
                e.getCause() != null && e.getCause().getCause() instanceof EOFException ? CORRUPT : UNREACHABLE;
            case CONNECTION_BROKEN_1, DATABASE_IS_CLOSED, FILE_CREATION_FAILED_1, IO_EXCEPTION_2, OBJECT_CLOSED ->
                UNREACHABLE;
            // What H2's pool throws has no code of its own.
            default -> "08001".equals(e.getSQLState()) ? POOL_EXHAUSTED : INTERNAL;
        };
        return unavailable(reason, "the database answered with H2 error " + e.getErrorCode() + ": " + reason.wire());
    }

    static StoreUnavailableException unavailable(Reason reason, String sentence) {
        return new StoreUnavailableException(reason, sentence, null);
    }
}

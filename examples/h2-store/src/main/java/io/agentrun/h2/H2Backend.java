package io.agentrun.h2;

import static io.agentrun.error.FailureKind.INFRA_FAILED;

import io.agentrun.StoreHealth;
import io.agentrun.backend.*;
import io.agentrun.error.*;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.concurrent.locks.*;
import java.util.function.*;
import org.h2.engine.Constants;
import org.h2.jdbcx.JdbcConnectionPool;
import org.jspecify.annotations.Nullable;

/**
 * Transactions on an H2 database. A writer locks the only row of {@code agentrun_store} until its commit, in whichever process
 * it is: no other lock is needed, and versions become visible in their order. Waiting polls, as the port does by itself: other
 * processes send no signals. Thread-safe.
 */
final class H2Backend implements StoreBackend {

    // Open connections keep a database in memory alive.
    private final JdbcConnectionPool pool;
    private final UnaryOperator<String> hook;
    // Transactions hold the read lock; close() takes the write lock and so waits for them.
    private final ReadWriteLock gate = new ReentrantReadWriteLock();
    private volatile boolean closed;

    /** Opens the database, and creates the tables if it is empty; the hook sees the text of every statement. */
    H2Backend(String url, UnaryOperator<String> hook) {
        this.pool = JdbcConnectionPool.create(url, "sa", "");
        this.hook = hook;
        pool.setMaxConnections(16);
        try {
            transaction(Connection.TRANSACTION_READ_COMMITTED, Table::prepare);
        } catch (StoreUnavailableException e) {
            pool.dispose();
            throw e;
        }
    }

    @Override
    public <T extends @Nullable Object> T write(Function<StoreTx, T> step) {
        return transaction(Connection.TRANSACTION_READ_COMMITTED, sql -> {
            sql.only(Long.class, "SELECT id FROM agentrun_store WHERE id = 1 FOR UPDATE");
            return step.apply(new H2Tx(sql, Table.now(sql)));
        });
    }

    @Override
    public <T extends @Nullable Object> T read(Function<StoreReads, T> look) {
        return transaction(Constants.TRANSACTION_SNAPSHOT, sql -> look.apply(new H2Tx(sql, Table.now(sql))));
    }

    private <T extends @Nullable Object> T transaction(int isolation, Function<Sql, T> work) {
        gate.readLock().lock();
        try {
            if (closed) {
                throw new StoreClosedException();
            }
            try (Connection connection = pool.getConnection()) {
                connection.setAutoCommit(false);
                connection.setTransactionIsolation(isolation);
                T result = work.apply(new Sql(connection, hook));
                // Without a commit, the pool rolls back when the connection is returned to it.
                connection.commit();
                return result;
            }
        } catch (SQLException e) {
            throw Sql.failure(e);
        } finally {
            gate.readLock().unlock();
        }
    }

    @Override
    public StoreHealth health() {
        try {
            Long id = transaction(Constants.TRANSACTION_SNAPSHOT, Table::version);
            return id == Table.VERSION
                    ? StoreHealth.ready("h2", id.toString())
                    : new StoreHealth("h2", false, true, false, id.toString(), INFRA_FAILED, "the schema was changed");
        } catch (StoreClosedException | StoreUnavailableException e) {
            return StoreHealth.unreachable("h2", String.valueOf(e.getMessage()));
        }
    }

    @Override
    public void close() {
        closed = true;
        gate.writeLock().lock();
        try {
            pool.dispose();
        } finally {
            gate.writeLock().unlock();
        }
    }
}

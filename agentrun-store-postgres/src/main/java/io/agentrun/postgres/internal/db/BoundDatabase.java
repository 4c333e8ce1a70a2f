package io.agentrun.postgres.internal.db;

import io.agentrun.backend.Interest;
import io.agentrun.error.InvalidInputException;
import io.agentrun.error.StoreClosedException;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.JdbiException;
import org.jspecify.annotations.Nullable;

/**
 * Steps inside the host's transaction, which is the host's to end: a step that is refused leaves nothing in it (a
 * savepoint sees to that), and a deadlock is never retried.
 *
 * <p>Not thread-safe: one thread at a time, as the connection itself.
 */
public final class BoundDatabase implements Database {

    private static final String SAVEPOINT = "agentrun_step";

    private final Handle handle;
    private final Settings settings;
    private final PooledDatabase home;

    private BoundDatabase(Handle handle, Settings settings, PooledDatabase home) {
        this.handle = handle;
        this.settings = settings;
        this.home = home;
    }

    /**
     * Returns a database in the connection's transaction.
     *
     * @param home the database of the store that this one comes from
     * @throws InvalidInputException if the connection is not in a transaction of level READ COMMITTED
     */
    public static BoundDatabase in(Connection connection, Settings settings, PooledDatabase home) {
        try {
            if (connection.getAutoCommit()) {
                throw new InvalidInputException("connection", "must be in a transaction");
            }
            if (connection.getTransactionIsolation() != Connection.TRANSACTION_READ_COMMITTED) {
                throw new InvalidInputException("connection", "must be at isolation level READ COMMITTED");
            }
        } catch (SQLException e) {
            throw SqlErrors.translated(e);
        }
        return new BoundDatabase(Jdbis.over(connection, settings).open(), settings, home);
    }

    @Override
    public <T extends @Nullable Object> T once(Function<Tx, T> step) {
        return inTransaction(step);
    }

    @Override
    public <T extends @Nullable Object> T urgently(Function<Tx, T> step) {
        return inTransaction(step);
    }

    @Override
    public <T extends @Nullable Object> T inTransaction(Function<Tx, T> step) {
        requireOpen();
        for (int attempt = 0; ; attempt++) {
            try {
                handle.savepoint(SAVEPOINT);
                return attempt(step);
            } catch (LostRace | JdbiException e) {
                // The winner has committed: a second look in the same transaction finds its record.
                // A statement whose plan was outdated is planned anew.
                boolean again = SqlErrors.lostRace(e) || SqlErrors.outdatedPlan(e);
                if (!again || attempt >= settings.retries()) {
                    throw SqlErrors.translated(e);
                }
            }
        }
    }

    private <T extends @Nullable Object> T attempt(Function<Tx, T> step) {
        Tx tx = Tx.step(handle);
        try {
            T result = step.apply(tx);
            if (settings.notifications() && !tx.signals().isEmpty()) {
                Wakeups.announce(tx, settings, tx.signals());
            }
            handle.releaseSavepoint(SAVEPOINT);
            home.writtenByHost(handle.getConnection(), tx.signals());
            return result;
        } catch (RuntimeException | Error e) {
            rollback(e);
            throw e;
        }
    }

    private void rollback(Throwable failure) {
        try {
            handle.rollbackToSavepoint(SAVEPOINT);
        } catch (RuntimeException lost) {
            failure.addSuppressed(SqlErrors.translated(lost));
        }
    }

    @Override
    public <T> @Nullable T await(String signal, Duration timeout, Supplier<@Nullable T> look) {
        if (!timeout.isZero()) {
            throw new InvalidInputException("timeout", "must be zero inside a transaction of the host");
        }
        return look.get();
    }

    @Override
    public <T> @Nullable T awaitAny(Interest interest, Duration timeout, Supplier<@Nullable T> look) {
        return await("", timeout, look);
    }

    @Override
    public boolean commitsSteps() {
        return false;
    }

    @Override
    public <T> T diagnose(Function<Tx, T> look) {
        return once(look);
    }

    @Override
    public @Nullable String warning() {
        return null;
    }

    @Override
    public boolean lacksRoom() {
        return false;
    }

    @Override
    public Set<String> unreadable() {
        return Set.of();
    }

    private void requireOpen() {
        if (home.isClosed()) {
            throw new StoreClosedException();
        }
    }

    /** Does nothing: the connection is the host's. */
    @Override
    public void close() {}
}

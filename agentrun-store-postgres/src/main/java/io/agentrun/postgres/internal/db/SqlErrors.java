package io.agentrun.postgres.internal.db;

import io.agentrun.error.DatabaseError;
import io.agentrun.error.StoreUnavailableException;
import io.agentrun.error.StoreUnavailableException.Reason;
import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;
import java.sql.SQLTransientConnectionException;
import org.jdbi.v3.core.JdbiException;
import org.jspecify.annotations.Nullable;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;

/**
 * Turns what the driver, the pool and the server say into our errors. Their own messages hold values, hosts and users, so
 * that only the SQLState and the place in the code are passed on.
 *
 * <p>Thread-safe.
 */
public final class SqlErrors {

    private SqlErrors() {}

    /** Returns whether the transaction met another one and would probably get through the second time. */
    static boolean worthRetry(Throwable failure) {
        String state = state(failure);
        return lostRace(failure) || outdatedPlan(failure) || "40P01".equals(state) || "40001".equals(state);
    }

    /** Returns whether a prepared statement was made for other types than its tables have now; the driver prepares it anew. */
    static boolean outdatedPlan(Throwable failure) {
        return "0A000".equals(state(failure)) && "RevalidateCachedQuery".equals(routine(failure));
    }

    private static @Nullable String routine(Throwable failure) {
        PSQLException driver = find(failure, PSQLException.class);
        ServerErrorMessage server = driver == null ? null : driver.getServerErrorMessage();
        return server == null ? null : server.getRoutine();
    }

    /**
     * Returns whether a prepared statement of one client met the server process of another one, as it happens behind a pooler that
     * does not follow prepared statements.
     */
    private static boolean lostPreparedStatement(Throwable failure) {
        String state = state(failure);
        return "42P05".equals(state)
                || "26000".equals(state)
                || ("08P01".equals(state) && "exec_bind_message".equals(routine(failure)));
    }

    /** Returns whether another transaction has created the record that this one was about to create. */
    static boolean lostRace(Throwable failure) {
        return failure instanceof LostRace || "23505".equals(state(failure));
    }

    /** Returns the failure as one of ours; what is not the database's comes back as it is. */
    public static RuntimeException translated(Throwable failure) {
        if (failure instanceof LostRace) {
            return unavailable(Reason.CONFLICT, failure);
        }
        if (failure instanceof JdbiException || failure instanceof SQLException) {
            return unavailable(reason(failure), failure);
        }
        if (failure instanceof RuntimeException other) {
            return other;
        }
        if (failure instanceof Error error) {
            throw error;
        }
        return unavailable(Reason.INTERNAL, failure);
    }

    private static StoreUnavailableException unavailable(Reason reason, Throwable failure) {
        String state = state(failure);
        SQLException cause = new SQLException("SQLState " + (state == null ? "unknown" : state), state);
        cause.setStackTrace(failure.getStackTrace());
        return new StoreUnavailableException(reason, message(reason, failure), said(state, failure), cause);
    }

    /** Returns what the driver and the server name; the pool's and Jdbi's exceptions only wrap it. */
    private static @Nullable DatabaseError said(@Nullable String state, Throwable failure) {
        PSQLException driver = find(failure, PSQLException.class);
        ServerErrorMessage server = driver == null ? null : driver.getServerErrorMessage();
        if (server != null) {
            return new DatabaseError(state, server.getConstraint(), server.getTable(), server.getRoutine());
        }
        return state == null ? null : DatabaseError.ofState(state);
    }

    private static String message(Reason reason, Throwable failure) {
        if (reason == Reason.INTERNAL && "53200".equals(state(failure))) {
            return "memory ran out, here or on the server";
        }
        return reason == Reason.CONFIGURATION && lostPreparedStatement(failure)
                ? "the connections go through a pooler that does not follow prepared statements: put prepareThreshold=0 into"
                        + " the URL, or set max_prepared_statements of PgBouncer (1.21 and newer) above 0"
                : message(reason);
    }

    private static String message(Reason reason) {
        return switch (reason) {
            case UNREACHABLE -> "the database cannot be reached, or the connection to it was lost";
            case CREDENTIALS -> "the database refuses the store's user";
            case TIMEOUT -> "a statement took longer than it may";
            case LOCK_TIMEOUT -> "a row stayed locked for longer than the store waits";
            case POOL_EXHAUSTED -> "no connection was free in time";
            case READ_ONLY -> "the database takes no writes at the moment";
            case CONFIGURATION -> "the data source cannot do what the store needs";
            case SCHEMA -> "the schema is missing, or is not the one that this library needs";
            case STORAGE_FULL -> "the database has no space left";
            case CORRUPT -> "the database cannot read back what it has stored";
            case CONFLICT -> "transactions got in each other's way more often than is retried";
            case IN_USE, NEEDS_REOPEN, INTERNAL -> "the database refused a statement";
        };
    }

    private static Reason reason(Throwable failure) {
        String state = state(failure);
        if (lostPreparedStatement(failure) || lacksFeature(failure)) {
            return Reason.CONFIGURATION;
        }
        if (state == null || state.length() != 5) {
            return find(failure, SQLTransientConnectionException.class) != null && !isEmptyPool(failure)
                    ? Reason.POOL_EXHAUSTED
                    : Reason.UNREACHABLE;
        }
        return switch (state) {
            case "57014" -> Reason.TIMEOUT;
            case "55P03" -> Reason.LOCK_TIMEOUT;
            case "53300", "53400" -> Reason.POOL_EXHAUSTED;
            case "53100" -> Reason.STORAGE_FULL;
            case "53200" -> Reason.INTERNAL; // memory, of the server or of this program; no disk is full
            case "25006" -> Reason.READ_ONLY;
            case "42501" -> Reason.CREDENTIALS;
            case "40001", "40P01", "23505" -> Reason.CONFLICT;
            case "42P01", "42703", "42883", "3F000" -> Reason.SCHEMA;
            default -> reasonOfClass(state.substring(0, 2));
        };
    }

    /** Returns whether a pool or the driver, not the server, says that it cannot do something. */
    private static boolean lacksFeature(Throwable failure) {
        return find(failure, SQLFeatureNotSupportedException.class) != null;
    }

    /** Returns whether HikariCP says that it had no connection at all: the server has answered none of its attempts. */
    private static boolean isEmptyPool(Throwable failure) {
        SQLTransientConnectionException pool = find(failure, SQLTransientConnectionException.class);
        return pool != null && String.valueOf(pool.getMessage()).contains("(total=0,");
    }

    private static Reason reasonOfClass(String stateClass) {
        return switch (stateClass) {
            case "08", "57", "3D" -> Reason.UNREACHABLE;
            case "28" -> Reason.CREDENTIALS;
            case "53" -> Reason.STORAGE_FULL;
            case "XX" -> Reason.CORRUPT;
            default -> Reason.INTERNAL;
        };
    }

    /** Returns the SQLState that the driver gave; a pool's own exception may only wrap it. */
    private static @Nullable String state(Throwable failure) {
        String found = null;
        int depth = 0;
        for (Throwable at = failure; at != null && depth < 20; at = at.getCause(), depth++) {
            if (at instanceof SQLException sql && sql.getSQLState() != null) {
                found = sql.getSQLState();
            }
        }
        return found;
    }

    private static <T extends Throwable> @Nullable T find(Throwable failure, Class<T> type) {
        int depth = 0;
        for (Throwable at = failure; at != null && depth < 20; at = at.getCause(), depth++) {
            if (type.isInstance(at)) {
                return type.cast(at);
            }
        }
        return null;
    }
}

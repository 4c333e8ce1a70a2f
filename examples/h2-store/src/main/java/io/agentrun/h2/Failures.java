package io.agentrun.h2;

import io.agentrun.error.StoreUnavailableException;
import io.agentrun.error.StoreUnavailableException.Reason;
import java.io.EOFException;
import java.sql.SQLException;
import org.h2.api.ErrorCode;

/** Says in agentrun's words what H2 says in its own. H2's messages hold SQL and values, so that none is passed on. */
final class Failures {

    private static final String NO_DATABASE = "the file is no H2 database that can be read";
    private static final String UNREACHABLE = "the database cannot be reached";

    private Failures() {}

    static StoreUnavailableException of(SQLException e) {
        return switch (e.getErrorCode()) {
            case ErrorCode.DATABASE_ALREADY_OPEN_1 -> of(e, Reason.IN_USE, "another process has the database open");
            case ErrorCode.FILE_CORRUPTED_1, ErrorCode.FILE_VERSION_ERROR_1, ErrorCode.FILE_ENCRYPTION_ERROR_1 ->
                of(e, Reason.CORRUPT, NO_DATABASE);
            case ErrorCode.WRONG_USER_OR_PASSWORD -> of(e, Reason.CREDENTIALS, "the database has a password");
            case ErrorCode.LOCK_TIMEOUT_1 -> of(e, Reason.LOCK_TIMEOUT, "another writer took too long");
            case ErrorCode.DEADLOCK_1, ErrorCode.CONCURRENT_UPDATE_1 ->
                of(e, Reason.CONFLICT, "transactions got in each other's way");
            case ErrorCode.DATABASE_IS_READ_ONLY -> of(e, Reason.READ_ONLY, "the database is read only");
            // A file that is shorter than the header of a database.
            case ErrorCode.IO_EXCEPTION_1 ->
                e.getCause() != null && e.getCause().getCause() instanceof EOFException
                        ? of(e, Reason.CORRUPT, NO_DATABASE)
                        : of(e, Reason.UNREACHABLE, UNREACHABLE);
            case ErrorCode.CONNECTION_BROKEN_1,
                    ErrorCode.DATABASE_IS_CLOSED,
                    ErrorCode.FILE_CREATION_FAILED_1,
                    ErrorCode.IO_EXCEPTION_2,
                    ErrorCode.OBJECT_CLOSED -> of(e, Reason.UNREACHABLE, UNREACHABLE);
            // What H2's pool throws has no code of its own.
            default ->
                "08001".equals(e.getSQLState())
                        ? of(e, Reason.POOL_EXHAUSTED, "no connection was free in time")
                        : of(e, Reason.INTERNAL, "the database refused a statement");
        };
    }

    private static StoreUnavailableException of(SQLException e, Reason reason, String sentence) {
        return new StoreUnavailableException(reason, sentence + " (H2 error " + e.getErrorCode() + ")", null);
    }
}

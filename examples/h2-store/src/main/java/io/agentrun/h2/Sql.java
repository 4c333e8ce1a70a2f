package io.agentrun.h2;

import static io.agentrun.error.StoreUnavailableException.Reason.*;
import static org.h2.api.ErrorCode.*;

import io.agentrun.error.*;
import io.agentrun.error.StoreUnavailableException.Reason;
import java.io.EOFException;
import java.sql.*;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * The statements of one transaction, and its errors in the terms of agentrun. The hook returns the text to execute for the text
 * of a statement; tests break statements with it. Not thread-safe: one thread at a time.
 */
record Sql(Connection connection, UnaryOperator<String> hook) {

    /** Reads a result from a statement or a row. */
    interface Step<S, T> {
        T from(S source) throws SQLException;
    }

    <T> List<T> list(Step<ResultSet, T> read, String text, @Nullable Object... values) {
        return execute(text, values, statement -> {
            List<T> found = new ArrayList<>();
            ResultSet rows = statement.executeQuery();
            while (rows.next()) {
                found.add(read.from(rows));
            }
            return found;
        });
    }

    /** Returns the value of a query with one row and one column. */
    <T> T only(Class<T> type, String text, @Nullable Object... values) {
        return list(row -> row.getObject(1, type), text, values).get(0);
    }

    int update(String text, @Nullable Object... values) {
        return execute(text, values, PreparedStatement::executeUpdate);
    }

    private <T> T execute(String text, @Nullable Object[] values, Step<PreparedStatement, T> step) {
        try (PreparedStatement statement = connection.prepareStatement(hook.apply(text))) {
            for (int i = 0; i < values.length; i++) {
                statement.setObject(i + 1, values[i]);
            }
            return step.from(statement);
        } catch (SQLException e) {
            throw failure(e);
        }
    }

    /** Translates an error. Its message and cause are not passed on: messages of H2 contain SQL and values. */
    static StoreUnavailableException failure(SQLException e) {
        Reason reason = switch (e.getErrorCode()) {
            case DATABASE_ALREADY_OPEN_1 -> IN_USE;
            case FILE_CORRUPTED_1, FILE_VERSION_ERROR_1, FILE_ENCRYPTION_ERROR_1 -> CORRUPT;
            case WRONG_USER_OR_PASSWORD -> CREDENTIALS;
            case LOCK_TIMEOUT_1 -> LOCK_TIMEOUT;
            case DEADLOCK_1, CONCURRENT_UPDATE_1 -> CONFLICT;
            case DATABASE_IS_READ_ONLY -> READ_ONLY;
            // The file is shorter than the header of a database.
            case IO_EXCEPTION_1 ->
                e.getCause() != null && e.getCause().getCause() instanceof EOFException ? CORRUPT : UNREACHABLE;
            case CONNECTION_BROKEN_1, DATABASE_IS_CLOSED, FILE_CREATION_FAILED_1, IO_EXCEPTION_2, OBJECT_CLOSED ->
                UNREACHABLE;
            // The exception of H2's pool has no error code.
            default -> "08001".equals(e.getSQLState()) ? POOL_EXHAUSTED : INTERNAL;
        };
        String sentence = "the database answered with H2 error " + e.getErrorCode() + ": " + reason.wire();
        return new StoreUnavailableException(reason, sentence, DatabaseError.ofState(e.getSQLState()), null);
    }
}

package io.agentrun.postgres.internal.table;

import io.agentrun.error.FailureKind;
import io.agentrun.error.InvalidInputException;
import io.agentrun.error.StoreUnavailableException;
import io.agentrun.error.StoreUnavailableException.Reason;
import io.agentrun.json.JsonObject;
import io.agentrun.json.StoredRecords;
import io.agentrun.model.Idempotency;
import io.agentrun.model.Outcome;
import io.agentrun.model.TerminalStatus;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.HexFormat;
import org.jdbi.v3.core.mapper.RowMapper;
import org.jdbi.v3.core.statement.StatementContext;
import org.jspecify.annotations.Nullable;

/**
 * Reads columns as the values of the API.
 *
 * <p>Thread-safe.
 */
public final class Columns {

    private Columns() {}

    /** Returns the text, which must not be null. */
    public static String text(ResultSet row, String column) throws SQLException {
        String value = row.getString(column);
        if (value == null) {
            throw missing(column);
        }
        return value;
    }

    /** Returns the time, which must not be null. */
    public static Instant instant(ResultSet row, String column) throws SQLException {
        Instant value = instantOrNull(row, column);
        if (value == null) {
            throw missing(column);
        }
        return value;
    }

    /** Returns the time, or null. */
    public static @Nullable Instant instantOrNull(ResultSet row, String column) throws SQLException {
        OffsetDateTime value = row.getObject(column, OffsetDateTime.class);
        return value == null ? null : value.toInstant();
    }

    /** Returns the number, or null. */
    public static @Nullable Long longOrNull(ResultSet row, String column) throws SQLException {
        long value = row.getLong(column);
        return row.wasNull() ? null : value;
    }

    /** Returns the hash in hexadecimal digits, or null. */
    public static @Nullable String hashOrNull(ResultSet row, String column) throws SQLException {
        byte[] value = row.getBytes(column);
        return value == null ? null : HexFormat.of().formatHex(value);
    }

    /** Returns the JSON object, which must not be null; it is parsed when it is first looked into. */
    public static JsonObject json(ResultSet row, String column) throws SQLException {
        return JsonObject.stored(text(row, column));
    }

    /** Returns the JSON object, or null; it is parsed when it is first looked into. */
    public static @Nullable JsonObject jsonOrNull(ResultSet row, String column) throws SQLException {
        String value = row.getString(column);
        return value == null ? null : JsonObject.stored(value);
    }

    /** Returns the record in the row, or null if it holds a value that this version cannot read. */
    public static <T> @Nullable T readable(RowMapper<T> mapper, ResultSet row, StatementContext context)
            throws SQLException {
        try {
            return mapper.map(row, context);
        } catch (InvalidInputException e) {
            return null;
        } catch (StoreUnavailableException e) {
            if (e.reason() == Reason.CORRUPT) {
                return null;
            }
            throw e;
        }
    }

    /** Returns the outcome whose status is given, from {@code failure_kind} and {@code failure_message}; null without a status. */
    public static @Nullable Outcome outcome(@Nullable String status, ResultSet row) throws SQLException {
        if (status == null) {
            return null;
        }
        String kind = row.getString("failure_kind");
        return new Outcome(
                TerminalStatus.fromWire("terminal_status", status),
                kind == null ? null : FailureKind.of(kind),
                row.getString("failure_message"));
    }

    /** Returns the key with the hash of its content; null without a key. */
    public static @Nullable Idempotency idempotency(ResultSet row, String hashColumn) throws SQLException {
        String key = row.getString("idempotency_key");
        return key == null ? null : new Idempotency(key, text(row, hashColumn));
    }

    /** Returns the text of the JSON object that is written, or null. */
    static @Nullable String json(@Nullable JsonObject value) {
        return value == null ? null : value.storedText();
    }

    /** Returns the wire string of the failure kind of an outcome, or null. */
    public static @Nullable String failureKind(@Nullable Outcome outcome) {
        return outcome == null || outcome.failureKind() == null
                ? null
                : outcome.failureKind().wire();
    }

    /** Returns the message of an outcome, or null. */
    public static @Nullable String failureMessage(@Nullable Outcome outcome) {
        return outcome == null ? null : outcome.message();
    }

    private static StoreUnavailableException missing(String column) {
        return new StoreUnavailableException(Reason.CORRUPT, "the column " + column + " has no value", null);
    }

    /** Returns the part of a record that the column has as JSON, or null. */
    static <T> @Nullable T partOrNull(ResultSet row, String column, Class<T> type) throws SQLException {
        String value = row.getString(column);
        return value == null ? null : StoredRecords.part(value, type);
    }

    /** Returns the JSON text of the part of a record that is written, or null. */
    static @Nullable String part(@Nullable Object part) {
        return part == null ? null : StoredRecords.text(part);
    }
}

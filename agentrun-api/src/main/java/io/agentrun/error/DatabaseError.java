package io.agentrun.error;

import java.io.Serializable;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What a database said about a failed statement, as far as it is safe to show: names of the schema and of the server's
 * code, never a value, a statement or a message. A component is null where the database named none, and where what it
 * named does not have the form of a name.
 *
 * <p>Immutable.
 *
 * @param sqlState the five characters of the SQL standard: {@code 23505}
 * @param constraint the name of the constraint or index that was violated; 1 to 63 letters, digits, {@code _} and {@code $}
 * @param table the name of the table that the error is about, without its schema; as {@code constraint}
 * @param routine the name of the server's function that reported the error; as {@code constraint}
 */
public record DatabaseError(
        @Nullable String sqlState,
        @Nullable String constraint,
        @Nullable String table,
        @Nullable String routine) implements Serializable {

    private static final Pattern STATE = Pattern.compile("[0-9A-Z]{5}");
    private static final Pattern NAME = Pattern.compile("[\\p{L}\\p{N}_$]{1,63}");

    /** Keeps what has the form of a name. */
    public DatabaseError {
        sqlState = matching(STATE, sqlState);
        constraint = matching(NAME, constraint);
        table = matching(NAME, table);
        routine = matching(NAME, routine);
    }

    /** Returns an error of which only the SQLState is known. */
    public static DatabaseError ofState(@Nullable String sqlState) {
        return new DatabaseError(sqlState, null, null, null);
    }

    private static @Nullable String matching(Pattern form, @Nullable String text) {
        return text != null && form.matcher(text).matches() ? text : null;
    }
}

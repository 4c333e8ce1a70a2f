package io.agentrun.postgres.internal.db;

import io.agentrun.check.Require;
import io.agentrun.error.InvalidInputException;
import java.nio.charset.StandardCharsets;

/**
 * The schema that holds the tables; its quoted name takes the place of the one marker in every statement.
 *
 * <p>Immutable.
 *
 * @param name 1 to 63 bytes of UTF-8, without control characters, apostrophes and backslashes (it stands in literals too), not
 *     beginning with {@code pg_} and not {@code information_schema}
 */
public record SchemaName(String name) {

    /** What stands for the schema in the text of a statement. */
    public static final String MARKER = "{schema}";

    private static final int MAX_BYTES = 63;

    public SchemaName {
        Require.given("schema", name);
        if (name.isEmpty()
                || name.getBytes(StandardCharsets.UTF_8).length > MAX_BYTES
                || name.startsWith("pg_")
                || name.equals("information_schema")
                || !name.chars().allMatch(SchemaName::isAllowed)) {
            throw new InvalidInputException(
                    "schema", "must be 1 to 63 bytes, without apostrophe and backslash, and no system schema");
        }
    }

    private static boolean isAllowed(int c) {
        return c != '\'' && c != '\\' && !Character.isISOControl(c) && !Character.isSurrogate((char) c);
    }

    /** Returns the name as an SQL identifier, exactly as it was given. */
    public String quoted() {
        return '"' + name.replace("\"", "\"\"") + '"';
    }

    /** Returns the statement with the schema in it. */
    public String sql(String statement) {
        return statement.replace(MARKER, quoted());
    }
}

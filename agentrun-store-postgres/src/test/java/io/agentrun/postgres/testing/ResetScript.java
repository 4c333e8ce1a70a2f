package io.agentrun.postgres.testing;

import java.util.ArrayList;
import java.util.List;

/**
 * Makes the script that takes a database back to what it was when the script was made: rows, sequences, the clock. Deleting
 * the few rows of a test takes a fraction of the time of another database.
 *
 * <p>Thread-safe.
 */
final class ResetScript {

    /** Holds what every table had in it, beside the store's schema. */
    private static final String KEPT = "kept";

    private static final String TABLES = """
            SELECT quote_ident(relname)
            FROM pg_class
            WHERE relkind = 'r' AND relnamespace = current_schema()::regnamespace
            """;

    private static final String SEQUENCES = """
            SELECT format('SELECT setval(%L, %s, %L);', quote_ident(schemaname) || '.' || quote_ident(sequencename),
                COALESCE(last_value, start_value), last_value IS NOT NULL)
            FROM pg_sequences
            WHERE schemaname = current_schema()
            """;

    private ResetScript() {}

    /** The script, for this database and its copies. */
    static String of(TestDatabase database) {
        database.execute("CREATE SCHEMA " + KEPT);
        List<String> deletes = new ArrayList<>();
        List<String> inserts = new ArrayList<>();
        for (String table : database.queryIn(TestDatabase.SCHEMA, TABLES)) {
            String stored = "\"agent\"\"run\"." + table;
            database.execute("CREATE TABLE " + KEPT + "." + table + " AS TABLE " + stored);
            deletes.add("of_" + table + " AS (DELETE FROM " + stored + ")");
            if (!database.query("SELECT 1 FROM " + KEPT + "." + table + " LIMIT 1")
                    .isEmpty()) {
                inserts.add("INSERT INTO " + stored + " SELECT * FROM " + KEPT + "." + table + ";");
            }
        }
        // In one statement, whose foreign keys are looked at when all rows are gone.
        return "WITH " + String.join(",\n", deletes) + "\nSELECT;\n" + String.join("\n", inserts) + "\n"
                + String.join("\n", database.queryIn(TestDatabase.SCHEMA, SEQUENCES));
    }

    /** The definition of the clock, as it is now. */
    static String clock(TestDatabase database) {
        return database.queryIn(TestDatabase.SCHEMA, "SELECT pg_get_functiondef('agentrun_now'::regproc)")
                .get(0);
    }
}

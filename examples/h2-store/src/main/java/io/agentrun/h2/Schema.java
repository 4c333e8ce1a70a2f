package io.agentrun.h2;

import io.agentrun.error.StoreUnavailableException;
import io.agentrun.error.StoreUnavailableException.Reason;
import io.agentrun.rules.StartingBackends;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Objects;

/** The tables: made in an empty database, recognised in one of ours, and left alone in any other. */
final class Schema {

    /** The only version that there has been. */
    static final long VERSION = 1;

    private Schema() {}

    /** Makes what is missing; what was begun and not ended is begun again. */
    static void prepare(Tx tx) {
        if (version(tx) == 0) {
            create(tx);
        }
        long version = version(tx);
        if (version != VERSION) {
            throw new StoreUnavailableException(
                    Reason.SCHEMA, "the schema has version " + version + ", and this store knows " + VERSION, null);
        }
    }

    /** The version that the database says it has; 0 if it was not made, or not to the end. */
    static long version(Tx tx) {
        boolean ours = tables(tx, "TABLE_SCHEMA = 'PUBLIC' AND TABLE_NAME = 'AGENTRUN_STORE'");
        if (!ours && tables(tx, "TABLE_SCHEMA <> 'INFORMATION_SCHEMA'")) {
            throw new StoreUnavailableException(
                    Reason.SCHEMA, "the database is somebody else's: it has tables, and none of agentrun's", null);
        }
        return ours ? tx.number("SELECT COALESCE(MAX(version), 0) FROM agentrun_store") : 0;
    }

    private static boolean tables(Tx tx, String which) {
        return tx.number("SELECT COUNT(*) FROM INFORMATION_SCHEMA.TABLES WHERE " + which) > 0;
    }

    private static void create(Tx tx) {
        for (String statement : script().split(";\\s*\\n")) {
            tx.update(statement);
        }
        // Of two instances that come here at once, the second waits for the first and adds nothing.
        tx.update("""
            MERGE INTO agentrun_store s USING (VALUES (1)) v (id) ON s.id = v.id
            WHEN NOT MATCHED THEN INSERT (id, version) VALUES (1, ?)""", VERSION);
        StartingBackends.all().forEach(backend -> H2Runners.save(tx, backend));
    }

    private static String script() {
        try (InputStream file = Objects.requireNonNull(Schema.class.getResourceAsStream("schema.sql"))) {
            return new String(file.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}

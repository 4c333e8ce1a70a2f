package io.agentrun.postgres.testing;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/**
 * A schema full of functions and operators that fit a careless statement better than the server's own. Each of them counts its
 * call and fails.
 *
 * <p>Thread-safe.
 */
public final class HostileNames {

    /** The schema; whoever has it in the search path is exposed. */
    public static final String SCHEMA = "hostile";

    private HostileNames() {}

    /** Makes the schema. */
    static void make(TestDatabase database) {
        database.execute(script());
    }

    /** Returns how many of the functions and operators were called. */
    public static long calls(TestDatabase database) {
        return Long.parseLong(database.query("SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM hostile.calls")
                .get(0));
    }

    private static String script() {
        String path = "/io/agentrun/postgres/hostile-names.sql";
        try (InputStream file = HostileNames.class.getResourceAsStream(path)) {
            if (file == null) {
                throw new IllegalStateException("no " + path);
            }
            return new String(file.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}

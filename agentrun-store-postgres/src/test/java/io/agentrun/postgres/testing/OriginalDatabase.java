package io.agentrun.postgres.testing;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * A database as the original manager leaves it: its own DDL up to one of its seven levels, with the rows that its code
 * writes.
 *
 * <p>Thread-safe.
 */
public final class OriginalDatabase {

    /** How many migrations the original has. */
    public static final int LEVELS = 7;

    private static final List<String> SCRIPTS = List.of(
            "001_v01_initial_durable_store",
            "002_v01_backend_profiles",
            "003_v01_hwlab_manual_dispatch",
            "004_v01_queue_q1",
            "005_v01_minimax_m3_backend_profile",
            "006_v01_session_control",
            "007_v01_session_state_storage");

    private OriginalDatabase() {}

    /** Makes the tables of the level, in the schema {@code public}, and fills every one of them. */
    public static TestDatabase at(int level) {
        TestDatabase database = TestDatabase.empty();
        database.execute("""
                CREATE TABLE agentrun_schema_migrations (
                    id text PRIMARY KEY,
                    checksum text NOT NULL,
                    applied_at timestamptz NOT NULL DEFAULT now()
                )
                """);
        for (int i = 0; i < level; i++) {
            database.execute(read(SCRIPTS.get(i)));
            database.execute("INSERT INTO agentrun_schema_migrations (id, checksum) VALUES ('" + SCRIPTS.get(i) + "', '"
                    + checksum(SCRIPTS.get(i)) + "')");
        }
        for (int filled : List.of(1, 3, 4, 6, 7)) {
            if (filled <= level) {
                database.execute(read("rows_00" + filled));
            }
        }
        return database;
    }

    /** Returns the checksum of each of its migrations, by id. */
    public static Map<String, String> checksums() {
        return SCRIPTS.stream().collect(Collectors.toMap(Function.identity(), OriginalDatabase::checksum));
    }

    /** As the original counts it. */
    private static String checksum(String name) {
        try {
            byte[] text = read(name).trim().getBytes(StandardCharsets.UTF_8);
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(text));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String read(String name) {
        String path = "/io/agentrun/postgres/original/" + name + ".sql";
        try (InputStream file = OriginalDatabase.class.getResourceAsStream(path)) {
            if (file == null) {
                throw new IllegalStateException("no " + path);
            }
            return new String(file.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}

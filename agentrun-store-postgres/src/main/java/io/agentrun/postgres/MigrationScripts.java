package io.agentrun.postgres;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.zip.CRC32;

/** The migrations in the jar. Thread-safe. */
final class MigrationScripts {

    /** The directory in which Flyway looks for them. */
    static final String LOCATION = "io/agentrun/postgres/migration";

    /** All of them, oldest first, by the names of their files. */
    static final List<String> NAMES = List.of(
            "V1__original",
            "V2__runs",
            "V3__turns",
            "V4__sessions",
            "V5__queue",
            "V6__fences",
            "V7__takes",
            "V8__batches",
            "V10__feed_marks",
            "V12__fit",
            "V13__names",
            "V14__begun",
            "V15__task_lists",
            "V16__started",
            "V17__claim_limits",
            "V18__limits",
            "V19__task_care",
            "V20__schedules",
            "V21__questions",
            "V22__parking",
            "V23__held");

    private MigrationScripts() {}

    static String latest() {
        return NAMES.get(NAMES.size() - 1);
    }

    static String text(String name) {
        return read(LOCATION + "/" + name + ".sql");
    }

    static String read(String path) {
        try (InputStream file = MigrationScripts.class.getClassLoader().getResourceAsStream(path)) {
            if (file == null) {
                throw new IllegalStateException("the jar has no " + path);
            }
            return new String(file.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new IllegalStateException("the jar's " + path + " cannot be read", e);
        }
    }

    /** Returns the checksum as Flyway counts it: the lines without their ends. */
    static int checksum(String text) {
        CRC32 crc = new CRC32();
        text.lines().forEach(line -> crc.update(line.getBytes(StandardCharsets.UTF_8)));
        return (int) crc.getValue();
    }
}

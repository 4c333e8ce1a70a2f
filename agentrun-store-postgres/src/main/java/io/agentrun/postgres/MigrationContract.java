package io.agentrun.postgres;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What this version of the library needs of a schema, for checks that a host makes itself: before a deployment, in a monitor, in a
 * comparison of two versions.
 *
 * <p>Immutable.
 *
 * @param migrationIds all migrations, oldest first, by the names of their files without {@code .sql}
 * @param latestMigrationId the last of them, which {@code health()} names as applied
 * @param requiredTables the tables that are there afterwards, by name; the table of the history among them
 * @param checksums the checksum of each migration, as {@code agentrun_schema_history} keeps it
 */
public record MigrationContract(
        List<String> migrationIds,
        String latestMigrationId,
        List<String> requiredTables,
        Map<String, Integer> checksums) {

    private static final List<String> TABLES = List.of(
            "agentrun_backends",
            "agentrun_commands",
            "agentrun_events",
            "agentrun_feed_marks",
            "agentrun_feeds",
            "agentrun_limit_slots",
            "agentrun_limits",
            "agentrun_originals",
            "agentrun_questions",
            "agentrun_queue_read_cursors",
            "agentrun_queue_tasks",
            "agentrun_run_state",
            "agentrun_runner_jobs",
            "agentrun_runners",
            "agentrun_runs",
            "agentrun_schedules",
            PostgresMigrations.HISTORY,
            "agentrun_session_read_cursors",
            "agentrun_sessions",
            "agentrun_storage_collectors",
            "agentrun_task_lists");

    /** Copies what is given. */
    public MigrationContract {
        migrationIds = List.copyOf(migrationIds);
        requiredTables = List.copyOf(requiredTables);
        checksums = Map.copyOf(checksums);
    }

    static MigrationContract ofThisVersion() {
        Map<String, Integer> checksums = new LinkedHashMap<>();
        MigrationScripts.NAMES.forEach(
                name -> checksums.put(name, MigrationScripts.checksum(MigrationScripts.text(name))));
        return new MigrationContract(MigrationScripts.NAMES, MigrationScripts.latest(), TABLES, checksums);
    }
}

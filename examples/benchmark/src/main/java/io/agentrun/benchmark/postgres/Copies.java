package io.agentrun.benchmark.postgres;

import io.agentrun.lease.Fence;
import io.agentrun.lease.FenceToken;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Fills tables by copying what the store itself wrote: the rows of a run, task or session, as often as wanted, each copy under
 * an id of its own and a microsecond younger than the one before it. So the copies are valid whatever columns there are.
 *
 * <p>Not thread-safe: one thread at a time.
 */
public final class Copies {

    private static final String COPY = """
            INSERT INTO {schema}.{table}
            SELECT copied.*
            FROM {schema}.{table} t
            CROSS JOIN generate_series(CAST(? AS integer), CAST(? AS integer)) AS n
            CROSS JOIN LATERAL jsonb_populate_record(CAST(NULL AS {schema}.{table}), to_jsonb(t) || {changes}) AS copied
            WHERE t.{key} = ?
            """;

    private static final String AGE = "t.created_at + n * interval '1 microsecond'";

    private final Bed bed;
    private int last;

    /** Copies in the schema of the bed. */
    public Copies(Bed bed) {
        this.bed = bed;
    }

    /** Copies a run with its commands and events; returns the copies' ids. */
    public List<String> ofRun(String runId, int count) throws SQLException {
        return ofRun(runId, count, "attempt", "t.attempt");
    }

    private List<String> ofRun(String runId, int count, String column, String value) throws SQLException {
        int first = last + 1;
        last += count;
        String run = "'" + runId + "_' || to_char(n, 'FM000000000')";
        copy("agentrun_runs", "id", runId, first, changes("id", run, "created_at", AGE));
        copy("agentrun_run_state", "run_id", runId, first, changes("run_id", run, "created_at", AGE, column, value));
        String command = "t.id || '_' || to_char(n, 'FM000000000')";
        copy("agentrun_commands", "run_id", runId, first, changes("run_id", run, "id", command));
        copy("agentrun_events", "run_id", runId, first, changes("run_id", run, "id", command));
        return ids(runId, first);
    }

    /** Copies a leased run; returns the copies' fences, which all have one token. */
    public List<Fence> ofLeasedRun(Fence lease, int count) throws SQLException {
        FenceToken token = FenceToken.random();
        return ofRun(lease.runId(), count, "fence_hash", "'\\x" + token.hash() + "'").stream()
                .map(id -> new Fence(id, lease.runnerId(), lease.epoch(), token))
                .toList();
    }

    /** The id of the copy of a command of a run that was copied. */
    public static String commandOf(String commandId, String copiedRunId) {
        return commandId + copiedRunId.substring(copiedRunId.lastIndexOf('_'));
    }

    /** Copies a task, as if each had been written by a transaction of its own hundred. */
    public List<String> ofTask(String taskId, int count) throws SQLException {
        int first = last + 1;
        last += count;
        String id = "'" + taskId + "_' || to_char(n, 'FM000000000')";
        String version = "nextval('{schema}.agentrun_queue_version_seq')";
        copyInParts(
                "agentrun_queue_tasks",
                "id",
                taskId,
                first,
                changes("id", id, "created_at", AGE, "version", version, "feed_xid", "pg_current_xact_id()"));
        return ids(taskId, first);
    }

    /** Copies a question, as if each had been written by a transaction of its own hundred; all are of its run. */
    public List<String> ofQuestion(String questionId, int count) throws SQLException {
        int first = last + 1;
        last += count;
        String id = "'" + questionId + "_' || to_char(n, 'FM000000000')";
        String version = "nextval('{schema}.agentrun_question_version_seq')";
        String changes = changes("id", id, "created_at", AGE, "version", version, "feed_xid", "pg_current_xact_id()");
        copyInParts("agentrun_questions", "id", questionId, first, changes);
        return ids(questionId, first);
    }

    /** Copies a session, each a second younger than the one before it. */
    public List<String> ofSession(String sessionId, int count) throws SQLException {
        int first = last + 1;
        last += count;
        String id = "'" + sessionId + "_' || to_char(n, 'FM000000000')";
        String version = "nextval('{schema}.agentrun_session_version_seq')";
        String updated = "t.updated_at + n * interval '1 microsecond'";
        copyInParts(
                "agentrun_sessions",
                "session_id",
                sessionId,
                first,
                changes(
                        "session_id",
                        id,
                        "updated_at",
                        updated,
                        "version",
                        version,
                        "feed_xid",
                        "pg_current_xact_id()"));
        return ids(sessionId, first);
    }

    /** Gives a run so many more events than it has, all like its last one. */
    public void ofLastEvent(String runId, int count) throws SQLException {
        String changes = changes("id", "t.id || '_' || to_char(n, 'FM000000000')", "seq", "t.seq + n");
        String lastOnly = COPY + " AND t.seq = (SELECT max(seq) FROM {schema}.agentrun_events WHERE run_id = t.run_id)";
        run(sql(lastOnly, "agentrun_events", "run_id", changes), 1, count, count, runId);
        bed.execute("UPDATE {schema}.agentrun_run_state SET event_seq = event_seq + " + count + " WHERE run_id = '"
                + runId + "'");
    }

    private static String changes(String... columnsAndValues) {
        return "jsonb_build_object(" + String.join(", ", quotedNames(columnsAndValues)) + ")";
    }

    private static List<String> quotedNames(String... columnsAndValues) {
        List<String> parts = new ArrayList<>();
        for (int i = 0; i < columnsAndValues.length; i++) {
            parts.add(i % 2 == 0 ? "'" + columnsAndValues[i] + "'" : columnsAndValues[i]);
        }
        return parts;
    }

    private static final int PART = 100;

    /** As many transactions as a change feed would see, so that its pages are cut where they would be. */
    private void copyInParts(String table, String key, String value, int first, String changes) throws SQLException {
        run(sql(COPY, table, key, changes), first, last, PART, value);
    }

    private void copy(String table, String key, String value, int first, String changes) throws SQLException {
        run(sql(COPY, table, key, changes), first, last, last - first + 1, value);
    }

    private String sql(String text, String table, String key, String changes) {
        return text.replace("{table}", table)
                .replace("{key}", key)
                .replace("{changes}", changes)
                .replace("{schema}", bed.schema());
    }

    private void run(String sql, int first, int to, int part, String value) throws SQLException {
        try (Connection connection = bed.connect();
                PreparedStatement statement = connection.prepareStatement(sql)) {
            for (int from = first; from <= to; from += part) {
                statement.setInt(1, from);
                statement.setInt(2, Math.min(to, from + part - 1));
                statement.setString(3, value);
                statement.executeUpdate();
            }
        }
    }

    private List<String> ids(String id, int first) {
        List<String> ids = new ArrayList<>();
        for (int n = first; n <= last; n++) {
            ids.add(String.format(Locale.ROOT, "%s_%09d", id, n));
        }
        return ids;
    }
}

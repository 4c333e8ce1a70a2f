package io.agentrun.postgres.internal.register;

import io.agentrun.model.ReadMark;
import io.agentrun.postgres.internal.table.Columns;
import io.agentrun.postgres.internal.table.OwnerGuard;
import java.sql.ResultSet;
import java.sql.SQLException;
import org.jdbi.v3.core.statement.StatementContext;

/**
 * {@code agentrun_queue_read_cursors}: up to which version a reader has seen a task.
 *
 * <p>Thread-safe.
 */
public final class TaskMarkTable {

    /** The mark of {@code :reader_id} on the task {@code :subject_id}. */
    public static final String GET = """
            SELECT m.task_id AS subject_id, m.reader_id, m.task_version AS version, m.read_at
            FROM {schema}.agentrun_queue_read_cursors m
            WHERE m.task_id = :subject_id AND m.reader_id = :reader_id
            """;

    /**
     * The mark, moved forward to {@code :version}. Comes back with the task's version; without a mark where that is lower, or
     * the mark stood as far already.
     */
    public static final String MOVE = """
            WITH subject AS (
                SELECT s.version FROM {schema}.agentrun_queue_tasks s WHERE s.id = :subject_id
            ), moved AS (
                INSERT INTO {schema}.agentrun_queue_read_cursors AS m (task_id, reader_id, task_version, read_at)
                SELECT :subject_id, :reader_id, :version, {schema}.agentrun_now()
                FROM subject
                WHERE :version BETWEEN 1 AND subject.version
                ON CONFLICT (task_id, reader_id) DO UPDATE
                SET task_version = EXCLUDED.task_version, read_at = EXCLUDED.read_at
                WHERE m.task_version < EXCLUDED.task_version
                RETURNING m.task_id AS subject_id, m.reader_id, m.task_version AS version, m.read_at
            )
            SELECT subject.version AS subject_version, moved.subject_id, moved.reader_id, moved.version, moved.read_at
            FROM subject
            LEFT JOIN moved ON true
            """;

    /** The mark, inserted or moved forward; no row comes back where it is as far already. */
    public static final String PUT = """
            INSERT INTO {schema}.agentrun_queue_read_cursors AS m (task_id, reader_id, task_version, read_at)
            VALUES (:subject_id, :reader_id, :version, :read_at)
            ON CONFLICT (task_id, reader_id) DO UPDATE
            SET task_version = EXCLUDED.task_version, read_at = EXCLUDED.read_at
            WHERE m.task_version < EXCLUDED.task_version
            RETURNING m.task_version AS version
            """;

    private TaskMarkTable() {}

    /** Returns {@link #GET} for the marks of what a view shows. */
    public static String get(OwnerGuard guard) {
        return guard.child(GET, "m.task_id = :subject_id", "agentrun_queue_tasks", "v.id = m.task_id");
    }

    /** Returns the mark in the row. */
    public static ReadMark mark(ResultSet row, StatementContext context) throws SQLException {
        return new ReadMark(
                Columns.text(row, "subject_id"),
                Columns.text(row, "reader_id"),
                row.getLong("version"),
                Columns.instant(row, "read_at"));
    }
}

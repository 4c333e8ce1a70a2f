package io.agentrun.postgres.internal.table;

import static io.agentrun.postgres.internal.table.TaskColumns.CONTENT;
import static io.agentrun.postgres.internal.table.TaskColumns.NEXT;
import static io.agentrun.postgres.internal.table.TaskColumns.OWN;
import static io.agentrun.postgres.internal.table.TaskColumns.WAIT;

import io.agentrun.postgres.internal.db.Script;
import io.agentrun.queue.QueueTask;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Writes many tasks with one statement: what {@link TaskTable#INSERT} and {@link TaskTable#UPDATE} do for one.
 *
 * <p>Thread-safe.
 */
public final class TaskSets {

    /**
     * New tasks, pending and without a replace key, each with the next version, in the order of the arrays, and with their places in
     * lists; one without a time of its own takes the database's. It fails if the key of one is taken: the commit may come with it.
     */
    public static final String INSERT = "WITH task AS (\nINSERT INTO {schema}.agentrun_queue_tasks AS t (\nid, "
            + OWN.names("")
            + ", " + CONTENT.names("") + ", " + WAIT.names("")
            + ", state, version, created_at, updated_at, listed_version)\n"
            + "SELECT n.id, " + OWN.values("n.") + ", " + CONTENT.values("n.") + ", " + WAIT.values("n.")
            + ", 'pending', n.version, n.at, n.at, n.version\n" + """
            FROM (
                SELECT
                    u.*, COALESCE(u.created_at, c.now) AS at,
                    pg_catalog.nextval('{schema}.agentrun_queue_version_seq') AS version
                FROM (SELECT {schema}.agentrun_now() AS now) c
            """
            + "CROSS JOIN unnest(:new_task_id, " + OWN.names(":new_task_") + ", " + CONTENT.names(":new_task_") + ", "
            + WAIT.names(":new_task_") + ", :new_task_created_at)\nWITH ORDINALITY\n"
            + "AS u (id, " + OWN.names("") + ", " + CONTENT.names("") + ", " + WAIT.names("") + ", created_at, place)\n"
            + "ORDER BY u.place) n\n" + TaskTable.LISTED;

    /** Everything of tasks that may change, each with a next version. The limit is for the plan: as in {@link AppendStatements#TOGETHER}. */
    public static final String UPDATE = "UPDATE {schema}.agentrun_queue_tasks t\n"
            + "SET " + NEXT.assignments("n.") + ", " + WAIT.assignments("n.") + """
            ,
                held_by = NULL,
                version = pg_catalog.nextval('{schema}.agentrun_queue_version_seq'),
                feed_xid = pg_catalog.pg_current_xact_id(),
                updated_at = n.updated_at
            """
            + "FROM (\nSELECT *\nFROM unnest(:changed_task_id, " + NEXT.names(":changed_task_") + ", "
            + WAIT.names(":changed_task_") + ", :changed_task_updated_at)\n"
            + "AS u (id, " + NEXT.names("") + ", " + WAIT.names("") + ", updated_at)\n" + """
                LIMIT (SELECT pg_catalog.cardinality(:changed_task_id))
            ) n
            WHERE t.id = n.id
            RETURNING t.id, t.version
            """;

    private TaskSets() {}

    /**
     * Gives {@link #INSERT} its parameters; its rows are those of {@link Versioned#row}.
     *
     * @param createdAt the time of each; null for the database's
     */
    public static void bindNew(Script script, List<QueueTask> tasks, List<@Nullable Instant> createdAt) {
        script.bindArray("new_task_id", "text", ids(tasks));
        OWN.bindAll(script, "new_task_", tasks);
        CONTENT.bindAll(script, "new_task_", tasks);
        WAIT.bindAll(script, "new_task_", tasks);
        script.bindTimes("new_task_created_at", createdAt);
    }

    /** Gives {@link #UPDATE} its parameters. */
    public static void bindChanged(Script script, List<QueueTask> tasks) {
        script.bindArray("changed_task_id", "text", ids(tasks));
        NEXT.bindAll(script, "changed_task_", tasks);
        WAIT.bindAll(script, "changed_task_", tasks);
        script.bindTimes(
                "changed_task_updated_at",
                tasks.stream().map(QueueTask::updatedAt).toList());
    }

    private static Object[] ids(List<QueueTask> tasks) {
        return tasks.stream().map(QueueTask::id).toArray();
    }
}

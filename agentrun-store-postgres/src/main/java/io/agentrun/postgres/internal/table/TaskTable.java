package io.agentrun.postgres.internal.table;

import static io.agentrun.postgres.internal.table.TaskColumns.CONTENT;
import static io.agentrun.postgres.internal.table.TaskColumns.NEXT;
import static io.agentrun.postgres.internal.table.TaskColumns.OWN;
import static io.agentrun.postgres.internal.table.TaskColumns.WAIT;

import com.fasterxml.jackson.databind.JsonNode;
import io.agentrun.json.JsonObject;
import io.agentrun.model.Deadlines;
import io.agentrun.model.Idempotency;
import io.agentrun.model.Owner;
import io.agentrun.postgres.internal.db.Script;
import io.agentrun.queue.NewQueueTask;
import io.agentrun.queue.QueueTask;
import io.agentrun.queue.RetryPolicy;
import io.agentrun.queue.TaskAttempt;
import io.agentrun.queue.TaskContent;
import io.agentrun.queue.TaskPlace;
import io.agentrun.queue.TaskRetries;
import io.agentrun.queue.TaskState;
import io.agentrun.run.SessionRef;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jdbi.v3.core.statement.StatementContext;
import org.jspecify.annotations.Nullable;

/**
 * {@code agentrun_queue_tasks}. A task's attempt and its session are JSON in one column each, as the API writes them. A task
 * that is told to wait is {@code delayed}, which keeps it out of the index that a dispatch reads first; it may still be so when it is due.
 *
 * <p>Thread-safe.
 */
public final class TaskTable {

    /** As the database writes it. */
    private static final String NO_REFERENCES = "{\"items\": []}";

    /** The columns of a task, from {@code t}. */
    public static final String COLUMNS = """
            t.id, t.tenant_id, t.project_id, t.queue, t.lane, t.priority, t.title, t.backend_profile, t.provider_id,
            t.workspace_ref, t.execution_policy, t.resource_bundle_ref, t.trace_sink, t.payload, t.payload_hash,
            pg_catalog.jsonb_build_object('items', t.references_json) AS reference_items, t.metadata, t.session_ref,
            t.session_path, t.retry_max_attempts, t.retry_delay_micros, t.state, t.not_before, t.latest_attempt,
            t.failure_kind, t.failure_message, t.cancel_requested_at, t.cancel_reason, t.idempotency_key, t.version,
            t.created_at, t.updated_at, t.retries, t.replace_key, t.deadlines, t.limit_labels
            """;

    /** The task with the id {@code :task_id}. */
    public static final String GET = "SELECT " + COLUMNS + """
            FROM {schema}.agentrun_queue_tasks t
            WHERE t.id = :task_id
            """;

    /** The task with the id {@code :task_id}, locked. */
    public static final String LOCK = GET + "FOR NO KEY UPDATE";

    /** The task with the id {@code :task_id}, locked, unless another transaction has it locked. */
    public static final String LOCK_FREE = GET + "FOR NO KEY UPDATE SKIP LOCKED";

    /** One row if the task {@code :task_id} exists. */
    public static final String EXISTS = """
            SELECT true AS known
            FROM {schema}.agentrun_queue_tasks
            WHERE id = :task_id
            """;

    /** The task of the run {@code :run_id}, locked. */
    public static final String LOCK_OF_RUN = "SELECT " + COLUMNS + """
            FROM {schema}.agentrun_queue_tasks t
            WHERE t.id = (SELECT task_id FROM {schema}.agentrun_runs WHERE id = :run_id)
            FOR NO KEY UPDATE
            """;

    /** The task of the owner that was created under {@code :idempotency_key}. */
    public static final String BY_KEY = "SELECT " + COLUMNS + """
            FROM {schema}.agentrun_queue_tasks t
            WHERE t.tenant_id = :tenant_id AND t.project_id = :project_id AND t.idempotency_key = :idempotency_key
            """;

    /** The tasks of the owner that were created under {@code :idempotency_keys}. */
    public static final String BY_KEYS = "SELECT " + COLUMNS + """
            FROM {schema}.agentrun_queue_tasks t
            WHERE t.tenant_id = :tenant_id AND t.project_id = :project_id AND t.idempotency_key = ANY (:idempotency_keys)
            """;

    /** What follows the insert of new tasks: their places in lists, and what is returned. */
    static final String LISTED = """
                RETURNING t.id, t.tenant_id, t.project_id, t.queue, t.lane, t.priority, t.created_at, t.version
            ), listed AS (
                INSERT INTO {schema}.agentrun_task_lists (id, tenant_id, project_id, queue, lane, priority, created_at)
                SELECT id, tenant_id, project_id, queue, lane, priority, created_at FROM task
            )
            SELECT id, created_at, version FROM task
            """;

    /** A new task, with the next version, and its place in lists; no row comes back where its key is taken. */
    public static final String INSERT = "WITH task AS (\nINSERT INTO {schema}.agentrun_queue_tasks AS t (\nid, "
            + OWN.names("") + ", " + CONTENT.names("") + ", " + WAIT.names("")
            + ", state, replace_key, version, created_at, updated_at, listed_version)\n"
            + "SELECT :task_id, " + OWN.values(":task_") + ", " + CONTENT.values(":task_") + ", "
            + WAIT.values(":task_")
            + """
            , 'pending', :task_replace_key, n.version, n.now, n.now, n.version
            FROM (
                SELECT
                    COALESCE(:task_created_at, {schema}.agentrun_now()) AS now,
                    pg_catalog.nextval('{schema}.agentrun_queue_version_seq') AS version) n
            ON CONFLICT DO NOTHING
            """
            + LISTED;

    /** Everything of a task that may change, with the next version; its place in the feed moves with it. */
    public static final String UPDATE = update(NEXT.assignments(":task_"));

    /**
     * Everything of a waiting task that never began but its owner, its keys and its time of creation, with the next version; its place in lists
     * moves with it, by the trigger on the columns of that.
     */
    public static final String RENEW = update(CONTENT.assignments(":task_"));

    private static String update(String assignments) {
        return "UPDATE {schema}.agentrun_queue_tasks\n" + "SET " + assignments + ", " + WAIT.assignments(":task_")
                + """
                ,
                    held_by = NULL,
                    version = pg_catalog.nextval('{schema}.agentrun_queue_version_seq'),
                    feed_xid = pg_catalog.pg_current_xact_id(),
                    updated_at = :task_updated_at
                WHERE id = :task_id
                RETURNING version, created_at
                """;
    }

    /** The task of the owner that waits, never began, and has {@code :replace_key}. */
    public static final String REPLACEABLE = "SELECT " + COLUMNS + """
            FROM {schema}.agentrun_queue_tasks t
            WHERE t.tenant_id = :tenant_id AND t.project_id = :project_id AND t.replace_key = :replace_key
                AND t.replace_key IS NOT NULL AND t.state || '' = 'pending' AND t.latest_attempt IS NULL
            """;

    private TaskTable() {}

    /** Gives {@link #INSERT} its parameters; without a time of creation it takes the database's. */
    public static void bindNew(Script script, QueueTask task, @Nullable Instant createdAt) {
        OWN.bind(script, "task_", task);
        CONTENT.bind(script, "task_", task);
        WAIT.bind(script, "task_", task);
        script.bind("task_id", task.id())
                .bind("task_replace_key", task.replaceKey())
                .bind("task_created_at", createdAt);
    }

    /** Gives {@link #UPDATE} its parameters. */
    public static void bindChanged(Script script, QueueTask task) {
        NEXT.bind(script, "task_", task);
        bindAny(script, task);
    }

    /** Gives {@link #RENEW} its parameters. */
    public static void bindRenewed(Script script, QueueTask task) {
        CONTENT.bind(script, "task_", task);
        bindAny(script, task);
    }

    private static void bindAny(Script script, QueueTask task) {
        WAIT.bind(script, "task_", task);
        script.bind("task_id", task.id()).bind("task_updated_at", task.updatedAt());
    }

    /** Returns the version in the row. */
    public static Long version(ResultSet row, StatementContext context) throws SQLException {
        return row.getLong("version");
    }

    /** Returns the task in the row. */
    public static QueueTask task(ResultSet row, StatementContext context) throws SQLException {
        TaskState state = TaskState.fromWire("state", Columns.text(row, "state"));
        return QueueTask.builder(
                        Columns.text(row, "id"),
                        new Owner(Columns.text(row, "tenant_id"), Columns.text(row, "project_id")),
                        new TaskPlace(Columns.text(row, "queue"), Columns.text(row, "lane"), row.getInt("priority")),
                        Columns.text(row, "title"),
                        RunColumns.spec(row))
                .content(content(row))
                .retry(new RetryPolicy(
                        row.getInt("retry_max_attempts"),
                        Duration.of(row.getLong("retry_delay_micros"), ChronoUnit.MICROS)))
                .state(state)
                .notBefore(Columns.instantOrNull(row, "not_before"))
                .latestAttempt(Columns.partOrNull(row, "latest_attempt", TaskAttempt.class))
                .outcome(Columns.outcome(state.terminal() ? state.wire() : null, row))
                .cancelRequest(RunColumns.cancelRequest(row))
                .idempotency(idempotency(row))
                .version(row.getLong("version"))
                .createdAt(Columns.instant(row, "created_at"))
                .updatedAt(Columns.instant(row, "updated_at"))
                .retries(Columns.partOrNull(row, "retries", TaskRetries.class))
                .replaceKey(row.getString("replace_key"))
                .deadlines(Columns.partOrNull(row, "deadlines", Deadlines.class))
                .limitLabels(labels(row))
                .build();
    }

    private static Map<String, String> labels(ResultSet row) throws SQLException {
        JsonObject stored = Columns.jsonOrNull(row, "limit_labels");
        if (stored == null) {
            return Map.of();
        }
        Map<String, String> labels = new HashMap<>();
        stored.toJsonNode()
                .properties()
                .forEach(each -> labels.put(each.getKey(), each.getValue().asText()));
        return labels;
    }

    /** Returns the key and the hash. The original's hash cannot be repeated, so that the stored content is hashed again. */
    private static @Nullable Idempotency idempotency(ResultSet row) throws SQLException {
        Idempotency stored = Columns.idempotency(row, "payload_hash");
        if (stored == null || stored.contentHash().startsWith("v1:")) {
            return stored;
        }
        TaskContent content = content(row);
        NewQueueTask input = NewQueueTask.builder(
                        new Owner(Columns.text(row, "tenant_id"), Columns.text(row, "project_id")),
                        Columns.text(row, "queue"),
                        Columns.text(row, "title"),
                        RunColumns.spec(row))
                .lane(Columns.text(row, "lane"))
                .priority(row.getInt("priority"))
                .payload(content.payload())
                .references(content.references())
                .metadata(content.metadata())
                .build();
        return new Idempotency(stored.key(), input.contentHash());
    }

    private static TaskContent content(ResultSet row) throws SQLException {
        return new TaskContent(
                Columns.json(row, "payload"),
                references(Columns.text(row, "reference_items")),
                Columns.json(row, "metadata"),
                Columns.partOrNull(row, "session_ref", SessionRef.class),
                row.getString("session_path"));
    }

    private static List<JsonObject> references(String holder) {
        if (holder.equals(NO_REFERENCES)) {
            return List.of();
        }
        List<JsonObject> references = new ArrayList<>();
        for (JsonNode item : JsonObject.stored(holder).toJsonNode().path("items")) {
            // The original checked nothing here; what is no object is kept inside one.
            references.add(item.isObject() ? JsonObject.from(item) : JsonObject.of("value", item));
        }
        return references;
    }
}

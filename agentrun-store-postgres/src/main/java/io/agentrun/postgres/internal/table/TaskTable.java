package io.agentrun.postgres.internal.table;

import com.fasterxml.jackson.databind.JsonNode;
import io.agentrun.json.JsonObject;
import io.agentrun.model.Idempotency;
import io.agentrun.model.Outcome;
import io.agentrun.model.Owner;
import io.agentrun.model.RunSpec;
import io.agentrun.postgres.internal.db.Script;
import io.agentrun.queue.NewQueueTask;
import io.agentrun.queue.QueueTask;
import io.agentrun.queue.RetryPolicy;
import io.agentrun.queue.TaskAttempt;
import io.agentrun.queue.TaskContent;
import io.agentrun.queue.TaskPlace;
import io.agentrun.queue.TaskRetries;
import io.agentrun.queue.TaskState;
import io.agentrun.rules.DeadlineRules;
import io.agentrun.run.SessionRef;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
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

    /** A new task, with the next version, and its place in lists; no row comes back where its key is taken. */
    public static final String INSERT = """
            WITH task AS (
                INSERT INTO {schema}.agentrun_queue_tasks AS t (
                    id, tenant_id, project_id, queue, lane, priority, title, backend_profile, provider_id, workspace_ref,
                    execution_policy, resource_bundle_ref, trace_sink, payload, payload_hash, references_json, metadata,
                    session_ref, session_id, session_path, retry_max_attempts, retry_delay_micros, state, not_before,
                    delayed, latest_attempt, idempotency_key, replace_key, deadlines, deadline_at, version, created_at,
                    updated_at, listed_version, limit_labels)
                SELECT
                    :task_id, :task_tenant_id, :task_project_id, :task_queue, :task_lane, :task_priority, :task_title,
                    :task_backend_profile, :task_provider_id, CAST(:task_workspace_ref AS jsonb),
                    CAST(:task_execution_policy AS jsonb), CAST(:task_resource_bundle_ref AS jsonb),
                    CAST(:task_trace_sink AS jsonb), CAST(:task_payload AS jsonb), :task_hash,
                    CAST(:task_references AS jsonb) -> CAST('items' AS text), CAST(:task_metadata AS jsonb),
                    CAST(:task_session_ref AS jsonb), :task_session_id, :task_session_path, :task_max_attempts,
                    :task_retry_delay, :task_state, :task_not_before,
                    CAST(:task_not_before AS timestamptz) IS NOT NULL,
                    CAST(:task_attempt AS jsonb), :task_key, :task_replace_key, CAST(:task_deadlines AS jsonb),
                    :task_deadline_at,
                    n.version, n.now, n.now, n.version, CAST(:task_limit_labels AS jsonb)
                FROM (
                    SELECT
                        COALESCE(:task_created_at, {schema}.agentrun_now()) AS now,
                        pg_catalog.nextval('{schema}.agentrun_queue_version_seq') AS version) n
                ON CONFLICT DO NOTHING
                RETURNING t.id, t.tenant_id, t.project_id, t.queue, t.lane, t.priority, t.created_at, t.version
            ), listed AS (
                INSERT INTO {schema}.agentrun_task_lists (id, tenant_id, project_id, queue, lane, priority, created_at)
                SELECT id, tenant_id, project_id, queue, lane, priority, created_at FROM task
            )
            SELECT id, created_at, version FROM task
            """;

    /** Everything of a task that may change, with the next version; its place in the feed moves with it. */
    public static final String UPDATE = """
            UPDATE {schema}.agentrun_queue_tasks
            SET state = :task_state,
                session_path = :task_session_path,
                not_before = :task_not_before,
                delayed = CAST(:task_not_before AS timestamptz) IS NOT NULL,
                held_by = NULL,
                latest_attempt = CAST(:task_attempt AS jsonb),
                failure_kind = :task_failure_kind,
                failure_message = :task_failure_message,
                cancel_requested_at = :task_cancel_requested_at,
                cancel_reason = :task_cancel_reason,
                retry_max_attempts = :task_max_attempts,
                retry_delay_micros = :task_retry_delay,
                retries = CAST(:task_retries AS jsonb),
                replace_key = :task_replace_key,
                deadlines = CAST(:task_deadlines AS jsonb),
                deadline_at = :task_deadline_at,
                version = pg_catalog.nextval('{schema}.agentrun_queue_version_seq'),
                feed_xid = pg_catalog.pg_current_xact_id(),
                updated_at = :task_updated_at
            WHERE id = :task_id
            RETURNING version, created_at
            """;

    /**
     * Everything of a waiting task that never began but its owner, its keys and its time of creation, with the next version; its place in lists
     * moves with it, by the trigger on the columns of that.
     */
    public static final String RENEW = """
            UPDATE {schema}.agentrun_queue_tasks
            SET queue = :task_queue,
                lane = :task_lane,
                priority = :task_priority,
                title = :task_title,
                backend_profile = :task_backend_profile,
                provider_id = :task_provider_id,
                workspace_ref = CAST(:task_workspace_ref AS jsonb),
                execution_policy = CAST(:task_execution_policy AS jsonb),
                resource_bundle_ref = CAST(:task_resource_bundle_ref AS jsonb),
                trace_sink = CAST(:task_trace_sink AS jsonb),
                payload = CAST(:task_payload AS jsonb),
                references_json = CAST(:task_references AS jsonb) -> CAST('items' AS text),
                metadata = CAST(:task_metadata AS jsonb),
                session_ref = CAST(:task_session_ref AS jsonb),
                session_id = :task_session_id,
                retry_max_attempts = :task_max_attempts,
                retry_delay_micros = :task_retry_delay,
                not_before = :task_not_before,
                delayed = CAST(:task_not_before AS timestamptz) IS NOT NULL,
                held_by = NULL,
                deadlines = CAST(:task_deadlines AS jsonb),
                deadline_at = :task_deadline_at,
                limit_labels = CAST(:task_limit_labels AS jsonb),
                version = pg_catalog.nextval('{schema}.agentrun_queue_version_seq'),
                feed_xid = pg_catalog.pg_current_xact_id(),
                updated_at = :task_updated_at
            WHERE id = :task_id
            RETURNING version, created_at
            """;

    /** The task of the owner that waits, never began, and has {@code :replace_key}. */
    public static final String REPLACEABLE = "SELECT " + COLUMNS + """
            FROM {schema}.agentrun_queue_tasks t
            WHERE t.tenant_id = :tenant_id AND t.project_id = :project_id AND t.replace_key = :replace_key
                AND t.replace_key IS NOT NULL AND t.state = 'pending' AND t.latest_attempt IS NULL
            """;

    private TaskTable() {}

    /** Gives {@link #INSERT} or {@link #UPDATE} its parameters. */
    public static void bind(Script script, QueueTask task) {
        TaskContent content = task.content();
        RunSpec spec = task.spec();
        Idempotency key = task.idempotency();
        SessionRef session = content.session();
        TaskAttempt attempt = task.latestAttempt();
        script.bind("task_id", task.id())
                .bind("task_tenant_id", task.owner().tenantId())
                .bind("task_project_id", task.owner().projectId())
                .bind("task_queue", task.place().queue())
                .bind("task_lane", task.place().lane())
                .bind("task_priority", task.place().priority())
                .bind("task_title", task.title())
                .bind("task_backend_profile", spec.backendProfile().wire())
                .bind("task_provider_id", spec.providerId())
                .bind("task_workspace_ref", spec.workspaceRef())
                .bind("task_execution_policy", spec.executionPolicy())
                .bind("task_resource_bundle_ref", spec.resourceBundleRef())
                .bind("task_trace_sink", spec.traceSink())
                .bind("task_payload", content.payload())
                .bind("task_hash", key == null ? null : key.contentHash())
                .bind("task_key", key == null ? null : key.key())
                .bind("task_references", JsonObject.of("items", content.references()))
                .bind("task_metadata", content.metadata())
                .bind("task_session_ref", session == null ? null : session.asJson())
                .bind("task_session_id", session == null ? null : session.sessionId())
                .bind("task_session_path", content.sessionPath())
                .bind("task_max_attempts", task.retry().maxAttempts())
                .bind("task_retry_delay", task.retry().delay().toNanos() / 1_000)
                .bind("task_retries", task.retries() == null ? null : JsonObject.fromBean(task.retries()))
                .bind("task_not_before", task.notBefore())
                .bind("task_replace_key", task.replaceKey())
                .bind("task_deadlines", task.deadlines() == null ? null : JsonObject.fromBean(task.deadlines()))
                .bind("task_deadline_at", DeadlineRules.nextAt(task))
                .bind("task_created_at", task.createdAt())
                .bind("task_updated_at", task.updatedAt())
                .bind("task_limit_labels", labels(task));
        bindState(script, task.state(), attempt, task.outcome());
        script.bind(
                        "task_cancel_requested_at",
                        task.cancelRequest() == null
                                ? null
                                : task.cancelRequest().requestedAt())
                .bind(
                        "task_cancel_reason",
                        task.cancelRequest() == null
                                ? null
                                : task.cancelRequest().reason());
    }

    /** Returns the limit labels as they are stored; null for none. */
    static @Nullable JsonObject labels(QueueTask task) {
        return task.limitLabels().isEmpty() ? null : JsonObject.from(task.limitLabels());
    }

    private static void bindState(
            Script script, TaskState state, @Nullable TaskAttempt attempt, @Nullable Outcome outcome) {
        script.bind("task_state", state.wire())
                .bind("task_attempt", attempt == null ? null : JsonObject.fromBean(attempt))
                .bind("task_failure_kind", Columns.failureKind(outcome))
                .bind("task_failure_message", Columns.failureMessage(outcome));
    }

    /** Returns the version in the row. */
    public static Long version(ResultSet row, StatementContext context) throws SQLException {
        return row.getLong("version");
    }

    /** Returns the task in the row. */
    public static QueueTask task(ResultSet row, StatementContext context) throws SQLException {
        TaskState state = TaskState.fromWire("state", Columns.text(row, "state"));
        JsonObject attempt = Columns.jsonOrNull(row, "latest_attempt");
        JsonObject retries = Columns.jsonOrNull(row, "retries");
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
                .latestAttempt(attempt == null ? null : attempt.to(TaskAttempt.class))
                .outcome(Columns.outcome(state.terminal() ? state.wire() : null, row))
                .cancelRequest(RunColumns.cancelRequest(row))
                .idempotency(idempotency(row))
                .version(row.getLong("version"))
                .createdAt(Columns.instant(row, "created_at"))
                .updatedAt(Columns.instant(row, "updated_at"))
                .retries(retries == null ? null : retries.to(TaskRetries.class))
                .replaceKey(row.getString("replace_key"))
                .deadlines(Columns.deadlinesOrNull(row))
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
        JsonObject session = Columns.jsonOrNull(row, "session_ref");
        return new TaskContent(
                Columns.json(row, "payload"),
                references(Columns.json(row, "reference_items")),
                Columns.json(row, "metadata"),
                session == null ? null : session.to(SessionRef.class),
                row.getString("session_path"));
    }

    private static List<JsonObject> references(JsonObject holder) {
        List<JsonObject> references = new ArrayList<>();
        for (JsonNode item : holder.toJsonNode().path("items")) {
            // The original checked nothing here; what is no object is kept inside one.
            references.add(item.isObject() ? JsonObject.from(item) : JsonObject.of("value", item));
        }
        return references;
    }
}

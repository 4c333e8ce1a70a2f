package io.agentrun.postgres.internal.table;

import io.agentrun.json.JsonObject;
import io.agentrun.model.Idempotency;
import io.agentrun.postgres.internal.db.Script;
import io.agentrun.queue.QueueTask;
import io.agentrun.rules.DeadlineRules;
import io.agentrun.run.SessionRef;
import java.time.Instant;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Inserts many tasks with one statement: what {@link TaskTable#INSERT} does for one.
 *
 * <p>Thread-safe.
 */
public final class NewTaskSets {

    /**
     * New tasks, pending and never attempted, each with the next version, in the order of the arrays, and with their places in lists; one
     * without a time of its own takes the database's.
     * It fails if the key of one is taken: the commit may come with it.
     */
    public static final String INSERT = """
            WITH task AS (
                INSERT INTO {schema}.agentrun_queue_tasks AS t (
                    id, tenant_id, project_id, queue, lane, priority, title, backend_profile, provider_id, workspace_ref,
                    execution_policy, resource_bundle_ref, trace_sink, payload, payload_hash, references_json, metadata,
                    session_ref, session_id, retry_max_attempts, retry_delay_micros, state, not_before, delayed,
                    idempotency_key, deadlines, deadline_at, version, created_at, updated_at, listed_version,
                    limit_labels)
                SELECT
                    n.id, n.tenant_id, n.project_id, n.queue, n.lane, CAST(n.priority AS integer), n.title,
                    n.backend_profile, n.provider_id, CAST(n.workspace_ref AS jsonb),
                    CAST(n.execution_policy AS jsonb), CAST(n.resource_bundle_ref AS jsonb),
                    CAST(n.trace_sink AS jsonb), CAST(n.payload AS jsonb), n.hash,
                    CAST(n.reference_items AS jsonb) -> CAST('items' AS text), CAST(n.metadata AS jsonb),
                    CAST(n.session_ref AS jsonb), n.session_id, CAST(n.max_attempts AS integer), n.retry_delay, n.state,
                    n.not_before, n.not_before IS NOT NULL, n.idempotency_key, CAST(n.deadlines AS jsonb),
                    n.deadline_at, n.version, n.at, n.at, n.version, CAST(n.limit_labels AS jsonb)
                FROM (
                    SELECT
                        u.*, COALESCE(u.created_at, c.now) AS at,
                        pg_catalog.nextval('{schema}.agentrun_queue_version_seq') AS version
                    FROM (SELECT {schema}.agentrun_now() AS now) c
                    CROSS JOIN unnest(
                            :new_task_id, :new_task_tenant_id, :new_task_project_id, :new_task_queue, :new_task_lane,
                            :new_task_priority, :new_task_title, :new_task_backend_profile, :new_task_provider_id,
                            :new_task_workspace_ref, :new_task_execution_policy, :new_task_resource_bundle_ref,
                            :new_task_trace_sink, :new_task_payload, :new_task_hash, :new_task_references,
                            :new_task_metadata, :new_task_session_ref, :new_task_session_id, :new_task_max_attempts,
                            :new_task_retry_delay, :new_task_state, :new_task_not_before, :new_task_key,
                            :new_task_deadlines, :new_task_deadline_at, :new_task_created_at, :new_task_limit_labels)
                        WITH ORDINALITY
                        AS u (id, tenant_id, project_id, queue, lane, priority, title, backend_profile, provider_id,
                            workspace_ref, execution_policy, resource_bundle_ref, trace_sink, payload, hash,
                            reference_items, metadata, session_ref, session_id, max_attempts, retry_delay, state,
                            not_before, idempotency_key, deadlines, deadline_at, created_at, limit_labels, place)
                    ORDER BY u.place) n
                RETURNING t.id, t.tenant_id, t.project_id, t.queue, t.lane, t.priority, t.created_at, t.version
            ), listed AS (
                INSERT INTO {schema}.agentrun_task_lists (id, tenant_id, project_id, queue, lane, priority, created_at)
                SELECT id, tenant_id, project_id, queue, lane, priority, created_at FROM task
            )
            SELECT id, created_at, version FROM task
            """;

    private NewTaskSets() {}

    /** Gives {@link #INSERT} its parameters; its rows are those of {@link Versioned#row}. */
    public static void bind(Script script, List<QueueTask> tasks) {
        text(script, "id", tasks, QueueTask::id);
        text(script, "tenant_id", tasks, task -> task.owner().tenantId());
        text(script, "project_id", tasks, task -> task.owner().projectId());
        text(script, "queue", tasks, task -> task.place().queue());
        text(script, "lane", tasks, task -> task.place().lane());
        numbers(script, "priority", tasks, task -> (long) task.place().priority());
        text(script, "title", tasks, QueueTask::title);
        text(
                script,
                "backend_profile",
                tasks,
                task -> task.spec().backendProfile().wire());
        text(script, "provider_id", tasks, task -> task.spec().providerId());
        json(script, "workspace_ref", tasks, task -> task.spec().workspaceRef());
        json(script, "execution_policy", tasks, task -> task.spec().executionPolicy());
        json(script, "resource_bundle_ref", tasks, task -> task.spec().resourceBundleRef());
        json(script, "trace_sink", tasks, task -> task.spec().traceSink());
        json(script, "payload", tasks, task -> task.content().payload());
        key(script, "hash", tasks, Idempotency::contentHash);
        json(
                script,
                "references",
                tasks,
                task -> JsonObject.of("items", task.content().references()));
        json(script, "metadata", tasks, task -> task.content().metadata());
        session(script, "session_ref", tasks, ref -> ref.asJson().toJson());
        session(script, "session_id", tasks, SessionRef::sessionId);
        numbers(script, "max_attempts", tasks, task -> (long) task.retry().maxAttempts());
        numbers(script, "retry_delay", tasks, task -> task.retry().delay().toNanos() / 1_000);
        text(script, "state", tasks, task -> task.state().wire());
        script.bindTimes(
                "new_task_not_before", tasks.stream().map(QueueTask::notBefore).toList());
        key(script, "key", tasks, Idempotency::key);
        text(
                script,
                "deadlines",
                tasks,
                task -> task.deadlines() == null
                        ? null
                        : JsonObject.fromBean(task.deadlines()).toJson());
        script.bindTimes(
                "new_task_deadline_at",
                tasks.stream().<@Nullable Instant>map(DeadlineRules::nextAt).toList());
        script.bindTimes(
                "new_task_created_at", tasks.stream().map(QueueTask::createdAt).toList());
        json(script, "limit_labels", tasks, TaskTable::labels);
    }

    private static void text(
            Script script, String name, List<QueueTask> tasks, Function<QueueTask, @Nullable String> value) {
        script.bindArray("new_task_" + name, "text", tasks.stream().map(value).toArray());
    }

    private static void json(
            Script script, String name, List<QueueTask> tasks, Function<QueueTask, @Nullable JsonObject> value) {
        text(script, name, tasks, task -> {
            JsonObject object = value.apply(task);
            return object == null ? null : object.toJson();
        });
    }

    private static void key(Script script, String name, List<QueueTask> tasks, Function<Idempotency, String> value) {
        text(script, name, tasks, task -> {
            Idempotency key = task.idempotency();
            return key == null ? null : value.apply(key);
        });
    }

    private static void session(Script script, String name, List<QueueTask> tasks, Function<SessionRef, String> value) {
        text(script, name, tasks, task -> {
            SessionRef session = task.content().session();
            return session == null ? null : value.apply(session);
        });
    }

    private static void numbers(Script script, String name, List<QueueTask> tasks, Function<QueueTask, Long> value) {
        script.bindArray("new_task_" + name, "bigint", tasks.stream().map(value).toArray());
    }
}

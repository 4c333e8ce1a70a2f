package io.agentrun.postgres.internal.table;

import io.agentrun.json.JsonObject;
import io.agentrun.model.CancelRequest;
import io.agentrun.postgres.internal.db.Script;
import io.agentrun.queue.QueueTask;
import io.agentrun.rules.DeadlineRules;
import java.time.Instant;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Writes many tasks with one statement: what {@link TaskTable#UPDATE} does for one.
 *
 * <p>Thread-safe.
 */
public final class TaskSets {

    /** Everything of tasks that may change, each with a next version. The limit is for the plan. */
    public static final String UPDATE = """
            UPDATE {schema}.agentrun_queue_tasks t
            SET state = n.state,
                session_path = n.session_path,
                not_before = n.not_before,
                delayed = n.not_before IS NOT NULL,
                held_by = NULL,
                latest_attempt = CAST(n.attempt AS jsonb),
                failure_kind = n.failure_kind,
                failure_message = n.failure_message,
                cancel_requested_at = n.cancel_requested_at,
                cancel_reason = n.cancel_reason,
                retry_max_attempts = CAST(n.max_attempts AS integer),
                retry_delay_micros = n.retry_delay,
                retries = CAST(n.retries AS jsonb),
                replace_key = n.replace_key,
                deadlines = CAST(n.deadlines AS jsonb),
                deadline_at = n.deadline_at,
                version = pg_catalog.nextval('{schema}.agentrun_queue_version_seq'),
                feed_xid = pg_catalog.pg_current_xact_id(),
                updated_at = n.updated_at
            FROM (
                SELECT *
                FROM unnest(
                        :changed_task_id, :changed_task_state, :changed_task_session_path, :changed_task_not_before,
                        :changed_task_attempt, :changed_task_failure_kind, :changed_task_failure_message,
                        :changed_task_cancel_requested_at, :changed_task_cancel_reason, :changed_task_updated_at,
                        :changed_task_max_attempts, :changed_task_retry_delay, :changed_task_retries, :changed_task_replace_key,
                        :changed_task_deadlines, :changed_task_deadline_at)
                    AS n (id, state, session_path, not_before, attempt, failure_kind, failure_message,
                        cancel_requested_at, cancel_reason, updated_at, max_attempts, retry_delay, retries,
                        replace_key, deadlines, deadline_at)
                LIMIT (SELECT pg_catalog.cardinality(:changed_task_id))
            ) n
            WHERE t.id = n.id
            RETURNING t.id, t.version
            """;

    private TaskSets() {}

    /** Gives {@link #UPDATE} its parameters. */
    public static void bind(Script script, List<QueueTask> tasks) {
        text(script, "changed_task_id", tasks, QueueTask::id);
        text(script, "changed_task_state", tasks, task -> task.state().wire());
        text(script, "changed_task_session_path", tasks, task -> task.content().sessionPath());
        times(script, "changed_task_not_before", tasks, QueueTask::notBefore);
        text(
                script,
                "changed_task_attempt",
                tasks,
                task -> task.latestAttempt() == null
                        ? null
                        : JsonObject.fromBean(task.latestAttempt()).toJson());
        text(script, "changed_task_failure_kind", tasks, task -> Columns.failureKind(task.outcome()));
        text(script, "changed_task_failure_message", tasks, task -> Columns.failureMessage(task.outcome()));
        times(script, "changed_task_cancel_requested_at", tasks, task -> requestedAt(task.cancelRequest()));
        text(script, "changed_task_cancel_reason", tasks, task -> reason(task.cancelRequest()));
        times(script, "changed_task_updated_at", tasks, QueueTask::updatedAt);
        numbers(script, "changed_task_max_attempts", tasks, task ->
                (long) task.retry().maxAttempts());
        numbers(
                script,
                "changed_task_retry_delay",
                tasks,
                task -> task.retry().delay().toNanos() / 1_000);
        text(
                script,
                "changed_task_retries",
                tasks,
                task -> task.retries() == null
                        ? null
                        : JsonObject.fromBean(task.retries()).toJson());
        text(script, "changed_task_replace_key", tasks, QueueTask::replaceKey);
        text(
                script,
                "changed_task_deadlines",
                tasks,
                task -> task.deadlines() == null
                        ? null
                        : JsonObject.fromBean(task.deadlines()).toJson());
        times(script, "changed_task_deadline_at", tasks, DeadlineRules::nextAt);
    }

    private static @Nullable Instant requestedAt(@Nullable CancelRequest request) {
        return request == null ? null : request.requestedAt();
    }

    private static @Nullable String reason(@Nullable CancelRequest request) {
        return request == null ? null : request.reason();
    }

    private static void text(
            Script script, String name, List<QueueTask> tasks, Function<QueueTask, @Nullable String> value) {
        script.bindArray(name, "text", tasks.stream().map(value).toArray());
    }

    private static void numbers(Script script, String name, List<QueueTask> tasks, Function<QueueTask, Long> value) {
        script.bindArray(name, "bigint", tasks.stream().map(value).toArray());
    }

    private static void times(
            Script script, String name, List<QueueTask> tasks, Function<QueueTask, @Nullable Instant> value) {
        script.bindTimes(name, tasks.stream().map(value).toList());
    }
}

package io.agentrun.postgres.internal.table;

import io.agentrun.json.JsonObject;
import io.agentrun.model.CancelRequest;
import io.agentrun.model.Idempotency;
import io.agentrun.queue.QueueTask;
import io.agentrun.rules.DeadlineRules;
import io.agentrun.run.SessionRef;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What is written to {@code agentrun_queue_tasks}, apart from the id, the version and the time of creation. A new column stands here
 * and in {@link TaskTable}, where it is read, and nowhere else.
 *
 * <p>Thread-safe.
 */
final class TaskColumns {

    /** What a new task writes once. */
    static final ColumnSet<QueueTask> OWN = new ColumnSet<QueueTask>()
            .text("tenant_id", task -> task.owner().tenantId())
            .text("project_id", task -> task.owner().projectId())
            .text("payload_hash", task -> key(task, Idempotency::contentHash))
            .text("idempotency_key", task -> key(task, Idempotency::key));

    /** What is to be done, which a replacement writes again. */
    static final ColumnSet<QueueTask> CONTENT = new ColumnSet<QueueTask>()
            .text("queue", task -> task.place().queue())
            .text("lane", task -> task.place().lane())
            .number("priority", task -> (long) task.place().priority())
            .text("title", QueueTask::title)
            .text("backend_profile", task -> task.spec().backendProfile().wire())
            .text("provider_id", task -> task.spec().providerId())
            .json("workspace_ref", task -> task.spec().workspaceRef())
            .json("execution_policy", task -> task.spec().executionPolicy())
            .json("resource_bundle_ref", task -> task.spec().resourceBundleRef())
            .json("trace_sink", task -> task.spec().traceSink())
            .json("payload", task -> task.content().payload())
            .jsonText("references_json", TaskColumns::references)
            .json("metadata", task -> task.content().metadata())
            .json("session_ref", task -> session(task, SessionRef::asJson))
            .text("session_id", task -> session(task, SessionRef::sessionId))
            .json("limit_labels", TaskColumns::labels);

    /** What a task waits for and how often it is tried: whoever writes anything of a task writes this. */
    static final ColumnSet<QueueTask> WAIT = new ColumnSet<QueueTask>()
            .time("not_before", QueueTask::notBefore)
            .flag("delayed", task -> task.notBefore() != null)
            .number("retry_max_attempts", task -> (long) task.retry().maxAttempts())
            .number("retry_delay_micros", task -> task.retry().delay().toNanos() / 1_000)
            .part("deadlines", QueueTask::deadlines)
            .time("deadline_at", DeadlineRules::nextAt);

    /** What else a task that changes writes. */
    static final ColumnSet<QueueTask> NEXT = new ColumnSet<QueueTask>()
            .text("state", task -> task.state().wire())
            .text("session_path", task -> task.content().sessionPath())
            .part("latest_attempt", QueueTask::latestAttempt)
            .text("failure_kind", task -> Columns.failureKind(task.outcome()))
            .text("failure_message", task -> Columns.failureMessage(task.outcome()))
            .time("cancel_requested_at", task -> request(task, CancelRequest::requestedAt))
            .text("cancel_reason", task -> request(task, CancelRequest::reason))
            .part("retries", QueueTask::retries)
            .text("replace_key", QueueTask::replaceKey);

    private TaskColumns() {}

    private static <V> @Nullable V key(QueueTask task, Function<Idempotency, V> part) {
        Idempotency key = task.idempotency();
        return key == null ? null : part.apply(key);
    }

    private static <V> @Nullable V session(QueueTask task, Function<SessionRef, V> part) {
        SessionRef session = task.content().session();
        return session == null ? null : part.apply(session);
    }

    private static <V> @Nullable V request(QueueTask task, Function<CancelRequest, V> part) {
        CancelRequest request = task.cancelRequest();
        return request == null ? null : part.apply(request);
    }

    private static String references(QueueTask task) {
        return task.content().references().stream()
                .map(JsonObject::storedText)
                .collect(Collectors.joining(",", "[", "]"));
    }

    private static @Nullable JsonObject labels(QueueTask task) {
        return task.limitLabels().isEmpty() ? null : JsonObject.from(task.limitLabels());
    }
}

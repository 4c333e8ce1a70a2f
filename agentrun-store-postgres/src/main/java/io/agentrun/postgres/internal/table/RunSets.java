package io.agentrun.postgres.internal.table;

import io.agentrun.model.CancelRequest;
import io.agentrun.model.Idempotency;
import io.agentrun.postgres.internal.db.Script;
import io.agentrun.queue.TaskPlace;
import io.agentrun.rules.LastBatch;
import io.agentrun.rules.RunHead;
import io.agentrun.run.Lease;
import io.agentrun.run.Run;
import java.time.Instant;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Writes many runs with one statement: what {@link RunTable#INSERT} and {@link RunTable#UPDATE} do for one. The limits are for the
 * plan: as in {@link AppendStatements#TOGETHER}.
 *
 * <p>Thread-safe.
 */
public final class RunSets {

    /** New runs; where an id or a key is taken, the statement fails. */
    public static final String INSERT = """
            WITH n AS (
                SELECT *
                FROM unnest(
                        :new_run_id, :new_run_tenant_id, :new_run_project_id, :new_run_workspace_ref, :new_run_provider_id,
                        :new_run_backend_profile, :new_run_execution_policy, :new_run_trace_sink,
                        :new_run_resource_bundle_ref, :new_run_session_id, :new_run_task_id, :new_run_max_attempts,
                        :new_run_idempotency_key, :new_run_content_hash, :new_run_created_at, :new_run_status,
                        :new_run_epoch, :new_run_event_seq, :new_run_command_seq, :new_run_attempt,
                        :new_run_lease_expires_at, :new_run_runner_id, :new_run_fence_hash, :new_run_updated_at,
                        :new_run_queue, :new_run_lane, :new_run_priority)
                    AS n (id, tenant_id, project_id, workspace_ref, provider_id, backend_profile, execution_policy,
                        trace_sink, resource_bundle_ref, session_id, task_id, max_attempts, idempotency_key, content_hash,
                        created_at, status, epoch, event_seq, command_seq, attempt, lease_expires_at, runner_id,
                        fence_hash, updated_at, queue, lane, priority)
                LIMIT (SELECT cardinality(:new_run_id))
            ), run AS (
                INSERT INTO {schema}.agentrun_runs (
                    id, tenant_id, project_id, workspace_ref, provider_id, backend_profile, execution_policy, trace_sink,
                    resource_bundle_ref, session_id, task_id, max_attempts, idempotency_key, content_hash, created_at)
                SELECT
                    n.id, n.tenant_id, n.project_id, CAST(n.workspace_ref AS jsonb), n.provider_id, n.backend_profile,
                    CAST(n.execution_policy AS jsonb), CAST(n.trace_sink AS jsonb), CAST(n.resource_bundle_ref AS jsonb),
                    n.session_id, n.task_id, n.max_attempts, n.idempotency_key, n.content_hash, n.created_at
                FROM n
                RETURNING id
            )
            INSERT INTO {schema}.agentrun_run_state (
                run_id, created_at, tenant_id, project_id, backend_profile, provider_id, session_id, status, epoch,
                event_seq, command_seq, attempt, lease_expires_at, runner_id, fence_hash, updated_at, queue, lane, priority)
            SELECT
                n.id, n.created_at, n.tenant_id, n.project_id, n.backend_profile, n.provider_id, n.session_id, n.status,
                n.epoch, n.event_seq, n.command_seq, n.attempt, n.lease_expires_at, n.runner_id, n.fence_hash,
                n.updated_at, n.queue,
                n.lane, n.priority
            FROM run
            JOIN n ON n.id = run.id
            RETURNING run_id
            """;

    /** Everything of runs that may change. */
    public static final String UPDATE = """
            UPDATE {schema}.agentrun_run_state s
            SET status = n.status,
                epoch = n.epoch,
                event_seq = n.event_seq,
                command_seq = n.command_seq,
                attempt = n.attempt,
                lease_expires_at = n.lease_expires_at,
                runner_id = n.runner_id,
                generation = n.generation,
                starts = n.starts,
                fence_hash = n.fence_hash,
                batch_number = n.batch_number,
                batch_first = n.batch_first,
                batch_count = n.batch_count,
                batch_hash = n.batch_hash,
                cancel_requested_at = n.cancel_requested_at,
                cancel_reason = n.cancel_reason,
                failure_kind = n.failure_kind,
                failure_message = n.failure_message,
                updated_at = n.updated_at
            FROM (
                SELECT *
                FROM unnest(
                        :changed_run_id, :changed_run_status, :changed_run_epoch, :changed_run_event_seq,
                        :changed_run_command_seq, :changed_run_attempt, :changed_run_lease_expires_at,
                        :changed_run_runner_id, :changed_run_cancel_requested_at, :changed_run_cancel_reason,
                        :changed_run_failure_kind, :changed_run_failure_message, :changed_run_updated_at,
                        :changed_run_generation, :changed_run_starts, :changed_run_fence_hash,
                        :changed_run_batch_number, :changed_run_batch_first, :changed_run_batch_count,
                        :changed_run_batch_hash)
                    AS n (run_id, status, epoch, event_seq, command_seq, attempt, lease_expires_at, runner_id,
                        cancel_requested_at, cancel_reason, failure_kind, failure_message, updated_at, generation, starts,
                        fence_hash, batch_number, batch_first, batch_count, batch_hash)
                LIMIT (SELECT cardinality(:changed_run_id))
            ) n
            WHERE s.run_id = n.run_id
            RETURNING s.run_id
            """;

    private RunSets() {}

    /** A new run, with the hash of its claim's token, the numbers of its last event and command, and the place of its task, if it has one. Immutable. */
    public record NewRow(
            Run run,
            @Nullable String tokenHash,
            long eventSeq,
            long commandSeq,
            @Nullable TaskPlace place) {}

    /** The next state of a run, with the numbers of its last event and command. Immutable. */
    public record ChangedRow(RunHead run, long eventSeq, long commandSeq) {}

    /** Gives {@link #INSERT} its parameters. */
    public static void bindNew(Script script, List<NewRow> rows) {
        text(script, "new_run_id", rows, row -> row.run().id());
        text(script, "new_run_tenant_id", rows, row -> row.run().owner().tenantId());
        text(script, "new_run_project_id", rows, row -> row.run().owner().projectId());
        text(
                script,
                "new_run_workspace_ref",
                rows,
                row -> Columns.json(row.run().spec().workspaceRef()));
        text(script, "new_run_provider_id", rows, row -> row.run().spec().providerId());
        text(
                script,
                "new_run_backend_profile",
                rows,
                row -> row.run().spec().backendProfile().wire());
        text(
                script,
                "new_run_execution_policy",
                rows,
                row -> Columns.json(row.run().spec().executionPolicy()));
        text(
                script,
                "new_run_trace_sink",
                rows,
                row -> Columns.json(row.run().spec().traceSink()));
        text(
                script,
                "new_run_resource_bundle_ref",
                rows,
                row -> Columns.json(row.run().spec().resourceBundleRef()));
        text(script, "new_run_session_id", rows, row -> row.run().sessionId());
        text(script, "new_run_task_id", rows, row -> row.run().taskId());
        number(script, "new_run_max_attempts", rows, row ->
                (long) row.run().claim().attempts().max());
        text(script, "new_run_idempotency_key", rows, row -> key(row.run().idempotency()));
        text(script, "new_run_content_hash", rows, row -> hash(row.run().idempotency()));
        times(script, "new_run_created_at", rows, row -> row.run().createdAt());
        text(script, "new_run_status", rows, row -> row.run().status().wire());
        number(script, "new_run_epoch", rows, row -> row.run().epoch());
        number(script, "new_run_event_seq", rows, NewRow::eventSeq);
        number(script, "new_run_command_seq", rows, NewRow::commandSeq);
        number(script, "new_run_attempt", rows, row ->
                (long) row.run().claim().attempts().current());
        times(
                script,
                "new_run_lease_expires_at",
                rows,
                row -> expiry(row.run().claim().lease()));
        text(script, "new_run_runner_id", rows, row -> runner(row.run().claim().lease()));
        hashes(script, "new_run_fence_hash", rows, NewRow::tokenHash);
        times(script, "new_run_updated_at", rows, row -> row.run().updatedAt());
        text(
                script,
                "new_run_queue",
                rows,
                row -> row.place() == null ? null : row.place().queue());
        text(
                script,
                "new_run_lane",
                rows,
                row -> row.place() == null ? null : row.place().lane());
        number(
                script,
                "new_run_priority",
                rows,
                row -> row.place() == null ? null : (long) row.place().priority());
    }

    /** Gives {@link #UPDATE} its parameters. */
    public static void bindChanged(Script script, List<ChangedRow> rows) {
        text(script, "changed_run_id", rows, row -> row.run().id());
        text(script, "changed_run_status", rows, row -> row.run().status().wire());
        number(script, "changed_run_epoch", rows, row -> row.run().epoch());
        number(script, "changed_run_event_seq", rows, ChangedRow::eventSeq);
        number(script, "changed_run_command_seq", rows, ChangedRow::commandSeq);
        number(script, "changed_run_attempt", rows, row ->
                (long) row.run().claim().attempts().current());
        times(
                script,
                "changed_run_lease_expires_at",
                rows,
                row -> expiry(row.run().claim().lease()));
        text(
                script,
                "changed_run_runner_id",
                rows,
                row -> runner(row.run().claim().lease()));
        times(
                script,
                "changed_run_cancel_requested_at",
                rows,
                row -> requestedAt(row.run().cancelRequest()));
        text(script, "changed_run_cancel_reason", rows, row -> reason(row.run().cancelRequest()));
        text(
                script,
                "changed_run_failure_kind",
                rows,
                row -> Columns.failureKind(row.run().outcome()));
        text(
                script,
                "changed_run_failure_message",
                rows,
                row -> Columns.failureMessage(row.run().outcome()));
        times(script, "changed_run_updated_at", rows, row -> row.run().updatedAt());
        number(script, "changed_run_generation", rows, row -> row.run().claim().generation());
        number(script, "changed_run_starts", rows, row ->
                (long) row.run().claim().attempts().starts());
        hashes(script, "changed_run_fence_hash", rows, row -> row.run().guard().tokenHash());
        number(script, "changed_run_batch_number", rows, row -> batch(row, LastBatch::number));
        number(script, "changed_run_batch_first", rows, row -> batch(row, LastBatch::firstSeq));
        number(script, "changed_run_batch_count", rows, row -> batch(row, last -> (long) last.count()));
        hashes(script, "changed_run_batch_hash", rows, row -> batch(row, LastBatch::hash));
    }

    private static <T> @Nullable T batch(ChangedRow row, Function<LastBatch, T> part) {
        LastBatch last = row.run().guard().lastBatch();
        return last == null ? null : part.apply(last);
    }

    private static @Nullable Instant expiry(@Nullable Lease lease) {
        return lease == null ? null : lease.expiresAt();
    }

    private static @Nullable String runner(@Nullable Lease lease) {
        return lease == null ? null : lease.runnerId();
    }

    private static @Nullable Instant requestedAt(@Nullable CancelRequest request) {
        return request == null ? null : request.requestedAt();
    }

    private static @Nullable String reason(@Nullable CancelRequest request) {
        return request == null ? null : request.reason();
    }

    private static @Nullable String key(@Nullable Idempotency key) {
        return key == null ? null : key.key();
    }

    private static @Nullable String hash(@Nullable Idempotency key) {
        return key == null ? null : key.contentHash();
    }

    private static <T> void text(Script script, String name, List<T> rows, Function<T, @Nullable String> value) {
        script.bindArray(name, "text", rows.stream().map(value).toArray());
    }

    private static <T> void hashes(Script script, String name, List<T> rows, Function<T, @Nullable String> value) {
        script.bindHashes(name, rows.stream().map(value).toList());
    }

    private static <T> void number(Script script, String name, List<T> rows, Function<T, @Nullable Long> value) {
        script.bindArray(name, "bigint", rows.stream().map(value).toArray());
    }

    private static <T> void times(Script script, String name, List<T> rows, Function<T, @Nullable Instant> value) {
        script.bindTimes(name, rows.stream().map(value).toList());
    }
}

package io.agentrun.postgres.internal.table;

import io.agentrun.model.BackendProfile;
import io.agentrun.model.CancelRequest;
import io.agentrun.model.Idempotency;
import io.agentrun.model.Outcome;
import io.agentrun.model.Owner;
import io.agentrun.model.RunSpec;
import io.agentrun.postgres.internal.db.Script;
import io.agentrun.queue.TaskPlace;
import io.agentrun.rules.LastBatch;
import io.agentrun.rules.RunGuard;
import io.agentrun.rules.RunHead;
import io.agentrun.run.Lease;
import io.agentrun.run.Run;
import io.agentrun.run.RunAttempts;
import io.agentrun.run.RunClaim;
import io.agentrun.run.RunStatus;
import java.sql.ResultSet;
import java.sql.SQLException;
import org.jdbi.v3.core.statement.StatementContext;
import org.jspecify.annotations.Nullable;

/**
 * {@code agentrun_runs}, what a run is made of, and {@code agentrun_run_state}, all that changes of it.
 *
 * <p>Thread-safe.
 */
public final class RunTable {

    /** The columns of a run row, from {@code r} and {@code s}. */
    public static final String COLUMNS = """
            r.id, r.tenant_id, r.project_id, r.workspace_ref, r.provider_id, r.backend_profile, r.execution_policy,
            r.trace_sink, r.resource_bundle_ref, r.session_id, r.task_id, r.max_attempts, r.idempotency_key,
            r.content_hash, r.created_at, s.status, s.epoch, s.generation, s.event_seq, s.command_seq, s.attempt,
            s.starts, s.lease_expires_at, s.runner_id, s.cancel_requested_at, s.cancel_reason, s.failure_kind,
            s.failure_message, s.updated_at
            """;

    /** The columns of a run row with what its guard needs, for {@link #row} and {@link #head}. */
    public static final String ROW_COLUMNS =
            "s.fence_hash, s.batch_number, s.batch_first, s.batch_count, s.batch_hash, " + COLUMNS;

    /** The run with the id {@code :run_id}. */
    public static final String GET = "SELECT " + ROW_COLUMNS + """
            FROM {schema}.agentrun_runs r
            JOIN {schema}.agentrun_run_state s ON s.run_id = r.id
            WHERE r.id = :run_id
            """;

    /** Those of the runs {@code :run_ids} that there are. */
    public static final String GET_ALL = "SELECT " + ROW_COLUMNS + """
            FROM {schema}.agentrun_runs r
            JOIN {schema}.agentrun_run_state s ON s.run_id = r.id
            WHERE r.id = ANY (:run_ids)
            """;

    /** The run with the id {@code :run_id}, locked. */
    public static final String LOCK = GET + "FOR NO KEY UPDATE OF s";

    /** The run with the id {@code :run_id}, locked, unless another transaction has it locked. */
    public static final String LOCK_FREE = GET + "FOR NO KEY UPDATE OF s SKIP LOCKED";

    /** One row if the run {@code :run_id} exists. */
    public static final String EXISTS = """
            SELECT true AS known
            FROM {schema}.agentrun_run_state
            WHERE run_id = :run_id
            """;

    /** The run of the command {@code :command_id}, locked. */
    public static final String LOCK_OF_COMMAND = "SELECT " + ROW_COLUMNS + """
            FROM {schema}.agentrun_runs r
            JOIN {schema}.agentrun_run_state s ON s.run_id = r.id
            WHERE r.id = (SELECT run_id FROM {schema}.agentrun_commands WHERE id = :command_id)
            FOR NO KEY UPDATE OF s
            """;

    /** The run {@code :run_id} and the run of its session's active turn, locked by rising id. */
    public static final String LOCK_LANE = "SELECT " + ROW_COLUMNS + """
            FROM {schema}.agentrun_runs r
            JOIN {schema}.agentrun_run_state s ON s.run_id = r.id
            WHERE s.run_id IN (:run_id, (
                SELECT c.run_id
                FROM {schema}.agentrun_commands c
                WHERE c.session_id = (SELECT session_id FROM {schema}.agentrun_runs WHERE id = :run_id)
                    AND c.ordinal > 0 AND c.state IN ('pending', 'acknowledged')
                ORDER BY c.ordinal
                LIMIT 1))
            ORDER BY s.run_id
            FOR NO KEY UPDATE OF s
            """;

    /** The run of the owner that was created under {@code :idempotency_key}. */
    public static final String BY_KEY = "SELECT " + COLUMNS + """
            FROM {schema}.agentrun_runs r
            JOIN {schema}.agentrun_run_state s ON s.run_id = r.id
            WHERE r.tenant_id = :tenant_id AND r.project_id = :project_id AND r.idempotency_key = :idempotency_key
            """;

    /** Whether a run of the session {@code :session_id} has not ended. */
    public static final String IN_USE = """
            SELECT EXISTS (
                SELECT FROM {schema}.agentrun_run_state
                WHERE session_id = :session_id AND status IN ('pending', 'claimed', 'running')) AS in_use
            """;

    /** A new run; where its id or key is taken, the statement fails. */
    public static final String INSERT = """
            WITH run AS (
                INSERT INTO {schema}.agentrun_runs (
                    id, tenant_id, project_id, workspace_ref, provider_id, backend_profile, execution_policy, trace_sink,
                    resource_bundle_ref, session_id, task_id, max_attempts, idempotency_key, content_hash, created_at)
                VALUES (
                    :run_id, :run_tenant_id, :run_project_id, CAST(:run_workspace_ref AS jsonb), :run_provider_id,
                    :run_backend_profile, CAST(:run_execution_policy AS jsonb), CAST(:run_trace_sink AS jsonb),
                    CAST(:run_resource_bundle_ref AS jsonb), :run_session_id, :run_task_id, :run_max_attempts,
                    :run_idempotency_key, :run_content_hash, :run_created_at)
                RETURNING id, created_at, tenant_id, project_id, backend_profile, provider_id, session_id
            )
            INSERT INTO {schema}.agentrun_run_state (
                run_id, created_at, tenant_id, project_id, backend_profile, provider_id, session_id, status, epoch,
                event_seq, command_seq, attempt, lease_expires_at, runner_id, fence_hash, updated_at, queue, lane, priority)
            SELECT
                id, created_at, tenant_id, project_id, backend_profile, provider_id, session_id, :run_status, :run_epoch,
                :run_event_seq, :run_command_seq, :run_attempt, :run_lease_expires_at, :run_runner_id, :run_fence_hash,
                :run_updated_at, :run_queue, :run_lane, :run_priority
            FROM run
            RETURNING run_id
            """;

    /** Everything of a run that may change. */
    public static final String UPDATE = """
            UPDATE {schema}.agentrun_run_state
            SET status = :run_status,
                epoch = :run_epoch,
                generation = :run_generation,
                fence_hash = :run_fence_hash,
                batch_number = :run_batch_number,
                batch_first = :run_batch_first,
                batch_count = :run_batch_count,
                batch_hash = :run_batch_hash,
                event_seq = :run_event_seq,
                command_seq = :run_command_seq,
                attempt = :run_attempt,
                starts = :run_starts,
                lease_expires_at = :run_lease_expires_at,
                runner_id = :run_runner_id,
                cancel_requested_at = :run_cancel_requested_at,
                cancel_reason = :run_cancel_reason,
                failure_kind = :run_failure_kind,
                failure_message = :run_failure_message,
                updated_at = :run_updated_at
            WHERE run_id = :run_id
            RETURNING run_id
            """;

    /** The numbers of a run that is otherwise as it was. */
    public static final String COUNT = """
            UPDATE {schema}.agentrun_run_state
            SET event_seq = :run_event_seq, command_seq = :run_command_seq
            WHERE run_id = :run_id
            RETURNING run_id
            """;

    /** Deletes the events of the run {@code :run_id}. */
    public static final String DELETE_EVENTS = """
            DELETE FROM {schema}.agentrun_events
            WHERE run_id = :run_id
            """;

    /** Deletes the run {@code :run_id} with its state, commands and jobs. */
    public static final String DELETE = """
            DELETE FROM {schema}.agentrun_runs
            WHERE id = :run_id
            """;

    private RunTable() {}

    /** Gives {@link #INSERT} its parameters, with the place of the run's task, if it has one. */
    public static void bindNew(Script script, Run run, RunGuard guard, @Nullable TaskPlace place) {
        RunSpec spec = run.spec();
        Idempotency key = run.idempotency();
        Lease lease = run.claim().lease();
        script.bind("run_lease_expires_at", lease == null ? null : lease.expiresAt())
                .bind("run_runner_id", lease == null ? null : lease.runnerId())
                .bindHash("run_fence_hash", guard.tokenHash())
                .bind("run_queue", place == null ? null : place.queue())
                .bind("run_lane", place == null ? null : place.lane())
                .bind("run_priority", place == null ? null : Long.valueOf(place.priority()));
        script.bind("run_tenant_id", run.owner().tenantId())
                .bind("run_project_id", run.owner().projectId())
                .bind("run_workspace_ref", spec.workspaceRef())
                .bind("run_provider_id", spec.providerId())
                .bind("run_backend_profile", spec.backendProfile().wire())
                .bind("run_execution_policy", spec.executionPolicy())
                .bind("run_trace_sink", spec.traceSink())
                .bind("run_resource_bundle_ref", spec.resourceBundleRef())
                .bind("run_session_id", run.sessionId())
                .bind("run_task_id", run.taskId())
                .bind("run_max_attempts", run.claim().attempts().max())
                .bind("run_idempotency_key", key == null ? null : key.key())
                .bind("run_content_hash", key == null ? null : key.contentHash())
                .bind("run_created_at", run.createdAt())
                .bind("run_status", run.status().wire())
                .bind("run_epoch", run.epoch())
                .bind("run_attempt", run.claim().attempts().current())
                .bind("run_updated_at", run.updatedAt());
    }

    /** Gives {@link #UPDATE} its parameters. */
    public static void bindChanged(Script script, RunHead run) {
        Lease lease = run.claim().lease();
        CancelRequest request = run.cancelRequest();
        LastBatch batch = run.guard().lastBatch();
        script.bind("run_status", run.status().wire())
                .bind("run_epoch", run.epoch())
                .bind("run_generation", run.claim().generation())
                .bindHash("run_fence_hash", run.guard().tokenHash())
                .bind("run_batch_number", batch == null ? null : (Long) batch.number())
                .bind("run_batch_first", batch == null ? null : (Long) batch.firstSeq())
                .bind("run_batch_count", batch == null ? null : (Long) (long) batch.count())
                .bindHash("run_batch_hash", batch == null ? null : batch.hash())
                .bind("run_attempt", run.claim().attempts().current())
                .bind("run_starts", run.claim().attempts().starts())
                .bind("run_lease_expires_at", lease == null ? null : lease.expiresAt())
                .bind("run_runner_id", lease == null ? null : lease.runnerId())
                .bind("run_cancel_requested_at", request == null ? null : request.requestedAt())
                .bind("run_cancel_reason", request == null ? null : request.reason())
                .bind("run_failure_kind", Columns.failureKind(run.outcome()))
                .bind("run_failure_message", Columns.failureMessage(run.outcome()))
                .bind("run_updated_at", run.updatedAt());
    }

    /** Gives {@link #INSERT}, {@link #UPDATE} or {@link #COUNT} the run's id and the numbers of its last event and command. */
    public static void bindCounters(Script script, String runId, long eventSeq, long commandSeq) {
        script.bind("run_id", runId).bind("run_event_seq", eventSeq).bind("run_command_seq", commandSeq);
    }

    /** Returns the run in the row, with the numbers of its last event and command. */
    public static RunRow row(ResultSet row, StatementContext context) throws SQLException {
        return new RunRow(
                run(row, context),
                new RunGuard(Columns.hashOrNull(row, "fence_hash"), lastBatch(row)),
                row.getLong("event_seq"),
                row.getLong("command_seq"));
    }

    private static @Nullable LastBatch lastBatch(ResultSet row) throws SQLException {
        String hash = Columns.hashOrNull(row, "batch_hash");
        return hash == null
                ? null
                : new LastBatch(
                        row.getLong("batch_number"), row.getLong("batch_first"), row.getInt("batch_count"), hash);
    }

    /** Returns what the rules see of the run in the row. */
    public static RunHead head(ResultSet row, StatementContext context) throws SQLException {
        return row(row, context).head();
    }

    /** Returns the run in the row. */
    public static Run run(ResultSet row, StatementContext context) throws SQLException {
        RunStatus status = RunStatus.fromWire("status", Columns.text(row, "status"));
        long epoch = row.getLong("epoch");
        String runnerId = row.getString("runner_id");
        Lease lease = runnerId == null ? null : new Lease(runnerId, epoch, Columns.instant(row, "lease_expires_at"));
        RunAttempts attempts = new RunAttempts(row.getInt("attempt"), row.getInt("max_attempts"), row.getInt("starts"));
        Outcome outcome = Columns.outcome(status.terminal() ? status.wire() : null, row);
        return Run.builder(
                        Columns.text(row, "id"),
                        new Owner(Columns.text(row, "tenant_id"), Columns.text(row, "project_id")),
                        spec(row))
                .sessionId(row.getString("session_id"))
                .taskId(row.getString("task_id"))
                .status(status)
                .outcome(outcome)
                .claim(new RunClaim(epoch, row.getLong("generation"), lease, attempts))
                .cancelRequest(cancelRequest(row))
                .idempotency(Columns.idempotency(row, "content_hash"))
                .createdAt(Columns.instant(row, "created_at"))
                .updatedAt(Columns.instant(row, "updated_at"))
                .build();
    }

    /** Returns what {@link #IN_USE} found. */
    public static Boolean inUse(ResultSet row, StatementContext context) throws SQLException {
        return row.getBoolean("in_use");
    }

    /** Returns the request in {@code cancel_reason} and {@code cancel_requested_at}, or null. */
    public static @Nullable CancelRequest cancelRequest(ResultSet row) throws SQLException {
        String reason = row.getString("cancel_reason");
        return reason == null ? null : new CancelRequest(reason, Columns.instant(row, "cancel_requested_at"));
    }

    /** Returns the spec in a row of a run or a task. */
    static RunSpec spec(ResultSet row) throws SQLException {
        return RunSpec.builder(BackendProfile.of(Columns.text(row, "backend_profile")))
                .providerId(Columns.text(row, "provider_id"))
                .workspaceRef(Columns.json(row, "workspace_ref"))
                .executionPolicy(Columns.json(row, "execution_policy"))
                .resourceBundleRef(Columns.jsonOrNull(row, "resource_bundle_ref"))
                .traceSink(Columns.jsonOrNull(row, "trace_sink"))
                .build();
    }
}

package io.agentrun.postgres.internal.table;

import io.agentrun.model.BackendProfile;
import io.agentrun.model.CancelRequest;
import io.agentrun.model.Deadlines;
import io.agentrun.model.Idempotency;
import io.agentrun.model.Outcome;
import io.agentrun.model.Owner;
import io.agentrun.model.RunSpec;
import io.agentrun.queue.TaskPlace;
import io.agentrun.rules.DeadlineRules;
import io.agentrun.rules.RunGuard;
import io.agentrun.rules.RunGuard.LastBatch;
import io.agentrun.rules.RunHead;
import io.agentrun.run.ClaimLimit;
import io.agentrun.run.Lease;
import io.agentrun.run.Run;
import io.agentrun.run.RunAttempts;
import io.agentrun.run.RunClaim;
import io.agentrun.run.RunStatus;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.function.Function;
import org.jdbi.v3.core.statement.StatementContext;
import org.jspecify.annotations.Nullable;

/**
 * The columns of a run: how each is read and what is written to it. A new column stands here and in a migration, and nowhere else.
 *
 * <p>A run that is running has the status {@code claimed} and, as {@code begun_epoch}, the epoch of its lease: an acknowledgement
 * then changes no column that an index names. Its time is the later one of {@code updated_at} and {@code begun_at}. Rows from before
 * V14 say {@code running}.
 *
 * <p>Thread-safe.
 */
public final class RunColumns {

    /** The columns of {@code agentrun_run_state}, from {@code s}, in which everything is that changes. */
    static final String STATE = """
            s.status, s.epoch, s.generation, s.event_seq, s.command_seq, s.attempt, s.starts, s.lease_expires_at, s.runner_id,
            s.cancel_requested_at, s.cancel_reason, s.failure_kind, s.failure_message, s.begun_epoch, s.begun_at, s.claim_micros,
            s.claim_until, s.updated_at, s.started_at, s.open_questions, s.parked_epoch
            """;

    /** The columns of a run row, from {@code r} and {@code s}. */
    public static final String COLUMNS = """
            r.id, r.tenant_id, r.project_id, r.workspace_ref, r.provider_id, r.backend_profile, r.execution_policy,
            r.trace_sink, r.resource_bundle_ref, r.session_id, r.task_id, r.max_attempts, r.idempotency_key,
            r.content_hash, r.created_at, r.deadlines,
            """ + STATE;

    /**
     * The columns of a run row with what its guard needs, for {@link #row} and {@link #head}. A run takes slots before it is there, or
     * when it is claimed after a park: then the look for its slots may be older than the wait for its lock, and only the run's own row, read
     * again behind that wait, says that it may have some.
     */
    public static final String ROW_COLUMNS = """
            s.fence_hash, s.batch_number, s.batch_first, s.batch_count, s.batch_hash,
            s.parked_epoch IS NOT NULL
                OR EXISTS (SELECT FROM {schema}.agentrun_limit_slots l WHERE l.run_id = r.id) AS slotted,
            """ + COLUMNS;

    /** The columns of a run that hold JSON of any size. */
    public static final List<String> OBJECTS =
            List.of("workspace_ref", "execution_policy", "resource_bundle_ref", "trace_sink");

    /** What a new run writes to {@code agentrun_runs} alone. */
    static final ColumnSet<NewRow> OWN = new ColumnSet<NewRow>()
            .text("id", row -> row.run().id())
            .json("workspace_ref", row -> row.run().spec().workspaceRef())
            .json("execution_policy", row -> row.run().spec().executionPolicy())
            .json("trace_sink", row -> row.run().spec().traceSink())
            .json("resource_bundle_ref", row -> row.run().spec().resourceBundleRef())
            .text("task_id", row -> row.run().taskId())
            .number("max_attempts", row -> (long) row.run().claim().attempts().max())
            .text("idempotency_key", row -> key(row.run(), Idempotency::key))
            .text("content_hash", row -> key(row.run(), Idempotency::contentHash))
            .part("deadlines", row -> row.run().deadlines());

    /** What a new run writes to both tables, for the indexes of the second. */
    static final ColumnSet<NewRow> SHARED = new ColumnSet<NewRow>()
            .time("created_at", row -> row.run().createdAt())
            .text("tenant_id", row -> row.run().owner().tenantId())
            .text("project_id", row -> row.run().owner().projectId())
            .text("backend_profile", row -> row.run().spec().backendProfile().wire())
            .text("provider_id", row -> row.run().spec().providerId())
            .text("session_id", row -> row.run().sessionId());

    /** What a new run writes to {@code agentrun_run_state} alone. */
    static final ColumnSet<NewRow> FIRST_STATE = new ColumnSet<NewRow>()
            .text("status", row -> stored(row.run().status()))
            .number("epoch", row -> row.run().epoch())
            .number("event_seq", NewRow::eventSeq)
            .number("command_seq", NewRow::commandSeq)
            .number("attempt", row -> (long) row.run().claim().attempts().current())
            .time("lease_expires_at", row -> lease(row.run().claim(), Lease::expiresAt))
            .text("runner_id", row -> lease(row.run().claim(), Lease::runnerId))
            .hash("fence_hash", row -> row.guard().tokenHash())
            .number("claim_micros", row -> micros(row.run().claimLimit()))
            .time("claim_until", row -> until(row.run().claimLimit()))
            .time("updated_at", row -> row.run().updatedAt())
            .time("started_at", row -> row.run().startedAt())
            .time("deadline_at", row -> DeadlineRules.nextAt(RunHead.of(row.run())))
            .text("queue", row -> place(row, TaskPlace::queue))
            .text("lane", row -> place(row, TaskPlace::lane))
            .number("priority", row -> place(row, place -> (long) place.priority()));

    /** What a run that changes writes to {@code agentrun_run_state}. */
    static final ColumnSet<ChangedRow> NEXT_STATE = new ColumnSet<ChangedRow>()
            .text("status", row -> stored(row.run().status()))
            .number("begun_epoch", row -> begun(row, RunHead::epoch))
            .time("begun_at", row -> begun(row, RunHead::updatedAt))
            .number("epoch", row -> row.run().epoch())
            .number("generation", row -> row.run().claim().generation())
            .hash("fence_hash", row -> row.run().guard().tokenHash())
            .number("batch_number", row -> batch(row, LastBatch::number))
            .number("batch_first", row -> batch(row, LastBatch::firstSeq))
            .number("batch_count", row -> batch(row, last -> (long) last.count()))
            .hash("batch_hash", row -> batch(row, LastBatch::hash))
            .number("event_seq", ChangedRow::eventSeq)
            .number("command_seq", ChangedRow::commandSeq)
            .number("attempt", row -> (long) row.run().claim().attempts().current())
            .number("starts", row -> (long) row.run().claim().attempts().starts())
            .time("lease_expires_at", row -> lease(row.run().claim(), Lease::expiresAt))
            .text("runner_id", row -> lease(row.run().claim(), Lease::runnerId))
            .time("cancel_requested_at", row -> request(row, CancelRequest::requestedAt))
            .text("cancel_reason", row -> request(row, CancelRequest::reason))
            .text("failure_kind", row -> Columns.failureKind(row.run().outcome()))
            .text("failure_message", row -> Columns.failureMessage(row.run().outcome()))
            .number("claim_micros", row -> micros(row.run().claimLimit()))
            .time("claim_until", row -> until(row.run().claimLimit()))
            .time("updated_at", row -> row.run().updatedAt())
            .time("started_at", row -> row.run().startedAt())
            .time("deadline_at", row -> DeadlineRules.nextAt(row.run()))
            .number("open_questions", row -> openQuestions(row.run()))
            .number("parked_epoch", row -> parkedEpoch(row.run()));

    private RunColumns() {}

    /**
     * A new run, with the numbers of its last event and command. Immutable.
     *
     * @param place the place of its task, if it has one
     */
    public record NewRow(
            Run run,
            RunGuard guard,
            long eventSeq,
            long commandSeq,
            @Nullable TaskPlace place) {}

    /** The next state of a run, with the numbers of its last event and command. Immutable. */
    public record ChangedRow(RunHead run, long eventSeq, long commandSeq) {}

    /** Returns the status that is written: a begun turn is told apart by its epoch. */
    private static String stored(RunStatus status) {
        return (status == RunStatus.RUNNING ? RunStatus.CLAIMED : status).wire();
    }

    private static <V> @Nullable V begun(ChangedRow row, Function<RunHead, V> part) {
        return row.run().status() == RunStatus.RUNNING ? part.apply(row.run()) : null;
    }

    private static <V> @Nullable V key(Run run, Function<Idempotency, V> part) {
        return run.idempotency() == null ? null : part.apply(run.idempotency());
    }

    private static <V> @Nullable V lease(RunClaim claim, Function<Lease, V> part) {
        return claim.lease() == null ? null : part.apply(claim.lease());
    }

    private static <V> @Nullable V place(NewRow row, Function<TaskPlace, V> part) {
        return row.place() == null ? null : part.apply(row.place());
    }

    private static @Nullable Long micros(@Nullable ClaimLimit limit) {
        return limit == null ? null : limit.within().toNanos() / 1_000;
    }

    private static @Nullable Long openQuestions(RunHead run) {
        return run.openQuestions() == 0 ? null : (long) run.openQuestions();
    }

    private static @Nullable Long parkedEpoch(RunHead run) {
        return run.parkedEpoch() == 0 ? null : (Long) run.parkedEpoch();
    }

    private static @Nullable Instant until(@Nullable ClaimLimit limit) {
        return limit == null ? null : limit.until();
    }

    private static <V> @Nullable V batch(ChangedRow row, Function<LastBatch, V> part) {
        LastBatch last = row.run().guard().lastBatch();
        return last == null ? null : part.apply(last);
    }

    private static <V> @Nullable V request(ChangedRow row, Function<CancelRequest, V> part) {
        CancelRequest request = row.run().cancelRequest();
        return request == null ? null : part.apply(request);
    }

    /** Returns the run in the row, with the numbers of its last event and command. */
    public static RunRow row(ResultSet row, StatementContext context) throws SQLException {
        return new RunRow(
                run(row, context),
                new RunGuard(Columns.hashOrNull(row, "fence_hash"), lastBatch(row)),
                row.getLong("event_seq"),
                row.getLong("command_seq"),
                row.getBoolean("slotted"));
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
        long epoch = row.getLong("epoch");
        RunStatus status = status(row, epoch);
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
                .claimLimit(claimLimit(row, status))
                .cancelRequest(cancelRequest(row))
                .idempotency(Columns.idempotency(row, "content_hash"))
                .createdAt(Columns.instant(row, "created_at"))
                .updatedAt(updatedAt(row))
                .startedAt(Columns.instantOrNull(row, "started_at"))
                .openQuestions(row.getInt("open_questions"))
                .parkedEpoch(row.getLong("parked_epoch"))
                .deadlines(Columns.partOrNull(row, "deadlines", Deadlines.class))
                .build();
    }

    private static RunStatus status(ResultSet row, long epoch) throws SQLException {
        RunStatus stored = RunStatus.fromWire("status", Columns.text(row, "status"));
        Long begun = Columns.longOrNull(row, "begun_epoch");
        return stored == RunStatus.CLAIMED && begun != null && begun == epoch ? RunStatus.RUNNING : stored;
    }

    /** A claim leaves {@code claim_until} as it is: it counts while the run is pending, as its index says. */
    private static @Nullable ClaimLimit claimLimit(ResultSet row, RunStatus status) throws SQLException {
        Long micros = Columns.longOrNull(row, "claim_micros");
        if (micros == null) {
            return null;
        }
        Instant until = status == RunStatus.PENDING ? Columns.instantOrNull(row, "claim_until") : null;
        return new ClaimLimit(Duration.of(micros, ChronoUnit.MICROS), until);
    }

    private static Instant updatedAt(ResultSet row) throws SQLException {
        Instant updated = Columns.instant(row, "updated_at");
        Instant begun = Columns.instantOrNull(row, "begun_at");
        return begun != null && begun.isAfter(updated) ? begun : updated;
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

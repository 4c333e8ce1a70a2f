package io.agentrun.postgres.internal.register;

import io.agentrun.json.JsonObject;
import io.agentrun.model.Idempotency;
import io.agentrun.postgres.internal.db.Script;
import io.agentrun.postgres.internal.table.Columns;
import io.agentrun.runner.JobPlacement;
import io.agentrun.runner.NewRunnerJob;
import io.agentrun.runner.RunnerJob;
import java.sql.ResultSet;
import java.sql.SQLException;
import org.jdbi.v3.core.statement.StatementContext;
import org.jspecify.annotations.Nullable;

/**
 * {@code agentrun_runner_jobs}.
 *
 * <p>Thread-safe.
 */
public final class RunnerJobTable {

    private static final String COLUMNS = """
            j.id, j.run_id, j.command_id, j.attempt_id, j.runner_id, j.namespace, j.job_name, j.manager_url, j.image,
            j.source_commit, j.service_account_name, j.result, j.idempotency_key, j.payload_hash, j.created_at,
            j.updated_at
            """;

    /** The job of the run {@code :run_id} that was saved under {@code :idempotency_key}. */
    public static final String BY_KEY = "SELECT " + COLUMNS + """
            FROM {schema}.agentrun_runner_jobs j
            WHERE j.run_id = :run_id AND j.idempotency_key = :idempotency_key
            """;

    /** The jobs of the run {@code :run_id}, oldest first. */
    public static final String LIST = "SELECT " + COLUMNS + """
            FROM {schema}.agentrun_runner_jobs j
            WHERE j.run_id = :run_id
            ORDER BY j.created_at, j.id
            """;

    /** The jobs of the command {@code :command_id} of the run {@code :run_id}, oldest first. */
    public static final String LIST_OF_COMMAND = "SELECT " + COLUMNS + """
            FROM {schema}.agentrun_runner_jobs j
            WHERE j.run_id = :run_id AND j.command_id = :command_id
            ORDER BY j.created_at, j.id
            """;

    /**
     * A new job of an open run and of a command of that run; no row comes back where one of these does not hold, or the key
     * is taken. The run's row is locked: its end and this job come one after the other.
     */
    public static final String INSERT = """
            WITH run AS (
                SELECT s.run_id
                FROM {schema}.agentrun_run_state s
                WHERE s.run_id = :run_id AND s.status IN ('pending', 'claimed', 'running', 'waiting')
                FOR NO KEY UPDATE
            )
            INSERT INTO {schema}.agentrun_runner_jobs AS j (
                id, run_id, command_id, attempt_id, runner_id, namespace, job_name, manager_url, image, source_commit,
                service_account_name, result, idempotency_key, payload_hash, created_at, updated_at)
            SELECT
                :job_id, run.run_id, c.id, :attempt_id, :runner_id, :namespace, :job_name, :manager_url, :image,
                :source_commit, :service_account_name, CAST(:result AS jsonb), :idempotency_key, :content_hash, n.now,
                n.now
            FROM run
            JOIN {schema}.agentrun_commands c ON c.run_id = run.run_id AND c.id = :command_id
            CROSS JOIN (SELECT {schema}.agentrun_now() AS now) n
            ON CONFLICT DO NOTHING
            """ + "RETURNING " + COLUMNS;

    /** A new job, as it is; where its id or key is taken, the statement fails. */
    public static final String PUT = """
            INSERT INTO {schema}.agentrun_runner_jobs (
                id, run_id, command_id, attempt_id, runner_id, namespace, job_name, manager_url, image, source_commit,
                service_account_name, result, idempotency_key, payload_hash, created_at, updated_at)
            VALUES (
                :job_id, :run_id, :command_id, :attempt_id, :runner_id, :namespace, :job_name, :manager_url, :image,
                :source_commit, :service_account_name, CAST(:result AS jsonb), :idempotency_key, :content_hash,
                :created_at, :updated_at)
            """;

    private RunnerJobTable() {}

    /** Gives {@link #PUT} its parameters. */
    public static Script bind(Script script, RunnerJob job) {
        Idempotency key = job.idempotency();
        return bind(script, job.placement())
                .bind("job_id", job.id())
                .bind("run_id", job.runId())
                .bind("command_id", job.commandId())
                .bind("attempt_id", job.attemptId())
                .bind("runner_id", job.runnerId())
                .bind("result", job.result())
                .bind("idempotency_key", key == null ? null : key.key())
                .bind("content_hash", key == null ? null : key.contentHash())
                .bind("created_at", job.createdAt())
                .bind("updated_at", job.updatedAt());
    }

    private static Script bind(Script script, JobPlacement placement) {
        return script.bind("namespace", placement.namespace())
                .bind("job_name", placement.jobName())
                .bind("manager_url", placement.managerUrl())
                .bind("image", placement.image())
                .bind("source_commit", placement.sourceCommit())
                .bind("service_account_name", placement.serviceAccountName());
    }

    /** Gives {@link #INSERT} its parameters. */
    public static Script bind(Script script, String jobId, NewRunnerJob job) {
        return bind(script, job.placement())
                .bind("job_id", jobId)
                .bind("run_id", job.runId())
                .bind("command_id", job.commandId())
                .bind("attempt_id", job.attemptId())
                .bind("runner_id", job.runnerId())
                .bind("result", job.result())
                .bind("idempotency_key", job.idempotencyKey())
                .bind("content_hash", job.idempotencyKey() == null ? null : job.contentHash());
    }

    /** Returns the job in the row. */
    public static RunnerJob job(ResultSet row, StatementContext context) throws SQLException {
        String runId = Columns.text(row, "run_id");
        String commandId = Columns.text(row, "command_id");
        String attemptId = Columns.text(row, "attempt_id");
        String runnerId = Columns.text(row, "runner_id");
        JsonObject result = Columns.json(row, "result");
        JobPlacement placement = new JobPlacement(
                Columns.text(row, "namespace"),
                Columns.text(row, "job_name"),
                Columns.text(row, "manager_url"),
                Columns.text(row, "image"),
                Columns.text(row, "source_commit"),
                row.getString("service_account_name"));
        NewRunnerJob content = new NewRunnerJob(runId, commandId, attemptId, runnerId, placement, result, null);
        return new RunnerJob(
                Columns.text(row, "id"),
                runId,
                commandId,
                attemptId,
                runnerId,
                placement,
                result,
                idempotency(row, content),
                Columns.instant(row, "created_at"),
                Columns.instant(row, "updated_at"));
    }

    /** Returns the key and the hash. The original's hash cannot be repeated, so that the stored content is hashed again. */
    private static @Nullable Idempotency idempotency(ResultSet row, NewRunnerJob content) throws SQLException {
        String key = row.getString("idempotency_key");
        if (key == null) {
            return null;
        }
        String hash = Columns.text(row, "payload_hash");
        return new Idempotency(key, hash.startsWith("v1:") ? hash : content.contentHash());
    }
}

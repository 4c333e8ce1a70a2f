package io.agentrun.postgres.internal.register;

import io.agentrun.model.BackendProfile;
import io.agentrun.postgres.internal.db.Script;
import io.agentrun.postgres.internal.table.Columns;
import io.agentrun.runner.Runner;
import io.agentrun.runner.RunnerInfo;
import java.sql.ResultSet;
import java.sql.SQLException;
import org.jdbi.v3.core.statement.StatementContext;

/**
 * {@code agentrun_runners}.
 *
 * <p>Thread-safe.
 */
public final class RunnerTable {

    private static final String COLUMNS = """
            r.id, r.run_id, r.attempt_id, r.backend_profile, r.placement, r.source_commit, r.metadata, r.registered_at,
            r.heartbeat_at
            """;

    /** The runner with the id {@code :runner_id}. */
    public static final String GET = "SELECT " + COLUMNS + """
            FROM {schema}.agentrun_runners r
            WHERE r.id = :runner_id
            """;

    /** The runner as it announces itself; the time of its first announcement stays. */
    public static final String REGISTER = """
            INSERT INTO {schema}.agentrun_runners AS r (
                id, run_id, attempt_id, backend_profile, placement, source_commit, metadata, registered_at, heartbeat_at)
            SELECT
                :runner_id, :run_id, :attempt_id, :backend_profile, :placement, :source_commit,
                CAST(:metadata AS jsonb), n.now, n.now
            FROM (SELECT {schema}.agentrun_now() AS now) n
            ON CONFLICT (id) DO UPDATE
            SET run_id = EXCLUDED.run_id,
                attempt_id = EXCLUDED.attempt_id,
                backend_profile = EXCLUDED.backend_profile,
                placement = EXCLUDED.placement,
                source_commit = EXCLUDED.source_commit,
                metadata = EXCLUDED.metadata,
                heartbeat_at = EXCLUDED.heartbeat_at
            """ + "RETURNING " + COLUMNS;

    /**
     * The runner, inserted or replaced, with the times that it has. No row comes back where a runner of that id is stored that was
     * first registered at another time: it was registered by another transaction meanwhile.
     */
    public static final String PUT = """
            INSERT INTO {schema}.agentrun_runners AS r (
                id, run_id, attempt_id, backend_profile, placement, source_commit, metadata, registered_at, heartbeat_at)
            VALUES (
                :runner_id, :run_id, :attempt_id, :backend_profile, :placement, :source_commit,
                CAST(:metadata AS jsonb), :registered_at, :heartbeat_at)
            ON CONFLICT (id) DO UPDATE
            SET run_id = EXCLUDED.run_id,
                attempt_id = EXCLUDED.attempt_id,
                backend_profile = EXCLUDED.backend_profile,
                placement = EXCLUDED.placement,
                source_commit = EXCLUDED.source_commit,
                metadata = EXCLUDED.metadata,
                heartbeat_at = EXCLUDED.heartbeat_at
            WHERE r.registered_at = EXCLUDED.registered_at
            RETURNING r.id
            """;

    private RunnerTable() {}

    /** Gives {@link #PUT} its parameters. */
    public static Script bind(Script script, Runner runner) {
        return bind(script, runner.id(), runner.info())
                .bind("registered_at", runner.registeredAt())
                .bind("heartbeat_at", runner.heartbeatAt());
    }

    /** Gives {@link #REGISTER} its parameters. */
    public static Script bind(Script script, String runnerId, RunnerInfo info) {
        BackendProfile profile = info.backendProfile();
        return script.bind("runner_id", runnerId)
                .bind("run_id", info.runId())
                .bind("attempt_id", info.attemptId())
                .bind("backend_profile", profile == null ? null : profile.wire())
                .bind("placement", info.placement())
                .bind("source_commit", info.sourceCommit())
                .bind("metadata", info.metadata());
    }

    /** Returns the runner in the row. */
    public static Runner runner(ResultSet row, StatementContext context) throws SQLException {
        String profile = row.getString("backend_profile");
        return new Runner(
                Columns.text(row, "id"),
                new RunnerInfo(
                        row.getString("run_id"),
                        row.getString("attempt_id"),
                        profile == null ? null : BackendProfile.of(profile),
                        row.getString("placement"),
                        row.getString("source_commit"),
                        Columns.json(row, "metadata")),
                Columns.instant(row, "registered_at"),
                Columns.instant(row, "heartbeat_at"));
    }
}

package io.agentrun.postgres.internal.table;

import io.agentrun.model.BackendProfile;
import io.agentrun.model.Owner;
import io.agentrun.postgres.internal.db.Script;
import io.agentrun.session.ExecutionState;
import io.agentrun.session.Session;
import io.agentrun.session.SessionActivity;
import io.agentrun.session.SessionThread;
import io.agentrun.storage.PvcRef;
import io.agentrun.storage.SessionStorage;
import io.agentrun.storage.StorageContents;
import io.agentrun.storage.StorageState;
import java.sql.ResultSet;
import java.sql.SQLException;
import org.jdbi.v3.core.statement.StatementContext;
import org.jspecify.annotations.Nullable;

/**
 * {@code agentrun_sessions}.
 *
 * <p>Thread-safe.
 */
public final class SessionTable {

    /** The columns of a session, from {@code s}. */
    public static final String COLUMNS = """
            s.session_id, s.tenant_id, s.project_id, s.backend_profile, s.conversation_id, s.thread_id, s.title,
            s.metadata, s.execution_state, s.last_run_id, s.last_command_id, s.active_run_id, s.active_command_id,
            s.terminal_status, s.failure_kind, s.failure_message, s.last_activity_at, s.turns, s.storage_state,
            s.storage_generation, s.storage_namespace, s.storage_namespace_uid, s.storage_pvc_name, s.storage_pvc_uid,
            s.storage_pvc_phase, s.storage_size_bytes, s.storage_files_count, s.storage_sha256, s.codex_rollout_subdir,
            s.storage_updated_at, s.storage_evicted_at, s.expires_at, s.version, s.created_at, s.updated_at
            """;

    /** The session with the id {@code :session_id}. */
    public static final String GET = "SELECT " + COLUMNS + """
            FROM {schema}.agentrun_sessions s
            WHERE s.session_id = :session_id
            """;

    /** The session with the id {@code :session_id}, locked. */
    public static final String LOCK = GET + "FOR NO KEY UPDATE";

    /** The session with the id {@code :session_id}, locked, unless another transaction has it locked. */
    public static final String LOCK_FREE = GET + "FOR NO KEY UPDATE SKIP LOCKED";

    /** One row if the session {@code :session_id} exists. */
    public static final String EXISTS = """
            SELECT true AS known
            FROM {schema}.agentrun_sessions
            WHERE session_id = :session_id
            """;

    /** The session of the run {@code :run_id}, locked. */
    public static final String LOCK_OF_RUN = "SELECT " + COLUMNS + """
            FROM {schema}.agentrun_sessions s
            WHERE s.session_id = (SELECT session_id FROM {schema}.agentrun_runs WHERE id = :run_id)
            FOR NO KEY UPDATE
            """;

    /** The session of the command {@code :command_id}, locked. */
    public static final String LOCK_OF_COMMAND = "SELECT " + COLUMNS + """
            FROM {schema}.agentrun_sessions s
            WHERE s.session_id = (SELECT session_id FROM {schema}.agentrun_commands WHERE id = :command_id)
            FOR NO KEY UPDATE
            """;

    /** A new session, with the next version; where its id is taken, the statement fails. */
    public static final String INSERT = "INSERT INTO {schema}.agentrun_sessions (session_id, "
            + SessionColumns.OWN.names("")
            + ", " + SessionColumns.REST.names("") + ", " + SessionColumns.ACTIVITY.names("") + ", version)\n"
            + "VALUES (:session_id, " + SessionColumns.OWN.values(":session_") + ", "
            + SessionColumns.REST.values(":session_") + ", " + SessionColumns.ACTIVITY.values(":session_") + ", "
            + "pg_catalog.nextval('{schema}.agentrun_session_version_seq'))\n"
            + "RETURNING version\n";

    /** Everything of a session that may change, with the next version; its place in the feed moves with it. */
    public static final String UPDATE = update(
            SessionColumns.REST.assignments(":session_") + ", " + SessionColumns.ACTIVITY.assignments(":session_"));

    /** The same for a session of which only the activity has changed, by which its metadata is not written again. */
    public static final String UPDATE_ACTIVITY = update(SessionColumns.ACTIVITY.assignments(":session_"));

    private static String update(String assignments) {
        return "UPDATE {schema}.agentrun_sessions\n" + "SET " + assignments + """
                ,
                    version = pg_catalog.nextval('{schema}.agentrun_session_version_seq'),
                    feed_xid = pg_catalog.pg_current_xact_id()
                WHERE session_id = :session_id
                RETURNING version
                """;
    }

    private SessionTable() {}

    /** Gives {@link #INSERT} its parameters. */
    public static void bindNew(Script script, Session session) {
        SessionColumns.OWN.bind(script, "session_", session);
        bindChanged(script, session);
    }

    /** Gives {@link #UPDATE} its parameters. */
    public static void bindChanged(Script script, Session session) {
        SessionColumns.REST.bind(script, "session_", session);
        bindActivity(script, session);
    }

    /** Gives {@link #UPDATE_ACTIVITY} its parameters. */
    public static void bindActivity(Script script, Session session) {
        script.bind("session_id", session.id());
        SessionColumns.ACTIVITY.bind(script, "session_", session);
    }

    /** Returns whether {@link #UPDATE_ACTIVITY} writes everything in which the sessions differ. */
    public static boolean differInActivity(Session one, Session other) {
        return SessionColumns.sameRest(one, other);
    }

    /** Returns the version in the row. */
    public static Long version(ResultSet row, StatementContext context) throws SQLException {
        return row.getLong("version");
    }

    /** Returns the session in the row. */
    public static Session session(ResultSet row, StatementContext context) throws SQLException {
        return Session.builder(
                        Columns.text(row, "session_id"),
                        new Owner(Columns.text(row, "tenant_id"), Columns.text(row, "project_id")),
                        BackendProfile.of(Columns.text(row, "backend_profile")))
                .thread(new SessionThread(row.getString("conversation_id"), row.getString("thread_id")))
                .title(row.getString("title"))
                .metadata(Columns.json(row, "metadata"))
                .activity(activity(row))
                .storage(storage(row))
                .expiresAt(Columns.instantOrNull(row, "expires_at"))
                .version(row.getLong("version"))
                .createdAt(Columns.instant(row, "created_at"))
                .updatedAt(Columns.instant(row, "updated_at"))
                .build();
    }

    private static SessionActivity activity(ResultSet row) throws SQLException {
        return new SessionActivity(
                ExecutionState.fromWire("execution_state", Columns.text(row, "execution_state")),
                row.getString("last_run_id"),
                row.getString("last_command_id"),
                row.getString("active_run_id"),
                row.getString("active_command_id"),
                Columns.outcome(row.getString("terminal_status"), row),
                Columns.instantOrNull(row, "last_activity_at"),
                row.getLong("turns"));
    }

    private static SessionStorage storage(ResultSet row) throws SQLException {
        return new SessionStorage(
                StorageState.fromWire("storage_state", Columns.text(row, "storage_state")),
                row.getLong("storage_generation"),
                pvc(row),
                new StorageContents(
                        Columns.longOrNull(row, "storage_size_bytes"),
                        Columns.longOrNull(row, "storage_files_count"),
                        row.getString("storage_sha256"),
                        Columns.text(row, "codex_rollout_subdir")),
                Columns.instantOrNull(row, "storage_updated_at"),
                Columns.instantOrNull(row, "storage_evicted_at"));
    }

    private static @Nullable PvcRef pvc(ResultSet row) throws SQLException {
        String namespace = row.getString("storage_namespace");
        String name = row.getString("storage_pvc_name");
        return namespace == null || name == null
                ? null
                : new PvcRef(
                        namespace,
                        row.getString("storage_namespace_uid"),
                        name,
                        row.getString("storage_pvc_uid"),
                        row.getString("storage_pvc_phase"));
    }
}

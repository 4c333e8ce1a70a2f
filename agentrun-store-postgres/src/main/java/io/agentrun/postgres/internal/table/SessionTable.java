package io.agentrun.postgres.internal.table;

import io.agentrun.model.BackendProfile;
import io.agentrun.model.Outcome;
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
    public static final String INSERT = """
            INSERT INTO {schema}.agentrun_sessions (
                session_id, tenant_id, project_id, backend_profile, conversation_id, thread_id, title, metadata,
                execution_state, last_run_id, last_command_id, active_run_id, active_command_id, terminal_status,
                failure_kind, failure_message, last_activity_at, turns, storage_state, storage_generation,
                storage_namespace, storage_namespace_uid, storage_pvc_name, storage_pvc_uid, storage_pvc_phase,
                storage_size_bytes, storage_files_count, storage_sha256, codex_rollout_subdir, storage_updated_at, storage_evicted_at,
                expires_at, version, created_at, updated_at)
            VALUES (
                :session_id, :session_tenant_id, :session_project_id, :session_backend_profile,
                :session_conversation_id, :session_thread_id, :session_title, CAST(:session_metadata AS jsonb),
                :session_state, :session_last_run_id, :session_last_command_id, :session_active_run_id,
                :session_active_command_id, :session_terminal_status, :session_failure_kind, :session_failure_message,
                :session_last_activity_at, :session_turns, :storage_state, :storage_generation, :storage_namespace,
                :storage_namespace_uid, :storage_pvc_name, :storage_pvc_uid, :storage_pvc_phase, :storage_size_bytes, :storage_files_count,
                :storage_sha256, :storage_rollout_subdir, :storage_updated_at, :storage_evicted_at,
                :session_expires_at, pg_catalog.nextval('{schema}.agentrun_session_version_seq'), :session_created_at,
                :session_updated_at)
            RETURNING version
            """;

    /** Everything of a session that may change, with the next version; its place in the feed moves with it. */
    public static final String UPDATE = """
            UPDATE {schema}.agentrun_sessions
            SET backend_profile = :session_backend_profile,
                conversation_id = :session_conversation_id,
                thread_id = :session_thread_id,
                title = :session_title,
                metadata = CAST(:session_metadata AS jsonb),
                execution_state = :session_state,
                last_run_id = :session_last_run_id,
                last_command_id = :session_last_command_id,
                active_run_id = :session_active_run_id,
                active_command_id = :session_active_command_id,
                terminal_status = :session_terminal_status,
                failure_kind = :session_failure_kind,
                failure_message = :session_failure_message,
                last_activity_at = :session_last_activity_at,
                turns = :session_turns,
                storage_state = :storage_state,
                storage_generation = :storage_generation,
                storage_namespace = :storage_namespace,
                storage_namespace_uid = :storage_namespace_uid,
                storage_pvc_name = :storage_pvc_name,
                storage_pvc_uid = :storage_pvc_uid,
                storage_pvc_phase = :storage_pvc_phase,
                storage_size_bytes = :storage_size_bytes,
                storage_files_count = :storage_files_count,
                storage_sha256 = :storage_sha256,
                codex_rollout_subdir = :storage_rollout_subdir,
                storage_updated_at = :storage_updated_at,
                storage_evicted_at = :storage_evicted_at,
                expires_at = :session_expires_at,
                version = pg_catalog.nextval('{schema}.agentrun_session_version_seq'),
                feed_xid = pg_catalog.pg_current_xact_id(),
                updated_at = :session_updated_at
            WHERE session_id = :session_id
            RETURNING version
            """;

    private SessionTable() {}

    /** Gives {@link #INSERT} or {@link #UPDATE} its parameters. */
    public static void bind(Script script, Session session) {
        SessionActivity activity = session.activity();
        Outcome outcome = activity.outcome();
        script.bind("session_id", session.id())
                .bind("session_tenant_id", session.owner().tenantId())
                .bind("session_project_id", session.owner().projectId())
                .bind("session_backend_profile", session.backendProfile().wire())
                .bind("session_conversation_id", session.thread().conversationId())
                .bind("session_thread_id", session.thread().threadId())
                .bind("session_title", session.title())
                .bind("session_metadata", session.metadata())
                .bind("session_state", activity.state().wire())
                .bind("session_last_run_id", activity.lastRunId())
                .bind("session_last_command_id", activity.lastCommandId())
                .bind("session_active_run_id", activity.activeRunId())
                .bind("session_active_command_id", activity.activeCommandId())
                .bind(
                        "session_terminal_status",
                        outcome == null ? null : outcome.status().wire())
                .bind("session_failure_kind", Columns.failureKind(outcome))
                .bind("session_failure_message", Columns.failureMessage(outcome))
                .bind("session_last_activity_at", activity.lastActivityAt())
                .bind("session_turns", activity.turns())
                .bind("session_expires_at", session.expiresAt())
                .bind("session_created_at", session.createdAt())
                .bind("session_updated_at", session.updatedAt());
        bind(script, session.storage());
    }

    private static void bind(Script script, SessionStorage storage) {
        PvcRef pvc = storage.pvc();
        StorageContents contents = storage.contents();
        script.bind("storage_state", storage.state().wire())
                .bind("storage_generation", storage.generation())
                .bind("storage_namespace", pvc == null ? null : pvc.namespace())
                .bind("storage_namespace_uid", pvc == null ? null : pvc.namespaceUid())
                .bind("storage_pvc_name", pvc == null ? null : pvc.name())
                .bind("storage_pvc_uid", pvc == null ? null : pvc.uid())
                .bind("storage_pvc_phase", pvc == null ? null : pvc.phase())
                .bind("storage_size_bytes", contents.sizeBytes())
                .bind("storage_files_count", contents.filesCount())
                .bind("storage_sha256", contents.sha256())
                .bind("storage_rollout_subdir", contents.rolloutSubdir())
                .bind("storage_updated_at", storage.updatedAt())
                .bind("storage_evicted_at", storage.evictedAt());
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

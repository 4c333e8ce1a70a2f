package io.agentrun.postgres.internal.table;

import io.agentrun.model.Outcome;
import io.agentrun.session.Session;
import io.agentrun.storage.PvcRef;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What is written to {@code agentrun_sessions}, apart from the id and the version.
 *
 * <p>Thread-safe.
 */
final class SessionColumns {

    /** What a new session writes once. */
    static final ColumnSet<Session> OWN = new ColumnSet<Session>()
            .text("tenant_id", session -> session.owner().tenantId())
            .text("project_id", session -> session.owner().projectId())
            .time("created_at", Session::createdAt);

    /** What the work in a session writes, whenever it changes. */
    static final ColumnSet<Session> ACTIVITY = new ColumnSet<Session>()
            .text("execution_state", session -> session.activity().state().wire())
            .text("last_run_id", session -> session.activity().lastRunId())
            .text("last_command_id", session -> session.activity().lastCommandId())
            .text("active_run_id", session -> session.activity().activeRunId())
            .text("active_command_id", session -> session.activity().activeCommandId())
            .text("terminal_status", SessionColumns::terminalStatus)
            .text(
                    "failure_kind",
                    session -> Columns.failureKind(session.activity().outcome()))
            .text(
                    "failure_message",
                    session -> Columns.failureMessage(session.activity().outcome()))
            .time("last_activity_at", session -> session.activity().lastActivityAt())
            .number("turns", session -> session.activity().turns())
            .time("expires_at", Session::expiresAt)
            .time("updated_at", Session::updatedAt);

    /** What else of a session may change, at the host's will. */
    static final ColumnSet<Session> REST = new ColumnSet<Session>()
            .text("backend_profile", session -> session.backendProfile().wire())
            .text("conversation_id", session -> session.thread().conversationId())
            .text("thread_id", session -> session.thread().threadId())
            .text("title", Session::title)
            .json("metadata", Session::metadata)
            .text("storage_state", session -> session.storage().state().wire())
            .number("storage_generation", session -> session.storage().generation())
            .text("storage_namespace", session -> pvc(session, PvcRef::namespace))
            .text("storage_namespace_uid", session -> pvc(session, PvcRef::namespaceUid))
            .text("storage_pvc_name", session -> pvc(session, PvcRef::name))
            .text("storage_pvc_uid", session -> pvc(session, PvcRef::uid))
            .text("storage_pvc_phase", session -> pvc(session, PvcRef::phase))
            .number(
                    "storage_size_bytes",
                    session -> session.storage().contents().sizeBytes())
            .number(
                    "storage_files_count",
                    session -> session.storage().contents().filesCount())
            .text("storage_sha256", session -> session.storage().contents().sha256())
            .text(
                    "codex_rollout_subdir",
                    session -> session.storage().contents().rolloutSubdir())
            .time("storage_updated_at", session -> session.storage().updatedAt())
            .time("storage_evicted_at", session -> session.storage().evictedAt());

    private SessionColumns() {}

    /** Returns whether {@link #REST} has the same values for both. */
    static boolean sameRest(Session one, Session other) {
        return one.backendProfile().equals(other.backendProfile())
                && one.thread().equals(other.thread())
                && Objects.equals(one.title(), other.title())
                && one.metadata().equals(other.metadata())
                && one.storage().equals(other.storage());
    }

    private static @Nullable String terminalStatus(Session session) {
        Outcome outcome = session.activity().outcome();
        return outcome == null ? null : outcome.status().wire();
    }

    private static @Nullable String pvc(Session session, Function<PvcRef, @Nullable String> part) {
        PvcRef pvc = session.storage().pvc();
        return pvc == null ? null : part.apply(pvc);
    }
}

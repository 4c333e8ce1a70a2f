package io.agentrun.h2;

import io.agentrun.IdSource;
import io.agentrun.Idempotency;
import io.agentrun.command.Command;
import io.agentrun.command.CommandType;
import io.agentrun.event.RunEvent;
import io.agentrun.queue.QueueTask;
import io.agentrun.queue.TaskAttempt;
import io.agentrun.rules.Change;
import io.agentrun.rules.Emission;
import io.agentrun.rules.Keys;
import io.agentrun.run.Lease;
import io.agentrun.run.Run;
import io.agentrun.run.SessionRef;
import io.agentrun.session.Session;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Writes what the rules want written. */
final class Changes {

    private Changes() {}

    static void write(Tx tx, Change change) {
        change.runs().forEach(run -> write(tx, run));
        change.commands().forEach(command -> write(tx, command));
        change.sessions().forEach(session -> write(tx, session));
        change.tasks().forEach(task -> write(tx, task));
        change.events().forEach(event -> append(tx, event.runId(), List.of(event)));
    }

    static void write(Tx tx, Run run) {
        tx.update(
                """
                MERGE INTO runs (id, tenant, project, backend, provider, session_id, idempotency_key, status, lease_until,
                    created_at, updated_at, document)
                KEY (id) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)""",
                run.id(),
                run.owner().tenantId(),
                run.owner().projectId(),
                run.spec().backendProfile().wire(),
                run.spec().providerId(),
                run.sessionId(),
                key(run.idempotency()),
                run.status().wire(),
                run.lease().map(Lease::expiresAt).orElse(null),
                run.createdAt(),
                run.updatedAt(),
                Documents.of(run));
    }

    private static void write(Tx tx, Command command) {
        tx.update(
                """
                MERGE INTO commands (id, run_id, session_id, seq, is_turn, ordinal, idempotency_key, state, is_open,
                    deliverable, document)
                KEY (id) VALUES (?, ?, (SELECT session_id FROM runs WHERE id = ?), ?, ?, ?, ?, ?, ?, ?, ?)""",
                command.id(),
                command.runId(),
                command.runId(),
                command.seq(),
                command.type() == CommandType.TURN,
                command.order().ordinal(),
                key(command.idempotency()),
                command.state().wire(),
                !command.state().terminal(),
                command.order().deliverable(),
                Documents.of(command));
    }

    private static void write(Tx tx, Session changed) {
        Session session =
                changed.toBuilder().version(tx.next("session_version")).build();
        tx.update(
                """
                MERGE INTO sessions (id, tenant, project, backend, state, storage_state, active_run_id, last_run_id,
                    expires_at, updated_at, version, document)
                KEY (id) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)""",
                session.id(),
                session.owner().tenantId(),
                session.owner().projectId(),
                session.backendProfile().wire(),
                session.activity().state().wire(),
                session.storage().state().wire(),
                session.activity().activeRunId(),
                session.activity().lastRunId(),
                session.expiresAt(),
                session.updatedAt(),
                session.version(),
                Documents.of(session));
    }

    private static void write(Tx tx, QueueTask changed) {
        QueueTask task = changed.toBuilder().version(tx.next("task_version")).build();
        SessionRef session = task.content().session();
        TaskAttempt attempt = task.latestAttempt();
        tx.update(
                """
                MERGE INTO tasks (id, tenant, project, queue, lane, backend, session_id, idempotency_key, priority, state,
                    not_before, run_id, created_at, version, document)
                KEY (id) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)""",
                task.id(),
                task.owner().tenantId(),
                task.owner().projectId(),
                task.place().queue(),
                task.place().lane(),
                task.spec().backendProfile().wire(),
                session == null ? null : session.sessionId(),
                key(task.idempotency()),
                task.place().priority(),
                task.state().wire(),
                task.notBefore(),
                attempt == null ? null : attempt.runId(),
                task.createdAt(),
                task.version(),
                Documents.of(task));
    }

    /** Appends events to a run, under its next numbers. */
    static List<RunEvent> append(Tx tx, String runId, List<Emission> events) {
        long seq = Views.lastEvent(tx, runId);
        List<RunEvent> stored = new ArrayList<>(events.size());
        for (Emission event : events) {
            String id = tx.newId(IdSource.EVENT);
            stored.add(new RunEvent(id, runId, ++seq, event.type(), event.payload(), tx.now()));
            tx.update(
                    """
                    INSERT INTO events (run_id, seq, id, type, is_output, created_at, payload)
                    VALUES (?, ?, ?, ?, ?, ?, ?)""",
                    runId,
                    seq,
                    id,
                    event.type().wire(),
                    event.type().output(),
                    tx.now(),
                    event.payload().toJson());
        }
        tx.update("UPDATE runs SET last_event = ? WHERE id = ?", seq, runId);
        return List.copyOf(stored);
    }

    /** The record that was found under a key, if one was; its content must be the same. */
    static <T> Optional<T> replayed(
            Optional<T> first, Function<T, @Nullable Idempotency> key, Supplier<String> contentHash) {
        first.map(key).ifPresent(known -> Keys.requireSameContent(known, contentHash.get()));
        return first;
    }

    private static @Nullable String key(@Nullable Idempotency idempotency) {
        return idempotency == null ? null : idempotency.key();
    }
}

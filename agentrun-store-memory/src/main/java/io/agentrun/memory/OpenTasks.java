package io.agentrun.memory;

import io.agentrun.backend.OldRecord;
import io.agentrun.queue.QueueTask;
import io.agentrun.run.SessionRef;
import io.agentrun.session.Session;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;

/** Which open tasks name which session; and the deletion of tasks and sessions. Not thread-safe: one thread at a time. */
final class OpenTasks {

    private final Map<String, Set<String>> ofSessions = new HashMap<>();

    boolean hasAny(String sessionId) {
        return ofSessions.containsKey(sessionId);
    }

    void add(QueueTask task) {
        SessionRef session = task.content().session();
        if (session != null && !task.state().terminal()) {
            ofSessions
                    .computeIfAbsent(session.sessionId(), id -> new HashSet<>(2))
                    .add(task.id());
        }
    }

    void remove(QueueTask task) {
        SessionRef session = task.content().session();
        if (session != null) {
            ofSessions.computeIfPresent(session.sessionId(), (id, open) -> {
                open.remove(task.id());
                return open.isEmpty() ? null : open;
            });
        }
    }

    void delete(MemoryState state, OldRecord.Kind kind, String id) {
        switch (kind) {
            case TASK -> delete(state, state.task(id));
            case SESSION -> delete(state, state.session(id));
        }
    }

    private static void delete(MemoryState state, QueueTask task) {
        state.unindex(task);
        state.tasks.remove(task.id());
        state.forget(task.idempotency(), "task", MemoryState.scope(task.owner()));
        state.taskMarks.keySet().removeIf(reader -> reader.subjectId().equals(task.id()));
    }

    private static void delete(MemoryState state, Session session) {
        state.sessions.remove(session.id());
        state.sessionsByActivity.remove(IndexKey.updated(session));
        state.sessionsByVersion.remove(session.version());
        state.collectable.remove(IndexKey.updated(session));
        state.sessionMarks.keySet().removeIf(reader -> reader.subjectId().equals(session.id()));
        state.collectors.remove(session.id());
    }

    /** Returns the last versions if records that had them were deleted: a file must remember them. */
    List<Write> versionsAhead(MemoryState state) {
        boolean ahead = state.lastSessionVersion > last(state.sessionsByVersion)
                || state.lastTaskVersion > last(state.tasksByVersion);
        return ahead ? List.of(new Write.Versions(state.lastSessionVersion, state.lastTaskVersion)) : List.of();
    }

    private static long last(SortedMap<Long, ?> byVersion) {
        return byVersion.isEmpty() ? 0 : byVersion.lastKey();
    }
}

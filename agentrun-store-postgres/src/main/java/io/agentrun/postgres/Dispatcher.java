package io.agentrun.postgres;

import io.agentrun.IdSource;
import io.agentrun.postgres.internal.db.Script;
import io.agentrun.postgres.internal.db.Tx;
import io.agentrun.postgres.internal.query.TaskQueries;
import io.agentrun.postgres.internal.query.TaskQueries.Candidate;
import io.agentrun.postgres.internal.table.Columns;
import io.agentrun.postgres.internal.table.SessionTable;
import io.agentrun.postgres.internal.table.TaskTable;
import io.agentrun.queue.Dispatch;
import io.agentrun.queue.DispatchRequest;
import io.agentrun.queue.QueueTask;
import io.agentrun.rules.Change;
import io.agentrun.rules.QueueRules;
import io.agentrun.rules.QueueRules.DispatchIds;
import io.agentrun.session.Session;
import java.time.Instant;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Takes the next due task. Candidates are looked for without a lock; then a candidate's session is locked, or inserted, and
 * after it the task. Locks here are taken only where nobody else has them, so that nothing waits and no order can be broken;
 * what somebody else has is passed over. A task that its session refuses is blocked, and the next one taken in a
 * transaction of its own.
 */
final class Dispatcher {

    private static final int CANDIDATES = 16;
    private static final int LOOKS = 10;
    private static final long PAUSE_NANOS = 5_000_000;

    private final Engine engine;

    Dispatcher(Engine engine) {
        this.engine = engine;
    }

    /** What one transaction came to; only the first kind has a dispatch. */
    private enum Kind {
        DISPATCHED,
        BLOCKED,
        BUSY,
        NOTHING
    }

    private record Result(Kind kind, @Nullable Dispatch dispatch) {

        private static Result of(Kind kind) {
            return new Result(kind, null);
        }
    }

    /**
     * What could be locked of a due task.
     *
     * @param task the task, null if it is not to be had
     * @param session the session that it names, as stored; null where there is none, or none was
     * @param inserted the version of the session that was inserted bare, 0 for none
     */
    private record Locked(
            @Nullable QueueTask task, @Nullable Session session, long inserted, Instant now) {}

    private record Inserted(long version, Instant createdAt) {}

    /**
     * Where all that is left are tasks whose session somebody works on, which takes a moment, another look is taken; a
     * session that stays locked is passed over.
     */
    Optional<Dispatch> next(DispatchRequest request) {
        int looks = 0;
        while (true) {
            Result result = engine.database().inTransaction(tx -> attempt(tx, request));
            switch (result.kind()) {
                case DISPATCHED, NOTHING -> {
                    return Optional.ofNullable(result.dispatch());
                }
                case BLOCKED -> {}
                case BUSY -> {
                    looks++;
                    if (looks == LOOKS) {
                        return Optional.empty();
                    }
                    LockSupport.parkNanos(PAUSE_NANOS);
                }
            }
        }
    }

    private Result attempt(Tx tx, DispatchRequest request) {
        Set<String> passed = new LinkedHashSet<>();
        boolean busy = false;
        while (true) {
            Script script = new Script();
            Script.Rows<Candidate> found = TaskQueries.due(script, request, CANDIDATES, passed);
            tx.execute(script);
            List<Candidate> left = found.all();
            while (!left.isEmpty()) {
                List<Candidate> group = group(left);
                Locked locked = lock(tx, group);
                QueueTask task = locked.task();
                if (task != null) {
                    return dispatch(tx, locked, task);
                }
                busy |= group.get(0).sessionKnown() && locked.session() == null;
                group.forEach(candidate -> passed.add(candidate.taskId()));
                left = left.subList(group.size(), left.size());
            }
            if (found.all().size() < CANDIDATES) {
                return Result.of(busy ? Kind.BUSY : Kind.NOTHING);
            }
        }
    }

    /** The first candidates, as many as can be tried at once: all that name no session, or one that names one. */
    private static List<Candidate> group(List<Candidate> candidates) {
        int size = 0;
        while (size < candidates.size() && candidates.get(size).sessionId() == null) {
            size++;
        }
        return candidates.subList(0, Math.max(1, size));
    }

    private static Locked lock(Tx tx, List<Candidate> group) {
        Candidate first = group.get(0);
        if (first.sessionId() != null) {
            return lockWithSession(tx, first, first.sessionId());
        }
        Script script = new Script()
                .bindArray(
                        "task_ids",
                        "text",
                        group.stream().map(Candidate::taskId).toArray());
        Script.Rows<QueueTask> task = script.query(TaskQueries.LOCK_FIRST, TaskTable::task);
        Script.Rows<Instant> clock = Engine.clock(script);
        tx.execute(script);
        return new Locked(task.firstOrNull(), null, 0, clock.first().orElseThrow());
    }

    private static Locked lockWithSession(Tx tx, Candidate candidate, String sessionId) {
        Script script = new Script().bind("task_id", candidate.taskId()).bind("session_id", sessionId);
        Script.Rows<Inserted> created = candidate.sessionKnown()
                ? null
                : script.query(
                        TaskQueries.INSERT_SESSION,
                        (row, context) -> new Inserted(row.getLong("version"), Columns.instant(row, "created_at")));
        Script.Rows<Session> session = script.query(TaskQueries.LOCK_SESSION, SessionTable::session);
        Script.Rows<QueueTask> task = script.query(TaskQueries.LOCK_WITH_SESSION, TaskTable::task);
        Script.Rows<Instant> clock = Engine.clock(script);
        tx.execute(script);
        Inserted inserted = created == null ? null : created.firstOrNull();
        QueueTask found = task.firstOrNull();
        if (inserted == null) {
            return new Locked(found, session.firstOrNull(), 0, clock.first().orElseThrow());
        }
        if (found == null) {
            tx.execute(new Script().bind("session_id", sessionId).run(TaskQueries.REMOVE_SESSION));
        }
        return new Locked(found, null, inserted.version(), inserted.createdAt());
    }

    private Result dispatch(Tx tx, Locked locked, QueueTask task) {
        DispatchIds ids =
                new DispatchIds(engine.ids().next(IdSource.RUN), engine.ids().next(IdSource.COMMAND));
        Change change = QueueRules.dispatch(task, locked.session(), ids, locked.now());
        if (locked.inserted() > 0) {
            change = over(change, locked.inserted());
        }
        List<QueueTask> tasks =
                engine.writer().write(tx, change, Seen.at(locked.now())).tasks();
        if (change.runs().isEmpty()) {
            return Result.of(Kind.BLOCKED);
        }
        return new Result(
                Kind.DISPATCHED,
                new Dispatch(
                        tasks.get(0), change.runs().get(0), change.commands().get(0)));
    }

    /** The rule opened the session; its row is there already, and is written over. */
    private static Change over(Change change, long version) {
        List<Session> sessions = change.sessions().stream()
                .map(session -> session.toBuilder().version(version).build())
                .toList();
        return new Change(change.runs(), change.commands(), sessions, change.tasks(), change.events());
    }
}

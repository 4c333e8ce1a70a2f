package io.agentrun.postgres;

import io.agentrun.id.IdSource;
import io.agentrun.postgres.internal.db.LockOrder.Rank;
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
 * after it the task. Rows are locked only where nobody else has them; what somebody else has is passed over. A transaction
 * that has locked a session, and did not get its task, ends and lets the session go: an insert may wait, and must not do so
 * with a lock in its hands. A task that its session refuses is blocked, and the next one taken in a transaction of its own.
 */
final class Dispatcher {

    private static final int CANDIDATES = 16;
    private static final int LOOKS = 10;
    private static final long MOST_DELAYS = 2_000;
    private static final long PAUSE_NANOS = 5_000_000;

    private final Engine engine;

    Dispatcher(Engine engine) {
        this.engine = engine;
    }

    /** What one transaction came to; only the first kind has a dispatch. */
    private enum Kind {
        DISPATCHED,
        BLOCKED,
        PASSED,
        CROWDED,
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
     * @param free whether nothing is locked
     */
    private record Locked(
            @Nullable QueueTask task, @Nullable Session session, long inserted, boolean free, Instant now) {}

    /** One look at the queue, through any number of transactions: what it has passed over, and whether that may change soon. */
    private static final class Look {
        private final DispatchRequest request;
        private final Set<String> passed = new LinkedHashSet<>();
        private boolean busy;
        private boolean tidied;

        private Look(DispatchRequest request) {
            this.request = request;
        }
    }

    private record Inserted(long version, Instant createdAt) {}

    /**
     * Where all that is left are tasks whose session somebody works on, which takes a moment, another look is taken; a
     * session that stays locked is passed over.
     */
    Optional<Dispatch> next(DispatchRequest request) {
        Look look = new Look(request);
        int looks = 0;
        while (true) {
            Result result = engine.database().inTransaction(tx -> attempt(tx, look));
            switch (result.kind()) {
                case DISPATCHED, NOTHING -> {
                    return Optional.ofNullable(result.dispatch());
                }
                case BLOCKED, PASSED -> {}
                case CROWDED -> endDelays(look);
                case BUSY -> {
                    looks++;
                    if (looks == LOOKS) {
                        return Optional.empty();
                    }
                    look.passed.clear();
                    look.busy = false;
                    LockSupport.parkNanos(PAUSE_NANOS);
                }
            }
        }
    }

    /** Where many delayed tasks are due at once, each look would sort them all; in portions they join the others. */
    private void endDelays(Look look) {
        look.tidied = true;
        engine.database().once(tx -> {
            tx.execute(new Script().run(TaskQueries.END_DELAYS).bind("limit", MOST_DELAYS));
            return true;
        });
    }

    private Result attempt(Tx tx, Look look) {
        while (true) {
            Script script = new Script();
            Script.Rows<Candidate> found = TaskQueries.due(script, look.request, CANDIDATES, look.passed);
            tx.execute(script);
            List<Candidate> left = found.all();
            // Not in the host's transaction, which would keep them all locked.
            if (!look.tidied && engine.database().commitsSteps() && crowded(left)) {
                return Result.of(Kind.CROWDED);
            }
            while (!left.isEmpty()) {
                List<Candidate> group = group(left);
                Locked locked = lock(tx, group);
                QueueTask task = locked.task();
                if (task != null) {
                    return dispatch(tx, locked, task);
                }
                look.busy |= group.get(0).sessionKnown() && locked.session() == null;
                group.forEach(candidate -> look.passed.add(candidate.taskId()));
                if (!locked.free()) {
                    return Result.of(Kind.PASSED);
                }
                left = left.subList(group.size(), left.size());
            }
            if (found.all().size() < CANDIDATES) {
                return Result.of(look.busy ? Kind.BUSY : Kind.NOTHING);
            }
        }
    }

    private static boolean crowded(List<Candidate> candidates) {
        return !candidates.isEmpty() && candidates.get(0).delayed() == CANDIDATES;
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
        Script.Rows<QueueTask> task = script.lockFree(tx, Rank.TASK, null, TaskQueries.LOCK_FIRST, TaskTable::task);
        Script.Rows<Instant> clock = Engine.clock(script);
        tx.execute(script);
        return new Locked(task.firstOrNull(), null, 0, true, clock.first().orElseThrow());
    }

    private static Locked lockWithSession(Tx tx, Candidate candidate, String sessionId) {
        Script script = new Script().bind("task_id", candidate.taskId()).bind("session_id", sessionId);
        Script.Rows<Inserted> created = candidate.sessionKnown()
                ? null
                : script.lock(
                        tx,
                        Rank.SESSION,
                        sessionId,
                        TaskQueries.INSERT_SESSION,
                        (row, context) -> new Inserted(row.getLong("version"), Columns.instant(row, "created_at")));
        Script.Rows<Session> session =
                script.lockFree(tx, Rank.SESSION, sessionId, TaskQueries.LOCK_SESSION, SessionTable::session);
        Script.Rows<QueueTask> task =
                script.lockFree(tx, Rank.TASK, candidate.taskId(), TaskQueries.LOCK_WITH_SESSION, TaskTable::task);
        Script.Rows<Instant> clock = Engine.clock(script);
        tx.execute(script);
        Inserted inserted = created == null ? null : created.firstOrNull();
        QueueTask found = task.firstOrNull();
        if (inserted == null) {
            Session stored = session.firstOrNull();
            // A session that came free between the two statements was not read.
            QueueTask mine = stored == null ? null : found;
            boolean free = candidate.sessionKnown() && stored == null && found == null;
            return new Locked(mine, stored, 0, free, clock.first().orElseThrow());
        }
        if (found == null) {
            tx.execute(new Script().bind("session_id", sessionId).run(TaskQueries.REMOVE_SESSION));
        }
        return new Locked(found, null, inserted.version(), false, inserted.createdAt());
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

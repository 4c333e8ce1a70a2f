package io.agentrun.engine;

import io.agentrun.backend.LimitSets;
import io.agentrun.backend.ReadSets.DueSet;
import io.agentrun.backend.StoreTx;
import io.agentrun.backend.StoreTx.DueTask;
import io.agentrun.command.Command;
import io.agentrun.engine.report.Failures;
import io.agentrun.error.StoreUnavailableException;
import io.agentrun.id.IdSource;
import io.agentrun.queue.Dispatch;
import io.agentrun.queue.DispatchRequest;
import io.agentrun.queue.QueueTask;
import io.agentrun.rules.Change;
import io.agentrun.rules.QueueRules;
import io.agentrun.rules.QueueRules.DispatchIds;
import io.agentrun.rules.limit.LimitRules.Grant;
import io.agentrun.run.Run;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Takes the next due task. Candidates are found without a lock; then a candidate's session is locked, and
 * after it the task, where nobody else has them; what is held is passed over. A transaction that has locked something of a
 * task that it did not get ends, so that it never waits with a lock that it does not need. A task that its session refuses
 * is blocked, and the next one is taken in a transaction of its own.
 */
final class Dispatcher {

    private static final int CANDIDATES = 16;
    private static final int LOOKS = 10;
    private static final long PAUSE_NANOS = 5_000_000;

    private final Context context;

    Dispatcher(Context context) {
        this.context = context;
    }

    /** What one transaction came to. */
    private enum Kind {
        DISPATCHED,
        /** The task's session refused it. */
        BLOCKED,
        /** A candidate was lost, and a lock of it is held. */
        PASSED,
        /** Nothing is left but tasks whose session, or the slots of whose limits, somebody works on. */
        BUSY,
        NOTHING
    }

    private record Result(Kind kind, @Nullable Dispatch dispatch) {

        private static Result of(Kind kind) {
            return new Result(kind, null);
        }
    }

    /** One call: what it has passed over, through any number of transactions, and whether that may change soon. */
    private static final class Search {
        private final DispatchRequest request;
        private final Set<String> passed = new LinkedHashSet<>();
        private List<String> tried = List.of();
        private boolean busy;
        /** Whether a candidate could not be read, so that each is looked at alone. */
        private boolean unreadable;

        private Search(DispatchRequest request) {
            this.request = request;
        }
    }

    /** Returns the next dispatch; where all tasks that are left belong to sessions that somebody works on, it looks again. */
    Optional<Dispatch> next(DispatchRequest request) {
        Search search = new Search(request);
        int looks = 0;
        while (true) {
            Result result = look(search);
            switch (result.kind()) {
                case DISPATCHED, NOTHING -> {
                    return Optional.ofNullable(result.dispatch());
                }
                case BLOCKED, PASSED -> {}
                case BUSY -> {
                    looks++;
                    if (looks == LOOKS) {
                        return Optional.empty();
                    }
                    search.passed.clear();
                    search.busy = false;
                    LockSupport.parkNanos(PAUSE_NANOS);
                }
            }
        }
    }

    /** Makes one transaction; one that meets a record that cannot be read is rolled back, and the search goes on without it. */
    private Result look(Search search) {
        try {
            return context.backend().write(tx -> attempt(tx, search));
        } catch (StoreUnavailableException e) {
            if (!Failures.isUnreadable(e) || search.tried.isEmpty()) {
                throw e;
            }
            // Which of a group it was, single looks find out.
            if (search.tried.size() == 1) {
                search.passed.addAll(search.tried);
            }
            search.unreadable = true;
            return Result.of(Kind.PASSED);
        }
    }

    private Result attempt(StoreTx tx, Search search) {
        search.tried = List.of();
        while (true) {
            List<DueTask> found = tx.dueTasks(search.request, search.passed, CANDIDATES);
            List<DueTask> left = found;
            while (!left.isEmpty()) {
                List<DueTask> group = search.unreadable ? left.subList(0, 1) : group(left);
                search.tried = group.stream().map(DueTask::taskId).toList();
                DueSet seen = tx.lockDue(group);
                search.tried = List.of();
                QueueTask task = seen.task();
                Grant grant = task == null ? Grant.UNLIMITED : grant(tx, group, task);
                if (task != null && grant.full() == null) {
                    return dispatch(tx, search, seen, task, grant);
                }
                search.busy |= seen.busy() || grant.full() != null;
                if (task != null) {
                    search.passed.add(task.id());
                    return Result.of(Kind.PASSED);
                }
                group.forEach(candidate -> search.passed.add(candidate.taskId()));
                if (!seen.clean()) {
                    return Result.of(Kind.PASSED);
                }
                left = left.subList(group.size(), left.size());
            }
            if (found.size() < CANDIDATES) {
                return Result.of(search.busy ? Kind.BUSY : Kind.NOTHING);
            }
        }
    }

    /** Returns the slots that the task gets of the limits that count it. */
    private static Grant grant(StoreTx tx, List<DueTask> group, QueueTask task) {
        boolean limited = group.stream()
                .anyMatch(candidate -> candidate.taskId().equals(task.id()) && LimitSets.mayCount(candidate, task));
        return limited ? tx.lockSlots(List.of(task)).getOrDefault(task.id(), Grant.UNLIMITED) : Grant.UNLIMITED;
    }

    /** Returns the first candidates, as many as can be tried at once: all that name no session, or one that names one. */
    private static List<DueTask> group(List<DueTask> candidates) {
        int size = 0;
        while (size < candidates.size() && candidates.get(size).sessionId() == null) {
            size++;
        }
        return candidates.subList(0, Math.max(1, size));
    }

    private Result dispatch(StoreTx tx, Search search, DueSet seen, QueueTask task, Grant grant) {
        DispatchIds ids =
                new DispatchIds(context.ids().next(IdSource.RUN), context.ids().next(IdSource.COMMAND));
        Change change = QueueRules.dispatch(task, seen.session(), ids, search.request.claimWithin(), tx.now());
        List<QueueTask> tasks =
                tx.write(change.with(grant, tx.now()), context.ids()).tasks();
        List<Run> runs = change.created().runs();
        if (runs.isEmpty()) {
            return Result.of(Kind.BLOCKED);
        }
        Command turn = change.created().commands().get(0);
        return new Result(Kind.DISPATCHED, new Dispatch(tasks.get(0), runs.get(0), turn));
    }
}

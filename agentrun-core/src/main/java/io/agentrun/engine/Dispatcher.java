package io.agentrun.engine;

import io.agentrun.backend.Attempt;
import io.agentrun.backend.LimitSets;
import io.agentrun.backend.ReadSets.DueSet;
import io.agentrun.backend.SharedStep;
import io.agentrun.backend.StoreReads.TakeCandidates;
import io.agentrun.backend.StoreTx;
import io.agentrun.backend.StoreTx.DueTask;
import io.agentrun.backend.TakeSets.FreeTask;
import io.agentrun.backend.TakeSets.TakeSet;
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
import io.agentrun.session.Session;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Takes the next due task. Candidates are found without a lock; then a candidate's session is locked, and
 * after it the task, where nobody else has them; what is held is passed over. A transaction that has locked something of a
 * task that it did not get ends, so that it never waits with a lock that it does not need. A task that its session refuses
 * is blocked, and the next one is taken in a transaction of its own.
 *
 * <p>Callers who meet may share their first transaction: it locks a task for each of them and never waits. Whoever gets none goes on alone.
 */
final class Dispatcher {

    private static final int CANDIDATES = 16;

    /** Candidates of the first look: each costs the database a look at its session and its limits, and mostly nobody else takes. */
    private static final int FIRST_CANDIDATES = 4;

    private static final int LOOKS = 10;
    private static final long PAUSE_NANOS = 5_000_000;

    /** Candidates beyond one for each caller, for callers who share a look. */
    private static final int SPARE = 2;

    private final Context context;
    private final Function<DispatchRequest, Look> firstLooks;

    Dispatcher(Context context) {
        this.context = context;
        this.firstLooks = context.backend().sharing(new FirstLook());
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

    /** What the first transaction of a call came to, and what it has passed over. */
    private record Look(Result result, Search search) {}

    /** Returns the next dispatch; where all tasks that are left belong to sessions that somebody works on, it looks again. */
    Optional<Dispatch> next(DispatchRequest request) {
        Look first = firstLook(request);
        Search search = first.search();
        Result result = first.result();
        int looks = 0;
        while (true) {
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
            result = look(search);
        }
    }

    private Look firstLook(DispatchRequest request) {
        try {
            return firstLooks.apply(request);
        } catch (StoreUnavailableException e) {
            if (!Failures.isUnreadable(e)) {
                throw e;
            }
            return new Look(Result.of(Kind.PASSED), new Search(request));
        }
    }

    /** The first look of a call, for one caller or for several who meet. */
    private final class FirstLook implements SharedStep<DispatchRequest, Look> {

        private final AtomicLong calls = new AtomicLong();

        /** Returns another one for each call: nothing that a look locks is waited for. */
        @Override
        public String key(DispatchRequest request) {
            return Long.toString(calls.incrementAndGet());
        }

        @Override
        public Look alone(StoreTx tx, DispatchRequest request) {
            Search search = new Search(request);
            return new Look(attempt(tx, search), search);
        }

        /** Serves those who ask for what most ask for, so that one write is enough. */
        @Override
        public List<Attempt<Look>> together(StoreTx tx, List<DispatchRequest> requests) {
            Map<DispatchRequest, Long> counts =
                    requests.stream().collect(Collectors.groupingBy(request -> request, Collectors.counting()));
            DispatchRequest most = Collections.max(counts.entrySet(), Map.Entry.comparingByValue())
                    .getKey();
            Deque<Attempt<Look>> answers = dispatches(
                    tx, most, Objects.requireNonNull(counts.get(most)).intValue());
            return requests.stream()
                    .map(request -> request.equals(most) ? answers.remove() : new Attempt.Contended<Look>())
                    .toList();
        }
    }

    /** Returns an answer for each of so many callers who ask for the same. */
    private Deque<Attempt<Look>> dispatches(StoreTx tx, DispatchRequest request, int callers) {
        Deque<Attempt<Look>> answers = new ArrayDeque<>();
        List<DueTask> found = tx.dueTasks(request, Set.of(), callers + SPARE);
        List<DueTask> candidates = Taker.onePerSession(found);
        if (!candidates.isEmpty()) {
            dispatched(tx, request, candidates, callers)
                    .forEach(dispatch -> answers.add(answer(request, new Result(Kind.DISPATCHED, dispatch))));
        }
        while (answers.size() < callers) {
            answers.add(found.isEmpty() ? answer(request, Result.of(Kind.NOTHING)) : new Attempt.Contended<>());
        }
        return answers;
    }

    private static Attempt<Look> answer(DispatchRequest request, Result result) {
        return Attempt.done(new Look(result, new Search(request)));
    }

    private List<Dispatch> dispatched(StoreTx tx, DispatchRequest request, List<DueTask> candidates, int most) {
        TakeSet seen = tx.lockTake(new TakeCandidates(List.of(), candidates), most);
        Map<String, Grant> grants = Taker.grants(tx, candidates, seen);
        List<Change> changes = new ArrayList<>();
        for (FreeTask free : seen.tasks()) {
            Grant grant = grants.getOrDefault(free.task().id(), Grant.UNLIMITED);
            if (grant.full() == null) {
                changes.add(dispatch(tx, request, free.task(), free.session(), grant));
            }
        }
        Map<String, QueueTask> written = tx.write(Change.all(changes), context.ids()).tasks().stream()
                .collect(Collectors.toMap(QueueTask::id, task -> task));
        return changes.stream()
                .filter(change -> !change.created().runs().isEmpty())
                .map(change -> {
                    Run run = change.created().runs().get(0);
                    QueueTask task = Objects.requireNonNull(written.get(Objects.requireNonNull(run.taskId())));
                    return new Dispatch(task, run, change.created().commands().get(0));
                })
                .toList();
    }

    private Change dispatch(
            StoreTx tx, DispatchRequest request, QueueTask task, @Nullable Session session, Grant grant) {
        DispatchIds ids =
                new DispatchIds(context.ids().next(IdSource.RUN), context.ids().next(IdSource.COMMAND));
        return QueueRules.dispatch(task, session, ids, request.claimWithin(), tx.now())
                .with(grant, tx.now());
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
            int most = search.passed.isEmpty() && !search.busy ? FIRST_CANDIDATES : CANDIDATES;
            List<DueTask> found = tx.dueTasks(search.request, search.passed, most);
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
            if (found.size() < most) {
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
        Change change = dispatch(tx, search.request, task, seen.session(), grant);
        List<QueueTask> tasks = tx.write(change, context.ids()).tasks();
        List<Run> runs = change.created().runs();
        if (runs.isEmpty()) {
            return Result.of(Kind.BLOCKED);
        }
        Command turn = change.created().commands().get(0);
        return new Result(Kind.DISPATCHED, new Dispatch(tasks.get(0), runs.get(0), turn));
    }
}

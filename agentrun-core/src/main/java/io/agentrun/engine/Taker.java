package io.agentrun.engine;

import io.agentrun.backend.LimitSets;
import io.agentrun.backend.PageBytes;
import io.agentrun.backend.Signal;
import io.agentrun.backend.StoreReads.TakeCandidates;
import io.agentrun.backend.StoreTx;
import io.agentrun.backend.StoreTx.DueTask;
import io.agentrun.backend.TakeSets;
import io.agentrun.backend.TakeSets.FreeTask;
import io.agentrun.backend.TakeSets.TakeSet;
import io.agentrun.backend.TakeSets.WaitingRun;
import io.agentrun.command.Command;
import io.agentrun.engine.report.Failures;
import io.agentrun.error.InvalidInputException;
import io.agentrun.error.StoreUnavailableException;
import io.agentrun.id.IdSource;
import io.agentrun.lease.FenceToken;
import io.agentrun.queue.DispatchRequest;
import io.agentrun.queue.QueueTask;
import io.agentrun.queue.TakeRequest;
import io.agentrun.queue.Taken;
import io.agentrun.rules.Change;
import io.agentrun.rules.LeaseRules;
import io.agentrun.rules.NewLease;
import io.agentrun.rules.QueueRules;
import io.agentrun.rules.QueueRules.DispatchIds;
import io.agentrun.rules.RunHead;
import io.agentrun.rules.RunView;
import io.agentrun.rules.limit.LimitRules;
import io.agentrun.rules.limit.LimitRules.Grant;
import io.agentrun.run.Run;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Takes pending runs of tasks, and due tasks, for a worker. One transaction finds more candidates than are asked for, without
 * a lock; locks of them as many as it may have, passing over what is held; dispatches and leases; and commits. It never waits for a
 * lock. A transaction that got nothing ends before the next candidates are tried, and with it the locks that it holds in vain.
 */
final class Taker {

    /** Candidates beyond what is asked for, because others take at the same moment. */
    private static final int SPARE = 15;

    /** Candidates beyond what is asked for at first: each costs the database a look, and mostly nobody else takes. */
    private static final int FIRST_SPARE = 2;

    private static final int LOOKS = 10;
    private static final long PAUSE_NANOS = 5_000_000;
    private static final long LONGEST_PAUSE_NANOS = 100_000_000;
    private static final long LONGEST_WAIT_NANOS = 1_000_000_000;

    private final Context context;

    Taker(Context context) {
        this.context = context;
    }

    /** What one transaction came to: {@code more} if it found candidates, so that there may be others. */
    private record Result(List<Taken> taken, boolean more) {}

    /** What a call has passed over since it began, or since it looked again at all. Not thread-safe: one thread at a time. */
    private static final class Search {
        private final Set<String> passed = new LinkedHashSet<>();
        private List<String> tried = List.of();
        private boolean busy;
        private boolean lost;
        /** Whether a candidate could not be read, so that each is tried alone. */
        private boolean unreadable;

        private void again() {
            passed.clear();
            busy = false;
        }
    }

    /** Takes what there is, waiting for something up to the timeout. */
    List<Taken> take(TakeRequest request, Duration length, Duration timeout) {
        if (!context.backend().commitsSteps() && !timeout.isZero()) {
            throw new InvalidInputException("timeout", "must be zero inside a transaction of the host");
        }
        long end = System.nanoTime() + timeout.toNanos();
        long pause = PAUSE_NANOS;
        while (true) {
            Search search = new Search();
            List<Taken> taken = now(request, length, search);
            long left = end - System.nanoTime();
            if (!taken.isEmpty() || left <= 0 || Thread.currentThread().isInterrupted()) {
                return taken;
            }
            if (search.lost) {
                // Others have just now what was there: it does not try again at once.
                LockSupport.parkNanos(Math.min(left, pause));
                pause = Math.min(2 * pause, LONGEST_PAUSE_NANOS);
            } else {
                pause = PAUSE_NANOS;
                await(request.filter(), Math.min(left, LONGEST_WAIT_NANOS));
            }
        }
    }

    /** Returns when there is something to take, or after that time: a delay ends without a signal. */
    private void await(DispatchRequest filter, long nanos) {
        context.backend()
                .await(
                        Signal.tasks(),
                        Duration.ofNanos(nanos),
                        reads -> reads.takeCandidates(filter, List.of(), 1).isEmpty() ? null : Boolean.TRUE);
    }

    private List<Taken> now(TakeRequest request, Duration length, Search search) {
        for (int looks = 0; ; ) {
            Result result = look(request, length, search);
            if (!result.taken().isEmpty()) {
                return result.taken();
            }
            if (!result.more()) {
                looks++;
                if (!search.busy || looks == LOOKS) {
                    return List.of();
                }
                search.again();
                LockSupport.parkNanos(PAUSE_NANOS);
            }
        }
    }

    /** Makes one transaction; one that meets a record that cannot be read is rolled back, and the search goes on without it. */
    private Result look(TakeRequest request, Duration length, Search search) {
        try {
            return context.backend().write(tx -> attempt(tx, request, length, search));
        } catch (StoreUnavailableException e) {
            if (!Failures.isUnreadable(e) || search.tried.isEmpty()) {
                throw e;
            }
            // Which of the candidates it was, single looks find out.
            if (search.tried.size() == 1) {
                search.passed.addAll(search.tried);
            }
            search.unreadable = true;
            return new Result(List.of(), true);
        }
    }

    private Result attempt(StoreTx tx, TakeRequest request, Duration length, Search search) {
        long heldUntil = context.heldUntilNanos(length);
        search.tried = List.of();
        TakeCandidates found =
                tx.takeCandidates(request.filter(), search.passed, request.n() + (search.lost ? SPARE : FIRST_SPARE));
        if (found.isEmpty()) {
            return new Result(List.of(), false);
        }
        search.lost = true;
        TakeCandidates tried =
                search.unreadable ? first(found) : new TakeCandidates(found.runIds(), onePerSession(found.tasks()));
        List<String> ids = Stream.concat(
                        tried.runIds().stream(), tried.tasks().stream().map(DueTask::taskId))
                .toList();
        search.tried = ids;
        TakeSet seen = tx.lockTake(tried, request.n()).within(PageBytes.MOST);
        Map<String, Grant> grants = grants(tx, tried.tasks(), seen);
        search.tried = List.of();
        List<Change> changes = new ArrayList<>();
        List<Function<Map<String, QueueTask>, Taken>> taken = new ArrayList<>();
        Instant now = tx.now();
        for (WaitingRun waiting : seen.runs()) {
            Grant grant = grants.getOrDefault(waiting.task().id(), Grant.UNLIMITED);
            if (grant.full() != null) {
                search.busy = true;
                continue;
            }
            RunView view = new RunView(RunHead.of(waiting.run()), waiting.open(), null, null, null);
            FenceToken token = FenceToken.random();
            NewLease lease = new NewLease(request.runnerId(), length, token.hash());
            Change change = LeaseRules.claim(view, lease, context.intake().maxStarts(), now);
            changes.add(change.with(LimitRules.taken(grant, waiting.run().id(), now)));
            Run run = Runs.after(change, waiting.run());
            taken.add(written -> new Taken(waiting.task(), Leases.leased(run, token, heldUntil), waiting.turns()));
        }
        for (FreeTask free : seen.tasks()) {
            Grant grant = grants.getOrDefault(free.task().id(), Grant.UNLIMITED);
            if (grant.full() != null) {
                search.busy = true;
                continue;
            }
            FenceToken token = FenceToken.random();
            Change change =
                    dispatched(request.filter(), free, new NewLease(request.runnerId(), length, token.hash()), now);
            changes.add(change.with(grant, now));
            for (Run run : change.created().runs()) {
                List<Command> turns = TakeSets.turns(change.created().commands());
                taken.add(
                        written -> new Taken(task(free.task(), written), Leases.leased(run, token, heldUntil), turns));
            }
        }
        Map<String, QueueTask> written = tx.write(Change.all(changes), context.ids()).tasks().stream()
                .collect(Collectors.toMap(QueueTask::id, task -> task));
        search.busy |= seen.busy();
        search.passed.addAll(ids);
        return new Result(taken.stream().map(each -> each.apply(written)).toList(), true);
    }

    /** Returns what the tasks get of the limits that count them, those of runs that were parked first. */
    static Map<String, Grant> grants(StoreTx tx, List<DueTask> candidates, TakeSet seen) {
        Map<String, DueTask> byId =
                candidates.stream().collect(Collectors.toMap(DueTask::taskId, candidate -> candidate));
        List<QueueTask> counted = Stream.concat(
                        seen.runs().stream()
                                .filter(waiting -> RunHead.of(waiting.run()).slotless())
                                .map(WaitingRun::task),
                        seen.tasks().stream()
                                .map(FreeTask::task)
                                .filter(task -> LimitSets.mayCount(byId.get(task.id()), task)))
                .toList();
        return counted.isEmpty() ? Map.of() : tx.lockSlots(counted);
    }

    private static TakeCandidates first(TakeCandidates found) {
        return found.runIds().isEmpty()
                ? new TakeCandidates(List.of(), found.tasks().subList(0, 1))
                : new TakeCandidates(found.runIds().subList(0, 1), List.of());
    }

    private Change dispatched(DispatchRequest filter, FreeTask free, NewLease lease, Instant now) {
        DispatchIds ids =
                new DispatchIds(context.ids().next(IdSource.RUN), context.ids().next(IdSource.COMMAND));
        int maxStarts = context.intake().maxStarts();
        return QueueRules.take(free.task(), free.session(), ids, filter.claimWithin(), lease, maxStarts, now);
    }

    private static QueueTask task(QueueTask before, Map<String, QueueTask> written) {
        QueueTask after = written.get(before.id());
        return after == null ? before : after;
    }

    /** A session has one active turn, so that only the first of its tasks can be dispatched. */
    static List<DueTask> onePerSession(List<DueTask> tasks) {
        Set<String> sessions = new HashSet<>();
        return tasks.stream()
                .filter(task -> task.sessionId() == null || sessions.add(task.sessionId()))
                .toList();
    }
}

package io.agentrun.engine;

import io.agentrun.LeaseStore;
import io.agentrun.backend.Attempt;
import io.agentrun.backend.LimitSets;
import io.agentrun.backend.LockMode;
import io.agentrun.backend.Locked;
import io.agentrun.backend.PageBytes;
import io.agentrun.backend.ReadSets.RunEnd;
import io.agentrun.backend.StoreReads;
import io.agentrun.backend.StoreTx;
import io.agentrun.backend.StoreTx.StoredRun;
import io.agentrun.check.Require;
import io.agentrun.engine.report.Failures;
import io.agentrun.error.LimitFullException;
import io.agentrun.error.NotFoundException;
import io.agentrun.error.StoreUnavailableException;
import io.agentrun.id.IdSource;
import io.agentrun.lease.ClaimRequest;
import io.agentrun.lease.ExpiredLease;
import io.agentrun.lease.ExpiredQuery;
import io.agentrun.lease.Fence;
import io.agentrun.lease.FenceToken;
import io.agentrun.lease.Heartbeat;
import io.agentrun.lease.LeaseSignal;
import io.agentrun.lease.Parking;
import io.agentrun.lease.Recovery;
import io.agentrun.lease.RecoveryOutcome;
import io.agentrun.lease.RunLease;
import io.agentrun.model.ItemAnswer;
import io.agentrun.question.Question;
import io.agentrun.rules.Change;
import io.agentrun.rules.CommandHead;
import io.agentrun.rules.LeaseRules;
import io.agentrun.rules.NewLease;
import io.agentrun.rules.QuestionRules;
import io.agentrun.rules.RunHead;
import io.agentrun.rules.RunView;
import io.agentrun.rules.limit.LimitRules;
import io.agentrun.rules.limit.LimitRules.Grant;
import io.agentrun.run.Lease;
import io.agentrun.run.Run;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The leases of every store. */
final class Leases implements LeaseStore {

    private static final int CANDIDATES = 16;

    private final Context context;
    private final RunSteps steps;
    private final Batches batches;

    Leases(Context context, RunSteps steps) {
        this.context = context;
        this.steps = steps;
        this.batches = new Batches(context);
    }

    @Override
    public RunLease claim(String runId, String runnerId, Duration lease) {
        String id = context.intake().id("runId", runId);
        String runner = context.intake().id("runnerId", runnerId);
        Duration length = context.intake().lease(lease);
        FenceToken token = FenceToken.random();
        NewLease claim = new NewLease(runner, length, token.hash());
        String eventId = context.ids().next(IdSource.EVENT);
        long heldUntil = context.heldUntilNanos(length);
        if (context.backend().shortcuts().claim(id, claim, eventId) instanceof Attempt.Done<Run> done) {
            return leased(done.value(), token, heldUntil);
        }
        int maxStarts = context.intake().maxStarts();
        return context.backend().write(tx -> {
            long held = context.heldUntilNanos(length);
            RunEnd seen = tx.lockRunEnd(id).orThrow("run", id);
            Grant grant = LimitSets.again(tx, seen.view().run());
            Change change = LeaseRules.claim(seen.view(), claim, maxStarts, tx.now());
            if (grant.full() != null) {
                throw new LimitFullException(id, grant.full().value().text());
            }
            tx.write(change.with(LimitRules.taken(grant, id, tx.now())), context.ids());
            return leased(Runs.after(change, seen.run()), token, held);
        });
    }

    @Override
    public Optional<RunLease> claimNext(ClaimRequest request) {
        ClaimRequest given = Require.given("request", request);
        Duration length = context.intake().lease(given.lease());
        FenceToken token = FenceToken.random();
        NewLease claim = new NewLease(given.runnerId(), length, token.hash());
        String eventId = context.ids().next(IdSource.EVENT);
        long heldUntil = context.heldUntilNanos(length);
        if (quickly(given, claim, eventId) instanceof Attempt.Done<Optional<Run>> done) {
            return done.value().map(run -> leased(run, token, heldUntil));
        }
        Set<String> full = new LinkedHashSet<>();
        while (true) {
            int before = full.size();
            Optional<RunLease> claimed = context.backend().write(tx -> {
                long held = context.heldUntilNanos(length);
                return Optional.ofNullable(claimNext(tx, given, claim, full)).map(run -> leased(run, token, held));
            });
            if (claimed.isPresent() || full.size() == before) {
                return claimed;
            }
        }
    }

    /** Tries in one statement; a run that cannot be read is left to the search, which passes over it. */
    private Attempt<Optional<Run>> quickly(ClaimRequest request, NewLease claim, String eventId) {
        try {
            return context.backend().shortcuts().claimNext(request, claim, eventId);
        } catch (StoreUnavailableException e) {
            if (Failures.isUnreadable(e)) {
                return new Attempt.Contended<>();
            }
            throw e;
        }
    }

    /**
     * Tries candidates in order; what another transaction has locked is passed over. Slots are locked last: where a limit of a run is full,
     * the run is added to those that are full, and the search goes on without them in a transaction of its own.
     */
    private @Nullable Run claimNext(StoreTx tx, ClaimRequest request, NewLease claim, Set<String> full) {
        Set<String> passed = new LinkedHashSet<>(full);
        while (true) {
            List<String> candidates = tx.pendingRuns(request, passed, CANDIDATES);
            for (String id : candidates) {
                StoredRun stored = readable(tx, id);
                if (stored != null && request.accepts(stored.run())) {
                    RunHead head = stored.head();
                    List<CommandHead> open = tx.openCommands(id);
                    if (LeaseRules.claimable(head, open)) {
                        Grant grant = LimitSets.again(tx, head);
                        if (grant.full() != null) {
                            full.add(id);
                            return null;
                        }
                        RunView view = new RunView(head, open, null, null, null);
                        Change change =
                                LeaseRules.claim(view, claim, context.intake().maxStarts(), tx.now());
                        tx.write(change.with(LimitRules.taken(grant, id, tx.now())), context.ids());
                        return Runs.after(change, stored.run());
                    }
                }
            }
            if (candidates.size() < CANDIDATES) {
                return null;
            }
            passed.addAll(candidates);
        }
    }

    /** Returns the run, locked; null if somebody else has it locked, or it cannot be read. */
    static @Nullable StoredRun readable(StoreTx tx, String runId) {
        try {
            return tx.lockRun(runId, LockMode.SKIP).orNull();
        } catch (StoreUnavailableException e) {
            if (Failures.isUnreadable(e)) {
                return null;
            }
            throw e;
        }
    }

    static RunLease leased(Run run, FenceToken token, long heldUntil) {
        Lease lease = leaseOf(run);
        Fence fence = new Fence(run.id(), lease.runnerId(), lease.epoch(), token);
        return new RunLease(fence, lease.expiresAt(), run, heldUntil);
    }

    private static Lease leaseOf(Run run) {
        return run.lease().orElseThrow(() -> new IllegalStateException("a leased run has no lease"));
    }

    @Override
    public Heartbeat heartbeat(Fence fence, Duration lease) {
        Fence given = Require.given("fence", fence);
        Duration length = context.intake().lease(lease);
        long heldUntil = context.heldUntilNanos(length);
        Attempt<Heartbeat> attempt = context.backend().shortcuts().heartbeat(given, length);
        if (attempt instanceof Attempt.Done<Heartbeat> done) {
            return held(done.value(), heldUntil);
        }
        if (attempt instanceof Attempt.Refused) {
            // A fence that did not hold never holds again.
            RunHead run = context.backend()
                    .read(reads -> reads.findHead(given.runId()))
                    .orElseThrow(() -> new NotFoundException("run", given.runId()));
            LeaseSignal signal = LeaseRules.signal(run, given);
            return Heartbeat.over(signal.holds() ? LeaseSignal.LEASE_LOST : signal);
        }
        return context.backend().write(tx -> heartbeat(tx, context, given, length, LockMode.WAIT));
    }

    /** Returns the answer with the time until which the lease is held, unless it is over. */
    static Heartbeat held(Heartbeat beat, long heldUntil) {
        return beat.signal().holds() ? beat.withHeldUntilNanos(heldUntil) : beat;
    }

    static Heartbeat heartbeat(StoreTx tx, Context context, Fence fence, Duration length, LockMode mode) {
        long heldUntil = context.heldUntilNanos(length);
        StoredRun stored = tx.lockRun(fence.runId(), mode).orThrow("run", fence.runId());
        LeaseRules.Beat beat = LeaseRules.heartbeat(stored.head(), fence, length, tx.now());
        Heartbeat answer = Batches.answer(tx, beat);
        RunHead next = beat.next();
        if (next != null) {
            tx.write(Change.of(next), context.ids());
        }
        return held(answer, heldUntil);
    }

    @Override
    public List<ItemAnswer<Heartbeat>> heartbeatAll(List<Fence> fences, Duration lease) {
        List<Fence> given = context.intake().many("fences", fences);
        return batches.heartbeats(given, context.intake().lease(lease));
    }

    @Override
    public Run release(Fence fence) {
        Fence given = Require.given("fence", fence);
        return steps.end(given.runId(), (view, now) -> LeaseRules.release(view, given, now));
    }

    @Override
    public Parking park(Fence fence, List<String> questionIds) {
        Fence given = Require.given("fence", fence);
        List<String> ids = context.intake().questionIds(questionIds);
        return context.backend().write(tx -> {
            StoredRun run = tx.lockRun(given.runId(), LockMode.WAIT).orThrow("run", given.runId());
            List<Question> named = new ArrayList<>(ids.size());
            for (String id : ids) {
                named.add(tx.findQuestion(id)
                        .filter(question -> question.runId().equals(given.runId()))
                        .orElseThrow(() -> new NotFoundException("question", id)));
            }
            RunView view = new RunView(run.head(), tx.openCommands(given.runId()), null, null, null);
            Change change = QuestionRules.park(view, named, given, tx.now());
            tx.write(change, context.ids());
            return change.isEmpty()
                    ? new Parking.Answered(QuestionRules.results(named))
                    : new Parking.Parked(Runs.after(change, run.run()));
        });
    }

    @Override
    public List<ExpiredLease> listExpired(ExpiredQuery query) {
        ExpiredQuery given = Require.given("query", query);
        int limit = context.intake().page(given.limit());
        List<Run> runs = context.backend().read(reads -> reads.expiredRuns(given.scope(), Set.of(), limit));
        return runs.subList(0, PageBytes.RUNS.fitting(runs)).stream()
                .map(Leases::expired)
                .toList();
    }

    private static ExpiredLease expired(Run run) {
        Lease lease = leaseOf(run);
        return new ExpiredLease(lease.runnerId(), lease.epoch(), lease.expiresAt(), run);
    }

    @Override
    public List<Recovery> recoverExpired(ExpiredQuery query) {
        ExpiredQuery given = Require.given("query", query);
        int limit = context.intake().page(given.limit());
        return sweep(limit, (reads, seen, size) -> reads.expiredRuns(given.scope(), seen, size), this::recover);
    }

    private Recovery recover(Run run) {
        return recover(run.id(), leaseOf(run).epoch());
    }

    @Override
    public List<Recovery> endUnclaimed(ExpiredQuery query) {
        ExpiredQuery given = Require.given("query", query);
        int limit = context.intake().page(given.limit());
        return sweep(limit, (reads, seen, size) -> reads.overdueRuns(given.scope(), seen, size), this::endUnclaimed);
    }

    private Recovery endUnclaimed(Run run) {
        return context.backend().write(tx -> {
            RunEnd seen = tx.lockRunEnd(run.id()).orThrow("run", run.id());
            Change change = LeaseRules.unclaimed(seen.view(), tx.now());
            tx.write(change, context.ids());
            RecoveryOutcome outcome = change.isEmpty() ? RecoveryOutcome.NOT_NEEDED : RecoveryOutcome.UNCLAIMED;
            return new Recovery(run.id(), outcome, Runs.after(change, seen.run()));
        });
    }

    /** How a sweep finds the next runs, but those that it has seen. */
    private interface Look {
        List<Run> find(StoreReads reads, Set<String> seen, int limit);
    }

    /**
     * Does something for each run that is found, until as many have changed as the limit says, or a page of them would be too large; what
     * cannot be changed now is reported, and stops none of the others. It looks at as many runs as the largest page has.
     */
    private List<Recovery> sweep(int limit, Look look, Function<Run, Recovery> step) {
        List<Recovery> done = new ArrayList<>();
        Set<String> seen = new HashSet<>();
        int changed = 0;
        int passed = 0;
        boolean full = false;
        while (!full) {
            int size = Math.min(limit - changed, context.intake().maxPage() - seen.size());
            List<Run> found =
                    size == 0 ? List.of() : context.backend().read(reads -> look.find(reads, Set.copyOf(seen), size));
            int fitting = PageBytes.RUNS.fitting(found);
            for (Run run : found.subList(0, fitting)) {
                seen.add(run.id());
                Recovery recovery = passed > 0 && isHeld(run) ? passedOver(run) : orPass(run, step);
                switch (recovery.outcome()) {
                    case REQUEUED, FAILED, CANCELLED, UNCLAIMED -> {
                        changed++;
                        done.add(recovery);
                    }
                    case PASSED_OVER -> {
                        passed++;
                        done.add(recovery);
                    }
                    case NOT_NEEDED -> {
                        // It has changed meanwhile: nothing to report.
                    }
                }
            }
            full = found.isEmpty()
                    || fitting < found.size()
                    || PageBytes.RUNS.tooMany(done.stream().map(Recovery::run).toList());
        }
        return List.copyOf(done);
    }

    private Recovery orPass(Run run, Function<Run, Recovery> step) {
        try {
            return step.apply(run);
        } catch (NotFoundException purged) {
            // Only ended runs are purged: nothing is left to do.
            return new Recovery(run.id(), RecoveryOutcome.NOT_NEEDED, run);
        } catch (StoreUnavailableException e) {
            if (Failures.isOfOneItem(e)) {
                return passedOver(run);
            }
            throw e;
        }
    }

    private static Recovery passedOver(Run run) {
        return new Recovery(run.id(), RecoveryOutcome.PASSED_OVER, run);
    }

    /** Asked once somebody was waited for in vain: who holds one run often holds more, and the wait is long. */
    private boolean isHeld(Run run) {
        return context.backend().write(tx -> {
            String sessionId = run.sessionId();
            return (sessionId != null && tx.lockSession(sessionId, LockMode.SKIP) instanceof Locked.Held)
                    || tx.lockRun(run.id(), LockMode.SKIP) instanceof Locked.Held;
        });
    }

    @Override
    public Recovery recover(String runId, long epoch) {
        String id = context.intake().id("runId", runId);
        long given = Require.between("epoch", epoch, 1, Long.MAX_VALUE);
        return context.backend().write(tx -> {
            RunEnd seen = tx.lockRunEnd(id).orThrow("run", id);
            LeaseRules.Recovered recovered =
                    LeaseRules.recover(seen.view(), given, context.intake().maxStarts(), tx.now());
            tx.write(recovered.change(), context.ids());
            return new Recovery(id, recovered.outcome(), Runs.after(recovered.change(), seen.run()));
        });
    }
}

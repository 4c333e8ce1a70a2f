package io.agentrun.engine;

import io.agentrun.RunStore;
import io.agentrun.backend.Attempt;
import io.agentrun.backend.Cursors;
import io.agentrun.backend.Locked;
import io.agentrun.backend.PageBytes;
import io.agentrun.backend.ReadSets.NewRunSet;
import io.agentrun.backend.ReadSets.RunEnd;
import io.agentrun.backend.SharedStep;
import io.agentrun.backend.StoreReads;
import io.agentrun.backend.StoreTx;
import io.agentrun.check.Require;
import io.agentrun.command.FinishedTurn;
import io.agentrun.engine.report.Failures;
import io.agentrun.error.AgentRunException;
import io.agentrun.error.NotFoundException;
import io.agentrun.error.StoreUnavailableException;
import io.agentrun.id.IdSource;
import io.agentrun.lease.Fence;
import io.agentrun.model.CancelMode;
import io.agentrun.model.Outcome;
import io.agentrun.model.Owner;
import io.agentrun.model.Page;
import io.agentrun.model.TurnResult;
import io.agentrun.queue.QueueTask;
import io.agentrun.rules.Change;
import io.agentrun.rules.Keys;
import io.agentrun.rules.RunHead;
import io.agentrun.rules.RunRules;
import io.agentrun.rules.RunView;
import io.agentrun.rules.SessionRules;
import io.agentrun.run.NewRun;
import io.agentrun.run.PurgeRequest;
import io.agentrun.run.PurgeResult;
import io.agentrun.run.Run;
import io.agentrun.run.RunQuery;
import io.agentrun.run.SessionRef;
import io.agentrun.session.Session;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The runs of every store. */
final class Runs implements RunStore {

    private static final Pages<Run> PAGES =
            new Pages<>("runs", 2, PageBytes.RUNS, run -> List.of(Cursors.key(run.createdAt()), run.id()));

    private static final Pages<Run> OF_TASK = new Pages<>("task-runs", 2, PageBytes.RUNS, PAGES.keysOf());

    private final Context context;
    private final RunSteps steps;
    private final Function<Creation, Created> creations;

    Runs(Context context, RunSteps steps) {
        this.context = context;
        this.steps = steps;
        this.creations = context.backend().sharing(new NewRuns());
    }

    @Override
    public Run create(NewRun input) {
        NewRun checked = context.intake().run(input);
        String id = context.ids().next(IdSource.RUN);
        return checked.idempotencyKey() == null
                ? creations.apply(new Creation(id, checked)).run()
                : context.backend().write(tx -> create(tx, checked, id));
    }

    /** A run to create, without a key. Immutable. */
    private record Creation(String id, NewRun input) {}

    /** A run that was created, and by which change, unless it is written. Immutable. */
    private record Created(Run run, Change change) {}

    /** Creates runs, for one caller or for several who meet. */
    private final class NewRuns implements SharedStep<Creation, Created> {

        @Override
        public String key(Creation creation) {
            SessionRef session = creation.input().session();
            return session == null ? creation.id() : session.sessionId();
        }

        @Override
        public long bytes(Creation creation) {
            return PageBytes.NEW_RUNS.atMost(creation.input());
        }

        @Override
        public Created alone(StoreTx tx, Creation creation) {
            return new Created(create(tx, creation.input(), creation.id()), Change.none());
        }

        @Override
        public List<Attempt<Created>> together(StoreTx tx, List<Creation> creations) {
            List<Locked<NewRunSet>> seen =
                    tx.lockNewRuns(creations.stream().map(Creation::input).toList());
            List<@Nullable Created> members = new ArrayList<>(creations.size());
            Set<String> sessions = new HashSet<>();
            for (int i = 0; i < creations.size(); i++) {
                members.add(member(tx, creations.get(i), seen.get(i).orNull(), sessions));
            }
            return context.write(tx, members, Created::change);
        }

        /** Returns null for one whose session is not free, is refused, or is that of one before it. */
        private static @Nullable Created member(
                StoreTx tx, Creation creation, @Nullable NewRunSet seen, Set<String> sessions) {
            SessionRef ref = creation.input().session();
            if (seen == null || (ref != null && !sessions.add(ref.sessionId()))) {
                return null;
            }
            try {
                Change change = RunRules.create(creation.input(), seen.session(), creation.id(), null, tx.now());
                return new Created(change.created().runs().get(0), change);
            } catch (AgentRunException e) {
                return null; // Alone, it is told why.
            }
        }
    }

    private Run create(StoreTx tx, NewRun input, String id) {
        NewRunSet seen = tx.lockNewRun(input);
        Session session = seen.session();
        if (session != null) {
            SessionRules.requireOwner(session, input.owner());
        }
        Run first = seen.replayed();
        if (first != null) {
            Keys.requireSameContent(Require.given("idempotency", first.idempotency()), input.contentHash());
            return first;
        }
        Change change = RunRules.create(input, session, id, null, tx.now());
        tx.write(change, context.ids());
        return change.created().runs().get(0);
    }

    @Override
    public Run get(String runId) {
        String id = context.intake().id("runId", runId);
        return context.backend().read(reads -> reads.findRun(id)).orElseThrow(() -> new NotFoundException("run", id));
    }

    @Override
    public Run getByKey(Owner owner, String idempotencyKey) {
        Owner given = Require.given("owner", owner);
        String key = context.intake().key("idempotencyKey", idempotencyKey);
        boolean shown = context.scope().includes(given);
        return context.backend()
                .read(reads -> shown ? reads.findRun(given, key) : Optional.<Run>empty())
                .orElseThrow(() -> new NotFoundException("run", key));
    }

    @Override
    public Page<Run> listByTask(String taskId, @Nullable String cursor, int limit) {
        String id = context.intake().id("taskId", taskId);
        int size = context.intake().page(limit);
        List<String> after = OF_TASK.after(id, cursor);
        List<Run> found = context.backend()
                .read(reads -> reads.runsOfTask(id, after, size + 1))
                .orElseThrow(() -> new NotFoundException("queue task", id));
        return OF_TASK.page(id, size, found);
    }

    @Override
    public Page<Run> list(RunQuery query) {
        RunQuery given = Require.given("query", query);
        return PAGES.read(
                context,
                context.scope().narrow(given.scope()).map(given::withScope),
                RunQuery::fingerprint,
                given.cursor(),
                given.limit(),
                StoreReads::runs);
    }

    @Override
    public Run finish(Fence fence, TurnResult result) {
        Fence given = Require.given("fence", fence);
        TurnResult kept = context.intake().result(result);
        return steps.end(given.runId(), (view, now) -> RunRules.finish(view, given, kept, now));
    }

    @Override
    public FinishedTurn finishTurn(Fence fence, String commandId, TurnResult result) {
        Fence given = Require.given("fence", fence);
        String id = context.intake().id("commandId", commandId);
        TurnResult kept = context.intake().result(result);
        return steps.finishTurn(given, id, kept);
    }

    @Override
    public Run finishUnclaimed(String runId, Outcome outcome) {
        String id = context.intake().id("runId", runId);
        Outcome kept = context.intake().outcome(outcome);
        return steps.end(id, (view, now) -> RunRules.finishUnclaimed(view, kept, now));
    }

    @Override
    public Run cancel(String runId, String reason, CancelMode mode) {
        String id = context.intake().id("runId", runId);
        String kept = context.intake().reason(reason);
        CancelMode given = Require.given("mode", mode);
        return steps.end(id, (view, now) -> RunRules.cancel(view, kept, given, now));
    }

    /** Writes what the rule decides about the run and everything that its end touches; returns the run as it is then. */
    static Run end(Context context, String runId, BiFunction<RunView, Instant, Change> rule) {
        return context.backend().write(tx -> end(tx, context, runId, rule));
    }

    /** Does what the other does, as part of a step. */
    static Run end(StoreTx tx, Context context, String runId, BiFunction<RunView, Instant, Change> rule) {
        RunEnd seen = tx.lockRunEnd(runId).orThrow("run", runId);
        Change change = rule.apply(seen.view(), tx.now());
        tx.write(change, context.ids());
        return after(change, seen.run());
    }

    /** Returns the run as the change leaves it. */
    static Run after(Change change, Run before) {
        for (RunHead next : change.replaced().runs()) {
            if (next.id().equals(before.id())) {
                return next.applyTo(before);
            }
        }
        return before;
    }

    @Override
    public PurgeResult purge(PurgeRequest request) {
        PurgeRequest given = Require.given("request", request);
        if (context.backend().shortcuts().purge(given) instanceof Attempt.Done<PurgeResult> done) {
            return done.value();
        }
        return purgeInPortions(given);
    }

    /**
     * Deletes in portions, each a transaction, until as many are deleted as may be and one more was found, or none is left.
     */
    private PurgeResult purgeInPortions(PurgeRequest request) {
        int size = request.limit() + 1;
        int deleted = 0;
        List<String> after = List.of();
        while (true) {
            List<String> from = after;
            int most = request.limit() - deleted;
            Portion portion = context.backend().write(tx -> purge(tx, request, from, size, most));
            deleted += portion.deleted();
            if (portion.more() || portion.next().isEmpty()) {
                return new PurgeResult(deleted, portion.more());
            }
            after = portion.next();
        }
    }

    /**
     * What one transaction of a purge did.
     *
     * @param more whether one more was found than may be deleted
     * @param next the keys of the last candidate; empty if there are no more candidates
     */
    private record Portion(int deleted, boolean more, List<String> next) {}

    /**
     * Deletes ended runs. They change no more, so that the lock only keeps two purges apart; what another one has is passed
     * over.
     */
    private static Portion purge(StoreTx tx, PurgeRequest request, List<String> after, int size, int most) {
        List<Run> found = tx.endedRuns(request.scope(), request.olderThan(), after, size);
        List<Run> locked = found.stream()
                .filter(run -> Leases.readable(tx, run.id()) != null)
                .toList();
        Instant until = tx.now().minus(request.olderThan());
        int deleted = 0;
        for (Run run : locked) {
            if (purgeable(tx, run, until)) {
                if (deleted == most) {
                    return new Portion(deleted, true, List.of());
                }
                tx.deleteRun(run.id());
                deleted++;
            }
        }
        if (found.size() < size) {
            return new Portion(deleted, false, List.of());
        }
        Run last = found.get(found.size() - 1);
        return new Portion(deleted, false, List.of(Cursors.key(last.updatedAt()), last.id()));
    }

    /** A run whose session or task cannot be read stays. */
    private static boolean purgeable(StoreTx tx, Run run, Instant until) {
        try {
            return isPurgeable(tx, run, until);
        } catch (StoreUnavailableException e) {
            if (Failures.isUnreadable(e)) {
                return false;
            }
            throw e;
        }
    }

    private static boolean isPurgeable(StoreTx tx, Run run, Instant until) {
        String sessionId = run.sessionId();
        String taskId = run.taskId();
        Session session = sessionId == null ? null : tx.findSession(sessionId).orElse(null);
        QueueTask task = taskId == null ? null : tx.findTask(taskId).orElse(null);
        return RunRules.purgeable(RunHead.of(run), session, task, until);
    }
}

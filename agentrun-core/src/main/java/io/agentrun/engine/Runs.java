package io.agentrun.engine;

import io.agentrun.RunStore;
import io.agentrun.backend.Attempt;
import io.agentrun.backend.LockMode;
import io.agentrun.backend.ReadSets.NewRunSet;
import io.agentrun.backend.ReadSets.RunEnd;
import io.agentrun.backend.StoreTx;
import io.agentrun.backend.StoreTx.StoredRun;
import io.agentrun.check.Require;
import io.agentrun.error.NotFoundException;
import io.agentrun.id.IdSource;
import io.agentrun.lease.Fence;
import io.agentrun.model.CancelMode;
import io.agentrun.model.Outcome;
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
import io.agentrun.session.Session;
import java.time.Instant;
import java.util.List;
import java.util.function.BiFunction;

/** The runs of every store. */
final class Runs implements RunStore {

    private static final Pages<Run> PAGES =
            new Pages<>("runs", 2, run -> List.of(Cursors.key(run.createdAt()), run.id()));

    private final Context context;

    Runs(Context context) {
        this.context = context;
    }

    @Override
    public Run create(NewRun input) {
        NewRun checked = context.intake().run(input);
        String id = context.ids().next(IdSource.RUN);
        return context.backend().write(tx -> create(tx, checked, id));
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
    public Page<Run> list(RunQuery query) {
        RunQuery given = Require.given("query", query);
        return PAGES.read(
                context,
                given.fingerprint(),
                given.cursor(),
                given.limit(),
                (after, limit) -> reads -> reads.runs(given, after, limit));
    }

    @Override
    public Run finish(Fence fence, TurnResult result) {
        Fence given = Require.given("fence", fence);
        TurnResult kept = context.intake().result(result);
        return end(context, given.runId(), (view, now) -> RunRules.finish(view, given, kept, now));
    }

    @Override
    public Run finishUnclaimed(String runId, Outcome outcome) {
        String id = context.intake().id("runId", runId);
        Outcome kept = context.intake().outcome(outcome);
        return end(context, id, (view, now) -> RunRules.finishUnclaimed(view, kept, now));
    }

    @Override
    public Run cancel(String runId, String reason, CancelMode mode) {
        String id = context.intake().id("runId", runId);
        String kept = context.intake().reason(reason);
        CancelMode given = Require.given("mode", mode);
        return end(context, id, (view, now) -> RunRules.cancel(view, kept, given, now));
    }

    /** Writes what the rule decides about the run and everything that its end touches; returns the run as it is then. */
    static Run end(Context context, String runId, BiFunction<RunView, Instant, Change> rule) {
        return context.backend().write(tx -> {
            RunEnd seen = tx.lockRunEnd(runId).orThrow("run", runId);
            Change change = rule.apply(seen.view(), tx.now());
            tx.write(change, context.ids());
            return after(change, seen.run());
        });
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
        return context.backend().write(tx -> purge(tx, given));
    }

    /** Ended runs are looked at in portions, until as many are deleted as may be and one more was found, or none is left. */
    private static PurgeResult purge(StoreTx tx, PurgeRequest request) {
        Instant until = tx.now().minus(request.olderThan());
        List<String> after = List.of();
        int deleted = 0;
        int size = request.limit() + 1;
        while (true) {
            List<Run> found = tx.endedRuns(request.scope(), until, after, size);
            for (Run run : found) {
                if (purgeable(tx, run, until)) {
                    if (deleted == request.limit()) {
                        return new PurgeResult(deleted, true);
                    }
                    tx.deleteRun(run.id());
                    deleted++;
                }
            }
            if (found.size() < size) {
                return new PurgeResult(deleted, false);
            }
            Run last = found.get(found.size() - 1);
            after = List.of(Cursors.key(last.updatedAt()), last.id());
        }
    }

    /** An ended run changes no more, so that its lock only keeps two purges apart. */
    private static boolean purgeable(StoreTx tx, Run run, Instant until) {
        StoredRun locked = tx.lockRun(run.id(), LockMode.SKIP).orNull();
        if (locked == null) {
            return false;
        }
        Session session =
                run.sessionId() == null ? null : tx.findSession(run.sessionId()).orElse(null);
        QueueTask task = run.taskId() == null ? null : tx.findTask(run.taskId()).orElse(null);
        return RunRules.purgeable(RunHead.of(run), session, task, until);
    }
}

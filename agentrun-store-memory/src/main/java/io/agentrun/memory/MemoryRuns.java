package io.agentrun.memory;

import io.agentrun.RunStore;
import io.agentrun.check.Require;
import io.agentrun.id.IdSource;
import io.agentrun.lease.Fence;
import io.agentrun.model.CancelMode;
import io.agentrun.model.Outcome;
import io.agentrun.model.Page;
import io.agentrun.model.TurnResult;
import io.agentrun.queue.QueueTask;
import io.agentrun.engine.Cursors;
import io.agentrun.rules.Keys;
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
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableSet;
import org.jspecify.annotations.Nullable;

/** The runs of the store in memory. */
final class MemoryRuns implements RunStore {

    private static final String CURSOR = "runs";

    private final Engine.Handle engine;

    MemoryRuns(Engine.Handle engine) {
        this.engine = engine;
    }

    @Override
    public Run create(NewRun input) {
        NewRun checked = engine.intake().run(input);
        return engine.write(tx -> create(tx, checked));
    }

    private static Run create(Tx tx, NewRun input) {
        Session session = input.session() == null
                ? null
                : tx.state().sessions.get(input.session().sessionId());
        if (session != null) {
            SessionRules.requireOwner(session, input.owner());
        }
        if (input.idempotencyKey() != null) {
            String known = tx.state().keyed("run", MemoryState.scope(input.owner()), input.idempotencyKey());
            if (known != null) {
                Run stored = tx.require(known).run();
                Keys.requireSameContent(Require.given("idempotency", stored.idempotency()), input.contentHash());
                return stored;
            }
        }
        String id = tx.newId(IdSource.RUN);
        tx.write(RunRules.create(input, session, id, null, tx.now()));
        return tx.require(id).run();
    }

    @Override
    public Run get(String runId) {
        String id = engine.intake().id("runId", runId);
        return engine.read(state -> Tx.require(state, id).run());
    }

    @Override
    public Page<Run> list(RunQuery query) {
        RunQuery given = Require.given("query", query);
        int limit = engine.intake().page(given.limit());
        List<String> after =
                given.cursor() == null ? List.of() : Cursors.decode(CURSOR, given.fingerprint(), 2, given.cursor());
        return engine.read(state -> {
            NavigableSet<Place> runs = state.runsByAge;
            if (!after.isEmpty()) {
                runs = runs.tailSet(new Place(0, Cursors.instant(after.get(0)), after.get(1)), false);
            }
            List<Run> items = new ArrayList<>();
            for (Place place : runs) {
                Run run = state.entry(place.id()).run();
                if (matches(given, run)) {
                    if (items.size() == limit) {
                        Run last = items.get(limit - 1);
                        return new Page<>(
                                items,
                                Cursors.encode(
                                        CURSOR,
                                        given.fingerprint(),
                                        List.of(Cursors.key(last.createdAt()), last.id())));
                    }
                    items.add(run);
                }
            }
            return new Page<>(items, null);
        });
    }

    private static boolean matches(RunQuery query, Run run) {
        return query.scope().includes(run.owner())
                && (query.status() == null || query.status() == run.status())
                && (query.sessionId() == null || query.sessionId().equals(run.sessionId()))
                && (query.backendProfile() == null
                        || query.backendProfile().equals(run.spec().backendProfile()));
    }

    @Override
    public Run finish(Fence fence, TurnResult result) {
        Fence given = Require.given("fence", fence);
        TurnResult kept = engine.intake().result(result);
        return engine.write(tx -> {
            RunView view = tx.view(given.runId());
            tx.write(RunRules.finish(view, given, kept, tx.now()));
            return tx.require(given.runId()).run();
        });
    }

    @Override
    public Run finishUnclaimed(String runId, Outcome outcome) {
        String id = engine.intake().id("runId", runId);
        Outcome kept = engine.intake().outcome(outcome);
        return engine.write(tx -> {
            tx.write(RunRules.finishUnclaimed(tx.view(id), kept, tx.now()));
            return tx.require(id).run();
        });
    }

    @Override
    public Run cancel(String runId, String reason, CancelMode mode) {
        String id = engine.intake().id("runId", runId);
        String kept = engine.intake().reason(reason);
        CancelMode given = Require.given("mode", mode);
        return engine.write(tx -> {
            tx.write(RunRules.cancel(tx.view(id), kept, given, tx.now()));
            return tx.require(id).run();
        });
    }

    @Override
    public PurgeResult purge(PurgeRequest request) {
        PurgeRequest given = Require.given("request", request);
        return engine.write(tx -> {
            Instant until = tx.now().minus(given.olderThan());
            List<Run> found = new ArrayList<>();
            boolean more = false;
            for (Place place : tx.state().endedRuns) {
                if (place.at().isAfter(until)) {
                    break;
                }
                Run run = tx.require(place.id()).run();
                if (given.scope().includes(run.owner())
                        && RunRules.purgeable(run, tx.sessionOf(run), taskOf(tx, run), until)) {
                    if (found.size() == given.limit()) {
                        more = true;
                        break;
                    }
                    found.add(run);
                }
            }
            found.forEach(run -> tx.write(new Write.Purged(run.id())));
            return new PurgeResult(found.size(), more);
        });
    }

    private static @Nullable QueueTask taskOf(Tx tx, Run run) {
        return run.taskId() == null ? null : tx.state().tasks.get(run.taskId());
    }
}

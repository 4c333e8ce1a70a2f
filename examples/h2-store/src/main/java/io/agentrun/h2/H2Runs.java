package io.agentrun.h2;

import io.agentrun.BackendProfile;
import io.agentrun.CancelMode;
import io.agentrun.IdSource;
import io.agentrun.Outcome;
import io.agentrun.Page;
import io.agentrun.Require;
import io.agentrun.TurnResult;
import io.agentrun.lease.Fence;
import io.agentrun.rules.Cursors;
import io.agentrun.rules.Intake;
import io.agentrun.rules.RunRules;
import io.agentrun.rules.SessionRules;
import io.agentrun.run.NewRun;
import io.agentrun.run.PurgeRequest;
import io.agentrun.run.PurgeResult;
import io.agentrun.run.Run;
import io.agentrun.run.RunQuery;
import io.agentrun.run.RunStatus;
import io.agentrun.run.RunStore;
import io.agentrun.session.Session;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** The room of runs. Thread-safe. */
record H2Runs(Database db, Intake in) implements RunStore {

    private static final String LIST = "runs";

    @Override
    public Run create(NewRun input) {
        NewRun run = in.run(input);
        return db.write(tx -> {
            Session session = Views.session(tx, run.session());
            if (session != null) {
                SessionRules.requireOwner(session, run.owner());
            }
            Optional<Run> first = Table.RUNS.find(tx, run.owner(), run.idempotencyKey());
            return Changes.replayed(first, Run::idempotency, run::contentHash).orElseGet(() -> {
                String id = tx.newId(IdSource.RUN);
                Changes.write(tx, RunRules.create(run, session, id, null, tx.now()));
                return Table.RUNS.get(tx, id);
            });
        });
    }

    @Override
    public Run get(String runId) {
        String id = in.id("runId", runId);
        return db.read(tx -> Table.RUNS.get(tx, id));
    }

    @Override
    public Page<Run> list(RunQuery given) {
        RunQuery query = Require.given("query", given);
        int limit = in.page(query.limit());
        Where where = new Where()
                .in(query.scope())
                .ifGiven("status = ?", query.status(), RunStatus::wire)
                .ifGiven("session_id = ?", query.sessionId())
                .ifGiven("backend = ?", query.backendProfile(), BackendProfile::wire);
        if (query.cursor() != null) {
            List<String> keys = Cursors.decode(LIST, query.fingerprint(), 2, query.cursor());
            where.and("(created_at, id) < (?, ?)", Cursors.instant(keys.get(0)), keys.get(1));
        }
        where.first(limit + 1, "created_at DESC, id DESC");
        List<Run> read = db.read(tx -> Table.RUNS.list(tx, where));
        return Lists.page(
                read, limit, LIST, query.fingerprint(), run -> List.of(Cursors.key(run.createdAt()), run.id()));
    }

    @Override
    public Run finish(Fence given, TurnResult result) {
        Fence fence = Require.given("fence", given);
        TurnResult reported = in.result(result);
        return db.write(tx -> {
            Changes.write(tx, RunRules.finish(Views.run(tx, fence.runId()), fence, reported, tx.now()));
            return Table.RUNS.get(tx, fence.runId());
        });
    }

    @Override
    public Run finishUnclaimed(String runId, Outcome outcome) {
        String id = in.id("runId", runId);
        Outcome stated = in.outcome(outcome);
        return db.write(tx -> {
            Changes.write(tx, RunRules.finishUnclaimed(Views.run(tx, id), stated, tx.now()));
            return Table.RUNS.get(tx, id);
        });
    }

    @Override
    public Run cancel(String runId, String reason, CancelMode given) {
        String id = in.id("runId", runId);
        String why = in.reason(reason);
        CancelMode mode = Require.given("mode", given);
        return db.write(tx -> {
            Changes.write(tx, RunRules.cancel(Views.run(tx, id), why, mode, tx.now()));
            return Table.RUNS.get(tx, id);
        });
    }

    @Override
    public PurgeResult purge(PurgeRequest given) {
        PurgeRequest request = Require.given("request", given);
        return db.write(tx -> {
            Instant until = tx.now().minus(request.olderThan());
            Where candidates = new Where()
                    .and("status IN ('completed', 'failed', 'blocked', 'cancelled') AND updated_at <= ?", until)
                    .in(request.scope())
                    .and("NOT EXISTS (SELECT 1 FROM sessions s WHERE s.id = session_id AND runs.id IN"
                            + " (s.active_run_id, s.last_run_id))")
                    .and("NOT EXISTS (SELECT 1 FROM tasks t WHERE t.run_id = runs.id"
                            + " AND t.state IN ('pending', 'running'))")
                    .first(request.limit() + 1, "updated_at, id");
            List<Run> old = Table.RUNS.list(tx, candidates);
            old.removeIf(run -> !RunRules.purgeable(run, Views.session(tx, run), Views.task(tx, run), until));
            List<Run> taken = old.subList(0, Math.min(request.limit(), old.size()));
            taken.forEach(run -> tx.update("DELETE FROM runs WHERE id = ?", run.id()));
            return new PurgeResult(taken.size(), old.size() > taken.size());
        });
    }
}

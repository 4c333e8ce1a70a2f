package io.agentrun.postgres;

import io.agentrun.RunStore;
import io.agentrun.check.Require;
import io.agentrun.error.NotFoundException;
import io.agentrun.id.IdSource;
import io.agentrun.lease.Fence;
import io.agentrun.model.BackendProfile;
import io.agentrun.model.CancelMode;
import io.agentrun.model.Outcome;
import io.agentrun.model.Page;
import io.agentrun.model.TurnResult;
import io.agentrun.postgres.internal.db.LockOrder.Rank;
import io.agentrun.postgres.internal.db.Script;
import io.agentrun.postgres.internal.db.Tx;
import io.agentrun.postgres.internal.table.RunQueries;
import io.agentrun.postgres.internal.table.RunRow;
import io.agentrun.postgres.internal.table.RunTable;
import io.agentrun.postgres.internal.table.SessionTable;
import io.agentrun.rules.Change;
import io.agentrun.engine.Cursors;
import io.agentrun.rules.Keys;
import io.agentrun.rules.RunRules;
import io.agentrun.rules.SessionRules;
import io.agentrun.run.NewRun;
import io.agentrun.run.PurgeRequest;
import io.agentrun.run.PurgeResult;
import io.agentrun.run.Run;
import io.agentrun.run.RunQuery;
import io.agentrun.session.Session;
import java.time.Instant;
import java.util.List;
import java.util.function.Function;

/** The runs of the store on PostgreSQL. */
final class PostgresRuns implements RunStore {

    private static final String CURSOR = "runs";

    private final Engine engine;

    PostgresRuns(Engine engine) {
        this.engine = engine;
    }

    @Override
    public Run create(NewRun input) {
        NewRun checked = engine.intake().run(input);
        return engine.database().inTransaction(tx -> create(tx, checked));
    }

    private Run create(Tx tx, NewRun input) {
        Script script = new Script();
        Script.Rows<Session> session = null;
        if (input.session() != null) {
            String id = input.session().sessionId();
            script.bind("session_id", id);
            session = script.lock(tx, Rank.SESSION, id, SessionTable.LOCK, SessionTable::session);
        }
        Script.Rows<Run> known = null;
        if (input.idempotencyKey() != null) {
            script.bind("tenant_id", input.owner().tenantId())
                    .bind("project_id", input.owner().projectId())
                    .bind("idempotency_key", input.idempotencyKey());
            known = script.query(RunTable.BY_KEY, RunTable::run);
        }
        Script.Rows<Instant> clock = Engine.clock(script);
        tx.execute(script);
        Session stored = session == null ? null : session.firstOrNull();
        if (stored != null) {
            SessionRules.requireOwner(stored, input.owner());
        }
        Run first = known == null ? null : known.firstOrNull();
        if (first != null) {
            Keys.requireSameContent(Require.given("idempotency", first.idempotency()), input.contentHash());
            return first;
        }
        Instant now = clock.first().orElseThrow();
        Change change = RunRules.create(input, stored, engine.ids().next(IdSource.RUN), null, now);
        engine.writer().write(tx, change, Seen.at(now));
        return change.runs().get(0);
    }

    @Override
    public Run get(String runId) {
        String id = engine.intake().id("runId", runId);
        return engine.database().once(tx -> find(tx, id)).run();
    }

    /**
     * The run as it is.
     *
     * @throws NotFoundException if there is no such run
     */
    static RunRow find(Tx tx, String runId) {
        Script script = new Script().bind("run_id", runId);
        Script.Rows<RunRow> run = script.query(RunTable.GET, RunTable::row);
        tx.execute(script);
        return run.first().orElseThrow(() -> new NotFoundException("run", runId));
    }

    @Override
    public Page<Run> list(RunQuery query) {
        RunQuery given = Require.given("query", query);
        int limit = engine.intake().page(given.limit());
        List<String> after =
                given.cursor() == null ? List.of() : Cursors.decode(CURSOR, given.fingerprint(), 2, given.cursor());
        List<Run> found = engine.database().once(tx -> {
            Script script = RunQueries.bind(new Script(), given.scope()).bind("limit", limit + 1L);
            RunQueries.bindGiven(
                    script,
                    "status",
                    given.status() == null ? null : given.status().wire());
            RunQueries.bindGiven(script, "session_id", given.sessionId());
            BackendProfile profile = given.backendProfile();
            RunQueries.bindGiven(script, "backend_profile", profile == null ? null : profile.wire());
            if (!after.isEmpty()) {
                script.bind("after_at", Cursors.instant(after.get(0))).bind("after_id", after.get(1));
            }
            Script.Rows<Run> rows = script.query(RunQueries.list(given, !after.isEmpty()), RunTable::run);
            tx.execute(script);
            return rows.all();
        });
        if (found.size() <= limit) {
            return new Page<>(found, null);
        }
        Run last = found.get(limit - 1);
        List<String> keys = List.of(Cursors.key(last.createdAt()), last.id());
        return new Page<>(found.subList(0, limit), Cursors.encode(CURSOR, given.fingerprint(), keys));
    }

    @Override
    public Run finish(Fence fence, TurnResult result) {
        Fence given = Require.given("fence", fence);
        TurnResult kept = engine.intake().result(result);
        return change(given.runId(), seen -> RunRules.finish(seen.view(), given, kept, seen.now()));
    }

    @Override
    public Run finishUnclaimed(String runId, Outcome outcome) {
        String id = engine.intake().id("runId", runId);
        Outcome kept = engine.intake().outcome(outcome);
        return change(id, seen -> RunRules.finishUnclaimed(seen.view(), kept, seen.now()));
    }

    @Override
    public Run cancel(String runId, String reason, CancelMode mode) {
        String id = engine.intake().id("runId", runId);
        String kept = engine.intake().reason(reason);
        CancelMode given = Require.given("mode", mode);
        return change(id, seen -> RunRules.cancel(seen.view(), kept, given, seen.now()));
    }

    private Run change(String runId, Function<Views.OfRun, Change> rule) {
        return engine.database().inTransaction(tx -> {
            Views.OfRun seen = Views.run(tx, runId);
            Change change = rule.apply(seen);
            engine.writer().write(tx, change, seen.seen());
            return after(change, seen.run());
        });
    }

    /** The run as a change leaves it. */
    static Run after(Change change, Run before) {
        Run after = null;
        for (Run run : change.runs()) {
            if (run.id().equals(before.id())) {
                after = run;
            }
        }
        return after == null ? before : after;
    }

    @Override
    public PurgeResult purge(PurgeRequest request) {
        PurgeRequest given = Require.given("request", request);
        return engine.database().inTransaction(tx -> {
            Script script = RunQueries.bind(new Script(), given.scope())
                    .bind("age_micros", given.olderThan().toNanos() / 1_000)
                    .bind("limit", given.limit());
            Script.Rows<RunQueries.Purged> rows = script.query(RunQueries.purge(given.scope()), RunQueries::purged);
            tx.executeLast(script);
            List<RunQueries.Purged> purged = rows.all();
            purged.forEach(run -> tx.signal(Signals.events(run.runId())));
            return new PurgeResult(
                    purged.size(), !purged.isEmpty() && purged.get(0).found() > given.limit());
        });
    }
}

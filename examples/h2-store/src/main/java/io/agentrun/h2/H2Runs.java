package io.agentrun.h2;

import io.agentrun.*;
import io.agentrun.check.*;
import io.agentrun.error.*;
import io.agentrun.event.*;
import io.agentrun.id.*;
import io.agentrun.json.*;
import io.agentrun.lease.*;
import io.agentrun.model.*;
import io.agentrun.rules.*;
import io.agentrun.run.*;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/** The rooms of runs, of their leases and of their events. Thread-safe. */
record H2Runs(Database db, Intake in) implements RunStore, LeaseStore, EventStore {

    static final Table<Run> RUNS = new Table<>("runs", "run", Run.class, Run::id)
            .owned(Run::owner)
            .keyed("tenant, project", Run::idempotency)
            .with("backend VARCHAR", run -> run.spec().backendProfile().wire())
            .with("provider VARCHAR", run -> run.spec().providerId())
            .with("session_id VARCHAR", Run::sessionId)
            .with("status VARCHAR", run -> run.status().wire())
            .with(
                    "lease_until" + Table.TIME,
                    run -> run.lease().map(Lease::expiresAt).orElse(null))
            .with("updated_at" + Table.TIME, Run::updatedAt)
            .indexed("session_id", "status", "lease_until")
            .listed("place DESC", run -> Table.rank(Table.micros(run.createdAt())) + run.id());

    static final Table<RunEvent> EVENTS = new Table<>("events", "event", RunEvent.class, RunEvent::id)
            .with(Table.OF_RUN, RunEvent::runId)
            .with("seq BIGINT", RunEvent::seq)
            .with("is_output BOOLEAN", event -> event.type().output())
            .and("UNIQUE (run_id, seq)");

    @Override
    public Run create(NewRun given) {
        NewRun input = in.run(given);
        return db.write(tx -> {
            var session = tx.session(input.session());
            if (session != null) {
                SessionRules.requireOwner(session, input.owner());
            }
            String id = tx.newId(IdSource.RUN);
            var stored = RUNS.of(input.owner()).replay(tx, input.idempotencyKey(), input::contentHash);
            return stored.orElseGet(() -> RUNS.after(tx, RunRules.create(input, session, id, null, tx.now()), id));
        });
    }

    @Override
    public Run get(String runId) {
        return db.read(tx -> RUNS.get(tx, runId));
    }

    @Override
    public Page<Run> list(RunQuery query) {
        var which = RUNS.where().in(Require.given("query", query).scope()).is("session_id", query.sessionId());
        which.is("backend", query.backendProfile(), BackendProfile::wire).is("status", query.status(), RunStatus::wire);
        return which.page(db, query.fingerprint(), query.cursor(), in.page(query.limit()), (tx, run) -> run);
    }

    @Override
    public Run finish(Fence fence, TurnResult result) {
        String id = Require.given("fence", fence).runId();
        TurnResult reported = in.result(result);
        return RUNS.change(db, id, (tx, run) -> RunRules.finish(tx.view(run), fence, reported, tx.now()));
    }

    @Override
    public Run finishUnclaimed(String runId, Outcome outcome) {
        Outcome stated = in.outcome(outcome);
        return RUNS.change(db, runId, (tx, run) -> RunRules.finishUnclaimed(tx.view(run), stated, tx.now()));
    }

    @Override
    public Run cancel(String runId, String reason, CancelMode mode) {
        String why = in.reason(reason);
        Require.given("mode", mode);
        return RUNS.change(db, runId, (tx, run) -> RunRules.cancel(tx.view(run), why, mode, tx.now()));
    }

    @Override
    public Run release(Fence fence) {
        String id = Require.given("fence", fence).runId();
        return RUNS.change(db, id, (tx, run) -> LeaseRules.release(tx.view(run), fence, tx.now()));
    }

    @Override
    public PurgeResult purge(PurgeRequest request) {
        Require.given("request", request);
        return db.write(tx -> {
            var until = tx.now().minus(request.olderThan());
            var old = RUNS.where().in(request.scope()).and("updated_at <= ?", until);
            Predicate<Run> rule = run -> RunRules.purgeable(run, tx.session(run), tx.task(run), until);
            List<Run> found = old.by("updated_at, id").list(tx, request.limit() + 1, rule);
            List<Run> taken = found.subList(0, Math.min(request.limit(), found.size()));
            taken.forEach(run -> tx.update("DELETE FROM runs WHERE id = ?", run.id()));
            return new PurgeResult(taken.size(), found.size() > taken.size());
        });
    }

    @Override
    public RunLease claim(String runId, String runnerId, Duration lease) {
        String runner = in.id("runnerId", runnerId);
        Duration length = in.lease(lease);
        return db.write(tx -> claimed(tx, RUNS.get(tx, runId), runner, length));
    }

    @Override
    public Optional<RunLease> claimNext(ClaimRequest request) {
        Duration length = in.lease(Require.given("request", request).lease());
        var pending = RUNS.where().and("status = 'pending'").in(request.scope()).is("provider", request.providerId());
        pending.on(request.backendProfiles()).by("place");
        return db.write(tx -> {
            var free = pending.list(tx, 1, run -> LeaseRules.claimable(run, tx.openCommands(run))).stream();
            return free.map(run -> claimed(tx, run, request.runnerId(), length)).findFirst();
        });
    }

    private static RunLease claimed(Tx tx, Run free, String runnerId, Duration length) {
        return leased(RUNS.after(tx, LeaseRules.claim(tx.view(free), runnerId, length, tx.now()), free.id()));
    }

    private static RunLease leased(Run run) {
        Lease lease = run.lease().orElseThrow();
        return new RunLease(new Fence(run.id(), lease.runnerId(), lease.epoch()), lease.expiresAt(), run);
    }

    @Override
    public Heartbeat heartbeat(Fence fence, Duration lease) {
        Require.given("fence", fence);
        Duration length = in.lease(lease);
        return db.write(tx -> {
            var beat = LeaseRules.heartbeat(RUNS.get(tx, fence.runId()), fence, length, tx.now());
            Run next = beat.next();
            if (next == null) {
                return Heartbeat.over(beat.signal());
            }
            RUNS.save(tx, next);
            boolean waiting = !H2Commands.deliverable(tx, next, 1).isEmpty();
            return new Heartbeat(beat.signal(), leased(next).expiresAt(), waiting, next.cancelRequest());
        });
    }

    @Override
    public List<ExpiredLease> listExpired(ExpiredQuery query) {
        int limit = in.page(Require.given("query", query).limit());
        return db.read(tx -> {
            var over = RUNS.where().in(query.scope()).and("lease_until <= ?", tx.now());
            var leases = over.first(limit, "lease_until, id").list(tx).stream().map(H2Runs::leased);
            var expired = leases.map(lease -> new ExpiredLease(lease.fence(), lease.expiresAt(), lease.run()));
            return expired.toList();
        });
    }

    @Override
    public Recovery recover(String runId, long epoch) {
        Require.between("epoch", epoch, 1, Long.MAX_VALUE);
        return db.write(tx -> {
            var recovered = LeaseRules.recover(tx.view(RUNS.get(tx, runId)), epoch, tx.now());
            return new Recovery(runId, recovered.outcome(), RUNS.after(tx, recovered.change(), runId));
        });
    }

    @Override
    public List<RunEvent> append(Fence fence, List<NewEvent> events) {
        Require.given("fence", fence);
        List<NewEvent> redacted = in.events(events);
        return db.write(tx -> {
            LeaseRules.requireHolder(RUNS.get(tx, fence.runId()), fence);
            return append(tx, fence.runId(), redacted);
        });
    }

    @Override
    public List<RunEvent> appendUnfenced(String runId, List<NewEvent> events) {
        String id = in.id("runId", runId);
        List<NewEvent> redacted = in.events(events);
        return db.write(tx -> append(tx, id, redacted));
    }

    private static List<RunEvent> append(Tx tx, String runId, List<NewEvent> events) {
        RunRules.requireOpen(RUNS.get(tx, runId));
        var emissions = events.stream().map(event -> new Emission(runId, event.type(), event.payload()));
        return emissions.map(tx::append).toList();
    }

    @Override
    public EventPage list(String runId, long afterSeq, int limit) {
        return await(runId, afterSeq, limit, Duration.ZERO);
    }

    @Override
    public EventPage await(String runId, long afterSeq, int limit, Duration timeout) {
        var which = after(runId, in.afterSeq(afterSeq)).first(in.page(limit), "seq");
        Predicate<EventPage> enough = page -> page.ended() || !page.items().isEmpty();
        return db.await(in.timeout(timeout), enough, tx -> page(tx, runId, which, afterSeq));
    }

    static Table<RunEvent>.Query after(String runId, long seq) {
        return EVENTS.where().is("run_id", runId).and("seq > ?", seq);
    }

    /** The run's events that are asked for, and whether it ends with them. */
    static EventPage page(Tx tx, String runId, Table<RunEvent>.Query which, long after) {
        Run run = RUNS.get(tx, runId);
        List<RunEvent> items = which.list(tx);
        long next = items.isEmpty() ? after : items.get(items.size() - 1).seq();
        return new EventPage(runId, items, next, run.isTerminal() && next + 1 >= tx.nextSeq(EVENTS, runId));
    }
}

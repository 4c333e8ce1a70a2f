package io.agentrun.h2;

import io.agentrun.BackendProfile;
import io.agentrun.CancelMode;
import io.agentrun.IdSource;
import io.agentrun.Outcome;
import io.agentrun.Page;
import io.agentrun.Require;
import io.agentrun.TurnResult;
import io.agentrun.event.EventPage;
import io.agentrun.event.EventStore;
import io.agentrun.event.NewEvent;
import io.agentrun.event.RunEvent;
import io.agentrun.lease.ClaimRequest;
import io.agentrun.lease.ExpiredLease;
import io.agentrun.lease.ExpiredQuery;
import io.agentrun.lease.Fence;
import io.agentrun.lease.Heartbeat;
import io.agentrun.lease.LeaseStore;
import io.agentrun.lease.Recovery;
import io.agentrun.lease.RunLease;
import io.agentrun.rules.Emission;
import io.agentrun.rules.Intake;
import io.agentrun.rules.LeaseRules;
import io.agentrun.rules.RunRules;
import io.agentrun.rules.SessionRules;
import io.agentrun.run.Lease;
import io.agentrun.run.NewRun;
import io.agentrun.run.PurgeRequest;
import io.agentrun.run.PurgeResult;
import io.agentrun.run.Run;
import io.agentrun.run.RunQuery;
import io.agentrun.run.RunStatus;
import io.agentrun.run.RunStore;
import io.agentrun.session.Session;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/** The rooms of runs, of their leases and of their events. Thread-safe. */
record H2Runs(Database db, Intake in) implements RunStore, LeaseStore, EventStore {

    static final Table<Run> RUNS = new Table<>("runs", "run", "runId", Run.class, Run::id)
            .owned(Run::owner)
            .keyed("tenant, project", Run::idempotency)
            .with("backend VARCHAR NOT NULL", run -> run.spec().backendProfile().wire())
            .with("provider VARCHAR NOT NULL", run -> run.spec().providerId())
            .with("session_id VARCHAR", Run::sessionId)
            .with("status VARCHAR NOT NULL", run -> run.status().wire())
            .timed("lease_until", run -> run.lease().map(Lease::expiresAt).orElse(null))
            .timed("updated_at", Run::updatedAt)
            .listed("place DESC", run -> Table.rank(Table.micros(run.createdAt())) + run.id());

    static final Table<RunEvent> EVENTS = new Table<>("events", "event", "eventId", RunEvent.class, RunEvent::id)
            .with(Table.OF_RUN, RunEvent::runId)
            .with("seq BIGINT NOT NULL", RunEvent::seq)
            .with("is_output BOOLEAN NOT NULL", event -> event.type().output())
            .and("UNIQUE (run_id, seq)");

    @Override
    public Run create(NewRun given) {
        NewRun input = in.run(given);
        return db.write(tx -> {
            Session session = tx.session(input.session());
            if (session != null) {
                SessionRules.requireOwner(session, input.owner());
            }
            return RUNS.replay(tx, input.idempotencyKey(), input::contentHash, new Where().of(input.owner())).orElseGet(() -> {
                String id = tx.newId(IdSource.RUN);
                return RUNS.after(tx, RunRules.create(input, session, id, null, tx.now()), id);
            });
        });
    }

    @Override
    public Run get(String runId) {
        return db.read(tx -> RUNS.get(tx, runId));
    }

    @Override
    public Page<Run> list(RunQuery query) {
        Require.given("query", query);
        int limit = in.page(query.limit());
        Where where = RUNS.from(query.fingerprint(), query.cursor())
                .in(query.scope())
                .is("session_id", query.sessionId())
                .is("backend", query.backendProfile(), BackendProfile::wire)
                .is("status", query.status(), RunStatus::wire);
        return db.read(tx -> RUNS.page(tx, where, query.fingerprint(), limit));
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
            Instant until = tx.now().minus(request.olderThan());
            Where old = new Where()
                    .in(request.scope())
                    .and("updated_at <= ?", until)
                    .by("updated_at, id");
            Predicate<Run> rule = run -> RunRules.purgeable(run, tx.session(run), tx.task(run), until);
            List<Run> found = RUNS.list(tx, old, request.limit() + 1, rule);
            List<Run> taken = found.subList(0, Math.min(request.limit(), found.size()));
            taken.forEach(run -> tx.update("DELETE FROM runs WHERE id = ?", run.id()));
            return new PurgeResult(taken.size(), found.size() > taken.size());
        });
    }

    @Override
    public RunLease claim(String runId, String runnerId, Duration lease) {
        String id = in.id("runId", runId);
        String runner = in.id("runnerId", runnerId);
        Duration length = in.lease(lease);
        return db.write(tx -> claimed(tx, RUNS.get(tx, id), runner, length));
    }

    @Override
    public Optional<RunLease> claimNext(ClaimRequest request) {
        Require.given("request", request);
        Duration length = in.lease(request.lease());
        Where pending = new Where()
                .and("status = 'pending'")
                .in(request.scope())
                .is("provider", request.providerId())
                .on(request.backendProfiles())
                .by("place");
        return db.write(tx -> RUNS.first(tx, pending, run -> LeaseRules.claimable(run, tx.openCommands(run)))
                .map(run -> claimed(tx, run, request.runnerId(), length)));
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
            LeaseRules.Beat beat = LeaseRules.heartbeat(RUNS.get(tx, fence.runId()), fence, length, tx.now());
            Run next = beat.next();
            if (next == null) {
                return Heartbeat.over(beat.signal());
            }
            boolean waiting =
                    !H2Commands.deliverable(tx, RUNS.save(tx, next), 1).isEmpty();
            return new Heartbeat(beat.signal(), leased(next).expiresAt(), waiting, next.cancelRequest());
        });
    }

    @Override
    public List<ExpiredLease> listExpired(ExpiredQuery query) {
        Require.given("query", query);
        int limit = in.page(query.limit());
        return db.read(tx -> {
            Where over = new Where().in(query.scope()).and("lease_until <= ?", tx.now());
            return RUNS.list(tx, over.first(limit, "lease_until, id")).stream()
                    .map(H2Runs::leased)
                    .map(lease -> new ExpiredLease(lease.fence(), lease.expiresAt(), lease.run()))
                    .toList();
        });
    }

    @Override
    public Recovery recover(String runId, long epoch) {
        String id = in.id("runId", runId);
        Require.between("epoch", epoch, 1, Long.MAX_VALUE);
        return db.write(tx -> {
            LeaseRules.Recovered recovered = LeaseRules.recover(tx.view(RUNS.get(tx, id)), epoch, tx.now());
            return new Recovery(id, recovered.outcome(), RUNS.after(tx, recovered.change(), id));
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
        return events.stream()
                .map(event -> tx.append(new Emission(runId, event.type(), event.payload())))
                .toList();
    }

    @Override
    public EventPage list(String runId, long afterSeq, int limit) {
        return await(runId, afterSeq, limit, Duration.ZERO);
    }

    @Override
    public EventPage await(String runId, long afterSeq, int limit, Duration timeout) {
        String id = in.id("runId", runId);
        long after = in.afterSeq(afterSeq);
        int most = in.page(limit);
        Duration patience = in.timeout(timeout);
        return db.await(
                patience,
                tx -> page(tx, id, new Where(), after, most),
                page -> page.ended() || !page.items().isEmpty());
    }

    /** The run's events after a number, of which the conditions leave some; and whether it ends with them. */
    static EventPage page(Tx tx, String runId, Where which, long after, int limit) {
        Run run = RUNS.get(tx, runId);
        which.is("run_id", runId).and("seq > ?", after).first(limit, "seq");
        List<RunEvent> items = EVENTS.list(tx, which);
        long next = items.isEmpty() ? after : items.get(items.size() - 1).seq();
        return new EventPage(runId, items, next, run.isTerminal() && next >= tx.lastSeq(EVENTS, runId));
    }
}

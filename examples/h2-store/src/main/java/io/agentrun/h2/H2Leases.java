package io.agentrun.h2;

import io.agentrun.Require;
import io.agentrun.lease.ClaimRequest;
import io.agentrun.lease.ExpiredLease;
import io.agentrun.lease.ExpiredQuery;
import io.agentrun.lease.Fence;
import io.agentrun.lease.Heartbeat;
import io.agentrun.lease.LeaseStore;
import io.agentrun.lease.Recovery;
import io.agentrun.lease.RunLease;
import io.agentrun.rules.Intake;
import io.agentrun.rules.LeaseRules;
import io.agentrun.rules.RunView;
import io.agentrun.run.Lease;
import io.agentrun.run.Run;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** The room of leases. Thread-safe. */
record H2Leases(Database db, Intake in) implements LeaseStore {

    /** Only turns that wait behind others: no runner could do anything with the run. */
    private static final String NOT_ONLY_WAITING = "(NOT EXISTS (SELECT 1 FROM commands c WHERE c.run_id = runs.id AND"
            + " c.is_open AND c.is_turn) OR EXISTS (SELECT 1 FROM commands c WHERE c.run_id = runs.id AND c.is_open AND"
            + " c.is_turn AND c.deliverable))";

    @Override
    public RunLease claim(String runId, String runnerId, Duration lease) {
        String id = in.id("runId", runId);
        String runner = in.id("runnerId", runnerId);
        Duration length = in.lease(lease);
        return db.write(tx -> claimed(tx, Views.run(tx, id), runner, length));
    }

    @Override
    public Optional<RunLease> claimNext(ClaimRequest given) {
        ClaimRequest request = Require.given("request", given);
        Duration length = in.lease(request.lease());
        Where next = new Where()
                .and("status = 'pending'")
                .in(request.scope())
                .ifGiven("provider = ?", request.providerId())
                .of(request.backendProfiles())
                .and(NOT_ONLY_WAITING)
                .first(1, "created_at, id");
        return db.write(tx -> Table.RUNS.list(tx, next).stream()
                .filter(run -> LeaseRules.claimable(run, Views.openCommands(tx, run.id())))
                .findFirst()
                .map(run -> claimed(tx, Views.run(tx, run.id()), request.runnerId(), length)));
    }

    private RunLease claimed(Tx tx, RunView view, String runnerId, Duration length) {
        Changes.write(tx, LeaseRules.claim(view, runnerId, length, tx.now()));
        Run run = Table.RUNS.get(tx, view.run().id());
        Lease lease = run.lease().orElseThrow();
        return new RunLease(fence(run, lease), lease.expiresAt(), run);
    }

    private static Fence fence(Run run, Lease lease) {
        return new Fence(run.id(), lease.runnerId(), lease.epoch());
    }

    @Override
    public Heartbeat heartbeat(Fence given, Duration lease) {
        Fence fence = Require.given("fence", given);
        Duration length = in.lease(lease);
        return db.write(tx -> {
            LeaseRules.Beat beat = LeaseRules.heartbeat(Table.RUNS.get(tx, fence.runId()), fence, length, tx.now());
            Run next = beat.next();
            if (next == null) {
                return Heartbeat.over(beat.signal());
            }
            Changes.write(tx, next);
            return new Heartbeat(
                    beat.signal(),
                    next.lease().orElseThrow().expiresAt(),
                    !H2Commands.deliverable(tx, next.id(), 1).isEmpty(),
                    next.cancelRequest());
        });
    }

    @Override
    public Run release(Fence given) {
        Fence fence = Require.given("fence", given);
        return db.write(tx -> {
            Changes.write(tx, LeaseRules.release(Views.run(tx, fence.runId()), fence, tx.now()));
            return Table.RUNS.get(tx, fence.runId());
        });
    }

    @Override
    public List<ExpiredLease> listExpired(ExpiredQuery given) {
        ExpiredQuery query = Require.given("query", given);
        int limit = in.page(query.limit());
        return db.read(tx -> Table.RUNS
                .list(
                        tx,
                        new Where()
                                .and("lease_until <= ?", tx.now())
                                .in(query.scope())
                                .first(limit, "lease_until, id"))
                .stream()
                .map(H2Leases::expired)
                .toList());
    }

    private static ExpiredLease expired(Run run) {
        Lease lease = run.lease().orElseThrow();
        return new ExpiredLease(fence(run, lease), lease.expiresAt(), run);
    }

    @Override
    public Recovery recover(String runId, long given) {
        String id = in.id("runId", runId);
        long epoch = Require.between("epoch", given, 1, Long.MAX_VALUE);
        return db.write(tx -> {
            LeaseRules.Recovered recovered = LeaseRules.recover(Views.run(tx, id), epoch, tx.now());
            Changes.write(tx, recovered.change());
            return new Recovery(id, recovered.outcome(), Table.RUNS.get(tx, id));
        });
    }
}

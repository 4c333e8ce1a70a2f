package io.agentrun.memory;

import io.agentrun.LeaseStore;
import io.agentrun.check.Require;
import io.agentrun.error.LeaseConflictException;
import io.agentrun.lease.ClaimRequest;
import io.agentrun.lease.ExpiredLease;
import io.agentrun.lease.ExpiredQuery;
import io.agentrun.lease.Fence;
import io.agentrun.lease.Heartbeat;
import io.agentrun.lease.Recovery;
import io.agentrun.lease.RunLease;
import io.agentrun.model.CancelRequest;
import io.agentrun.rules.LeaseRules;
import io.agentrun.run.Lease;
import io.agentrun.run.Run;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The leases of the store in memory. */
final class MemoryLeases implements LeaseStore {

    private final Engine.Handle engine;

    MemoryLeases(Engine.Handle engine) {
        this.engine = engine;
    }

    @Override
    public RunLease claim(String runId, String runnerId, Duration lease) {
        String id = engine.intake().id("runId", runId);
        String runner = engine.intake().id("runnerId", runnerId);
        Duration length = engine.intake().lease(lease);
        return engine.write(tx -> {
            tx.write(LeaseRules.claim(tx.view(id), runner, length, tx.now()));
            return leased(tx.require(id).run());
        });
    }

    @Override
    public Optional<RunLease> claimNext(ClaimRequest request) {
        ClaimRequest given = Require.given("request", request);
        Duration length = engine.intake().lease(given.lease());
        return engine.write(tx -> {
            for (Place place : tx.state().pendingRuns) {
                RunEntry entry = tx.require(place.id());
                Run run = entry.run();
                if (given.accepts(run) && LeaseRules.claimable(run, entry.openCommands())) {
                    tx.write(LeaseRules.claim(tx.view(run.id()), given.runnerId(), length, tx.now()));
                    return Optional.of(leased(tx.require(run.id()).run()));
                }
            }
            return Optional.empty();
        });
    }

    private static RunLease leased(Run run) {
        Lease lease = run.claim().lease();
        if (lease == null) {
            throw LeaseConflictException.unrecovered(run.id());
        }
        return new RunLease(new Fence(run.id(), lease.runnerId(), lease.epoch()), lease.expiresAt(), run);
    }

    @Override
    public Heartbeat heartbeat(Fence fence, Duration lease) {
        Fence given = Require.given("fence", fence);
        Duration length = engine.intake().lease(lease);
        return engine.write(tx -> {
            RunEntry entry = tx.require(given.runId());
            LeaseRules.Beat beat = LeaseRules.heartbeat(entry.run(), given, length, tx.now());
            Run next = beat.next();
            if (next == null) {
                return Heartbeat.over(beat.signal());
            }
            tx.write(new Write.OfRun(next));
            CancelRequest request = next.cancelRequest();
            Lease extended = next.claim().lease();
            return new Heartbeat(
                    beat.signal(),
                    extended == null ? null : extended.expiresAt(),
                    !entry.deliverable(1).isEmpty(),
                    request);
        });
    }

    @Override
    public Run release(Fence fence) {
        Fence given = Require.given("fence", fence);
        return engine.write(tx -> {
            tx.write(LeaseRules.release(tx.view(given.runId()), given, tx.now()));
            return tx.require(given.runId()).run();
        });
    }

    @Override
    public List<ExpiredLease> listExpired(ExpiredQuery query) {
        ExpiredQuery given = Require.given("query", query);
        int limit = engine.intake().page(given.limit());
        return engine.read(state -> {
            Instant now = engine.now();
            List<ExpiredLease> found = new ArrayList<>();
            for (Place place : state.leasedRuns) {
                if (found.size() == limit || place.at().isAfter(now)) {
                    break;
                }
                Run run = state.entry(place.id()).run();
                Lease lease = run.claim().lease();
                if (lease != null && given.scope().includes(run.owner())) {
                    found.add(new ExpiredLease(
                            new Fence(run.id(), lease.runnerId(), lease.epoch()), lease.expiresAt(), run));
                }
            }
            return List.copyOf(found);
        });
    }

    @Override
    public Recovery recover(String runId, long epoch) {
        String id = engine.intake().id("runId", runId);
        long given = Require.between("epoch", epoch, 1, Long.MAX_VALUE);
        return engine.write(tx -> {
            LeaseRules.Recovered recovered = LeaseRules.recover(tx.view(id), given, tx.now());
            tx.write(recovered.change());
            return new Recovery(id, recovered.outcome(), tx.require(id).run());
        });
    }
}

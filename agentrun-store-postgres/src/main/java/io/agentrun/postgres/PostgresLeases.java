package io.agentrun.postgres;

import io.agentrun.LeaseStore;
import io.agentrun.check.Require;
import io.agentrun.error.LeaseConflictException;
import io.agentrun.id.IdSource;
import io.agentrun.lease.ClaimRequest;
import io.agentrun.lease.ExpiredLease;
import io.agentrun.lease.ExpiredQuery;
import io.agentrun.lease.Fence;
import io.agentrun.lease.Heartbeat;
import io.agentrun.lease.Recovery;
import io.agentrun.lease.RunLease;
import io.agentrun.model.BackendProfile;
import io.agentrun.postgres.internal.db.Script;
import io.agentrun.postgres.internal.table.RunQueries;
import io.agentrun.postgres.internal.table.RunTable;
import io.agentrun.rules.Change;
import io.agentrun.rules.LeaseRules;
import io.agentrun.run.Lease;
import io.agentrun.run.Run;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The leases of the store on PostgreSQL. */
final class PostgresLeases implements LeaseStore {

    private final Engine engine;
    private final HeartbeatSender heartbeats;
    private final ClaimSender claims;

    PostgresLeases(Engine engine) {
        this.engine = engine;
        this.heartbeats = new HeartbeatSender(engine.database());
        this.claims = new ClaimSender(engine.database());
    }

    /** A pending run, as most are, is claimed by one statement; whatever else it is, the rule knows. */
    @Override
    public RunLease claim(String runId, String runnerId, Duration lease) {
        String id = engine.intake().id("runId", runId);
        String runner = engine.intake().id("runnerId", runnerId);
        Duration length = engine.intake().lease(lease);
        Run claimed = claims.claim(
                new ClaimSender.Claim(id, runner, micros(length), engine.ids().next(IdSource.EVENT)));
        if (claimed != null) {
            return leased(claimed);
        }
        return engine.database().inTransaction(tx -> {
            Views.OfRun seen = Views.run(tx, id);
            Change change = LeaseRules.claim(seen.view(), runner, length, seen.now());
            engine.writer().write(tx, change, seen.seen());
            return leased(PostgresRuns.after(change, seen.run()));
        });
    }

    @Override
    public Optional<RunLease> claimNext(ClaimRequest request) {
        ClaimRequest given = Require.given("request", request);
        Duration length = engine.intake().lease(given.lease());
        Run claimed = engine.database().once(tx -> {
            Script script = RunQueries.bind(new Script(), given.scope())
                    .bind("runner_id", given.runnerId())
                    .bind("event_id", engine.ids().next(IdSource.EVENT))
                    .bind("lease_micros", micros(length));
            RunQueries.bindGiven(script, "provider_id", given.providerId());
            List<String> profiles =
                    given.backendProfiles().stream().map(BackendProfile::wire).toList();
            if (profiles.size() == 1) {
                script.bind("backend_profile", profiles.get(0));
            } else if (!profiles.isEmpty()) {
                script.bindArray("backend_profiles", "text", profiles.toArray());
            }
            return ClaimSender.claimed(tx, script, script.query(RunQueries.claimNext(given), RunTable::run));
        });
        return Optional.ofNullable(claimed).map(PostgresLeases::leased);
    }

    private static long micros(Duration length) {
        return length.toNanos() / 1_000;
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
        return heartbeats.heartbeat(given, micros(length));
    }

    @Override
    public Run release(Fence fence) {
        Fence given = Require.given("fence", fence);
        return engine.database().inTransaction(tx -> {
            Views.OfRun seen = Views.run(tx, given.runId());
            Change change = LeaseRules.release(seen.view(), given, seen.now());
            engine.writer().write(tx, change, seen.seen());
            return PostgresRuns.after(change, seen.run());
        });
    }

    @Override
    public List<ExpiredLease> listExpired(ExpiredQuery query) {
        ExpiredQuery given = Require.given("query", query);
        int limit = engine.intake().page(given.limit());
        List<Run> runs = engine.database().once(tx -> {
            Script script = RunQueries.bind(new Script(), given.scope()).bind("limit", limit);
            Script.Rows<Run> rows = script.query(RunQueries.expired(given.scope()), RunTable::run);
            tx.execute(script);
            return rows.all();
        });
        List<ExpiredLease> expired = new ArrayList<>(runs.size());
        for (Run run : runs) {
            RunLease lease = leased(run);
            expired.add(new ExpiredLease(lease.fence(), lease.expiresAt(), run));
        }
        return List.copyOf(expired);
    }

    @Override
    public Recovery recover(String runId, long epoch) {
        String id = engine.intake().id("runId", runId);
        long given = Require.between("epoch", epoch, 1, Long.MAX_VALUE);
        return engine.database().inTransaction(tx -> {
            Views.OfRun seen = Views.run(tx, id);
            LeaseRules.Recovered recovered = LeaseRules.recover(seen.view(), given, seen.now());
            engine.writer().write(tx, recovered.change(), seen.seen());
            return new Recovery(id, recovered.outcome(), PostgresRuns.after(recovered.change(), seen.run()));
        });
    }
}

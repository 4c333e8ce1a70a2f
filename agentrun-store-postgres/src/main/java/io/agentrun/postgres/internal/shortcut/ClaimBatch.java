package io.agentrun.postgres.internal.shortcut;

import io.agentrun.backend.Attempt;
import io.agentrun.backend.Signal;
import io.agentrun.postgres.internal.db.Database;
import io.agentrun.postgres.internal.db.Script;
import io.agentrun.postgres.internal.db.Tx;
import io.agentrun.postgres.internal.table.OwnerGuard;
import io.agentrun.postgres.internal.table.RunColumns;
import io.agentrun.postgres.internal.table.RunQueries;
import io.agentrun.postgres.internal.table.RunQueries.Claimed;
import io.agentrun.rules.NewLease;
import io.agentrun.run.Run;
import java.util.List;
import java.util.function.Function;

/**
 * Claims of runs by id, alone or combined. The guard is that of {@link io.agentrun.rules.LeaseRules#claim} for a run without
 * a lease (L-2): it is pending.
 *
 * <p>Thread-safe.
 */
final class ClaimBatch implements GroupCommit.Operation<ClaimBatch.Claim, Run> {

    private final Database database;

    ClaimBatch(Database database) {
        this.database = database;
    }

    /** Who claims which run, the id of the event that tells so, and the caller's view. Immutable. */
    record Claim(String runId, NewLease lease, String eventId, OwnerGuard guard) {

        String runnerId() {
            return lease.runnerId();
        }

        long micros() {
            return PostgresShortcuts.micros(lease.length());
        }
    }

    @Override
    public String key(Claim claim) {
        return claim.runId();
    }

    @Override
    public int weight(Claim claim) {
        return 1;
    }

    @Override
    public Attempt<Run> executeAlone(Claim claim) {
        return database.once(tx -> {
            Script script = new Script()
                    .bind("run_id", claim.runId())
                    .bind("runner_id", claim.runnerId())
                    .bindHash("fence_hash", claim.lease().tokenHash())
                    .bind("event_id", claim.eventId())
                    .bind("lease_micros", claim.micros());
            OwnerGuard guard = claim.guard();
            return attempt(tx, guard.bind(script), guard.row(RunQueries.CLAIM, "s.", "s.run_id = :run_id"));
        });
    }

    /** Executes a statement that claims at most one run. */
    static Attempt<Run> attempt(Tx tx, Script script, String sql) {
        Attempt<Run> attempt = SingleStatement.alone(tx, script, sql, RunColumns::run);
        if (attempt instanceof Attempt.Done<Run> claimed) {
            signal(tx, claimed.value());
        }
        return attempt;
    }

    @Override
    public void executeCombined(List<Waiter<Claim, Run>> batch) {
        List<Claim> inputs = batch.stream().map(Waiter::input).toList();
        for (Claimed claimed : database.once(tx -> combined(tx, inputs))) {
            batch.get(claimed.item() - 1).done(claimed.run());
        }
    }

    private static List<Claimed> combined(Tx tx, List<Claim> claims) {
        Script script = new Script()
                .bindArray("run_ids", "text", array(claims, Claim::runId))
                .bindArray("runner_ids", "text", array(claims, Claim::runnerId))
                .bindHashes(
                        "fence_hashes",
                        claims.stream().map(claim -> claim.lease().tokenHash()).toList())
                .bindArray("event_ids", "text", array(claims, Claim::eventId))
                .bindArray("lease_micros", "bigint", array(claims, Claim::micros));
        String sql = OwnerGuard.each(
                RunQueries.CLAIMS, script, claims.stream().map(Claim::guard).toList());
        Script.Rows<Claimed> rows = script.query(sql, RunQueries::claimed);
        tx.execute(script);
        // One that cannot be read is left open: alone, it is answered with what is wrong with it.
        rows.readable().forEach(claimed -> signal(tx, claimed.run()));
        return rows.readable();
    }

    static void signal(Tx tx, Run run) {
        tx.signal(Signal.commands(run.id()).name());
        tx.signal(Signal.events(run.id()).name());
    }

    private static Object[] array(List<Claim> claims, Function<Claim, Object> value) {
        return claims.stream().map(value).toArray();
    }
}

package io.agentrun.postgres.internal.shortcut;

import io.agentrun.backend.Attempt;
import io.agentrun.lease.Fence;
import io.agentrun.lease.Heartbeat;
import io.agentrun.postgres.internal.db.Database;
import io.agentrun.postgres.internal.db.Script;
import io.agentrun.postgres.internal.db.Tx;
import io.agentrun.postgres.internal.table.LeaseStatements;
import io.agentrun.postgres.internal.table.LeaseStatements.Beat;
import io.agentrun.postgres.internal.table.OwnerGuard;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.Function;

/**
 * Heartbeats, alone or combined. The guard is that of {@link io.agentrun.rules.LeaseRules#heartbeat} (L-6): the fence holds,
 * and the run has not ended.
 *
 * <p>Thread-safe.
 */
final class HeartbeatBatch implements GroupCommit.Operation<HeartbeatBatch.Beating, Heartbeat> {

    private final Database database;

    HeartbeatBatch(Database database) {
        this.database = database;
    }

    /** Which lease is extended, to what length from now, and the caller's view. Immutable. */
    record Beating(Fence fence, long micros, OwnerGuard guard) {}

    @Override
    public String key(Beating beating) {
        return beating.fence().runId();
    }

    @Override
    public int weight(Beating beating) {
        return 1;
    }

    @Override
    public Attempt<Heartbeat> executeAlone(Beating beating) {
        return database.urgently(tx -> {
            Script script = LeaseStatements.bind(new Script(), beating.fence()).bind("lease_micros", beating.micros());
            OwnerGuard guard = beating.guard();
            String sql = guard.row(LeaseStatements.HEARTBEAT, "s.", "s.run_id = :run_id");
            return SingleStatement.alone(tx, guard.bind(script), sql, LeaseStatements::heartbeat);
        });
    }

    @Override
    public void executeCombined(List<Waiter<Beating, Heartbeat>> batch) {
        List<Beating> inputs = batch.stream().map(Waiter::input).toList();
        for (Beat beat : database.urgently(tx -> combined(tx, inputs))) {
            batch.get(beat.item() - 1).done(beat.heartbeat());
        }
    }

    /** Sends all heartbeats in one statement, by rising id of their runs; what it did not do is contended. */
    static List<Attempt<Heartbeat>> all(Database database, List<Beating> beats) {
        List<Attempt<Heartbeat>> attempts =
                new ArrayList<>(Collections.nCopies(beats.size(), new Attempt.Contended<>()));
        for (Beat beat : database.urgently(tx -> combined(tx, beats))) {
            attempts.set(beat.item() - 1, Attempt.done(beat.heartbeat()));
        }
        return attempts;
    }

    private static List<Beat> combined(Tx tx, List<Beating> beats) {
        Script script = new Script()
                .bindArray("run_ids", "text", array(beats, beat -> beat.fence().runId()))
                .bindArray(
                        "runner_ids", "text", array(beats, beat -> beat.fence().runnerId()))
                .bindArray("epochs", "bigint", array(beats, beat -> beat.fence().epoch()))
                .bindHashes(
                        "fence_hashes",
                        beats.stream().map(beat -> beat.fence().tokenHash()).toList())
                .bindArray("lease_micros", "bigint", array(beats, Beating::micros));
        String sql = OwnerGuard.each(
                LeaseStatements.HEARTBEATS,
                script,
                beats.stream().map(Beating::guard).toList());
        Script.Rows<Beat> rows = script.query(sql, LeaseStatements::beat);
        tx.execute(script);
        // One that cannot be read is left open: alone, it is answered with what is wrong with it.
        return rows.readable();
    }

    private static Object[] array(List<Beating> beats, Function<Beating, Object> value) {
        return beats.stream().map(value).toArray();
    }
}

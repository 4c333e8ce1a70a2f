package io.agentrun.postgres;

import io.agentrun.lease.Fence;
import io.agentrun.lease.Heartbeat;
import io.agentrun.lease.LeaseSignal;
import io.agentrun.postgres.internal.db.Database;
import io.agentrun.postgres.internal.db.Script;
import io.agentrun.postgres.internal.db.Tx;
import io.agentrun.postgres.internal.table.LeaseStatements;
import io.agentrun.postgres.internal.table.LeaseStatements.Beat;
import io.agentrun.rules.LeaseRules;
import java.util.List;
import java.util.function.Function;

/**
 * Sends heartbeats, those of runners that meet in one statement.
 *
 * <p>Thread-safe.
 */
final class HeartbeatSender {

    private final Database database;
    private final Line<Beating, Heartbeat> line =
            new Line<>(beat -> beat.fence().runId(), beat -> 1, this::send);

    HeartbeatSender(Database database) {
        this.database = database;
    }

    private record Beating(Fence fence, long micros) {}

    Heartbeat heartbeat(Fence fence, long micros) {
        Beating beating = new Beating(fence, micros);
        Heartbeat heartbeat = line.settle(beating);
        // Passed over because its row was locked, or refused by the guard: alone it waits, and learns which.
        return heartbeat != null ? heartbeat : alone(beating);
    }

    private void send(List<Pending<Beating, Heartbeat>> beats) {
        if (beats.size() == 1) {
            beats.get(0).succeed(alone(beats.get(0).input()));
            return;
        }
        List<Beating> inputs = beats.stream().map(Pending::input).toList();
        for (Beat beat : database.once(tx -> together(tx, inputs))) {
            beats.get(beat.item() - 1).succeed(beat.heartbeat());
        }
    }

    private Heartbeat alone(Beating beating) {
        return database.once(tx -> {
            Script script = LeaseStatements.bind(new Script(), beating.fence()).bind("lease_micros", beating.micros());
            Script.Rows<Heartbeat> rows = script.query(LeaseStatements.HEARTBEAT, LeaseStatements::heartbeat);
            tx.execute(script);
            return rows.first().orElseGet(() -> over(tx, beating.fence()));
        });
    }

    private static Heartbeat over(Tx tx, Fence fence) {
        LeaseSignal signal =
                LeaseRules.signal(PostgresRuns.find(tx, fence.runId()).run(), fence);
        // A lease that stands now was not this runner's a moment ago.
        return Heartbeat.over(signal.holds() ? LeaseSignal.LEASE_LOST : signal);
    }

    private static List<Beat> together(Tx tx, List<Beating> beats) {
        Script script = new Script()
                .bindArray("run_ids", "text", of(beats, beat -> beat.fence().runId()))
                .bindArray("runner_ids", "text", of(beats, beat -> beat.fence().runnerId()))
                .bindArray("epochs", "bigint", of(beats, beat -> beat.fence().epoch()))
                .bindArray("lease_micros", "bigint", of(beats, Beating::micros));
        Script.Rows<Beat> rows = script.query(LeaseStatements.HEARTBEATS, LeaseStatements::beat);
        tx.execute(script);
        return rows.all();
    }

    private static Object[] of(List<Beating> beats, Function<Beating, Object> value) {
        return beats.stream().map(value).toArray();
    }
}

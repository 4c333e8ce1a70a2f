package io.agentrun.postgres;

import io.agentrun.postgres.internal.db.Database;
import io.agentrun.postgres.internal.db.Script;
import io.agentrun.postgres.internal.db.Tx;
import io.agentrun.postgres.internal.table.RunQueries;
import io.agentrun.postgres.internal.table.RunQueries.Claimed;
import io.agentrun.postgres.internal.table.RunTable;
import io.agentrun.run.Run;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Sends claims of pending runs, those of runners that meet in one statement.
 *
 * <p>Thread-safe.
 */
final class ClaimSender {

    private final Database database;
    private final Line<Claim, Run> line = new Line<>(Claim::runId, claim -> 1, this::send);

    ClaimSender(Database database) {
        this.database = database;
    }

    /** Who claims which run, for how long, and the id of the event that says so. */
    record Claim(String runId, String runnerId, long micros, String eventId) {}

    /** Returns the run as it is claimed; null if it is not pending. */
    @Nullable
    Run claim(Claim claim) {
        Run claimed = line.settle(claim);
        // Passed over because its row was locked, or not pending: alone it waits, and learns which.
        return claimed != null ? claimed : alone(claim);
    }

    private void send(List<Pending<Claim, Run>> claims) {
        if (claims.size() == 1) {
            claims.get(0).succeed(alone(claims.get(0).input()));
            return;
        }
        List<Claim> inputs = claims.stream().map(Pending::input).toList();
        for (Claimed claimed : database.once(tx -> together(tx, inputs))) {
            claims.get(claimed.item() - 1).succeed(claimed.run());
        }
    }

    private @Nullable Run alone(Claim claim) {
        return database.once(tx -> {
            Script script = new Script()
                    .bind("run_id", claim.runId())
                    .bind("runner_id", claim.runnerId())
                    .bind("event_id", claim.eventId())
                    .bind("lease_micros", claim.micros());
            return claimed(tx, script, script.query(RunQueries.CLAIM, RunTable::run));
        });
    }

    /** Runs the claim of at most one run. */
    static @Nullable Run claimed(Tx tx, Script script, Script.Rows<Run> rows) {
        tx.execute(script);
        Run run = rows.firstOrNull();
        if (run != null) {
            signal(tx, run);
        }
        return run;
    }

    private static List<Claimed> together(Tx tx, List<Claim> claims) {
        Script script = new Script()
                .bindArray("run_ids", "text", of(claims, Claim::runId))
                .bindArray("runner_ids", "text", of(claims, Claim::runnerId))
                .bindArray("event_ids", "text", of(claims, Claim::eventId))
                .bindArray("lease_micros", "bigint", of(claims, Claim::micros));
        Script.Rows<Claimed> rows = script.query(RunQueries.CLAIMS, RunQueries::claimed);
        tx.execute(script);
        rows.all().forEach(claimed -> signal(tx, claimed.run()));
        return rows.all();
    }

    private static void signal(Tx tx, Run run) {
        tx.signal(Signals.commands(run.id()));
        tx.signal(Signals.events(run.id()));
    }

    private static Object[] of(List<Claim> claims, Function<Claim, Object> value) {
        return claims.stream().map(value).toArray();
    }
}

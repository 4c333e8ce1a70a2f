package io.agentrun.benchmark.scenario.cost;

import io.agentrun.benchmark.measure.Alternation;
import io.agentrun.benchmark.measure.Contender;
import io.agentrun.benchmark.measure.Pace;
import io.agentrun.benchmark.postgres.Bed;
import io.agentrun.benchmark.postgres.Limit;
import io.agentrun.benchmark.report.Result;
import io.agentrun.benchmark.scenario.Given;
import io.agentrun.benchmark.scenario.Lab;
import io.agentrun.benchmark.scenario.Scenario;
import io.agentrun.benchmark.scenario.write.Appender;
import io.agentrun.lease.Fence;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;

/**
 * What an event costs the write-ahead log, beside a plain insert of the same row, and which share of the updates of the
 * run's own row stays heap-only. Long after a checkpoint: the pages that the log holds whole after one are left out as far as
 * the warm-up goes.
 */
public final class WalScenario implements Scenario {

    private static final int RUNS = 64;
    private static final int CALLS = 3_000;

    @Override
    public String key() {
        return "wal";
    }

    @Override
    public String what() {
        return "write-ahead log per event and heartbeat, and the share of heap-only updates";
    }

    @Override
    public void run(Lab lab) throws SQLException {
        for (int threads : List.of(1, 32)) {
            try (Bed bed = lab.bed()) {
                List<Fence> runs = Given.leased(bed.store(), RUNS);
                Limit limit = Limit.ofEvents(bed, Given.written(bed.store()).runId());
                bed.settle();
                double inserted = perCall(bed, limit.contender(threads), threads);
                double appended = perCall(
                        bed, Contender.of(threads, i -> new Appender(bed.store(), own(runs, i, threads), 1)), threads);
                double beaten = perCall(
                        bed,
                        Contender.of(threads, i -> () -> {
                            bed.store().leases().heartbeat(runs.get(i), Given.LEASE);
                            return true;
                        }),
                        threads);
                lab.report(Result.of("write-ahead log per event", threads, appended, "bytes"));
                lab.report(Result.of("write-ahead log per heartbeat", threads, beaten, "bytes"));
                lab.report(Result.of("write-ahead log per plain insert", threads, inserted, "bytes"));
                // The sessions of the server leave their counts when they end.
                bed.disconnect();
                lab.report(Result.of("heap-only updates of the run's row", threads, heapOnly(bed), "%"));
            }
        }
    }

    private static List<Fence> own(List<Fence> runs, int client, int clients) {
        return IntStream.range(0, RUNS)
                .filter(run -> run % clients == client)
                .mapToObj(runs::get)
                .toList();
    }

    private static double perCall(Bed bed, Contender contender, int threads) throws SQLException {
        int each = CALLS / threads;
        Contender warm =
                Contender.of(threads, i -> new Rationed(contender.clients().get(i), each));
        try {
            // A slice ends when each client has done its part.
            Pace once = Pace.of(Duration.ofHours(1), 1, 0);
            Alternation.of(once, List.of(warm));
            double before = bed.number("SELECT pg_current_wal_insert_lsn() - '0/0'");
            Alternation.of(once, List.of(warm));
            return (bed.number("SELECT pg_current_wal_insert_lsn() - '0/0'") - before) / (each * threads);
        } finally {
            contender.close();
        }
    }

    private static double heapOnly(Bed bed) throws SQLException {
        return bed.number("""
                SELECT 100.0 * n_tup_hot_upd / n_tup_upd
                FROM pg_stat_user_tables
                WHERE schemaname = '{name}' AND relname = 'agentrun_run_state'
                """);
    }
}

package io.agentrun.benchmark.scenario.write;

import io.agentrun.benchmark.measure.Alternation;
import io.agentrun.benchmark.measure.Contender;
import io.agentrun.benchmark.measure.Series;
import io.agentrun.benchmark.postgres.Bed;
import io.agentrun.benchmark.postgres.Limit;
import io.agentrun.benchmark.report.Names;
import io.agentrun.benchmark.report.Result;
import io.agentrun.benchmark.scenario.Given;
import io.agentrun.benchmark.scenario.Lab;
import io.agentrun.benchmark.scenario.Scenario;
import io.agentrun.lease.Fence;
import java.sql.SQLException;
import java.util.List;
import java.util.stream.IntStream;

/** Appending events beside as many clients that insert equal rows; counted in events. */
public final class AppendScenario implements Scenario {

    private static final int RUNS = 64;

    private final String key;
    private final int batch;
    private final String spread;
    private final String oneRun;

    private AppendScenario(String key, int batch, String spread, String oneRun) {
        this.key = key;
        this.batch = batch;
        this.spread = spread;
        this.oneRun = oneRun;
    }

    /** One event a call. */
    public static AppendScenario ofOne() {
        return new AppendScenario("append", 1, Names.APPEND_SPREAD, Names.APPEND_ONE_RUN);
    }

    /** Fifty events a call. */
    public static AppendScenario ofFifty() {
        return new AppendScenario("append-50", 50, Names.APPEND_50_SPREAD, Names.APPEND_50_ONE_RUN);
    }

    @Override
    public String key() {
        return key;
    }

    @Override
    public String what() {
        return batch + (batch == 1 ? " event" : " events") + " a call, spread over 64 runs and all on one";
    }

    @Override
    public void run(Lab lab) throws SQLException {
        try (Bed bed = lab.bed()) {
            Limit limit = Limit.ofEvents(bed, Given.written(bed.store()).runId());
            for (int threads : lab.threads()) {
                List<Fence> runs = Given.leased(bed.store(), RUNS);
                measure(lab, spread, threads, limit, Contender.of(threads, i -> spread(bed, runs, i, threads)));
            }
            for (int threads : lab.threads()) {
                List<Fence> run = Given.leased(bed.store(), 1);
                measure(lab, oneRun, threads, limit, Contender.of(threads, i -> new Appender(bed.store(), run, batch)));
            }
        }
    }

    /** Each client has runs of its own, as each runner has: no two append to the same one, up to as many clients as runs. */
    private Appender spread(Bed bed, List<Fence> runs, int client, int clients) {
        List<Fence> own = IntStream.range(0, RUNS)
                .filter(run -> run % Math.min(clients, RUNS) == client % RUNS)
                .mapToObj(runs::get)
                .toList();
        return new Appender(bed.store(), own, batch);
    }

    private void measure(Lab lab, String name, int threads, Limit limit, Contender ours) throws SQLException {
        List<Series> done = Alternation.of(lab.pace(), List.of(ours.counting(batch), limit.contender(threads)));
        lab.report(Result.of(name, threads, done.get(0), done.get(1)));
    }
}

package io.agentrun.benchmark.scenario.cost;

import io.agentrun.benchmark.measure.Latencies;
import io.agentrun.benchmark.measure.Series;
import io.agentrun.benchmark.postgres.Bed;
import io.agentrun.benchmark.report.Result;
import io.agentrun.benchmark.scenario.Lab;
import io.agentrun.benchmark.scenario.Scenario;
import java.sql.SQLException;
import java.util.List;

/** How long building a store takes: on an empty schema, and on one that has its tables. */
public final class StartUpScenario implements Scenario {

    private static final int STARTS = 20;

    @Override
    public String key() {
        return "start-up";
    }

    @Override
    public String what() {
        return "building a store on an empty schema, and on an existing one";
    }

    @Override
    public void run(Lab lab) throws SQLException {
        Latencies empty = new Latencies();
        for (int i = 0; i < STARTS / 4; i++) {
            long begin = System.nanoTime();
            Bed bed = lab.bed();
            empty.add(System.nanoTime() - begin);
            bed.close();
        }
        lab.report(times("start-up on an empty schema, with a pool", empty));
        Latencies existing = new Latencies();
        try (Bed bed = lab.bed()) {
            for (int i = 0; i < STARTS; i++) {
                long begin = System.nanoTime();
                bed.another().close();
                existing.add(System.nanoTime() - begin);
            }
        }
        lab.report(times("start-up on an existing schema", existing));
    }

    private static Result times(String name, Latencies latencies) {
        return Result.ofTimes(name, 1, new Series(List.of(), latencies));
    }
}

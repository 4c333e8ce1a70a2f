package io.agentrun.benchmark.scenario.write;

import io.agentrun.benchmark.measure.Alternation;
import io.agentrun.benchmark.measure.Pace;
import io.agentrun.benchmark.postgres.Bed;
import io.agentrun.benchmark.report.Names;
import io.agentrun.benchmark.report.Result;
import io.agentrun.benchmark.scenario.Lab;
import io.agentrun.benchmark.scenario.Scenario;
import java.sql.SQLException;
import java.util.List;

/** A worker with so many slots empties a queue of tasks that have nothing to do. */
public final class DrainScenario implements Scenario {

    /** Slices that are not measured: each drains a thousand tasks. */
    private static final int WARM_UPS = 10;

    @Override
    public String key() {
        return "drain";
    }

    @Override
    public String what() {
        return "a worker takes, acknowledges and ends waiting tasks that have nothing to do; the threads are its slots";
    }

    @Override
    public void run(Lab lab) throws SQLException {
        Pace pace = Pace.of(lab.pace().slice(), lab.pace().rounds(), WARM_UPS);
        for (int slots : lab.threads()) {
            try (Bed bed = lab.bed()) {
                lab.report(Result.of(
                        Names.DRAIN,
                        slots,
                        Alternation.of(pace, List.of(Drain.by(bed, slots))).get(0)));
            }
        }
    }
}

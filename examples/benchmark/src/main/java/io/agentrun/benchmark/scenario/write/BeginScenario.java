package io.agentrun.benchmark.scenario.write;

import io.agentrun.benchmark.measure.Alternation;
import io.agentrun.benchmark.postgres.Bed;
import io.agentrun.benchmark.report.Names;
import io.agentrun.benchmark.report.Result;
import io.agentrun.benchmark.scenario.Lab;
import io.agentrun.benchmark.scenario.Scenario;
import java.sql.SQLException;
import java.util.List;

/** How soon the agent of an idle worker begins a task. */
public final class BeginScenario implements Scenario {

    @Override
    public String key() {
        return "begin";
    }

    @Override
    public String what() {
        return "from the creation of a task until the agent of a worker that has nothing to do begins it";
    }

    @Override
    public void run(Lab lab) throws SQLException {
        for (int slots : lab.threads()) {
            try (Bed bed = lab.bed()) {
                lab.report(Result.ofTimes(
                        Names.BEGIN,
                        slots,
                        Alternation.of(lab.pace(), List.of(Begin.by(bed, slots)))
                                .get(0)));
            }
        }
    }
}

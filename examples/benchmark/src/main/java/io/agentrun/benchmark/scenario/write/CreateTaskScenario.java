package io.agentrun.benchmark.scenario.write;

import io.agentrun.benchmark.measure.Alternation;
import io.agentrun.benchmark.measure.Contender;
import io.agentrun.benchmark.measure.Series;
import io.agentrun.benchmark.postgres.Bed;
import io.agentrun.benchmark.postgres.Limit;
import io.agentrun.benchmark.report.Result;
import io.agentrun.benchmark.scenario.Given;
import io.agentrun.benchmark.scenario.Lab;
import io.agentrun.benchmark.scenario.Scenario;
import java.sql.SQLException;
import java.util.List;

/** Creating tasks beside as many clients that insert equal rows of tasks. */
public final class CreateTaskScenario implements Scenario {

    @Override
    public String key() {
        return "create-task";
    }

    @Override
    public String what() {
        return "tasks without key or session; the limit inserts rows of tasks";
    }

    @Override
    public void run(Lab lab) throws SQLException {
        try (Bed bed = lab.bed()) {
            Limit limit = Limit.ofTasks(bed, Given.task(bed.store()).id());
            for (int threads : lab.threads()) {
                Contender ours = Contender.of(threads, client -> () -> {
                    Given.task(bed.store());
                    return true;
                });
                List<Series> done = Alternation.of(lab.pace(), List.of(ours, limit.contender(threads)));
                lab.report(Result.of("create task", threads, done.get(0), done.get(1)));
            }
        }
    }
}

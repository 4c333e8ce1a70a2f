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

/**
 * One step of a runner beside as many clients that insert event rows.
 *
 * <p>Immutable.
 *
 * @param key what the command line calls it
 * @param what what it measures
 * @param line the line's name
 * @param step what the clients do
 */
public record RunnerScenario(String key, String what, String line, Step step) implements Scenario {

    /** Makes the clients of one measurement. */
    @FunctionalInterface
    public interface Step {
        /** So many clients on the store of the bed. */
        Contender clients(Bed bed, int threads) throws SQLException;
    }

    @Override
    public void run(Lab lab) throws SQLException {
        try (Bed bed = lab.bed()) {
            Limit limit = Limit.ofEvents(bed, Given.written(bed.store()).runId());
            for (int threads : lab.threads()) {
                List<Series> done =
                        Alternation.of(lab.pace(), List.of(step.clients(bed, threads), limit.contender(threads)));
                lab.report(Result.of(line, threads, done.get(0), done.get(1)));
            }
        }
    }
}

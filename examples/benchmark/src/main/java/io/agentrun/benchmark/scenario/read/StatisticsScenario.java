package io.agentrun.benchmark.scenario.read;

import io.agentrun.QueueStore;
import io.agentrun.benchmark.measure.Alternation;
import io.agentrun.benchmark.measure.Contender;
import io.agentrun.benchmark.measure.Series;
import io.agentrun.benchmark.postgres.Bed;
import io.agentrun.benchmark.postgres.Copies;
import io.agentrun.benchmark.report.Names;
import io.agentrun.benchmark.report.Result;
import io.agentrun.benchmark.scenario.Given;
import io.agentrun.benchmark.scenario.Lab;
import io.agentrun.benchmark.scenario.Scenario;
import io.agentrun.queue.QueueScope;
import java.sql.SQLException;
import java.util.List;

/** Counting the tasks of a queue, of which all wait but one in ten, which has been cancelled. */
public final class StatisticsScenario implements Scenario {

    @Override
    public String key() {
        return "statistics";
    }

    @Override
    public String what() {
        return "statistics and snapshot of 1,000 and 100,000 tasks";
    }

    @Override
    public void run(Lab lab) throws SQLException {
        for (int tasks : List.of(1_000, 100_000)) {
            try (Bed bed = lab.bed()) {
                QueueStore queue = bed.store().queue();
                Copies copies = new Copies(bed);
                copies.ofTask(Given.task(bed.store()).id(), tasks * 9 / 10 - 1);
                String cancelled =
                        queue.cancel(Given.task(bed.store()).id(), "not needed").id();
                copies.ofTask(cancelled, tasks / 10 - 1);
                bed.settle();
                List<Series> done = Alternation.of(
                        lab.pace(),
                        List.of(
                                Contender.of(1, i -> () -> counted(queue.stats(QueueScope.all()))),
                                Contender.of(1, i -> () -> counted(queue.snapshot(QueueScope.all())))));
                lab.report(Result.of(Names.statistics(tasks), 1, done.get(0)));
                lab.report(Result.of(Names.snapshot(tasks), 1, done.get(1)));
            }
        }
    }

    private static boolean counted(Object answer) {
        return !answer.toString().isEmpty();
    }
}

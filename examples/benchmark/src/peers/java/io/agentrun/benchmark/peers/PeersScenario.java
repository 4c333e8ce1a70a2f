package io.agentrun.benchmark.peers;

import io.agentrun.benchmark.measure.Alternation;
import io.agentrun.benchmark.measure.Pace;
import io.agentrun.benchmark.measure.Series;
import io.agentrun.benchmark.postgres.Bed;
import io.agentrun.benchmark.report.Result;
import io.agentrun.benchmark.scenario.Lab;
import io.agentrun.benchmark.scenario.Scenario;
import io.agentrun.benchmark.scenario.write.Drain;
import java.sql.SQLException;
import java.util.List;

/**
 * The drain of tasks that have nothing to do, by a worker of ours, by db-scheduler (lock and fetch) and by JobRunr, which take turns on
 * one server.
 */
public final class PeersScenario implements Scenario {

    private static final int WARM_UPS = 10;

    @Override
    public String key() {
        return "peers";
    }

    @Override
    public String what() {
        return "the drain beside db-scheduler and JobRunr; the threads are slots, workers and threads";
    }

    @Override
    public void run(Lab lab) throws Exception {
        Pace pace = Pace.of(lab.pace().slice(), lab.pace().rounds(), WARM_UPS);
        for (int slots : lab.threads()) {
            try (Bed ours = lab.bed();
                    Bed scheduler = lab.bed();
                    Bed jobs = lab.bed()) {
                List<Series> done = Alternation.of(
                        pace,
                        List.of(
                                Drain.by(ours, slots),
                                DbSchedulerDrain.by(scheduler, slots),
                                JobRunrDrain.by(jobs, slots)));
                report(lab, "db-scheduler", slots, done.get(0), done.get(1));
                report(lab, "JobRunr", slots, done.get(0), done.get(2));
            }
        }
    }

    private static void report(Lab lab, String peer, int slots, Series ours, Series theirs) throws SQLException {
        lab.report(Result.of("drain of tasks that have nothing to do, against " + peer, slots, ours, theirs));
    }
}

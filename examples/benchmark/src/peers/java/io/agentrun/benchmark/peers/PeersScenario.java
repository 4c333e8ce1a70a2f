package io.agentrun.benchmark.peers;

import io.agentrun.benchmark.measure.Alternation;
import io.agentrun.benchmark.measure.Pace;
import io.agentrun.benchmark.measure.Series;
import io.agentrun.benchmark.postgres.Bed;
import io.agentrun.benchmark.report.Names;
import io.agentrun.benchmark.report.Result;
import io.agentrun.benchmark.scenario.Lab;
import io.agentrun.benchmark.scenario.Scenario;
import io.agentrun.benchmark.scenario.write.Begin;
import io.agentrun.benchmark.scenario.write.Drain;
import java.util.List;
import java.util.Locale;

/**
 * The drain of tasks that have nothing to do, by a worker of ours, by db-scheduler (lock and fetch) and by JobRunr, which take turns on
 * one server, with a thousand and a hundred thousand tasks waiting; and how soon a task begins where nothing waits.
 */
public final class PeersScenario implements Scenario {

    private static final int WARM_UPS = 10;

    /** With so many waiting, ten drains are ten minutes: the code is warm from what was measured before. */
    private static final int WARM_UPS_OF_MANY = 2;

    private static final int MANY = 100_000;

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
        for (int slots : lab.threads()) {
            drain(lab, slots, Drain.TASKS, WARM_UPS);
            drain(lab, slots, MANY, WARM_UPS_OF_MANY);
            begin(lab, slots);
        }
    }

    private static void drain(Lab lab, int slots, int waiting, int warmUps) throws Exception {
        Pace pace = Pace.of(lab.pace().slice(), lab.pace().rounds(), warmUps);
        try (Bed ours = lab.bed();
                Bed scheduler = lab.bed();
                Bed jobs = lab.bed()) {
            List<Series> done = Alternation.of(
                    pace,
                    List.of(
                            Drain.by(ours, slots, waiting),
                            DbSchedulerDrain.by(scheduler, slots, waiting),
                            JobRunrDrain.by(jobs, slots, waiting)));
            String what = String.format(Locale.ROOT, "drain of 1,000 of %,d tasks, against ", waiting);
            lab.report(Result.of(what + "db-scheduler", slots, done.get(0), done.get(1)));
            lab.report(Result.of(what + "JobRunr", slots, done.get(0), done.get(2)));
        }
    }

    /** JobRunr begins what it was given at its next poll, after 5 seconds at most: there is nothing to measure. */
    private static void begin(Lab lab, int slots) throws Exception {
        try (Bed ours = lab.bed();
                Bed scheduler = lab.bed()) {
            List<Series> done =
                    Alternation.of(lab.pace(), List.of(Begin.by(ours, slots), DbSchedulerBegin.by(scheduler, slots)));
            lab.report(Result.of(Names.BEGIN + ", against db-scheduler", slots, done.get(0), done.get(1)));
        }
    }
}

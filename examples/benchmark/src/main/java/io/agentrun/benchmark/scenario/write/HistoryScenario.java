package io.agentrun.benchmark.scenario.write;

import io.agentrun.benchmark.measure.Alternation;
import io.agentrun.benchmark.measure.Client;
import io.agentrun.benchmark.measure.Contender;
import io.agentrun.benchmark.measure.Series;
import io.agentrun.benchmark.postgres.Bed;
import io.agentrun.benchmark.postgres.Copies;
import io.agentrun.benchmark.report.Names;
import io.agentrun.benchmark.report.Result;
import io.agentrun.benchmark.scenario.Given;
import io.agentrun.benchmark.scenario.Lab;
import io.agentrun.benchmark.scenario.Scenario;
import io.agentrun.lease.Fence;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/** Appending to a run that has many events, beside appending to runs that have none or few; all clients on the same run. */
public final class HistoryScenario implements Scenario {

    private static final int FEW = 1_000;
    private static final int MANY = 100_000;

    /** After so many events, the run with none, or few, is changed for a new one. */
    private static final int ENOUGH = 500;

    @Override
    public String key() {
        return "history";
    }

    @Override
    public String what() {
        return "1 event a call on runs that have 0, 1,000 and 100,000 events";
    }

    @Override
    public void run(Lab lab) throws SQLException {
        for (int threads : List.of(1, 8)) {
            try (Bed bed = lab.bed()) {
                Copies copies = new Copies(bed);
                List<Fence> none = leased(bed, copies, 300, 0);
                List<Fence> few = leased(bed, copies, 100, FEW);
                List<Fence> many = leased(bed, copies, 1, MANY);
                bed.settle();
                List<Series> done = Alternation.of(
                        lab.pace(),
                        List.of(side(bed, none, threads), side(bed, few, threads), side(bed, many, threads)));
                lab.report(Result.of("append 1 event after none", threads, done.get(0)));
                lab.report(Result.of(Names.appendAfter(FEW), threads, done.get(1), done.get(0)));
                lab.report(Result.of(Names.appendAfter(MANY), threads, done.get(2), done.get(0)));
            }
        }
    }

    private static List<Fence> leased(Bed bed, Copies copies, int count, int events) throws SQLException {
        Fence first = Given.written(bed.store());
        if (events > 0) {
            copies.ofLastEvent(first.runId(), events);
        }
        List<Fence> fences = new ArrayList<>(copies.ofLeasedRun(first, count - 1));
        fences.add(first);
        return fences;
    }

    private static Contender side(Bed bed, List<Fence> runs, int threads) {
        AtomicLong appended = new AtomicLong();
        Client client = () -> {
            int run = (int) (appended.getAndIncrement() / ENOUGH % runs.size());
            bed.store().events().append(runs.get(run), Given.EVENT);
            return true;
        };
        return Contender.of(threads, i -> client);
    }
}

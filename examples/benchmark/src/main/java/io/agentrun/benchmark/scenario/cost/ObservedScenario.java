package io.agentrun.benchmark.scenario.cost;

import io.agentrun.AgentRunStore;
import io.agentrun.StoreCall;
import io.agentrun.StoreListener;
import io.agentrun.benchmark.measure.Alternation;
import io.agentrun.benchmark.measure.Contender;
import io.agentrun.benchmark.measure.Median;
import io.agentrun.benchmark.measure.Series;
import io.agentrun.benchmark.postgres.Bed;
import io.agentrun.benchmark.report.Names;
import io.agentrun.benchmark.report.Result;
import io.agentrun.benchmark.scenario.Given;
import io.agentrun.benchmark.scenario.Lab;
import io.agentrun.benchmark.scenario.Scenario;
import io.agentrun.benchmark.scenario.write.Appender;
import io.agentrun.lease.Fence;
import io.agentrun.micrometer.StoreObservations;
import io.micrometer.core.instrument.observation.DefaultMeterObservationHandler;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.micrometer.observation.ObservationRegistry;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/**
 * What it costs that calls are observed: appends of one event to a store with Micrometer beside the same without, and an
 * observation by itself, which shows the cost where the disk hides it.
 */
public final class ObservedScenario implements Scenario {

    private static final int CALLS = 100_000;
    private static final int ROUNDS = 7;
    private static final StoreCall APPEND = new StoreCall("events", "append", 1_000, null);

    @Override
    public String key() {
        return "observed";
    }

    @Override
    public String what() {
        return "appends that Micrometer observes and times, beside appends that nobody observes";
    }

    @Override
    public void run(Lab lab) throws SQLException {
        lab.report(new Result(Names.OBSERVATION, 1, null, observation(), null, null, null, null));
        try (Bed bed = lab.bed();
                AgentRunStore observed = bed.heardBy(timed())) {
            for (int threads : lab.threads()) {
                List<Series> done =
                        Alternation.of(lab.pace(), List.of(appends(observed, threads), appends(bed.store(), threads)));
                lab.report(Result.of(Names.OBSERVED, threads, done.get(0), done.get(1)));
            }
        }
    }

    private static Contender appends(AgentRunStore store, int threads) {
        List<Fence> runs = Given.leased(store, threads);
        return Contender.of(threads, i -> new Appender(store, List.of(runs.get(i)), 1));
    }

    /** As Spring Boot wires it: each observation has a timer and a gauge of those under way. */
    private static StoreListener timed() {
        ObservationRegistry observations = ObservationRegistry.create();
        observations
                .observationConfig()
                .observationHandler(new DefaultMeterObservationHandler(new SimpleMeterRegistry()));
        return StoreObservations.in(observations);
    }

    private static double observation() {
        StoreListener listener = timed();
        List<Double> micros = new ArrayList<>();
        for (int round = 0; round < ROUNDS; round++) {
            long start = System.nanoTime();
            for (int i = 0; i < CALLS; i++) {
                listener.begins(APPEND.store(), APPEND.operation());
                listener.ended(APPEND);
            }
            micros.add((System.nanoTime() - start) / 1_000.0 / CALLS);
        }
        return Median.of(micros);
    }
}

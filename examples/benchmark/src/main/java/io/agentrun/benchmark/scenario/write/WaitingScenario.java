package io.agentrun.benchmark.scenario.write;

import io.agentrun.AgentRunStore;
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
import io.agentrun.lease.ClaimRequest;
import io.agentrun.queue.DispatchRequest;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;

/**
 * Taking the next of few, many and very many that wait, by 8 callers, and of many by 32; what one took, it replaces, and that is not timed.
 */
public final class WaitingScenario implements Scenario {

    private static final int THREADS = 8;
    private static final int CROWD = 32;
    private static final List<Integer> LEVELS = List.of(100, 10_000, 100_000);
    private static final int MANY = 1;

    /** What waits, and how the next is taken. */
    private enum Kind {
        RUNS {
            @Override
            void fill(Bed bed, int count) throws SQLException {
                new Copies(bed).ofRun(Given.pending(bed.store()).id(), count - 1);
            }

            @Override
            boolean take(AgentRunStore store) {
                return store.leases()
                        .claimNext(ClaimRequest.by("runner", Given.LEASE))
                        .isPresent();
            }

            @Override
            void add(AgentRunStore store) {
                Given.pending(store);
            }
        },
        TASKS {
            @Override
            void fill(Bed bed, int count) throws SQLException {
                new Copies(bed).ofTask(Given.task(bed.store()).id(), count - 1);
            }

            @Override
            boolean take(AgentRunStore store) {
                return store.queue()
                        .dispatchNext(DispatchRequest.fromQueue(Given.QUEUE))
                        .isPresent();
            }

            @Override
            void add(AgentRunStore store) {
                Given.task(store);
            }
        };

        abstract void fill(Bed bed, int count) throws SQLException;

        abstract boolean take(AgentRunStore store);

        abstract void add(AgentRunStore store);
    }

    private final String key;
    private final Kind kind;
    private final IntFunction<String> names;
    private final String crowded;

    private WaitingScenario(String key, Kind kind, IntFunction<String> names, String crowded) {
        this.key = key;
        this.kind = kind;
        this.names = names;
        this.crowded = crowded;
    }

    /** Claiming the next run. */
    public static WaitingScenario claimNext() {
        return new WaitingScenario("claim-next", Kind.RUNS, Names::claimNext, Names.CLAIM_NEXT_CROWDED);
    }

    /** Dispatching the next task. */
    public static WaitingScenario dispatchNext() {
        return new WaitingScenario("dispatch-next", Kind.TASKS, Names::dispatchNext, Names.DISPATCH_NEXT_CROWDED);
    }

    @Override
    public String key() {
        return key;
    }

    @Override
    public String what() {
        return "100, 10,000 and 100,000 waiting, 8 callers; 10,000 waiting, 32 callers";
    }

    @Override
    public void run(Lab lab) throws SQLException {
        List<Bed> beds = new ArrayList<>();
        try {
            List<Contender> sides = new ArrayList<>();
            for (int level : LEVELS) {
                sides.add(side(lab, beds, level, THREADS));
            }
            sides.add(side(lab, beds, LEVELS.get(MANY), CROWD));
            List<Series> done = Alternation.of(lab.pace(), sides);
            for (int i = 0; i < LEVELS.size(); i++) {
                lab.report(Result.of(names.apply(LEVELS.get(i)), THREADS, done.get(i), done.get(0)));
            }
            lab.report(Result.of(crowded, CROWD, done.get(LEVELS.size()), done.get(MANY)));
        } finally {
            for (Bed bed : beds) {
                bed.close();
            }
        }
    }

    private Contender side(Lab lab, List<Bed> beds, int level, int threads) throws SQLException {
        Bed bed = lab.bed();
        beds.add(bed);
        kind.fill(bed, level);
        bed.tidy();
        return Contender.of(threads, i -> new Taker(bed.store()));
    }

    private final class Taker implements Client {

        private final AgentRunStore store;

        Taker(AgentRunStore store) {
            this.store = store;
        }

        @Override
        public boolean once() {
            if (!kind.take(store)) {
                throw new IllegalStateException("nothing waits");
            }
            return true;
        }

        @Override
        public void after() {
            kind.add(store);
        }
    }
}

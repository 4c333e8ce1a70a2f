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
import io.agentrun.limit.Limit;
import io.agentrun.limit.LimitKey;
import io.agentrun.model.Outcome;
import io.agentrun.queue.Dispatch;
import io.agentrun.queue.DispatchRequest;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Dispatching a task that no limit counts, one, and three, by 8 callers, none of them full; and ending its run, which gives back what it
 * took. What one took, it replaces, and that is not timed.
 */
public final class LimitScenario implements Scenario {

    private static final int THREADS = 8;
    private static final int WAITING = 1_000;
    private static final List<List<Limit>> SIDES = List.of(
            List.of(),
            List.of(Limit.running(LimitKey.eachTenant(), 500)),
            List.of(
                    Limit.running(LimitKey.eachTenant(), 500),
                    Limit.running(LimitKey.queue(Given.QUEUE), 500),
                    Limit.starts(LimitKey.eachLane(), 1_000, Duration.ofSeconds(1))));

    @Override
    public String key() {
        return "limits";
    }

    @Override
    public String what() {
        return "dispatching and ending a task that no limit counts, one and three, 8 callers";
    }

    @Override
    public void run(Lab lab) throws SQLException {
        List<Bed> beds = new ArrayList<>();
        try {
            List<Contender> sides = new ArrayList<>();
            for (List<Limit> limits : SIDES) {
                Bed bed = lab.bed();
                beds.add(bed);
                new Copies(bed).ofTask(Given.task(bed.store()).id(), WAITING - 1);
                bed.tidy();
                limits.forEach(bed.store().limits()::set);
                sides.add(Contender.of(THREADS, i -> new Taker(bed.store())));
            }
            List<Series> done = Alternation.of(lab.pace(), sides);
            for (int i = 0; i < SIDES.size(); i++) {
                lab.report(Result.of(Names.limited(SIDES.get(i).size()), THREADS, done.get(i), done.get(0)));
            }
        } finally {
            for (Bed bed : beds) {
                bed.close();
            }
        }
    }

    private static final class Taker implements Client {

        private final AgentRunStore store;

        Taker(AgentRunStore store) {
            this.store = store;
        }

        @Override
        public boolean once() {
            Dispatch taken = store.queue()
                    .dispatchNext(DispatchRequest.fromQueue(Given.QUEUE))
                    .orElseThrow(() -> new IllegalStateException("nothing waits, or a limit is full"));
            store.runs().finishUnclaimed(taken.run().id(), Outcome.completed());
            return true;
        }

        @Override
        public void after() {
            Given.task(store);
        }
    }
}

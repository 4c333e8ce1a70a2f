package io.agentrun.benchmark.scenario.read;

import io.agentrun.AgentRunStore;
import io.agentrun.benchmark.measure.Latencies;
import io.agentrun.benchmark.measure.Series;
import io.agentrun.benchmark.postgres.Bed;
import io.agentrun.benchmark.report.Names;
import io.agentrun.benchmark.report.Result;
import io.agentrun.benchmark.scenario.Given;
import io.agentrun.benchmark.scenario.Lab;
import io.agentrun.benchmark.scenario.Scenario;
import io.agentrun.lease.Fence;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/**
 * How soon a waiting call returns, from the call that appends what it waits for: so the commit itself is a part of it. Each
 * waiting call waits for a run of its own; one after the other is woken.
 */
public final class WakeUpScenario implements Scenario {

    private static final int WAKE_UPS = 200;

    /** So long a woken caller has to wait again. */
    private static final long REST_MILLIS = 10;

    @Override
    public String key() {
        return "wake-up";
    }

    @Override
    public String what() {
        return "from an append to the return of the call that waits for it, 1 and 200 waiting";
    }

    @Override
    public void run(Lab lab) throws SQLException, InterruptedException {
        try (Bed bed = lab.bed();
                AgentRunStore another = bed.another()) {
            for (int waiting : List.of(1, 200)) {
                report(lab, waiting, "the same", wake(bed.store(), bed.store(), waiting));
                report(lab, waiting, "another", wake(bed.store(), another, waiting));
            }
        }
    }

    private static void report(Lab lab, int waiting, String by, Latencies latencies) {
        lab.report(Result.ofTimes(Names.wakeUp(waiting, by), waiting, new Series(List.of(), latencies)));
    }

    private static Latencies wake(AgentRunStore store, AgentRunStore by, int waiting) throws InterruptedException {
        List<Fence> runs = Given.leased(store, waiting);
        List<Waiter> waiters = new ArrayList<>();
        for (Fence run : runs) {
            waiters.add(new Waiter(store, run));
        }
        Thread.sleep(500);
        for (int i = 0; i < WAKE_UPS; i++) {
            waiters.get(i % waiting).wake(by, runs.get(i % waiting));
            Thread.sleep(REST_MILLIS);
        }
        Latencies all = new Latencies();
        for (int i = 0; i < waiting; i++) {
            all.addAll(waiters.get(i).latencies());
            waiters.get(i).close();
            store.events().append(runs.get(i), Given.EVENT);
        }
        for (Waiter waiter : waiters) {
            waiter.join();
        }
        return all;
    }
}

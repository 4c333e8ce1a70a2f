package io.agentrun.benchmark.scenario.cost;

import io.agentrun.AgentRunStore;
import io.agentrun.benchmark.postgres.Bed;
import io.agentrun.benchmark.report.Result;
import io.agentrun.benchmark.scenario.Given;
import io.agentrun.benchmark.scenario.Lab;
import io.agentrun.benchmark.scenario.Scenario;
import io.agentrun.lease.Fence;
import java.lang.management.ManagementFactory;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;

/** How much of the heap a waiting call takes, beside what its caller's thread does by just being parked. */
public final class WaitingMemoryScenario implements Scenario {

    private static final int WAITING = 1_000;
    private static final Duration WAIT = Duration.ofMinutes(10);

    @Override
    public String key() {
        return "waiting-memory";
    }

    @Override
    public String what() {
        return "heap per waiting call, 1,000 of them on 1,000 runs";
    }

    @Override
    public void run(Lab lab) throws SQLException, InterruptedException {
        try (Bed bed = lab.bed()) {
            AgentRunStore store = bed.store();
            List<Fence> runs = Given.leased(store, WAITING);
            // Once, so that what is made for the first call is there before.
            used(runs, run -> store.events().await(run.runId(), 1_000_000, 1, Duration.ofMillis(200)), () -> {});
            CountDownLatch latch = new CountDownLatch(1);
            long parked = used(runs, run -> latch.await(), latch::countDown);
            long last = store.events().list(runs.get(0).runId(), 0, 500).items().size();
            long waiting = used(
                    runs,
                    run -> store.events().await(run.runId(), last, 1, WAIT),
                    () -> runs.forEach(run -> store.events().append(run, Given.EVENT)));
            lab.report(Result.of("heap per waiting call", WAITING, (double) (waiting - parked) / WAITING, "bytes"));
        }
    }

    @FunctionalInterface
    private interface Wait {
        void on(Fence run) throws InterruptedException;
    }

    /** What a thread for each run, waiting, adds to the heap. */
    private static long used(List<Fence> runs, Wait wait, Runnable end) throws InterruptedException {
        long before = heap();
        List<Thread> threads = new ArrayList<>();
        for (Fence run : runs) {
            Thread thread = new Thread(() -> waitOn(run, wait), "waiting");
            thread.setDaemon(true);
            thread.start();
            threads.add(thread);
        }
        Thread.sleep(3_000);
        long during = heap();
        end.run();
        for (Thread thread : threads) {
            thread.join();
        }
        return during - before;
    }

    private static void waitOn(Fence run, Wait wait) {
        try {
            wait.on(run);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** The least of some looks: waiting calls look for themselves now and then, which leaves litter. */
    private static long heap() {
        long least = Long.MAX_VALUE;
        for (int i = 0; i < 10; i++) {
            System.gc();
            least = Math.min(
                    least,
                    ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed());
        }
        return least;
    }
}

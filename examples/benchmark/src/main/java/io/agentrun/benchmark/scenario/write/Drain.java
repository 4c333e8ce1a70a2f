package io.agentrun.benchmark.scenario.write;

import io.agentrun.benchmark.measure.Client;
import io.agentrun.benchmark.measure.Contender;
import io.agentrun.benchmark.postgres.Bed;
import io.agentrun.benchmark.scenario.Given;
import io.agentrun.model.Outcome;
import io.agentrun.model.TurnResult;
import io.agentrun.worker.AgentWorker;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Empties a queue of tasks that have nothing to do: one operation is a worker that starts, takes, acknowledges and ends them all, and
 * stops. What waits is made in between, and not timed.
 *
 * <p>Not thread-safe: one thread at a time.
 */
public final class Drain implements Client {

    /** How many tasks one operation drains. */
    public static final int TASKS = 1_000;

    private static final TurnResult DONE = TurnResult.of(Outcome.completed());

    private final Bed bed;
    private final int slots;

    private Drain(Bed bed, int slots) {
        this.bed = bed;
        this.slots = slots;
        after();
    }

    /** A worker with so many slots, again and again; counted in tasks. */
    public static Contender by(Bed bed, int slots) {
        return Contender.of(1, client -> new Drain(bed, slots)).counting(TASKS);
    }

    @Override
    public boolean once() {
        CountDownLatch begun = new CountDownLatch(TASKS);
        AgentWorker worker = AgentWorker.builder(bed.store(), "worker")
                .queue(Given.QUEUE)
                .slots(slots)
                .agent(turn -> {
                    begun.countDown();
                    return DONE;
                })
                .start();
        try {
            if (!begun.await(2, TimeUnit.MINUTES)) {
                throw new IllegalStateException(begun.getCount() + " tasks were not begun");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        } finally {
            worker.close();
        }
        return true;
    }

    @Override
    public void after() {
        for (int i = 0; i < TASKS; i++) {
            Given.task(bed.store());
        }
    }
}

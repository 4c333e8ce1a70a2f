package io.agentrun.benchmark.scenario.write;

import io.agentrun.benchmark.measure.Client;
import io.agentrun.benchmark.measure.Contender;
import io.agentrun.benchmark.postgres.Bed;
import io.agentrun.benchmark.scenario.Given;
import io.agentrun.model.Outcome;
import io.agentrun.model.TurnResult;
import io.agentrun.queue.QueueScope;
import io.agentrun.worker.AgentWorker;
import java.util.Collections;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Works a thousand of the tasks that wait in a queue and have nothing to do: one operation is a worker that starts, takes, acknowledges
 * and ends them, and stops. What it has used up is made anew in between, and not timed.
 *
 * <p>Not thread-safe: one thread at a time.
 */
public final class Drain implements Client {

    /** How many tasks one operation drains. */
    public static final int TASKS = 1_000;

    private static final int MOST_AT_ONCE = 10_000;

    private static final TurnResult DONE = TurnResult.of(Outcome.completed());

    private final Bed bed;
    private final int slots;
    private final int waiting;

    private Drain(Bed bed, int slots, int waiting) {
        this.bed = bed;
        this.slots = slots;
        this.waiting = waiting;
        after();
    }

    /** A worker with so many slots, again and again, which leaves nothing; counted in tasks. */
    public static Contender by(Bed bed, int slots) {
        return by(bed, slots, TASKS);
    }

    /** A worker with so many slots, again and again, which works a thousand of so many; counted in tasks. */
    public static Contender by(Bed bed, int slots, int waiting) {
        return Contender.of(1, client -> new Drain(bed, slots, waiting)).counting(TASKS);
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
        QueueScope queue = QueueScope.inQueue(Given.QUEUE);
        long missing = waiting - bed.store().queue().stats(queue).due();
        while (missing > 0) {
            int some = (int) Math.min(missing, MOST_AT_ONCE);
            bed.store().queue().createAll(Collections.nCopies(some, Given.newTask()));
            missing -= some;
        }
    }
}

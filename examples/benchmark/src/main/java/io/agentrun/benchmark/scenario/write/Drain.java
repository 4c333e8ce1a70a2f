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
import java.util.concurrent.atomic.AtomicLong;

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
    private final AtomicLong missing;

    private Drain(Bed bed, int slots, int waiting) {
        this.bed = bed;
        this.slots = slots;
        this.missing = new AtomicLong(waiting
                - bed.store().queue().stats(QueueScope.inQueue(Given.QUEUE)).due());
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
                    missing.incrementAndGet();
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

    /** Makes as many as have begun. They are not counted in the store: there that reads every task that is kept, and takes what is needed out of the buffers. */
    @Override
    public void after() {
        while (missing.get() > 0) {
            int some = (int) Math.min(missing.get(), MOST_AT_ONCE);
            bed.store().queue().createAll(Collections.nCopies(some, Given.newTask()));
            missing.addAndGet(-some);
        }
    }
}

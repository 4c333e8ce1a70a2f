package io.agentrun.benchmark.scenario.write;

import io.agentrun.benchmark.measure.Client;
import io.agentrun.benchmark.measure.Contender;
import io.agentrun.benchmark.postgres.Bed;
import io.agentrun.benchmark.scenario.Given;
import io.agentrun.model.Outcome;
import io.agentrun.model.TurnResult;
import io.agentrun.worker.AgentWorker;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * A worker that has nothing to do: one operation is the creation of a task, until its agent has begun.
 *
 * <p>Not thread-safe: one thread at a time.
 */
public final class Begin implements Client {

    private static final TurnResult DONE = TurnResult.of(Outcome.completed());

    private final Bed bed;
    private final Semaphore begun = new Semaphore(0);
    private final AgentWorker worker;

    private Begin(Bed bed, int slots) {
        this.bed = bed;
        this.worker = AgentWorker.builder(bed.store(), "worker")
                .queue(Given.QUEUE)
                .slots(slots)
                .agent(turn -> {
                    begun.release();
                    return DONE;
                })
                .start();
    }

    /** A worker with so many slots, all of them free. */
    public static Contender by(Bed bed, int slots) {
        return Contender.of(1, client -> new Begin(bed, slots));
    }

    @Override
    public boolean once() {
        Given.task(bed.store());
        await(begun);
        return true;
    }

    /** Waits until a task has begun. */
    public static void await(Semaphore begun) {
        try {
            if (!begun.tryAcquire(2, TimeUnit.MINUTES)) {
                throw new IllegalStateException("a task was not begun");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }

    @Override
    public void close() {
        worker.close();
    }
}

package io.agentrun.worker;

import io.agentrun.AgentRunStore;
import io.agentrun.check.Require;
import io.agentrun.error.InvalidInputException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Takes tasks from the queue, and lets an agent work on their turns.
 *
 * <p>One waiting call takes for all free slots. While more tasks wait than it asked for, the next call goes out before the ends of turns
 * are stored: what it takes begins when a slot is free, and is given back where a run keeps its slot for another turn.
 *
 * <p>Turns are acknowledged before an agent starts. All leases are extended together; an agent whose lease could not be extended is
 * stopped a fifth of its length before it ends, and nothing is written for it any more.
 * Steers, interrupts and cancels are delivered while the agent works. A turn is finished together with its run unless the run has
 * another one, which the same agent thread goes on with. While the store is unavailable, agents go on: what they write waits.
 *
 * <p>An agent has one thread; a run that waits has none. Two workers must not have one runner id: the second takes over nothing, but
 * what is written cannot be told apart.
 *
 * <p>Stopping an agent in time covers a store that is away. It does not cover a machine that was suspended, or a process that outlives
 * a stopped JVM: only what is written to the store is fenced.
 *
 * <p>Thread-safe.
 */
public final class AgentWorker implements AutoCloseable {

    private static final Duration CLOSE_PATIENCE = Duration.ofSeconds(30);

    private final WorkerLoop loop;
    private final Duration stopGrace;
    private final Runnable afterClose;

    AgentWorker(WorkerLoop loop, Duration stopGrace, Runnable afterClose) {
        this.loop = loop;
        this.stopGrace = stopGrace;
        this.afterClose = afterClose;
    }

    /**
     * Returns the options of a worker on the store, which it does not close.
     *
     * @param runnerId who holds the leases; another one for each worker
     * @throws io.agentrun.error.InvalidInputException if the store is null or the id breaks the rule for ids
     */
    public static AgentWorkerBuilder builder(AgentRunStore store, String runnerId) {
        return new AgentWorkerBuilder(store, runnerId);
    }

    /**
     * Takes nothing more, waits that long for the agents to finish their turns, stops the others, and gives their runs back: another
     * worker begins their turns anew. Returns when nothing is held any more, or, where an agent does not stop, after three times the
     * worker's {@code stopGrace} more. A second call only waits.
     *
     * @param patience zero stops all agents at once
     * @throws io.agentrun.error.InvalidInputException if the time is null or negative
     */
    public void close(Duration patience) {
        if (Require.given("patience", patience).isNegative()) {
            throw new InvalidInputException("patience", "must not be negative");
        }
        CompletableFuture<Boolean> empty = loop.close();
        if (!await(empty, patience)) {
            loop.stopAll();
            await(empty, stopGrace.multipliedBy(3));
        }
        loop.end();
        afterClose.run();
    }

    /** Closes with a patience of 30 seconds. */
    @Override
    public void close() {
        close(CLOSE_PATIENCE);
    }

    /** Returns whether it is done in time; an interrupt ends the patience, and is kept. */
    private static boolean await(CompletableFuture<Boolean> empty, Duration time) {
        try {
            empty.get(time.toNanos(), TimeUnit.NANOSECONDS);
            return true;
        } catch (TimeoutException e) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        } catch (ExecutionException e) {
            throw new IllegalStateException(e.getCause());
        }
    }
}

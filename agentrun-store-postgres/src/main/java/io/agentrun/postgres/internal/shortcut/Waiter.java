package io.agentrun.postgres.internal.shortcut;

import io.agentrun.backend.Attempt;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * One caller of {@link GroupCommit}: its input, its outcome, and what it has to do once it is resumed.
 *
 * <p>Not thread-safe: {@code GroupCommit} hands it from thread to thread. The lock of {@code GroupCommit} guards the batch
 * and the election; the thread that executes the batch sets the outcome, and the volatile flag publishes it to the caller.
 *
 * @param <I> the input
 * @param <O> the value of an attempt that is done
 */
final class Waiter<I, O> {

    private final I input;
    private final String key;
    private final int weight;
    private final long bytes;
    private final Thread thread = Thread.currentThread();
    private Attempt<O> attempt = new Attempt.Contended<>();
    private @Nullable RuntimeException failure;
    private @Nullable List<Waiter<I, O>> batch;
    private boolean elected;
    private volatile boolean resumed;

    /** Waits on behalf of the current thread. */
    Waiter(I input, String key, int weight, long bytes) {
        this.input = input;
        this.key = key;
        this.weight = weight;
        this.bytes = bytes;
    }

    /** Returns what the caller wants to have executed. */
    I input() {
        return input;
    }

    /** Settles the input. A waiter that nothing settles stays contended. */
    void settle(Attempt<O> outcome) {
        attempt = outcome;
    }

    /** Settles the input with a value. */
    void done(O value) {
        attempt = Attempt.done(value);
    }

    /** Makes the caller throw the reason. */
    void fail(RuntimeException reason) {
        failure = reason;
    }

    /**
     * Returns the outcome.
     *
     * @throws RuntimeException if the execution failed: the reason
     */
    Attempt<O> outcome() {
        if (failure != null) {
            throw failure;
        }
        return attempt;
    }

    String key() {
        return key;
    }

    int weight() {
        return weight;
    }

    long bytes() {
        return bytes;
    }

    boolean isCurrentThread() {
        return thread == Thread.currentThread();
    }

    /** Returns the batch that this waiter executes for all its members; null if another thread executes it. */
    @Nullable
    List<Waiter<I, O>> batch() {
        return batch;
    }

    void execute(List<Waiter<I, O>> members) {
        batch = members;
    }

    /** Returns whether this waiter is to form the next batch as soon as it runs. */
    boolean elected() {
        return elected;
    }

    void elect() {
        elected = true;
    }

    boolean resumed() {
        return resumed;
    }

    /** Ends the wait of the calling thread, which runs already. */
    void resumeSelf() {
        resumed = true;
    }

    /** Ends the wait of the caller. */
    void resume() {
        resumed = true;
        LockSupport.unpark(thread);
    }
}

package io.agentrun.postgres.internal.db;

import io.agentrun.error.StoreClosedException;
import java.util.concurrent.Semaphore;

/**
 * Lets calls finish before a store is closed: each holds a permit while it works, and closing takes all of them.
 *
 * <p>Thread-safe.
 */
final class CallsAtWork {

    private final Semaphore permits = new Semaphore(Integer.MAX_VALUE);
    private volatile boolean closed;

    /**
     * Counts a call as being at work.
     *
     * @throws StoreClosedException once the store is closed
     */
    void enter() {
        permits.acquireUninterruptibly();
        if (closed) {
            permits.release();
            throw new StoreClosedException();
        }
    }

    /** Ends a call that has entered. */
    void leave() {
        permits.release();
    }

    void requireOpen() {
        if (closed) {
            throw new StoreClosedException();
        }
    }

    boolean isClosed() {
        return closed;
    }

    /** Refuses the calls that follow. */
    void refuse() {
        closed = true;
    }

    /** Returns once no call is at work. */
    void awaitEnd() {
        permits.acquireUninterruptibly(Integer.MAX_VALUE);
        permits.release(Integer.MAX_VALUE);
    }
}

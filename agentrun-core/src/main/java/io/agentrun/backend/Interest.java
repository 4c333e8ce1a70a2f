package io.agentrun.backend;

/**
 * What a call waits for that waits for many runs, which may change while it waits.
 *
 * <p>Thread-safe.
 */
public interface Interest {

    /**
     * Returns whether the call must look because of the signal. It is asked after a commit, perhaps under the lock of the store, and
     * only remembers the signal.
     */
    boolean includes(Signal signal);

    /** Tells that signals may have been lost, or are never given: the next look is at everything. */
    void unsure();

    /**
     * Calls the runnable whenever the call must look though nothing was committed.
     *
     * @return what ends that
     */
    Runnable attach(Runnable wake);
}

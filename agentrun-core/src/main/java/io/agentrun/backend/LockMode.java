package io.agentrun.backend;

/** What a lock does about a row that another transaction has locked. */
public enum LockMode {
    /** Waits for it. */
    WAIT,
    /**
     * Waits for it, but only for a short while: a backend in which a lock can take long fails the step then, with a retryable
     * {@code StoreUnavailableException}.
     */
    BRIEF,
    /** Passes it over, and answers {@link Locked.Held}. */
    SKIP
}

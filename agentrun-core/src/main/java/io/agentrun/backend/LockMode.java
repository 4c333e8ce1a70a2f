package io.agentrun.backend;

/** What a lock does about a row that another transaction has locked. */
public enum LockMode {
    /** Waits for it. */
    WAIT,
    /** Passes it over, and answers {@link Locked.Held}. */
    SKIP
}

package io.agentrun.postgres.internal.db;

/**
 * Another transaction has created the record that this one was about to create: nothing of this attempt stays, and the
 * next one finds that record.
 *
 * <p>Immutable.
 */
public final class LostRace extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** Says it without the cost of a stack trace: it never leaves the store. */
    public LostRace() {
        super("another transaction was first", null, false, false);
    }
}

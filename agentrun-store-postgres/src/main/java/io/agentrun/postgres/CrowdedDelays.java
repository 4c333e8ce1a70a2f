package io.agentrun.postgres;

/**
 * Many delayed tasks have come due at once, so that each dispatch would sort them all: the step ends, and is repeated when some
 * of them were moved to the tasks without a delay.
 *
 * <p>Immutable.
 */
final class CrowdedDelays extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** Makes one without the cost of a stack trace: it never leaves the backend. */
    CrowdedDelays() {
        super("many delayed tasks are due", null, false, false);
    }
}

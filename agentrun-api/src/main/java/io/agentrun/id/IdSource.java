package io.agentrun.id;

/**
 * Where new ids come from. A store asks it once for every record that it creates.
 *
 * <p>An implementation is thread-safe, never gives the same id twice, and should give ids in rising order, because lists
 * break ties by id.
 *
 * <p>Thread-safe.
 */
@FunctionalInterface
public interface IdSource {
    /** The prefix of run ids. */
    String RUN = "run";
    /** The prefix of command ids. */
    String COMMAND = "cmd";
    /** The prefix of event ids. */
    String EVENT = "evt";
    /** The prefix of queue task ids. */
    String QUEUE_TASK = "qt";
    /** The prefix of runner job ids. */
    String RUNNER_JOB = "rjob";
    /** The prefix of runner ids. */
    String RUNNER = "runner";

    /** Returns an id that was never given before: the prefix, an underscore, and what makes it unique. */
    String next(String prefix);

    /**
     * Returns the source that stores use unless told otherwise: the prefix, an underscore, and the 32 hexadecimal digits
     * of a version 7 UUID (milliseconds, a counter of 12 bits, 62 bits that differ from one JVM to another). The digits
     * rise from one call to the next within a JVM, over all threads, also when the system clock is set back.
     */
    static IdSource timeOrdered() {
        return TimeOrderedIds.INSTANCE;
    }
}

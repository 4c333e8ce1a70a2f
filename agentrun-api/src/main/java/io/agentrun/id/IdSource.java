package io.agentrun.id;

/**
 * Where new ids come from. A store asks it once for every record that it creates.
 *
 * <p>An implementation is thread-safe, never gives the same id twice, and should give ids in rising order, because lists
 * break ties by id.
 *
 * <p>An id grants nothing: who knows one may still be anybody, so that a host checks for every call whether its caller may
 * see the record. The ids of {@link #timeOrdered()} cannot be guessed either, but they stand in logs and URLs.
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
    /** The prefix of question ids. */
    String QUESTION = "qst";
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
     * of a version 7 UUID: milliseconds, a counter of 12 bits, and 62 bits of a cryptographic random generator, drawn anew
     * for each id, so that no number of known ids tells another one. The digits rise from one call to the next within a
     * JVM, over all threads, also when the system clock is set back.
     */
    static IdSource timeOrdered() {
        return TimeOrderedIds.INSTANCE;
    }
}

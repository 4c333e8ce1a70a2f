package io.agentrun.k8s.log;

/**
 * Takes the lines of a log in their order. It is called by one thread at a time, which need not be the one that asked for
 * the log, and only until the call that reads the log returns. While it works, no more of the log is read.
 *
 * <p>What it throws ends the call that reads the log, and is thrown there.
 */
@FunctionalInterface
public interface LogSink {

    /** Whether more lines are wanted. Immutable. */
    enum Next {
        /** They are. */
        GO_ON,
        /** They are not: the log is left here. */
        STOP
    }

    /** Takes the next line. */
    Next take(LogLine line);
}

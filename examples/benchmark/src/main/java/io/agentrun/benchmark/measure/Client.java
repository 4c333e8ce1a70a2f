package io.agentrun.benchmark.measure;

import java.sql.SQLException;

/**
 * One caller, which does the same operation again and again.
 *
 * <p>Not thread-safe: one thread at a time.
 */
@FunctionalInterface
public interface Client extends AutoCloseable {

    /** Does the operation that is timed; false, and not counted, if nothing is left to do it on. */
    boolean once() throws SQLException;

    /** Does what is to be done between two operations and is not timed; nothing unless overridden. */
    default void after() {}

    /** Gives back what the client holds; nothing unless overridden. */
    @Override
    default void close() throws SQLException {}
}

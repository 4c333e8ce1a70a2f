package io.agentrun.postgres.internal.db;

import java.time.Duration;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Where the steps of a store run: on connections of its own, or inside the host's transaction. Whatever goes wrong in
 * the database comes out as one of our errors.
 *
 * <p>Thread-safe.
 */
public interface Database {

    /** Runs a step of one statement, which is a transaction by itself. */
    <T extends @Nullable Object> T once(Function<Tx, T> step);

    /**
     * Runs a step of several statements as one transaction. The step may run more than once: it must do nothing but talk
     * to the database.
     */
    <T extends @Nullable Object> T inTransaction(Function<Tx, T> step);

    /**
     * Looks until there is something to see, the timeout is over or the thread is interrupted; holds no connection in
     * between.
     *
     * @param signal what commits tell about that may show something
     * @param look returns null while there is nothing
     * @return what was seen, or null
     */
    <T> @Nullable T await(String signal, Duration timeout, Supplier<@Nullable T> look);

    /** Whether a step is committed when it is done, and holds its locks no longer. */
    boolean commitsSteps();

    /** Whether a write failed for want of room in the last minute, and none has succeeded since. */
    boolean lacksRoom();

    /** Ends what waits and refuses what follows. */
    void close();
}

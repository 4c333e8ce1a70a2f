package io.agentrun.postgres.internal.db;

import io.agentrun.backend.Interest;
import java.time.Duration;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Executes the steps of a store: on connections of the data source, or inside the host's transaction. Every failure of
 * the database is thrown as one of our errors.
 *
 * <p>Thread-safe.
 */
public interface Database {

    /** Executes a step of one statement, which is a transaction by itself. */
    <T extends @Nullable Object> T once(Function<Tx, T> step);

    /**
     * Executes a step as {@link #once} does, but not behind the calls that wait for a thread: for heartbeats, without which leases
     * are lost. A step in the host's transaction waits for no thread.
     */
    <T extends @Nullable Object> T urgently(Function<Tx, T> step);

    /**
     * Executes a step of several statements as one transaction. The step may run several times: it must touch nothing but the
     * database.
     */
    <T extends @Nullable Object> T inTransaction(Function<Tx, T> step);

    /**
     * Looks until there is something to see, the timeout is over or the thread is interrupted; holds no connection in
     * between.
     *
     * @param signal what a commit signals that may change what is seen
     * @param look returns null while there is nothing
     * @return what was seen, or null
     */
    <T> @Nullable T await(String signal, Duration timeout, Supplier<@Nullable T> look);

    /** Looks as {@link #await} does, whenever a commit signals something of interest. */
    <T> @Nullable T awaitAny(Interest interest, Duration timeout, Supplier<@Nullable T> look);

    /**
     * Executes a look of one statement for a health check: not behind the callers that wait for a connection, and for a few
     * seconds at most.
     *
     * @throws io.agentrun.error.StoreUnavailableException also if there was no answer in that time
     */
    <T> T diagnose(Function<Tx, T> look);

    /** Returns what an operator should know although everything works; null for nothing. */
    @Nullable
    String warning();

    /** Returns whether a step is committed when it is done, so that it holds no locks any more. */
    boolean commitsSteps();

    /** Returns whether a write failed in the last minute because the disk was full, and none has succeeded since. */
    boolean lacksRoom();

    /** Returns what names the records that this store could not read and has left out of lists; a hundred at most. */
    Set<String> unreadable();

    /** Ends waiting calls and refuses later ones. */
    void close();
}

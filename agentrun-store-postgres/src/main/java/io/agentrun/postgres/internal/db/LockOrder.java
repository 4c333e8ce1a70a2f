package io.agentrun.postgres.internal.db;

import org.jspecify.annotations.Nullable;

/**
 * The row locks of one transaction, which must be taken in one order: two transactions that keep it never wait for each
 * other in a circle.
 *
 * <p>Not thread-safe: one thread at a time.
 */
public final class LockOrder {

    /** The kinds of rows in the order in which they are locked. */
    public enum Rank {
        /** A row of {@code agentrun_schedules}. */
        SCHEDULE,
        /** A row of {@code agentrun_sessions}. */
        SESSION,
        /** A row of {@code agentrun_run_state}. */
        RUN,
        /** A row of {@code agentrun_commands}. */
        COMMAND,
        /** A row of {@code agentrun_queue_tasks}. */
        TASK,
        /** A row of {@code agentrun_limit_slots}, or all of them. */
        SLOT
    }

    private @Nullable Rank highest;
    private @Nullable String lastId;

    /**
     * Notes that a row is about to be locked.
     *
     * @param id the row's id where it is known; within a rank ids must rise
     * @throws IllegalStateException if the order does not allow it: a defect of the store
     */
    public void take(Rank rank, @Nullable String id) {
        Rank before = highest;
        if (before != null && rank.compareTo(before) < 0) {
            throw new IllegalStateException("a " + rank + " row must be locked before a " + before + " row");
        }
        if (before == rank && (id == null || lastId == null || id.compareTo(lastId) < 0)) {
            throw new IllegalStateException("rows of rank " + rank + " must be locked by rising id");
        }
        highest = rank;
        lastId = id;
    }

    /** The locks that a transaction had at some moment. Immutable. */
    public record State(@Nullable Rank highest, @Nullable String lastId) {}

    /** Returns the locks that are noted now. */
    public State state() {
        return new State(highest, lastId);
    }

    /** Forgets the locks that were noted since, because the statements have found no row to lock. */
    public void restore(State state) {
        highest = state.highest();
        lastId = state.lastId();
    }

    /**
     * Notes that a row was locked without waiting, because no other transaction had it locked. It may be out of order, because
     * a lock that does not wait is part of no deadlock; but later locks must be of a higher rank or id.
     *
     * @param id the row's id where it is known
     */
    public void hold(Rank rank, @Nullable String id) {
        Rank before = highest;
        if (before == null || rank.compareTo(before) > 0) {
            highest = rank;
            lastId = id;
        } else if (before == rank) {
            lastId = id == null || lastId == null || id.compareTo(lastId) < 0 ? null : id;
        }
    }
}

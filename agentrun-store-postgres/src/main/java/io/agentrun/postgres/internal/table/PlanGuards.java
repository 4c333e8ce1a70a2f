package io.agentrun.postgres.internal.table;

/**
 * Spellings of a column that do not change its value, but decide which indexes the server may use.
 *
 * <p>The server keeps the plan of a prepared statement. It may have been made when few rows were pending, and stay when there
 * are very many: a plan that reads all pending rows then looks as good as a lookup by key. So the plan is not left to
 * estimates. The server uses an index on a column only where the query names the bare column, and a partial index only where
 * the query repeats its condition with the same expression. An expression of these kinds therefore offers exactly the partial
 * indexes that are spelled alike, and hides the column from all other ones.
 *
 * <p>The spellings of the indexes are in the migrations:
 *
 * <ul>
 *   <li>{@code status || '' = 'pending'}: {@code agentrun_run_state_pending_idx} (V3), for {@code claimNext} with one backend
 *       profile. A claim by id writes {@code '' || status}, which no index of runs has alone, and finds the row by its key.
 *   <li>{@code '' || status = 'pending'} with {@code queue IS NOT NULL}: {@code agentrun_run_state_take_idx} (LiveIndexes), for takes.
 *       What finds a run by its key writes the first part alone, which that index does not offer.
 *   <li>{@code '' || status = 'pending'} with {@code claim_until}: {@code agentrun_run_state_unclaimed_idx} (LiveIndexes), for runs that
 *       nobody has claimed in their time.
 *   <li>{@code '' || status || '' = 'pending'} with {@code parked_epoch}: {@code agentrun_run_state_slotless_idx} (LiveIndexes), for runs
 *       that must take slots when they are claimed.
 *   <li>{@code state || '' = 'pending'}: {@code agentrun_queue_tasks_ready_idx} with {@code NOT delayed}, for the dispatch of one
 *       queue, {@code agentrun_queue_tasks_delayed_idx} with {@code delayed}, for dispatch and statistics (V5), and
 *       {@code agentrun_queue_tasks_replaceable_idx} with a replace key (LiveIndexes).
 *   <li>{@code '' || state = 'pending'}: {@code agentrun_queue_tasks_next_idx} with {@code NOT delayed}, for the dispatch of any
 *       queue (V5).
 *   <li>{@code '' || state || '' = 'pending'}: {@code agentrun_queue_tasks_held_idx} (LiveIndexes), for the groups of tasks that are
 *       held, which a dispatch walks.
 *   <li>{@code terminal_status || '' IS NULL}: {@code agentrun_commands_unended_runs_idx} (LiveIndexes), for the open commands of a run.
 *   <li>{@code terminal_status IS NULL}: {@code agentrun_commands_unended_turns_idx} (LiveIndexes), for the open turns of a session. Where
 *       nothing was open when the server analyzed the table last, it takes an index of what is open for empty and reads it whole, so
 *       neither index may serve the other's queries. Both queries ask for it beside the states, which no index names, so that an acknowledgement is a
 *       heap-only update. What finds a command by its key leaves it out.
 *   <li>{@code state || '' = 'open'}: no index, so that the open questions of a run are looked for among its own.
 * </ul>
 *
 * <p>Where the way to a row leads through another one, as from a run to its task, the ids are an array or a value that is found first: in
 * a join, a plan for empty tables may begin at any of them.
 *
 * <p>No spelling keeps the server from reading a whole table that is small: that is what {@code enable_seqscan} is turned off for, in
 * transactions and in steps of their own (the class Tx).
 *
 * <p>{@code QueryPlanTest} and {@code KeptPlansTest} fail where a plan is another one.
 *
 * <p>Thread-safe.
 */
public final class PlanGuards {

    /** Stands behind a text column: the first spelling. */
    public static final String SUFFIX = " || ''";

    /** Stands before a text column: the second spelling. */
    public static final String PREFIX = "'' || ";

    /** Stands behind a number by which rows are sorted, so that no index is read for its order. */
    public static final String PLUS_ZERO = " + 0";

    private PlanGuards() {}
}

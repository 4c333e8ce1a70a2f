package io.agentrun.postgres.internal.query;

import io.agentrun.backend.StoreReads.Overdue;
import io.agentrun.postgres.internal.db.Script;
import io.agentrun.postgres.internal.db.Tx;
import io.agentrun.postgres.internal.table.Columns;
import java.util.List;
import java.util.stream.Stream;

/**
 * The statements that look for runs and tasks whose deadlines are over, each along an index of its own. A claim in one statement leaves
 * {@code deadline_at} as it is, so that a run may be found that is not to be judged yet: it is then written with its time.
 *
 * <p>Thread-safe.
 */
public final class OverdueQueries {

    /** The condition of a pending task that none of its deadlines is over. */
    public static final String IN_TIME = "AND (t.deadline_at IS NULL OR t.deadline_at > {schema}.agentrun_now())\n";

    private static final String RUNS = """
            SELECT s.run_id
            FROM {schema}.agentrun_run_state s
            WHERE s.deadline_at <= {schema}.agentrun_now()
            ORDER BY s.deadline_at, s.run_id
            LIMIT :limit
            """;

    private static final String TASKS = """
            SELECT t.id
            FROM {schema}.agentrun_queue_tasks t
            WHERE t.deadline_at <= {schema}.agentrun_now()
            ORDER BY t.deadline_at, t.id
            LIMIT :limit
            """;

    private OverdueQueries() {}

    /** Returns the runs, then the tasks, so many of each at most. */
    public static List<Overdue> find(Tx tx, int limit) {
        Script script = new Script().bind("limit", limit);
        Script.Rows<Overdue> runs = script.query(RUNS, (row, context) -> Overdue.run(Columns.text(row, "run_id")));
        Script.Rows<Overdue> tasks = script.query(TASKS, (row, context) -> Overdue.task(Columns.text(row, "id")));
        tx.execute(script);
        return Stream.concat(runs.all().stream(), tasks.all().stream()).toList();
    }
}

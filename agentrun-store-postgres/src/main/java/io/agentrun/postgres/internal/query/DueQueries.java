package io.agentrun.postgres.internal.query;

import io.agentrun.backend.StoreTx.DueTask;
import io.agentrun.model.BackendProfile;
import io.agentrun.postgres.internal.db.MadeSql;
import io.agentrun.postgres.internal.db.Script;
import io.agentrun.postgres.internal.table.Columns;
import io.agentrun.postgres.internal.table.PlanGuards;
import io.agentrun.queue.DispatchRequest;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jdbi.v3.core.statement.StatementContext;
import org.jspecify.annotations.Nullable;

/**
 * The statements that find the tasks that are next to be dispatched: those that are ready, those whose delay has just ended, and
 * those of the groups of {@link HeldQueries} that are free again. What else moves tasks between the three is here, too; the API
 * shows nothing of it.
 *
 * <p>Thread-safe.
 */
public final class DueQueries {

    /** How many delayed tasks one transaction moves. */
    private static final long MAX_DELAYS = 2_000;

    /** How many tasks one transaction looks at to put some of them into groups. */
    private static final long MAX_HELD = 5_000;

    private static final String TENANT = "AND t.tenant_id = :tenant_id\n";
    private static final String PROJECT = "AND t.project_id = :project_id\n";
    private static final String QUEUE = "AND t.queue = :queue\n";
    private static final String LANE = "AND t.lane = :lane\n";
    private static final String PROFILES = "AND t.backend_profile = ANY (:backend_profiles)\n";
    private static final String FIRST = "ORDER BY t.priority DESC, t.created_at, t.id LIMIT :limit\n";

    private static final String READY_IN_QUEUE = "t.state" + PlanGuards.SUFFIX;
    private static final String READY_ANYWHERE = PlanGuards.PREFIX + "t.state";

    /** What a task that can be tried has beside a state: it is not asked whether something holds it. */
    private static final String TRIED =
            "AND (t.not_before IS NULL OR t.not_before <= {schema}.agentrun_now())\n" + OverdueQueries.IN_TIME;

    private static final String NOT_PASSED = "AND t.id <> ALL (:passed)\n";

    /** No open turn of the session, and room below each limit. */
    private static final String FREE = HeldQueries.SESSION_FREE + LimitQueries.NOT_FULL;

    private static final String READY = """
            FROM {schema}.agentrun_queue_tasks t
            WHERE {ready} = 'pending' AND NOT t.delayed
            """ + TRIED;

    private static final String COLUMNS = """
                t.id, t.session_id, t.priority, t.created_at,
                (SELECT s.session_id FROM {schema}.agentrun_sessions s WHERE s.session_id = t.session_id) IS NOT NULL
                    AS session_known,
                t.limited,
            """;

    /** The flags are told where nothing is due, too. */
    private static final String ONE_AT_LEAST = """
            FROM (SELECT CAST(1 AS integer) AS row) one
            LEFT JOIN (
            """;

    /** Whether the look has taken longer than a look does that passes over few tasks; asked at its end. */
    private static final String SLOW = """
                pg_catalog.clock_timestamp() - pg_catalog.statement_timestamp()
                    > CAST(:slow_micros AS double precision) * interval '1 microsecond' AS slow
            """;

    /**
     * Due tasks whose session has no open turn, which is checked row by row, so that the first ones are found without the
     * others. Delayed tasks are in an index of their own, by the end of their delay.
     *
     * <p>Each of the indexes of dispatch is used by its own spelling of the state ({@link PlanGuards}). The offset keeps what else
     * is asked of a delayed task from offering another index.
     */
    private static final String DUE = """
            WITH ready AS (
                SELECT t.id, t.session_id, t.priority, t.created_at,
            """ + LimitQueries.LIMITED
            + "AS limited\n" + READY + NOT_PASSED + FREE + "{filter}" + FIRST + """
            ), delayed AS (
                SELECT t.id, t.session_id, t.priority, t.created_at,
            """ + LimitQueries.LIMITED + """
                    AS limited
                FROM (
                    SELECT *
                    FROM {schema}.agentrun_queue_tasks t
                    WHERE
            """
            + TaskQueries.PENDING + """
                    AND t.delayed AND t.not_before <= {schema}.agentrun_now() AND t.held_by IS NULL
                    OFFSET 0
                ) t
                WHERE true
            """ + OverdueQueries.IN_TIME
            + NOT_PASSED + FREE + "{filter}" + FIRST + """
            )
            SELECT
            """ + COLUMNS + """
                (SELECT pg_catalog.count(*) FROM delayed) AS delayed,
                EXISTS (SELECT FROM {schema}.agentrun_queue_tasks t WHERE
            """ + HeldQueries.HELD
            + "{of_queue}) AS grouped,\n" + SLOW + ONE_AT_LEAST + """
                SELECT * FROM ready UNION ALL SELECT * FROM delayed
            ) t ON true
            """ + FIRST;

    /**
     * The same of the groups of tasks that are held: there is room below the limits of a free one. A task of which it is said in vain
     * that a limit counts it is asked for slots in vain.
     */
    private static final String HELD =
            "WITH RECURSIVE " + HeldQueries.FREE_GROUPS + """
            , held AS MATERIALIZED (
                SELECT m.*
            """ + HeldQueries.EACH_FREE_GROUP + """
                CROSS JOIN LATERAL (
                    SELECT
                        t.id, t.session_id, t.priority, t.created_at,
                        EXISTS (SELECT FROM {schema}.agentrun_limits) AS limited, t.held_by
                    FROM {schema}.agentrun_queue_tasks t
                    WHERE
            """ + HeldQueries.HELD
                    + "AND t.held_by = g.held_by\n" + TRIED + NOT_PASSED + HeldQueries.SESSION_FREE
                    + "{filter}" + FIRST + """
                ) m
            )
            SELECT
            """ + COLUMNS + """
                CAST(0 AS bigint) AS delayed, true AS grouped,
            """ + SLOW + ONE_AT_LEAST
                    + """
                SELECT * FROM held
            ) t ON true
            """ + FIRST;

    /**
     * Moves tasks whose wait is over, the longest over first and {@code :limit} at most, to those that never waited. Locked rows are
     * skipped.
     */
    private static final String END_DELAYS = """
            WITH over AS (
                SELECT t.id
                FROM {schema}.agentrun_queue_tasks t
                WHERE
            """ + TaskQueries.PENDING + """
                AND t.delayed AND t.not_before <= {schema}.agentrun_now() AND t.held_by IS NULL
                ORDER BY t.not_before
                LIMIT :limit
                FOR NO KEY UPDATE SKIP LOCKED
            )
            UPDATE {schema}.agentrun_queue_tasks t
            SET delayed = false
            FROM over
            WHERE t.id = over.id
            """;

    private static final String HOLD = HeldQueries.HOLD
            .replace("{front}", READY + "{filter}" + FIRST)
            .replace("{members}", TRIED + "{filter}" + FIRST);

    private static final MadeSql<Filtered> FILTERED = new MadeSql<>(Filtered::text);

    private DueQueries() {}

    /**
     * What a dispatch looks at first; the only row has no task if nothing is due. Immutable.
     *
     * @param task what the engine sees of it; null for none
     * @param delayed how many of the due tasks that were looked at had been told to wait
     * @param grouped whether there are groups of tasks that are held
     * @param slow whether the look took longer than one does that passes over few tasks
     */
    private record Candidate(
            @Nullable DueTask task, int priority, Instant createdAt, long delayed, boolean grouped, boolean slow) {

        private String id() {
            return task == null ? "" : task.taskId();
        }
    }

    /**
     * What a dispatch has found. Immutable.
     *
     * @param tasks the next due tasks, in the order of the queue; none is locked
     * @param manyDelayed whether all that were looked at had been told to wait
     * @param slow whether the look took longer than one does that passes over few tasks
     */
    public record Found(List<DueTask> tasks, boolean manyDelayed, boolean slow) {}

    /**
     * Finds the next due tasks. Groups are asked for in the same round trip where there were some at the last look, else in a second one.
     *
     * @param run asks
     * @param after adds what is asked behind it in the same round trip, in a second one again: so what becomes of a task in between is
     *     seen
     * @param passed the ids of tasks that were passed over
     * @param crowd what is known of the last looks
     */
    public static Found find(
            Consumer<Script> run,
            Consumer<Script> after,
            DispatchRequest request,
            int limit,
            Collection<String> passed,
            Crowd crowd) {
        Look look = new Look(request, limit, passed, crowd.slowMicros());
        boolean both = crowd.isGrouped();
        Script script = look.script();
        Script.Rows<Candidate> ready = look.add(script, DUE);
        Script.Rows<Candidate> held = both ? look.add(script, HELD) : null;
        after.accept(script);
        run.accept(script);
        Candidate first = ready.all().get(0);
        crowd.grouped(first.grouped());
        if (first.grouped() && held == null) {
            Script second = look.script();
            held = look.add(second, HELD);
            after.accept(second);
            run.accept(second);
        }
        return found(ready.all(), held == null ? List.of() : held.all(), limit);
    }

    private static Found found(List<Candidate> ready, List<Candidate> held, int limit) {
        List<Candidate> both = new ArrayList<>(ready);
        both.addAll(held);
        if (!held.isEmpty()) {
            both.sort(Comparator.comparing(Candidate::priority)
                    .reversed()
                    .thenComparing(Candidate::createdAt)
                    .thenComparing(Candidate::id));
        }
        boolean slow = ready.get(0).slow() || (!held.isEmpty() && held.get(0).slow());
        return new Found(tasks(both, limit), ready.get(0).delayed() == limit, slow);
    }

    private record Look(DispatchRequest request, int limit, Collection<String> passed, long slowMicros) {

        Script script() {
            return bindFilter(new Script(), request)
                    .bind("limit", limit)
                    .bind("slow_micros", slowMicros)
                    .bindArray("passed", "text", passed.toArray());
        }

        Script.Rows<Candidate> add(Script script, String sql) {
            return script.query(filtered(sql, request), DueQueries::candidate);
        }
    }

    /** A task may be among what is ready and in a group, because the two looks are not of one moment. */
    private static List<DueTask> tasks(List<Candidate> candidates, int limit) {
        Map<String, DueTask> tasks = new LinkedHashMap<>();
        for (Candidate candidate : candidates) {
            if (candidate.task() != null && tasks.size() < limit) {
                tasks.putIfAbsent(candidate.id(), candidate.task());
            }
        }
        return List.copyOf(tasks.values());
    }

    /** Adds that some of the tasks whose delay is over become ready, and returns the script. */
    public static Script endDelays(Script script) {
        return script.bind("limit", MAX_DELAYS).run(END_DELAYS);
    }

    /**
     * Adds that those of the first tasks that the request would pass over are put into groups, and returns their ids.
     *
     * @param crowd how many they must be more than: it does not pay for a few
     * @param least how many of them a group must get: a look at a group costs more than one at a task
     */
    public static Script.Rows<String> hold(Script script, DispatchRequest request, int crowd, int least) {
        bindFilter(script, request).bind("limit", MAX_HELD).bind("crowd", crowd).bind("least", least);
        return script.query(filtered(HOLD, request), (row, context) -> Columns.text(row, "id"));
    }

    private static String filtered(String sql, DispatchRequest request) {
        String filter = Scopes.conditions(request.scope(), TENANT, PROJECT)
                + (request.queue() == null ? "" : QUEUE)
                + (request.lane() == null ? "" : LANE)
                + (request.backendProfiles().isEmpty() ? "" : PROFILES);
        return FILTERED.of(new Filtered(sql, filter, request.queue() != null));
    }

    /** Gives the conditions of {@link #filtered} their parameters, once for all statements of the script. */
    private static Script bindFilter(Script script, DispatchRequest request) {
        Scopes.bind(script, request.scope());
        if (request.queue() != null) {
            script.bind("queue", request.queue());
        }
        if (request.lane() != null) {
            script.bind("lane", request.lane());
        }
        if (!request.backendProfiles().isEmpty()) {
            Object[] profiles =
                    request.backendProfiles().stream().map(BackendProfile::wire).toArray();
            script.bindArray("backend_profiles", "text", profiles);
        }
        return script;
    }

    /** A statement with the conditions of a request. Immutable. */
    private record Filtered(String sql, String filter, boolean inQueue) {

        String text() {
            return sql.replace("{filter}", filter)
                    .replace("{of_queue}", inQueue ? HeldQueries.OF_QUEUE : "")
                    .replace("{ready}", inQueue ? READY_IN_QUEUE : READY_ANYWHERE);
        }
    }

    private static Candidate candidate(ResultSet row, StatementContext context) throws SQLException {
        String id = row.getString("id");
        long delayed = row.getLong("delayed");
        boolean grouped = row.getBoolean("grouped");
        boolean slow = row.getBoolean("slow");
        if (id == null) {
            return new Candidate(null, 0, Instant.MAX, delayed, grouped, slow);
        }
        DueTask task = new DueTask(
                id, row.getString("session_id"), row.getBoolean("session_known"), row.getBoolean("limited"));
        return new Candidate(task, row.getInt("priority"), Columns.instant(row, "created_at"), delayed, grouped, slow);
    }
}

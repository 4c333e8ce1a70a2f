package io.agentrun.postgres.internal.query;

import io.agentrun.model.TenantScope;
import io.agentrun.postgres.internal.db.Script;
import io.agentrun.postgres.internal.table.SessionTable;
import io.agentrun.postgres.internal.table.TaskTable;
import io.agentrun.queue.QueueTask;
import io.agentrun.session.Session;
import org.jdbi.v3.core.mapper.RowMapper;

/**
 * A change feed, and its row in {@code agentrun_feeds}: records by the transaction that wrote them last, then by version.
 * Only transactions below the horizon are shown, before which none is still under way: nothing can
 * be added to what a reader has passed.
 *
 * <p>Thread-safe.
 *
 * @param <T> what changes
 */
public final class FeedTable<T> {

    private static final String HORIZON = """
            SELECT
                f.generation,
                CAST(CAST(pg_catalog.pg_snapshot_xmin(pg_catalog.pg_current_snapshot()) AS text) AS bigint) AS horizon
            FROM {schema}.agentrun_feeds f
            WHERE f.feed = :feed
            """;
    private static final String LOCK = """
            SELECT f.generation
            FROM {schema}.agentrun_feeds f
            WHERE f.feed = :feed
            FOR UPDATE
            """;
    private static final String NEXT_GENERATION = """
            UPDATE {schema}.agentrun_feeds
            SET generation = generation + 1, home = {schema}.agentrun_cluster() || '/' || CAST(tableoid AS text)
            WHERE feed = :feed
            """;
    private static final String SESSIONS_MOVED = """
            SELECT f.home IS DISTINCT FROM {schema}.agentrun_cluster() || '/' || CAST(f.tableoid AS text)
                OR EXISTS (
                    SELECT FROM {schema}.agentrun_sessions
                    WHERE feed_xid >= pg_catalog.pg_snapshot_xmax(pg_catalog.pg_current_snapshot())) AS moved
            FROM {schema}.agentrun_feeds f
            WHERE f.feed = :feed
            """;
    private static final String TASKS_MOVED = """
            SELECT f.home IS DISTINCT FROM {schema}.agentrun_cluster() || '/' || CAST(f.tableoid AS text)
                OR EXISTS (
                    SELECT FROM {schema}.agentrun_queue_tasks
                    WHERE feed_xid >= pg_catalog.pg_snapshot_xmax(pg_catalog.pg_current_snapshot())) AS moved
            FROM {schema}.agentrun_feeds f
            WHERE f.feed = :feed
            """;

    private static final String SESSION_PAGE = "SELECT " + SessionTable.COLUMNS + """
            , CAST(CAST(s.feed_xid AS text) AS bigint) AS at_xid
            FROM {schema}.agentrun_sessions s
            WHERE true
            """;
    private static final String TASK_PAGE = "SELECT " + TaskTable.COLUMNS + """
            , CAST(CAST(t.feed_xid AS text) AS bigint) AS at_xid
            FROM {schema}.agentrun_queue_tasks t
            WHERE true
            """;
    private static final String CHANGED = """
            AND (feed_xid, version) > (CAST(:after_xid AS xid8), :after_version)
            AND feed_xid < pg_catalog.pg_snapshot_xmin(pg_catalog.pg_current_snapshot())
            """;
    private static final String TENANT = "AND tenant_id = :tenant_id\n";
    private static final String PROJECT = "AND project_id = :project_id\n";
    private static final String IN_ORDER = "ORDER BY feed_xid, version LIMIT :limit";

    private static final String RESTAMP_SESSIONS = """
            UPDATE {schema}.agentrun_sessions
            SET feed_xid = pg_catalog.pg_current_xact_id()
            WHERE feed_xid >= pg_catalog.pg_snapshot_xmax(pg_catalog.pg_current_snapshot())
            """;
    private static final String RESTAMP_TASKS = """
            UPDATE {schema}.agentrun_queue_tasks
            SET feed_xid = pg_catalog.pg_current_xact_id()
            WHERE feed_xid >= pg_catalog.pg_snapshot_xmax(pg_catalog.pg_current_snapshot())
            """;

    /** The sessions, as they change. */
    public static final FeedTable<Session> SESSIONS =
            new FeedTable<>("sessions", SESSION_PAGE, SESSIONS_MOVED, RESTAMP_SESSIONS, SessionTable::session);

    /** The queue tasks, as they change. */
    public static final FeedTable<QueueTask> TASKS =
            new FeedTable<>("tasks", TASK_PAGE, TASKS_MOVED, RESTAMP_TASKS, TaskTable::task);

    private final String name;
    private final String page;
    private final String moved;
    private final String restamp;
    private final RowMapper<T> mapper;

    private FeedTable(String name, String page, String moved, String restamp, RowMapper<T> mapper) {
        this.name = name;
        this.page = page;
        this.moved = moved;
        this.restamp = restamp;
        this.mapper = mapper;
    }

    /**
     * Where the feed ends now. Immutable.
     *
     * @param generation of the positions; those of another one mean nothing
     * @param xid the lowest transaction that is still under way
     */
    public record Horizon(long generation, long xid) {}

    /**
     * A record in the feed. Immutable.
     *
     * @param xid the transaction that wrote it
     */
    public record Changed<T>(T item, long xid, long version) {}

    /** Adds where the feed ends; it is read before the page, so that nothing up to here can be missing in that. */
    public Script.Rows<Horizon> horizon(Script script) {
        return script.bind("feed", name)
                .query(HORIZON, (row, context) -> new Horizon(row.getLong("generation"), row.getLong("horizon")));
    }

    /** Adds the records of the scope behind the position. */
    public Script.Rows<Changed<T>> page(Script script, TenantScope scope, FeedPosition after, long limit) {
        StringBuilder sql = new StringBuilder(page).append(CHANGED);
        Scopes.add(script, sql, scope, TENANT, PROJECT);
        script.bind("after_xid", Long.toString(after.xid()))
                .bind("after_version", after.version())
                .bind("limit", limit);
        return script.query(
                sql.append(IN_ORDER).toString(),
                (row, context) ->
                        new Changed<>(mapper.map(row, context), row.getLong("at_xid"), row.getLong("version")));
    }

    /**
     * Adds the question whether the tables came here from another cluster, or from an earlier time of this one: its
     * transaction ids mean nothing here, and those that this cluster has not begun yet would show their records to no reader
     * for a long time.
     */
    public Script.Rows<Boolean> moved(Script script) {
        return script.bind("feed", name).query(moved, (row, context) -> row.getBoolean("moved"));
    }

    /** Adds the lock under which a feed is repaired. */
    public Script.Rows<Long> lock(Script script) {
        return script.bind("feed", name).query(LOCK, (row, context) -> row.getLong("generation"));
    }

    /** Adds what repairs the feed: records with a future transaction id get this one's, and all readers start again. */
    public Script repair(Script script) {
        return script.bind("feed", name).run(restamp).run(NEXT_GENERATION);
    }
}

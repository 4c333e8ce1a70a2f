package io.agentrun.postgres.internal.query;

import io.agentrun.backend.PageBytes;
import io.agentrun.model.TenantScope;
import io.agentrun.postgres.internal.db.PageSql;
import io.agentrun.postgres.internal.db.Script;
import io.agentrun.postgres.internal.table.Columns;
import io.agentrun.postgres.internal.table.QuestionTable;
import io.agentrun.postgres.internal.table.SessionTable;
import io.agentrun.postgres.internal.table.TaskTable;
import io.agentrun.question.Question;
import io.agentrun.queue.QueueTask;
import io.agentrun.session.Session;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import org.jdbi.v3.core.mapper.RowMapper;
import org.jdbi.v3.core.statement.StatementContext;
import org.jspecify.annotations.Nullable;

/**
 * A change feed, and its row in {@code agentrun_feeds}: records by the transaction that wrote them last, then by version.
 * Only transactions below the horizon are shown, before which none is still at work here: nothing can
 * be added to what a reader has passed.
 *
 * <p>Thread-safe.
 *
 * @param <T> what changes
 */
public final class FeedTable<T> {

    /**
     * The feed's generation, the server's timeline, and the mark of the position's timeline, if that is another one. Sessions are
     * looked at anew: in a transaction of the host the server remembers how it last saw them.
     */
    private static final String PLACE = """
            SELECT
                f.generation,
                t.timeline,
                CAST(CAST(m.xid AS text) AS bigint) AS mark_xid,
                pg_catalog.pg_stat_clear_snapshot() AS looked_anew
            FROM {schema}.agentrun_feeds f
            CROSS JOIN (SELECT {schema}.agentrun_timeline() AS timeline OFFSET 0) t
            LEFT JOIN {schema}.agentrun_feed_marks m
                ON m.timeline = CAST(:after_timeline AS text) AND m.timeline <> t.timeline
            WHERE f.feed = CAST(:feed AS text)
            """;

    private static final String MARK = """
            INSERT INTO {schema}.agentrun_feed_marks AS m (timeline, xid, marked_at)
            SELECT
                t.timeline,
                pg_catalog.pg_snapshot_xmin(pg_catalog.pg_current_snapshot()),
                {schema}.agentrun_now()
            FROM (SELECT {schema}.agentrun_timeline() AS timeline OFFSET 0) t
            WHERE t.timeline <> 'unknown'
            ON CONFLICT (timeline) DO UPDATE
                SET xid = EXCLUDED.xid, marked_at = EXCLUDED.marked_at
                WHERE m.marked_at <= EXCLUDED.marked_at - interval '1 minute'
            RETURNING true AS marked
            """;
    private static final String FORGET_MARKS = "DELETE FROM {schema}.agentrun_feed_marks";
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

    private static final String QUESTIONS_MOVED = """
            SELECT f.home IS DISTINCT FROM {schema}.agentrun_cluster() || '/' || CAST(f.tableoid AS text)
                OR EXISTS (
                    SELECT FROM {schema}.agentrun_questions
                    WHERE feed_xid >= pg_catalog.pg_snapshot_xmax(pg_catalog.pg_current_snapshot())) AS moved
            FROM {schema}.agentrun_feeds f
            WHERE f.feed = :feed
            """;

    private static final String HORIZON = "WITH horizon AS MATERIALIZED (\n" + FeedHorizon.QUERY + """
            )
            SELECT
                CAST(CAST(h.xid AS text) AS bigint) AS horizon_xid,
                CAST(CAST(h.next_xid AS text) AS bigint) AS next_xid,
                x.*
            FROM horizon h
            LEFT JOIN LATERAL (
            """;
    private static final String SESSION_PAGE = "SELECT " + SessionTable.COLUMNS + """
                , CAST(CAST(s.feed_xid AS text) AS bigint) AS at_xid
                FROM {schema}.agentrun_sessions s
                WHERE true
            """;
    private static final String SESSIONS_IN_ORDER = """
                ORDER BY s.feed_xid, s.version
                LIMIT :limit
            """;
    private static final String TASK_PAGE = "SELECT " + TaskTable.COLUMNS + """
                , CAST(CAST(t.feed_xid AS text) AS bigint) AS at_xid
                FROM {schema}.agentrun_queue_tasks t
                WHERE true
            """;
    private static final String TASKS_IN_ORDER = """
                ORDER BY t.feed_xid, t.version
                LIMIT :limit
            """;
    private static final String QUESTION_PAGE = "SELECT " + QuestionTable.COLUMNS + """
                , CAST(CAST(q.feed_xid AS text) AS bigint) AS at_xid
                FROM {schema}.agentrun_questions q
                WHERE true
            """;
    private static final String QUESTIONS_IN_ORDER = """
                ORDER BY q.feed_xid, q.version
                LIMIT :limit
            """;
    private static final String TO_HORIZON = """
            ) x ON true
            ORDER BY x.page_row
            """;
    private static final String CHANGED = """
            AND (feed_xid, version) > (CAST(:after_xid AS xid8), :after_version)
            AND feed_xid < h.xid
            """;
    private static final String TENANT = "AND tenant_id = :tenant_id\n";
    private static final String PROJECT = "AND project_id = :project_id\n";

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

    private static final String RESTAMP_QUESTIONS = """
            UPDATE {schema}.agentrun_questions
            SET feed_xid = pg_catalog.pg_current_xact_id()
            WHERE feed_xid >= pg_catalog.pg_snapshot_xmax(pg_catalog.pg_current_snapshot())
            """;

    /** The sessions, as they change. */
    public static final FeedTable<Session> SESSIONS = new FeedTable<>(
            "sessions",
            SESSION_PAGE,
            SESSIONS_IN_ORDER,
            SessionQueries.OBJECTS,
            SESSIONS_MOVED,
            RESTAMP_SESSIONS,
            PageBytes.SESSIONS,
            SessionTable::session);

    /** The queue tasks, as they change. */
    public static final FeedTable<QueueTask> TASKS = new FeedTable<>(
            "tasks",
            TASK_PAGE,
            TASKS_IN_ORDER,
            TaskQueries.OBJECTS,
            TASKS_MOVED,
            RESTAMP_TASKS,
            PageBytes.TASKS,
            TaskTable::task);

    /** The questions, as they change. */
    public static final FeedTable<Question> QUESTIONS = new FeedTable<>(
            "questions",
            QUESTION_PAGE,
            QUESTIONS_IN_ORDER,
            QuestionTable.OBJECTS,
            QUESTIONS_MOVED,
            RESTAMP_QUESTIONS,
            PageBytes.QUESTIONS,
            QuestionTable::question);

    private final String name;
    private final String page;
    private final String inOrder;
    private final List<String> objects;
    private final String moved;
    private final String restamp;
    private final PageBytes<T> bytes;
    private final RowMapper<T> mapper;

    private FeedTable(
            String name,
            String page,
            String inOrder,
            List<String> objects,
            String moved,
            String restamp,
            PageBytes<T> bytes,
            RowMapper<T> mapper) {
        this.name = name;
        this.page = page;
        this.inOrder = inOrder;
        this.objects = objects;
        this.bytes = bytes;
        this.moved = moved;
        this.restamp = restamp;
        this.mapper = mapper;
    }

    /**
     * What positions of the feed mean now. Immutable.
     *
     * @param generation of the positions; those of another one mean nothing
     * @param timeline that the server writes
     * @param mark how far the feeds had come when the timeline of the given position was last marked; null if it is this
     *     timeline, or there is no mark
     */
    public record Place(
            long generation, String timeline, @Nullable Long mark) {

        /** Returns where a reader at the position goes on: there, at the mark, or at the start. */
        public FeedPosition from(FeedPosition position, FeedHorizon horizon) {
            if (position.generation() != generation) {
                return FeedPosition.start(generation, timeline);
            }
            if (position.timeline().equals(timeline)) {
                return position.xid() > horizon.next() ? FeedPosition.start(generation, timeline) : position;
            }
            if (mark == null) {
                return FeedPosition.start(generation, timeline);
            }
            FeedPosition marked = new FeedPosition(generation, timeline, mark, 0);
            return position.isAfter(marked)
                    ? marked
                    : new FeedPosition(generation, timeline, position.xid(), position.version());
        }
    }

    /**
     * A record in the feed. Immutable.
     *
     * @param item null for one that cannot be read: the reader goes on behind it
     * @param xid the transaction that wrote it
     */
    public record Changed<T>(@Nullable T item, long xid, long version) {}

    /**
     * A row of a page: where the feed ends, the same in each, and a record, if there is one. Immutable.
     *
     * @param found how many records the page would have if it did not end by its bytes
     */
    public record PageRow<T>(
            FeedHorizon horizon, long found, @Nullable Changed<T> changed) {}

    /**
     * Adds what positions mean now; it goes before the page, so that the page's snapshot is one of a primary.
     *
     * @param timeline of the position; empty for none
     */
    public Script.Rows<Place> place(Script script, String timeline) {
        return script.bind("feed", name)
                .bind("after_timeline", timeline)
                .query(
                        PLACE,
                        (row, context) -> new Place(
                                row.getLong("generation"),
                                Columns.text(row, "timeline"),
                                Columns.longOrNull(row, "mark_xid")));
    }

    /** Adds the records of the scope behind the position, up to the horizon of the same snapshot; at least one row. */
    public Script.Rows<PageRow<T>> page(Script script, TenantScope scope, FeedPosition after, long limit) {
        StringBuilder sql = new StringBuilder(page).append(CHANGED);
        Scopes.add(script, sql, scope, TENANT, PROJECT);
        script.bind("after_xid", Long.toString(after.xid()))
                .bind("after_version", after.version())
                .bind("limit", limit);
        script.bind("page_bytes", PageSql.MOST);
        return script.query(HORIZON + PageSql.bounded(sql.append(inOrder).toString(), objects) + TO_HORIZON, this::row);
    }

    private PageRow<T> row(ResultSet row, StatementContext context) throws SQLException {
        Long xid = Columns.longOrNull(row, "at_xid");
        return new PageRow<>(
                FeedHorizon.of(row),
                row.getLong(PageSql.FOUND),
                xid == null
                        ? null
                        : new Changed<>(Columns.readable(mapper, row, context), xid, row.getLong("version")));
    }

    /** Returns how large its records are. */
    public PageBytes<T> bytes() {
        return bytes;
    }

    /** Adds the mark of the server's timeline, unless it was written within the last minute; one row if it was due. */
    public static Script.Rows<Boolean> mark(Script script) {
        return script.exists(MARK);
    }

    /** Returns a script that knows the name of this feed, for what follows here. */
    public Script script() {
        return new Script().bind("feed", name);
    }

    /**
     * Adds the question whether the tables came here from another cluster, or from an earlier time of this one: its
     * transaction ids mean nothing here, and those that this cluster has not begun yet would show their records to no reader
     * for a long time.
     */
    public Script.Rows<Boolean> moved(Script script) {
        return script.query(moved, (row, context) -> row.getBoolean("moved"));
    }

    /** Adds the lock under which a feed is repaired. */
    public Script.Rows<Long> lock(Script script) {
        return script.query(LOCK, (row, context) -> row.getLong("generation"));
    }

    /**
     * Adds what repairs the feed: records with a future transaction id get this one's, all readers start again, and marks mean
     * nothing any more.
     */
    public Script repair(Script script) {
        return script.run(restamp).run(NEXT_GENERATION).run(FORGET_MARKS);
    }
}

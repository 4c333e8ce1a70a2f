package io.agentrun.postgres.internal.query;

import io.agentrun.postgres.internal.db.Script;
import io.agentrun.postgres.internal.table.Columns;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * How far a change feed can be read: below the oldest transaction that may still write into it. Such a one is in the list of the
 * statement's own snapshot, or it is the reader's own, which that list never holds. What is known to be at work in another
 * database of the server, or was prepared there, cannot write here; what is found nowhere counts as ours. (To look for writers
 * among the sessions or the locks instead would lose changes: those are of another moment than the snapshot.)
 *
 * <p>Immutable.
 *
 * @param xid the feed ends before this transaction
 * @param next the first transaction that had not begun
 */
public record FeedHorizon(long xid, long next) {

    private static final String OURS_AT_WORK = """
            SELECT o.xid
            FROM pg_catalog.pg_snapshot_xip(n.snapshot) AS o (xid)
            WHERE NOT EXISTS (
                    SELECT
                    FROM pg_catalog.pg_stat_get_activity(NULL) a
                    WHERE a.backend_xid = pg_catalog.xid(o.xid) AND a.datid <> 0
                        AND a.datid <> (SELECT d.oid FROM pg_catalog.pg_database d WHERE d.datname = current_database()))
                AND NOT EXISTS (
                    SELECT
                    FROM pg_catalog.pg_prepared_xact() p
                    WHERE p.transaction = pg_catalog.xid(o.xid)
                        AND p.dbid <> (SELECT d.oid FROM pg_catalog.pg_database d WHERE d.datname = current_database()))
            ORDER BY o.xid
            LIMIT 1
            """;

    /** A query of one row: {@code xid} and {@code next_xid}, of the statement's snapshot. */
    static final String QUERY = """
            SELECT
                LEAST(
                    pg_catalog.pg_snapshot_xmax(n.snapshot),
                    pg_catalog.pg_current_xact_id_if_assigned(),
                    (
            """ + OURS_AT_WORK + """
                    )) AS xid,
                pg_catalog.pg_snapshot_xmax(n.snapshot) AS next_xid
            FROM (SELECT pg_catalog.pg_current_snapshot() AS snapshot OFFSET 0) n
            """;

    private static final String HOLDER = """
            SELECT
                CAST(CAST(o.xid AS text) AS bigint) AS xid,
                CAST(CAST(pg_catalog.pg_snapshot_xmax(o.snapshot) AS text) AS bigint) AS next_xid,
                {schema}.agentrun_now() AS now,
                COALESCE(a.xact_start, p.prepared) AS since,
                a.pid,
                a.application_name,
                p.gid
            FROM (
                SELECT
                    n.snapshot,
                    (
            """ + OURS_AT_WORK + """
                    ) AS xid
                FROM (SELECT pg_catalog.pg_current_snapshot() AS snapshot OFFSET 0) n
            ) o
            LEFT JOIN pg_catalog.pg_stat_get_activity(NULL) a ON a.backend_xid = pg_catalog.xid(o.xid)
            LEFT JOIN pg_catalog.pg_prepared_xact() p ON p.transaction = pg_catalog.xid(o.xid)
            WHERE o.xid IS NOT NULL
            LIMIT 1
            """;

    private static final String TIMELINE = """
            SELECT {schema}.agentrun_timeline() AS timeline
            WHERE NOT pg_catalog.pg_is_in_recovery()
            """;

    /**
     * The transaction that holds the feeds back. Immutable.
     *
     * @param lag how many transactions have begun since it has
     * @param since when it began, or was prepared; null if the store's user may not know
     * @param pid the server's process, null for a prepared transaction
     * @param application as its connection calls itself
     * @param gid the name of a prepared transaction
     */
    public record Holder(
            long xid,
            long lag,
            Instant now,
            @Nullable Instant since,
            @Nullable Long pid,
            @Nullable String application,
            @Nullable String gid) {}

    /** Returns the horizon of a row of {@link #QUERY} whose numbers are plain. */
    static FeedHorizon of(ResultSet row) throws SQLException {
        return new FeedHorizon(row.getLong("horizon_xid"), row.getLong("next_xid"));
    }

    /** Adds the question which transaction holds the feeds back; no row if none does. */
    public static Script.Rows<Holder> holder(Script script) {
        return script.query(
                HOLDER,
                (row, context) -> new Holder(
                        row.getLong("xid"),
                        row.getLong("next_xid") - row.getLong("xid"),
                        Columns.instant(row, "now"),
                        Columns.instantOrNull(row, "since"),
                        Columns.longOrNull(row, "pid"),
                        row.getString("application_name"),
                        row.getString("gid")));
    }

    /** Adds the question which timeline the server writes; no row on a standby. */
    public static Script.Rows<String> timeline(Script script) {
        return script.query(TIMELINE, (row, context) -> Columns.text(row, "timeline"));
    }
}

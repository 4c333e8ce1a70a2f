package io.agentrun.postgres.internal.query;

import io.agentrun.postgres.internal.table.PlanGuards;

/**
 * Tasks that cannot begin now because the limits of all of them are full, or because their session has an open turn, in groups. A take
 * looks at the first of a group, and at the others only if nothing holds that one, instead of at each of ten thousand.
 *
 * <p>A group is all that its members have in common that limits can count, and for one that a session holds the session, too: so
 * nothing holds one member that does not hold the others. That a task is in a group says nothing of whether it can begin: each look
 * asks that anew, of the group. So nobody has to take a task out of its group when a slot becomes free.
 *
 * <p>Thread-safe.
 */
final class HeldQueries {

    /** The condition of a member; no other query may use the index, which a look walks from group to group. */
    static final String HELD = PlanGuards.PREFIX + "t.state" + PlanGuards.SUFFIX + """
             = 'pending' AND t.delayed AND t.held_by IS NOT NULL
            """;

    /** The groups of one queue: the name of a group begins with that of its queue. */
    static final String OF_QUEUE = """
            AND t.held_by > :queue || pg_catalog.chr(10) AND t.held_by < :queue || pg_catalog.chr(11)
            """;

    /** The condition that the session of the task {@code t} has no open turn. */
    static final String SESSION_FREE = """
            AND (
                SELECT c.id
                FROM {schema}.agentrun_commands c
                WHERE c.session_id = t.session_id AND c.ordinal > 0
                    AND c.terminal_status IS NULL AND c.state IN ('pending', 'acknowledged')
                LIMIT 1) IS NULL
            """;

    /** The condition that limits hold the group {@code g}, not a session. */
    static final String BY_LIMITS = "pg_catalog.\"right\"(g.held_by, 1) = 'l'\n";

    /** Those groups that nothing holds, as {@code g}; behind {@link #FREE_GROUPS}. */
    static final String EACH_FREE_GROUP = "FROM free_groups g\n";

    /** What limits can count of the task {@code t}, and what that makes the name of its group. */
    private static final String COUNTED = "t.queue, t.lane, t.tenant_id, t.project_id, t.limit_labels";

    private static final String NAME = "t.queue || pg_catalog.chr(10) || pg_catalog.encode(pg_catalog.sha256("
            + "pg_catalog.convert_to(CAST(pg_catalog.jsonb_build_array({of}) AS text), 'UTF8')), 'hex')";
    private static final String NAME_BY_LIMITS = NAME.replace("{of}", COUNTED) + " || 'l'";
    private static final String NAME_BY_SESSION = NAME.replace("{of}", COUNTED + ", t.session_id") + " || 's'";

    /**
     * All groups, each found behind the one before, and those that nothing holds. The members of a group of limits may have busy
     * sessions.
     */
    static final String FREE_GROUPS = """
            groups AS (
                (SELECT t.held_by
                FROM {schema}.agentrun_queue_tasks t
                WHERE
            """ + HELD + "{of_queue}" + """
                ORDER BY t.held_by
                LIMIT 1)
                UNION ALL
                SELECT n.held_by
                FROM groups g
                CROSS JOIN LATERAL (
                    SELECT t.held_by
                    FROM {schema}.agentrun_queue_tasks t
                    WHERE
            """ + HELD + "{of_queue}" + """
                        AND t.held_by > g.held_by
                    ORDER BY t.held_by
                    LIMIT 1) n
            ), free_groups AS MATERIALIZED (
                SELECT g.held_by
                FROM groups g
                CROSS JOIN LATERAL (
                    SELECT t.id, t.session_id, t.priority, t.created_at,
            """ + COUNTED + "\n" + """
                    FROM {schema}.agentrun_queue_tasks t
                    WHERE
            """
            + HELD + """
                        AND t.held_by = g.held_by
                    ORDER BY t.priority DESC, t.created_at, t.id
                    LIMIT 1) t
                WHERE (
            """ + BY_LIMITS + "OR (true " + SESSION_FREE + "))\n" + LimitQueries.NOT_FULL + """
            )
            """;

    /**
     * Puts those of the first {@code :limit} tasks that are held into groups of {@code :least} at least, if they are more than
     * {@code :crowd}, and into those of their sessions the members of groups of limits that have become free but for the sessions.
     * Locked rows are skipped, and those that somebody has changed meanwhile. What limits hold is asked once for all that they count alike, and of sessions once for each.
     */
    static final String HOLD = "WITH RECURSIVE " + FREE_GROUPS + """
            , front AS MATERIALIZED (
                (SELECT t.id, t.version, t.session_id, CAST(NULL AS text) AS held_by,
            """ + COUNTED + "\n" + """
                {front})
                UNION ALL
                (SELECT m.*
                FROM free_groups g
                CROSS JOIN LATERAL (
                    SELECT t.id, t.version, t.session_id, t.held_by,
            """ + COUNTED + "\n" + """
                    FROM {schema}.agentrun_queue_tasks t
                    WHERE
            """
            + HELD + "AND t.held_by = g.held_by\n{members}" + """
                ) m
                WHERE
            """ + BY_LIMITS + """
                )
            ), busy AS MATERIALIZED (
                SELECT t.session_id
                FROM (SELECT DISTINCT f.session_id FROM front f WHERE f.session_id IS NOT NULL) t
                WHERE NOT (true
            """ + SESSION_FREE + """
                )
            ), counted AS MATERIALIZED (
                SELECT t.id, t.version, t.session_id, t.held_by,
            """ + COUNTED
            + ", " + NAME_BY_LIMITS + " AS name\n" + """
                FROM front t
            ), full_groups AS MATERIALIZED (
                SELECT t.name
                FROM (SELECT DISTINCT ON (c.name) c.* FROM counted c WHERE c.held_by IS NULL) t
                WHERE NOT (true
            """ + LimitQueries.NOT_FULL + """
                )
            ), named AS (
                SELECT t.id, t.version, CASE WHEN b.session_id IS NULL THEN t.name ELSE
            """ + NAME_BY_SESSION
            + " END AS name\n" + """
                FROM counted t
                LEFT JOIN busy b ON b.session_id = t.session_id
                LEFT JOIN full_groups l ON l.name = t.name AND t.held_by IS NULL
                WHERE b.session_id IS NOT NULL OR l.name IS NOT NULL
            ), held AS MATERIALIZED (
                SELECT n.id, n.version, n.name
                FROM (SELECT n.*, pg_catalog.count(*) OVER (PARTITION BY n.name) AS members FROM named n) n
                WHERE n.members >= :least
            ), mine AS MATERIALIZED (
                SELECT t.id
                FROM {schema}.agentrun_queue_tasks t
                WHERE (SELECT pg_catalog.count(*) FROM held) > :crowd AND t.id = ANY (ARRAY(SELECT h.id FROM held h)) AND
            """ + TaskQueries.PENDING + """
                FOR NO KEY UPDATE SKIP LOCKED
            )
            UPDATE {schema}.agentrun_queue_tasks t
            SET delayed = true, held_by = h.name
            FROM held h
            WHERE t.id = ANY (ARRAY(SELECT m.id FROM mine m)) AND h.id = t.id AND t.version = h.version
            RETURNING t.id
            """;

    private HeldQueries() {}
}

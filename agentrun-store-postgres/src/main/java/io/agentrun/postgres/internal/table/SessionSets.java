package io.agentrun.postgres.internal.table;

import static io.agentrun.postgres.internal.table.SessionColumns.ACTIVITY;
import static io.agentrun.postgres.internal.table.SessionColumns.OWN;
import static io.agentrun.postgres.internal.table.SessionColumns.REST;

import io.agentrun.postgres.internal.db.Script;
import io.agentrun.session.Session;
import java.util.List;

/**
 * Writes many sessions with one statement: what {@link SessionTable#INSERT} and {@link SessionTable#UPDATE} do for one. The limits
 * are for the plan: as in {@link AppendStatements#TOGETHER}.
 *
 * <p>Thread-safe.
 */
public final class SessionSets {

    /**
     * New sessions, each with a next version, by rising id, so that two transactions that insert the same do not wait for each other in
     * a circle; where an id is taken, the statement fails.
     */
    public static final String INSERT = "INSERT INTO {schema}.agentrun_sessions (session_id, " + OWN.names("") + ", "
            + REST.names("") + ", " + ACTIVITY.names("") + ", version)\n"
            + "SELECT n.session_id, " + OWN.values("n.") + ", " + REST.values("n.") + ", " + ACTIVITY.values("n.")
            + ", pg_catalog.nextval('{schema}.agentrun_session_version_seq')\n"
            + "FROM (\nSELECT *\nFROM unnest(:new_session_id, " + OWN.names(":new_session_") + ", "
            + REST.names(":new_session_") + ", " + ACTIVITY.names(":new_session_") + ")\n"
            + "AS u (session_id, " + OWN.names("") + ", " + REST.names("") + ", " + ACTIVITY.names("") + ")\n"
            + "ORDER BY u.session_id\nLIMIT (SELECT pg_catalog.cardinality(:new_session_id))\n) n\n"
            + "RETURNING session_id AS id, version\n";

    /** Everything of sessions that may change, each with a next version; their places in the feed move with it. */
    public static final String UPDATE = update(
            REST.assignments("n.") + ", " + ACTIVITY.assignments("n."),
            REST.names(":changed_session_") + ", " + ACTIVITY.names(":changed_session_"),
            REST.names("") + ", " + ACTIVITY.names(""));

    /** The same for sessions of which only the activity has changed: see {@link SessionTable#UPDATE_ACTIVITY}. */
    public static final String UPDATE_ACTIVITY =
            update(ACTIVITY.assignments("n."), ACTIVITY.names(":changed_session_"), ACTIVITY.names(""));

    private static String update(String assignments, String parameters, String names) {
        return "UPDATE {schema}.agentrun_sessions s\n"
                + "SET " + assignments + """
                ,
                    version = pg_catalog.nextval('{schema}.agentrun_session_version_seq'),
                    feed_xid = pg_catalog.pg_current_xact_id()
                """
                + "FROM (\nSELECT *\nFROM unnest(:changed_session_id, " + parameters + ")\n"
                + "AS u (session_id, " + names + ")\n"
                + "LIMIT (SELECT pg_catalog.cardinality(:changed_session_id))\n) n\n"
                + "WHERE s.session_id = n.session_id\n"
                + "RETURNING s.session_id AS id, s.version\n";
    }

    private SessionSets() {}

    /** Gives {@link #INSERT} its parameters. */
    public static void bindNew(Script script, List<Session> sessions) {
        script.bindArray("new_session_id", "text", ids(sessions));
        OWN.bindAll(script, "new_session_", sessions);
        REST.bindAll(script, "new_session_", sessions);
        ACTIVITY.bindAll(script, "new_session_", sessions);
    }

    /** Gives {@link #UPDATE} its parameters. */
    public static void bindChanged(Script script, List<Session> sessions) {
        REST.bindAll(script, "changed_session_", sessions);
        bindActivity(script, sessions);
    }

    /** Gives {@link #UPDATE_ACTIVITY} its parameters. */
    public static void bindActivity(Script script, List<Session> sessions) {
        script.bindArray("changed_session_id", "text", ids(sessions));
        ACTIVITY.bindAll(script, "changed_session_", sessions);
    }

    private static Object[] ids(List<Session> sessions) {
        return sessions.stream().map(Session::id).toArray();
    }
}

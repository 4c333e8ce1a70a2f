package io.agentrun.postgres;

import io.agentrun.postgres.internal.table.RunRow;
import io.agentrun.postgres.internal.table.SessionTable;
import io.agentrun.session.Session;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.jdbi.v3.core.statement.StatementContext;
import org.jspecify.annotations.Nullable;

/**
 * What a transaction has locked, as far as its writes need to know: the runs, with the numbers that their events and commands go
 * on from, the sessions, and those of them that it has inserted as a lock.
 *
 * <p>Not thread-safe: one thread at a time.
 */
final class LockedRows {

    private final Map<String, RunRow> runs = new HashMap<>(2);
    private final Map<String, Session> sessions = new HashMap<>(2);
    private final Set<String> insertedSessions = new HashSet<>(0);

    /** Remembers a run, if there is one. */
    void add(@Nullable RunRow run) {
        if (run != null) {
            runs.put(run.run().id(), run);
        }
    }

    /** Returns the run as it was when it was locked; null if it was not. */
    @Nullable
    RunRow run(String runId) {
        return runs.get(runId);
    }

    /** Returns the session in the row, which the transaction has locked, and remembers it. */
    Session session(ResultSet row, StatementContext context) throws SQLException {
        Session session = SessionTable.session(row, context);
        sessions.put(session.id(), session);
        return session;
    }

    /** Returns whether the session, which is to be written, differs from what was locked in nothing but its activity. */
    boolean differsInActivity(Session next) {
        Session stored = sessions.get(next.id());
        return stored != null && SessionTable.differInActivity(stored, next);
    }

    /** Remembers that the session's row was inserted without its content, which the change brings. */
    void addInsertedSession(String sessionId) {
        insertedSessions.add(sessionId);
    }

    /** Returns whether the session's row was inserted without its content. */
    boolean isInserted(String sessionId) {
        return insertedSessions.contains(sessionId);
    }
}

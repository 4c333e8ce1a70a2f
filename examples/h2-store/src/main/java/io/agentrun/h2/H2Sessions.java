package io.agentrun.h2;

import static io.agentrun.h2.H2Runs.RUNS;

import io.agentrun.BackendProfile;
import io.agentrun.ChangePage;
import io.agentrun.Page;
import io.agentrun.ReadMark;
import io.agentrun.Require;
import io.agentrun.TenantScope;
import io.agentrun.error.InvalidInputException;
import io.agentrun.error.NotFoundException;
import io.agentrun.event.EventPage;
import io.agentrun.rules.Cursors;
import io.agentrun.rules.Intake;
import io.agentrun.rules.SessionRules;
import io.agentrun.session.Session;
import io.agentrun.session.SessionEventPage;
import io.agentrun.session.SessionQuery;
import io.agentrun.session.SessionStore;
import io.agentrun.session.SessionSummary;
import io.agentrun.session.SessionTraceQuery;
import io.agentrun.session.SessionUpsert;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The room of sessions. Thread-safe. */
record H2Sessions(Database db, Intake in) implements SessionStore {

    static final Table<Session> SESSIONS = new Table<>("sessions", "session", "sessionId", Session.class, Session::id)
            .owned(Session::owner)
            .with(
                    "backend VARCHAR NOT NULL",
                    session -> session.backendProfile().wire())
            .with(
                    "state VARCHAR NOT NULL",
                    session -> session.activity().state().wire())
            .with(
                    "storage_state VARCHAR NOT NULL",
                    session -> session.storage().state().wire())
            .with("version BIGINT NOT NULL UNIQUE", Session::version)
            .timed("expires_at", Session::expiresAt)
            .timed("updated_at", Session::updatedAt)
            .listed("place", session -> Table.rank(-Table.micros(session.updatedAt())) + session.id())
            .and("collector_id VARCHAR, collector_until TIMESTAMP(6) WITH TIME ZONE");

    static final Table<ReadMark> MARKS = Table.ofMarks("session_marks");
    private static final String UNREAD = "version > COALESCE((SELECT m.version FROM session_marks m"
            + " WHERE m.id = sessions.id || CHAR(10) || ?), 0)";

    @Override
    public Session upsert(SessionUpsert given) {
        SessionUpsert input = in.session(given);
        String id = input.sessionId();
        return db.write(tx -> {
            Session stored = SESSIONS.find(tx, id).orElse(null);
            return SESSIONS.after(tx, SessionRules.upsert(input, stored, tx.now()), id);
        });
    }

    @Override
    public Optional<Session> find(String sessionId) {
        return db.read(tx -> SESSIONS.find(tx, in.id("sessionId", sessionId)));
    }

    @Override
    public SessionSummary summary(String sessionId, @Nullable String readerId) {
        String reader = readerId == null ? null : in.id("readerId", readerId);
        return db.read(tx -> summary(tx, SESSIONS.get(tx, sessionId), reader));
    }

    private static SessionSummary summary(Tx tx, Session session, @Nullable String readerId) {
        return SessionSummary.of(session, readerId, tx.readVersion(MARKS, session.id(), readerId));
    }

    @Override
    public Page<SessionSummary> list(SessionQuery query) {
        Require.given("query", query);
        int limit = in.page(query.limit());
        Where where = SESSIONS.from(query.fingerprint(), query.cursor())
                .in(query.scope())
                .is("backend", query.backendProfile(), BackendProfile::wire);
        // What SessionRules.shows says, for the list to be filtered before it is cut.
        switch (query.filter()) {
            case ALL -> {}
            case DEFAULT -> where.and("(state <> 'terminal' OR " + UNREAD + ")", query.readerId());
            case UNREAD -> where.and(UNREAD, query.readerId());
            case IDLE, RUNNING, TERMINAL -> where.is("state", query.filter().wire());
        }
        return db.read(tx -> {
            Page<Session> page = SESSIONS.page(tx, where, query.fingerprint(), limit);
            return new Page<>(
                    page.items().stream()
                            .map(shown -> summary(tx, shown, query.readerId()))
                            .toList(),
                    page.nextCursor());
        });
    }

    @Override
    public ChangePage<Session> changes(TenantScope scope, @Nullable String cursor, int limit) {
        return SESSIONS.changes(db, Session::version, scope, cursor, in.page(limit));
    }

    @Override
    public SessionEventPage trace(SessionTraceQuery query) {
        return events("trace", "TRUE", query);
    }

    @Override
    public SessionEventPage output(SessionTraceQuery query) {
        return events("output", "is_output", query);
    }

    private SessionEventPage events(String kind, String condition, SessionTraceQuery query) {
        Require.given("query", query);
        int limit = in.page(query.limit());
        String id = query.sessionId();
        List<String> keys = query.cursor() == null ? List.of() : Cursors.decode(kind, id, 2, query.cursor());
        if (!keys.isEmpty() && query.runId() != null && !query.runId().equals(keys.get(0))) {
            throw new InvalidInputException("cursor", "must be of the run that is named");
        }
        String named = keys.isEmpty() ? query.runId() : keys.get(0);
        long after = keys.isEmpty() ? 0 : Cursors.number(keys.get(1));
        return db.read(tx -> {
            Session session = SESSIONS.get(tx, id);
            String runId = named == null ? SessionRules.tracedRun(session) : named;
            if (runId == null) {
                return SessionEventPage.withoutRun(id);
            }
            if (!SessionRules.traces(session, RUNS.get(tx, runId))) {
                throw new NotFoundException("run", runId);
            }
            EventPage page = H2Runs.page(tx, runId, new Where().and(condition), after, limit);
            String cursor = Cursors.encode(kind, id, List.of(runId, Cursors.key(page.nextAfterSeq())));
            return new SessionEventPage(id, runId, page.items(), cursor, page.ended());
        });
    }

    @Override
    public ReadMark markRead(String sessionId, String readerId, long version) {
        String id = in.id("sessionId", sessionId);
        String reader = in.id("readerId", readerId);
        return db.write(tx ->
                tx.markRead(MARKS, id, reader, version, SESSIONS.get(tx, id).version()));
    }
}

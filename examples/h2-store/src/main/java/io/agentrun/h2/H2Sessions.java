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

    static final Table<Session> SESSIONS = new Table<>("sessions", "session", Session.class, Session::id)
            .owned(Session::owner)
            .with("backend VARCHAR", session -> session.backendProfile().wire())
            .with("state VARCHAR", session -> session.activity().state().wire())
            .with("storage_state VARCHAR", session -> session.storage().state().wire())
            .with("version BIGINT UNIQUE", Session::version)
            .indexed("storage_state", "expires_at")
            .with("expires_at" + Table.TIME, Session::expiresAt)
            .with("updated_at" + Table.TIME, Session::updatedAt)
            .listed("place", session -> Table.rank(-Table.micros(session.updatedAt())) + session.id())
            .and("collector_id VARCHAR, collector_until" + Table.TIME);

    static final Table<ReadMark> MARKS = Tx.marks("session_marks");

    private static final String UNREAD = "version > COALESCE((SELECT m.version FROM session_marks m"
            + " WHERE m.id = sessions.id || CHAR(10) || ?), 0)";

    @Override
    public Session upsert(SessionUpsert given) {
        SessionUpsert input = in.session(given);
        return db.write(tx -> {
            var stored = SESSIONS.find(tx, input.sessionId()).orElse(null);
            return SESSIONS.after(tx, SessionRules.upsert(input, stored, tx.now()), input.sessionId());
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
        var mark = tx.mark(MARKS, session.id(), readerId);
        return SessionSummary.of(session, readerId, mark.map(ReadMark::version).orElse(0L));
    }

    @Override
    public Page<SessionSummary> list(SessionQuery query) {
        String reader = Require.given("query", query).readerId();
        int limit = in.page(query.limit());
        var where = SESSIONS.where().in(query.scope()).is("backend", query.backendProfile(), BackendProfile::wire);
        // What SessionRules.shows says, for the list to be filtered before it is cut.
        switch (query.filter()) {
            case ALL -> {}
            case DEFAULT -> where.and("(state <> 'terminal' OR " + UNREAD + ")", reader);
            case UNREAD -> where.and(UNREAD, reader);
            case IDLE, RUNNING, TERMINAL -> where.is("state", query.filter().wire());
        }
        return where.page(db, query.fingerprint(), query.cursor(), limit, (tx, shown) -> summary(tx, shown, reader));
    }

    @Override
    public ChangePage<Session> changes(TenantScope scope, @Nullable String cursor, int limit) {
        return SESSIONS.changes(db, scope, cursor, in.page(limit), Session::version);
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
            var session = SESSIONS.get(tx, id);
            String runId = named == null ? SessionRules.tracedRun(session) : named;
            if (runId == null) {
                return SessionEventPage.withoutRun(id);
            }
            if (!SessionRules.traces(session, RUNS.get(tx, runId))) {
                throw new NotFoundException("run", runId);
            }
            var which = H2Runs.after(runId, after).and(condition).first(limit, "seq");
            var page = H2Runs.page(tx, runId, which, after);
            String cursor = Cursors.encode(kind, id, List.of(runId, Cursors.key(page.nextAfterSeq())));
            return new SessionEventPage(id, runId, page.items(), cursor, page.ended());
        });
    }

    @Override
    public ReadMark markRead(String sessionId, String readerId, long version) {
        String reader = in.id("readerId", readerId);
        return db.write(tx -> {
            long current = SESSIONS.get(tx, sessionId).version();
            return tx.markRead(MARKS, sessionId, reader, version, current);
        });
    }
}

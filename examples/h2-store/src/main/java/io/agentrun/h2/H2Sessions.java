package io.agentrun.h2;

import io.agentrun.BackendProfile;
import io.agentrun.ChangePage;
import io.agentrun.Page;
import io.agentrun.ReadMark;
import io.agentrun.Require;
import io.agentrun.TenantScope;
import io.agentrun.error.InvalidInputException;
import io.agentrun.error.NotFoundException;
import io.agentrun.event.RunEvent;
import io.agentrun.rules.Cursors;
import io.agentrun.rules.Intake;
import io.agentrun.rules.SessionRules;
import io.agentrun.run.Run;
import io.agentrun.session.Session;
import io.agentrun.session.SessionEventPage;
import io.agentrun.session.SessionFilter;
import io.agentrun.session.SessionQuery;
import io.agentrun.session.SessionStore;
import io.agentrun.session.SessionSummary;
import io.agentrun.session.SessionTraceQuery;
import io.agentrun.session.SessionUpsert;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The room of sessions. Thread-safe. */
record H2Sessions(Database db, Intake in) implements SessionStore {

    private static final String LIST = "sessions";
    private static final String WITH_MARK = "SELECT s.document, COALESCE(m.version, 0) AS read_version FROM sessions s"
            + " LEFT JOIN marks m ON m.kind = 'session' AND m.subject_id = s.id AND m.reader_id = ? WHERE ";

    private static final Marks MARKS = new Marks("session");

    @Override
    public Session upsert(SessionUpsert given) {
        SessionUpsert input = in.session(given);
        return db.write(tx -> {
            Session stored =
                    Table.SESSIONS.find(tx, "id = ?", input.sessionId()).orElse(null);
            Changes.write(tx, SessionRules.upsert(input, stored, tx.now()));
            return Table.SESSIONS.get(tx, input.sessionId());
        });
    }

    @Override
    public Optional<Session> find(String sessionId) {
        String id = in.id("sessionId", sessionId);
        return db.read(tx -> Table.SESSIONS.find(tx, "id = ?", id));
    }

    @Override
    public SessionSummary summary(String sessionId, @Nullable String readerId) {
        String id = in.id("sessionId", sessionId);
        String reader = readerId == null ? null : in.id("readerId", readerId);
        return db.read(tx -> SessionSummary.of(Table.SESSIONS.get(tx, id), reader, MARKS.version(tx, id, reader)));
    }

    @Override
    public Page<SessionSummary> list(SessionQuery given) {
        SessionQuery query = Require.given("query", given);
        int limit = in.page(query.limit());
        Where where = new Where(query.readerId())
                .in(query.scope())
                .and(shown(query.filter()))
                .ifGiven("s.backend = ?", query.backendProfile(), BackendProfile::wire);
        if (query.cursor() != null) {
            List<String> keys = Cursors.decode(LIST, query.fingerprint(), 2, query.cursor());
            Instant updated = Cursors.instant(keys.get(0));
            byte[] id = keys.get(1).getBytes(StandardCharsets.UTF_8);
            where.and("(s.updated_at < ? OR s.updated_at = ? AND s.id_order > ?)", updated, updated, id);
        }
        where.first(limit + 1, "s.updated_at DESC, s.id_order");
        List<SessionSummary> read = db.read(tx -> tx.list(
                row -> SessionSummary.of(Table.SESSIONS.row().read(row), query.readerId(), row.getLong("read_version")),
                WITH_MARK + where.text(),
                where.values()));
        return Lists.page(
                read,
                limit,
                LIST,
                query.fingerprint(),
                shown -> List.of(
                        Cursors.key(shown.session().updatedAt()),
                        shown.session().id()));
    }

    /** What {@link SessionRules#shows} says, for the list to be filtered before it is cut. */
    private static String shown(SessionFilter filter) {
        return switch (filter) {
            case ALL -> "TRUE";
            case DEFAULT -> "(s.state <> 'terminal' OR s.version > COALESCE(m.version, 0))";
            case IDLE -> "s.state = 'idle'";
            case RUNNING -> "s.state = 'running'";
            case TERMINAL -> "s.state = 'terminal'";
            case UNREAD -> "s.version > COALESCE(m.version, 0)";
        };
    }

    @Override
    public ChangePage<Session> changes(TenantScope scope, @Nullable String cursor, int limit) {
        return Lists.changes(db, Table.SESSIONS, Session::version, scope, cursor, in.page(limit));
    }

    @Override
    public SessionEventPage trace(SessionTraceQuery query) {
        return events("trace", "seq > ?", query);
    }

    @Override
    public SessionEventPage output(SessionTraceQuery query) {
        return events("output", "is_output AND seq > ?", query);
    }

    private SessionEventPage events(String kind, String condition, SessionTraceQuery given) {
        SessionTraceQuery query = Require.given("query", given);
        int limit = in.page(query.limit());
        String id = query.sessionId();
        List<String> keys = query.cursor() == null ? List.of() : Cursors.decode(kind, id, 2, query.cursor());
        if (!keys.isEmpty() && query.runId() != null && !query.runId().equals(keys.get(0))) {
            throw new InvalidInputException("cursor", "must be of the run that is named");
        }
        long after = keys.isEmpty() ? 0 : Cursors.number(keys.get(1));
        return db.read(tx -> {
            Session session = Table.SESSIONS.get(tx, id);
            String named = keys.isEmpty() ? query.runId() : keys.get(0);
            String runId = named == null ? SessionRules.tracedRun(session) : named;
            if (runId == null) {
                return SessionEventPage.withoutRun(id);
            }
            Run run = Table.RUNS.get(tx, runId);
            if (!SessionRules.traces(session, run)) {
                throw new NotFoundException("run", runId);
            }
            List<RunEvent> items = H2Events.after(tx, runId, condition, after, limit);
            long next = items.isEmpty() ? after : items.get(items.size() - 1).seq();
            String cursor = Cursors.encode(kind, id, List.of(runId, Cursors.key(next)));
            return new SessionEventPage(id, runId, items, cursor, H2Events.ended(tx, run, next));
        });
    }

    @Override
    public ReadMark markRead(String sessionId, String readerId, long version) {
        String id = in.id("sessionId", sessionId);
        String reader = in.id("readerId", readerId);
        return db.write(tx ->
                MARKS.move(tx, id, reader, version, Table.SESSIONS.get(tx, id).version()));
    }
}

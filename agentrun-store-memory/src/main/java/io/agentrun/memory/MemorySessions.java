package io.agentrun.memory;

import io.agentrun.SessionStore;
import io.agentrun.check.Require;
import io.agentrun.error.InvalidInputException;
import io.agentrun.error.NotFoundException;
import io.agentrun.event.RunEvent;
import io.agentrun.model.ChangePage;
import io.agentrun.model.Page;
import io.agentrun.model.ReadMark;
import io.agentrun.model.TenantScope;
import io.agentrun.engine.Cursors;
import io.agentrun.rules.SessionRules;
import io.agentrun.session.Session;
import io.agentrun.session.SessionEventPage;
import io.agentrun.session.SessionQuery;
import io.agentrun.session.SessionSummary;
import io.agentrun.session.SessionTraceQuery;
import io.agentrun.session.SessionUpsert;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableSet;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The sessions of the store in memory. */
final class MemorySessions implements SessionStore {

    private static final String LIST_CURSOR = "sessions";
    private static final String TRACE_CURSOR = "trace";
    private static final String OUTPUT_CURSOR = "output";

    private final Engine.Handle engine;
    private final Feed<Session> feed =
            new Feed<>("session-changes", state -> state.sessionsByVersion, Session::owner, Session::version);

    MemorySessions(Engine.Handle engine) {
        this.engine = engine;
    }

    @Override
    public Session upsert(SessionUpsert session) {
        SessionUpsert checked = engine.intake().session(session);
        return engine.write(tx -> {
            Session stored = tx.state().sessions.get(checked.sessionId());
            tx.write(SessionRules.upsert(checked, stored, tx.now()));
            return tx.requireSession(checked.sessionId());
        });
    }

    @Override
    public Optional<Session> find(String sessionId) {
        String id = engine.intake().id("sessionId", sessionId);
        return engine.read(state -> Optional.ofNullable(state.sessions.get(id)));
    }

    @Override
    public SessionSummary summary(String sessionId, @Nullable String readerId) {
        String id = engine.intake().id("sessionId", sessionId);
        String reader = readerId == null ? null : engine.intake().id("readerId", readerId);
        return engine.read(state -> summary(state, Tx.requireSession(state, id), reader));
    }

    private static SessionSummary summary(MemoryState state, Session session, @Nullable String readerId) {
        return SessionSummary.of(session, readerId, readVersion(state, session.id(), readerId));
    }

    private static long readVersion(MemoryState state, String sessionId, @Nullable String readerId) {
        if (readerId == null) {
            return 0;
        }
        ReadMark mark = state.sessionMarks.get(new MemoryState.Reader(sessionId, readerId));
        return mark == null ? 0 : mark.version();
    }

    @Override
    public Page<SessionSummary> list(SessionQuery query) {
        SessionQuery given = Require.given("query", query);
        int limit = engine.intake().page(given.limit());
        List<String> after = given.cursor() == null
                ? List.of()
                : Cursors.decode(LIST_CURSOR, given.fingerprint(), 2, given.cursor());
        return engine.read(state -> {
            NavigableSet<Place> places = state.sessionsByActivity;
            if (!after.isEmpty()) {
                places = places.tailSet(new Place(0, Cursors.instant(after.get(0)), after.get(1)), false);
            }
            List<SessionSummary> items = new ArrayList<>();
            for (Place place : places) {
                SessionSummary summary = summary(state, Tx.requireSession(state, place.id()), given.readerId());
                if (matches(given, summary)) {
                    if (items.size() == limit) {
                        Session last = items.get(limit - 1).session();
                        List<String> keys = List.of(Cursors.key(last.updatedAt()), last.id());
                        return new Page<>(items, Cursors.encode(LIST_CURSOR, given.fingerprint(), keys));
                    }
                    items.add(summary);
                }
            }
            return new Page<>(items, null);
        });
    }

    private static boolean matches(SessionQuery query, SessionSummary summary) {
        Session session = summary.session();
        return query.scope().includes(session.owner())
                && (query.backendProfile() == null || query.backendProfile().equals(session.backendProfile()))
                && SessionRules.shows(query.filter(), session, summary.readVersion());
    }

    @Override
    public ChangePage<Session> changes(TenantScope scope, @Nullable String cursor, int limit) {
        TenantScope given = Require.given("scope", scope);
        int size = engine.intake().page(limit);
        long after = feed.after(given, cursor);
        return engine.read(state -> feed.page(state, given, after, size));
    }

    @Override
    public SessionEventPage trace(SessionTraceQuery query) {
        return trace(query, TRACE_CURSOR);
    }

    @Override
    public SessionEventPage output(SessionTraceQuery query) {
        return trace(query, OUTPUT_CURSOR);
    }

    private SessionEventPage trace(SessionTraceQuery query, String kind) {
        SessionTraceQuery given = Require.given("query", query);
        int limit = engine.intake().page(given.limit());
        List<String> after =
                given.cursor() == null ? List.of() : Cursors.decode(kind, given.sessionId(), 2, given.cursor());
        if (!after.isEmpty() && given.runId() != null && !given.runId().equals(after.get(0))) {
            throw new InvalidInputException("cursor", "must be used with the run that it came from");
        }
        long afterSeq = after.isEmpty() ? 0 : Cursors.number(after.get(1));
        return engine.read(state -> {
            Session session = Tx.requireSession(state, given.sessionId());
            String runId = after.isEmpty() ? given.runId() : after.get(0);
            if (runId == null) {
                runId = SessionRules.tracedRun(session);
            }
            if (runId == null) {
                return SessionEventPage.withoutRun(session.id());
            }
            RunEntry entry = Tx.require(state, runId);
            if (!SessionRules.traces(session, entry.run())) {
                throw new NotFoundException("run", runId);
            }
            return page(session.id(), entry, kind, afterSeq, limit);
        });
    }

    private static SessionEventPage page(String sessionId, RunEntry entry, String kind, long afterSeq, int limit) {
        List<RunEvent> items = new ArrayList<>();
        int size = entry.events.size();
        int next = (int) Math.min(afterSeq, size);
        while (next < size && items.size() < limit) {
            RunEvent event = entry.events.get(next++);
            if (kind.equals(TRACE_CURSOR) || event.type().output()) {
                items.add(event);
            }
        }
        boolean ended = entry.run().isTerminal() && next >= size;
        List<String> keys = List.of(entry.run().id(), Cursors.key(Math.max(afterSeq, next)));
        return new SessionEventPage(sessionId, entry.run().id(), items, Cursors.encode(kind, sessionId, keys), ended);
    }

    @Override
    public ReadMark markRead(String sessionId, String readerId, long version) {
        String id = engine.intake().id("sessionId", sessionId);
        String reader = engine.intake().id("readerId", readerId);
        return engine.write(tx -> {
            Session session = tx.requireSession(id);
            ReadMark stored = tx.state().sessionMarks.get(new MemoryState.Reader(id, reader));
            ReadMark next = SessionRules.markRead(id, reader, version, session.version(), stored, tx.now());
            if (!next.equals(stored)) {
                tx.write(new Write.OfSessionMark(next));
            }
            return next;
        });
    }
}

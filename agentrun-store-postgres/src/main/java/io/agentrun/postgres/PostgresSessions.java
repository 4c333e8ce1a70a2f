package io.agentrun.postgres;

import io.agentrun.SessionStore;
import io.agentrun.check.Require;
import io.agentrun.error.InvalidInputException;
import io.agentrun.error.NotFoundException;
import io.agentrun.event.RunEvent;
import io.agentrun.model.ChangePage;
import io.agentrun.model.Page;
import io.agentrun.model.ReadMark;
import io.agentrun.model.TenantScope;
import io.agentrun.postgres.internal.db.LockOrder.Rank;
import io.agentrun.postgres.internal.db.Script;
import io.agentrun.postgres.internal.db.Tx;
import io.agentrun.postgres.internal.query.FeedTable;
import io.agentrun.postgres.internal.query.SessionQueries;
import io.agentrun.postgres.internal.query.SessionQueries.Traced;
import io.agentrun.postgres.internal.table.SessionTable;
import io.agentrun.rules.Change;
import io.agentrun.engine.Cursors;
import io.agentrun.rules.SessionRules;
import io.agentrun.session.Session;
import io.agentrun.session.SessionEventPage;
import io.agentrun.session.SessionQuery;
import io.agentrun.session.SessionSummary;
import io.agentrun.session.SessionTraceQuery;
import io.agentrun.session.SessionUpsert;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The sessions of the store on PostgreSQL. */
final class PostgresSessions implements SessionStore {

    private static final String LIST_CURSOR = "sessions";
    private static final String TRACE_CURSOR = "trace";
    private static final String OUTPUT_CURSOR = "output";

    private final Engine engine;
    private final Feed<Session> feed = new Feed<>("session-changes", FeedTable.SESSIONS);

    PostgresSessions(Engine engine) {
        this.engine = engine;
    }

    @Override
    public Session upsert(SessionUpsert session) {
        SessionUpsert checked = engine.intake().session(session);
        return engine.database().inTransaction(tx -> {
            String id = checked.sessionId();
            Script script = new Script().bind("session_id", id);
            Script.Rows<Session> locked = script.lock(tx, Rank.SESSION, id, SessionTable.LOCK, SessionTable::session);
            Script.Rows<Instant> clock = Engine.clock(script);
            tx.execute(script);
            Session stored = locked.firstOrNull();
            Instant now = clock.first().orElseThrow();
            Change change = SessionRules.upsert(checked, stored, now);
            return stored != null && change.isEmpty() ? stored : write(tx, change, now);
        });
    }

    private Session write(Tx tx, Change change, Instant now) {
        return engine.writer().write(tx, change, Seen.at(now)).sessions().get(0);
    }

    @Override
    public Optional<Session> find(String sessionId) {
        String id = engine.intake().id("sessionId", sessionId);
        return engine.database().once(tx -> {
            Script script = new Script().bind("session_id", id);
            Script.Rows<Session> found = script.query(SessionTable.GET, SessionTable::session);
            tx.execute(script);
            return found.first();
        });
    }

    @Override
    public SessionSummary summary(String sessionId, @Nullable String readerId) {
        String id = engine.intake().id("sessionId", sessionId);
        String reader = readerId == null ? null : engine.intake().id("readerId", readerId);
        return engine.database().once(tx -> {
            Script script = new Script();
            Script.Rows<SessionSummary> found = SessionQueries.summary(script, id, reader);
            tx.execute(script);
            return found.first().orElseThrow(() -> new NotFoundException("session", id));
        });
    }

    @Override
    public Page<SessionSummary> list(SessionQuery query) {
        SessionQuery given = Require.given("query", query);
        int limit = engine.intake().page(given.limit());
        List<String> after = given.cursor() == null
                ? List.of()
                : Cursors.decode(LIST_CURSOR, given.fingerprint(), 2, given.cursor());
        return engine.database().once(tx -> {
            Script script = new Script();
            Script.Rows<SessionSummary> found = SessionQueries.list(script, given, limit + 1L, after);
            tx.execute(script);
            List<SessionSummary> items = found.all();
            if (items.size() <= limit) {
                return new Page<>(items, null);
            }
            Session last = items.get(limit - 1).session();
            List<String> keys = List.of(Cursors.key(last.updatedAt()), last.id());
            return new Page<>(items.subList(0, limit), Cursors.encode(LIST_CURSOR, given.fingerprint(), keys));
        });
    }

    @Override
    public ChangePage<Session> changes(TenantScope scope, @Nullable String cursor, int limit) {
        TenantScope given = Require.given("scope", scope);
        int size = engine.intake().page(limit);
        return feed.page(engine.database(), given, cursor, size);
    }

    @Override
    public SessionEventPage trace(SessionTraceQuery query) {
        return trace(query, TRACE_CURSOR, SessionQueries.ALL_EVENTS);
    }

    @Override
    public SessionEventPage output(SessionTraceQuery query) {
        return trace(query, OUTPUT_CURSOR, SessionQueries.VISIBLE_EVENTS);
    }

    private SessionEventPage trace(SessionTraceQuery query, String kind, String sql) {
        SessionTraceQuery given = Require.given("query", query);
        int limit = engine.intake().page(given.limit());
        List<String> after =
                given.cursor() == null ? List.of() : Cursors.decode(kind, given.sessionId(), 2, given.cursor());
        if (!after.isEmpty() && given.runId() != null && !given.runId().equals(after.get(0))) {
            throw new InvalidInputException("cursor", "must be used with the run that it came from");
        }
        long afterSeq = after.isEmpty() ? 0 : Cursors.number(after.get(1));
        return engine.database().once(tx -> {
            Script script = new Script()
                    .bind("session_id", given.sessionId())
                    .bind("run_id", after.isEmpty() ? given.runId() : after.get(0))
                    .bind("after_seq", afterSeq)
                    .bind("limit", limit);
            Script.Rows<Traced> found = script.query(sql, SessionQueries::traced);
            tx.execute(script);
            return page(given.sessionId(), kind, found.all(), afterSeq, limit);
        });
    }

    private static SessionEventPage page(String sessionId, String kind, List<Traced> rows, long afterSeq, int limit) {
        if (rows.isEmpty()) {
            throw new NotFoundException("session", sessionId);
        }
        Traced run = rows.get(0);
        if (run.runId() == null) {
            return SessionEventPage.withoutRun(sessionId);
        }
        if (!run.belongs()) {
            throw new NotFoundException("run", run.runId());
        }
        List<RunEvent> items =
                rows.stream().map(Traced::event).filter(Objects::nonNull).toList();
        // A page that is not full has looked at everything, also at what it does not show.
        long next = items.size() < limit
                ? run.eventSeq()
                : items.get(items.size() - 1).seq();
        List<String> keys = List.of(run.runId(), Cursors.key(Math.max(afterSeq, next)));
        boolean ended = run.ended() && next >= run.eventSeq();
        return new SessionEventPage(sessionId, run.runId(), items, Cursors.encode(kind, sessionId, keys), ended);
    }

    @Override
    public ReadMark markRead(String sessionId, String readerId, long version) {
        String id = engine.intake().id("sessionId", sessionId);
        String reader = engine.intake().id("readerId", readerId);
        return Marks.move(engine.database(), Marks.OF_SESSION, id, reader, version);
    }
}

package io.agentrun.engine;

import io.agentrun.SessionStore;
import io.agentrun.backend.Cursors;
import io.agentrun.backend.Entry.MarkKind;
import io.agentrun.backend.LockMode;
import io.agentrun.backend.PageBytes;
import io.agentrun.backend.StoreReads;
import io.agentrun.backend.StoreReads.EventSlice;
import io.agentrun.backend.StoreReads.TraceSlice;
import io.agentrun.backend.StoreReads.Visibility;
import io.agentrun.check.Require;
import io.agentrun.error.InvalidInputException;
import io.agentrun.error.NotFoundException;
import io.agentrun.event.RunEvent;
import io.agentrun.model.ChangePage;
import io.agentrun.model.Page;
import io.agentrun.model.ReadMark;
import io.agentrun.model.TenantScope;
import io.agentrun.rules.Change;
import io.agentrun.rules.SessionRules;
import io.agentrun.run.PurgeRequest;
import io.agentrun.run.PurgeResult;
import io.agentrun.session.Session;
import io.agentrun.session.SessionEventPage;
import io.agentrun.session.SessionQuery;
import io.agentrun.session.SessionSummary;
import io.agentrun.session.SessionText;
import io.agentrun.session.SessionTraceQuery;
import io.agentrun.session.SessionUpsert;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The sessions of every store. */
final class Sessions implements SessionStore {

    private static final Pages<SessionSummary> PAGES = new Pages<>(
            "sessions",
            2,
            PageBytes.SUMMARIES,
            summary -> List.of(
                    Cursors.key(summary.session().updatedAt()),
                    summary.session().id()));
    private static final Pages.Feeds<Session> FEED = new Pages.Feeds<>("session-changes", StoreReads::sessionChanges);

    private final Context context;
    private final Purges purges;

    Sessions(Context context) {
        this.context = context;
        this.purges = new Purges(context);
    }

    @Override
    public PurgeResult purge(PurgeRequest request) {
        return purges.sessions(request);
    }

    @Override
    public Session upsert(SessionUpsert session) {
        SessionUpsert checked = context.intake().session(session);
        return context.backend().write(tx -> {
            Session stored = tx.lockUpsert(checked).orNull();
            Change change = SessionRules.upsert(checked, stored, tx.now());
            return stored != null && change.isEmpty()
                    ? stored
                    : tx.write(change, context.ids()).sessions().get(0);
        });
    }

    @Override
    public Session forget(String sessionId, SessionText text, String expected) {
        String id = context.intake().id("sessionId", sessionId);
        SessionText which = Require.given("text", text);
        String known = context.intake().expected(which, expected);
        return context.backend().write(tx -> {
            Session stored = tx.lockSession(id, LockMode.WAIT).orThrow("session", id);
            Change change = SessionRules.forget(stored, which, known, tx.now());
            return change.isEmpty()
                    ? stored
                    : tx.write(change, context.ids()).sessions().get(0);
        });
    }

    @Override
    public Optional<Session> find(String sessionId) {
        String id = context.intake().id("sessionId", sessionId);
        return context.backend().read(reads -> reads.findSession(id));
    }

    @Override
    public SessionSummary summary(String sessionId, @Nullable String readerId) {
        String id = context.intake().id("sessionId", sessionId);
        String reader = readerId == null ? null : context.intake().id("readerId", readerId);
        return context.backend()
                .read(reads -> reads.summary(id, reader))
                .orElseThrow(() -> new NotFoundException("session", id));
    }

    @Override
    public Page<SessionSummary> list(SessionQuery query) {
        SessionQuery given = Require.given("query", query);
        return PAGES.read(
                context,
                context.scope().narrow(given.scope()).map(given::withScope),
                SessionQuery::fingerprint,
                given.cursor(),
                given.limit(),
                StoreReads::sessions);
    }

    @Override
    public ChangePage<Session> changes(TenantScope scope, @Nullable String cursor, int limit) {
        return FEED.page(context, scope, cursor, limit);
    }

    @Override
    public SessionEventPage trace(SessionTraceQuery query) {
        return trace(query, "trace", Visibility.ALL);
    }

    @Override
    public SessionEventPage output(SessionTraceQuery query) {
        return trace(query, "output", Visibility.OUTPUT);
    }

    /** Reads a page of a trace; its cursor names the run and the number of the event after which it goes on. */
    private SessionEventPage trace(SessionTraceQuery query, String kind, Visibility visibility) {
        SessionTraceQuery given = Require.given("query", query);
        int limit = context.intake().page(given.limit());
        String sessionId = given.sessionId();
        String cursor = given.cursor();
        List<String> after = cursor == null ? List.of() : Cursors.decode(kind, sessionId, 2, cursor);
        if (!after.isEmpty() && given.runId() != null && !given.runId().equals(after.get(0))) {
            throw new InvalidInputException("cursor", "must be used with the run that it came from");
        }
        long afterSeq = after.isEmpty() ? 0 : Cursors.number(after.get(1));
        String runId = after.isEmpty() ? given.runId() : after.get(0);
        TraceSlice slice = context.backend()
                .read(reads -> reads.trace(sessionId, runId, afterSeq, limit, visibility))
                .orElseThrow(() -> new NotFoundException("session", sessionId));
        return page(sessionId, slice, kind, afterSeq, limit);
    }

    private static SessionEventPage page(String sessionId, TraceSlice slice, String kind, long afterSeq, int limit) {
        String runId = slice.runId();
        if (runId == null) {
            return SessionEventPage.withoutRun(sessionId);
        }
        EventSlice events = slice.events();
        if (!slice.belongs() || events == null) {
            throw new NotFoundException("run", runId);
        }
        EventSlice shown = events.within(PageBytes.MOST);
        List<RunEvent> items = shown.items();
        // A page that is not full has looked at everything, also at what it does not show.
        long next = items.size() < limit && !shown.cut()
                ? events.lastSeq()
                : items.get(items.size() - 1).seq();
        List<String> keys = List.of(runId, Cursors.key(Math.max(afterSeq, next)));
        boolean ended = events.terminal() && next >= events.lastSeq();
        return new SessionEventPage(sessionId, runId, items, Cursors.encode(kind, sessionId, keys), ended);
    }

    @Override
    public ReadMark markRead(String sessionId, String readerId, long version) {
        String id = context.intake().id("sessionId", sessionId);
        String reader = context.intake().id("readerId", readerId);
        return Marks.move(context, MarkKind.SESSION, id, reader, version);
    }
}

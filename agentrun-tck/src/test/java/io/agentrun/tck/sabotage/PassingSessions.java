package io.agentrun.tck.sabotage;

import io.agentrun.SessionStore;
import io.agentrun.model.ChangePage;
import io.agentrun.model.Page;
import io.agentrun.model.ReadMark;
import io.agentrun.model.TenantScope;
import io.agentrun.run.PurgeRequest;
import io.agentrun.run.PurgeResult;
import io.agentrun.session.Session;
import io.agentrun.session.SessionEventPage;
import io.agentrun.session.SessionQuery;
import io.agentrun.session.SessionSummary;
import io.agentrun.session.SessionText;
import io.agentrun.session.SessionTraceQuery;
import io.agentrun.session.SessionUpsert;
import java.util.Optional;

/** Passes every call on; a sabotage overrides one. */
class PassingSessions implements SessionStore {

    final SessionStore real;

    PassingSessions(SessionStore real) {
        this.real = real;
    }

    @Override
    public Session upsert(SessionUpsert input) {
        return real.upsert(input);
    }

    @Override
    public Session forget(String id, SessionText text, String expected) {
        return real.forget(id, text, expected);
    }

    @Override
    public Optional<Session> find(String id) {
        return real.find(id);
    }

    @Override
    public SessionSummary summary(String id, String text) {
        return real.summary(id, text);
    }

    @Override
    public Page<SessionSummary> list(SessionQuery input) {
        return real.list(input);
    }

    @Override
    public ChangePage<Session> changes(TenantScope input, String id, int limit) {
        return real.changes(input, id, limit);
    }

    @Override
    public SessionEventPage trace(SessionTraceQuery input) {
        return real.trace(input);
    }

    @Override
    public SessionEventPage output(SessionTraceQuery input) {
        return real.output(input);
    }

    @Override
    public PurgeResult purge(PurgeRequest input) {
        return real.purge(input);
    }

    @Override
    public ReadMark markRead(String id, String text, long number) {
        return real.markRead(id, text, number);
    }
}

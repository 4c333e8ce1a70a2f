package io.agentrun.tck.sabotage;

import io.agentrun.SessionStore;
import io.agentrun.model.ChangePage;
import io.agentrun.model.Page;
import io.agentrun.model.TenantScope;
import io.agentrun.session.Session;
import io.agentrun.session.SessionQuery;
import io.agentrun.session.SessionSummary;
import io.agentrun.session.SessionText;
import io.agentrun.session.SessionUpsert;
import java.util.Optional;
import java.util.function.UnaryOperator;

/** Shows sessions otherwise than they are. */
class LyingSessions extends PassingSessions {

    final UnaryOperator<Session> lie;

    LyingSessions(SessionStore real, UnaryOperator<Session> lie) {
        super(real);
        this.lie = lie;
    }

    @Override
    public Session upsert(SessionUpsert input) {
        return lie.apply(real.upsert(input));
    }

    @Override
    public Session forget(String id, SessionText text, String expected) {
        return lie.apply(real.forget(id, text, expected));
    }

    @Override
    public Optional<Session> find(String id) {
        return real.find(id).map(lie);
    }

    @Override
    public SessionSummary summary(String id, String readerId) {
        return lie(real.summary(id, readerId));
    }

    @Override
    public Page<SessionSummary> list(SessionQuery query) {
        Page<SessionSummary> page = real.list(query);
        return new Page<>(page.items().stream().map(this::lie).toList(), page.nextCursor());
    }

    @Override
    public ChangePage<Session> changes(TenantScope scope, String cursor, int limit) {
        ChangePage<Session> page = real.changes(scope, cursor, limit);
        return new ChangePage<>(page.items().stream().map(lie).toList(), page.cursor(), page.more(), page.restarted());
    }

    private SessionSummary lie(SessionSummary summary) {
        return new SessionSummary(
                lie.apply(summary.session()), summary.readerId(), summary.readVersion(), summary.unread());
    }
}

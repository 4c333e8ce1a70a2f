package io.agentrun.postgres.testing;

import io.agentrun.AgentRunStore;
import io.agentrun.command.Command;
import io.agentrun.command.CommandPage;
import io.agentrun.event.EventPage;
import io.agentrun.event.RunEvent;
import io.agentrun.model.TenantScope;
import io.agentrun.queue.QueueQuery;
import io.agentrun.queue.QueueTask;
import io.agentrun.run.Run;
import io.agentrun.run.RunQuery;
import io.agentrun.session.Session;
import io.agentrun.session.SessionFilter;
import io.agentrun.session.SessionQuery;
import java.util.ArrayList;
import java.util.List;

/**
 * All sessions, tasks and runs of a store, page by page.
 *
 * <p>Thread-safe.
 */
public record Everything(AgentRunStore store) {

    private static final TenantScope ALL = TenantScope.all();

    /** All sessions. */
    public List<Session> sessions() {
        List<Session> all = new ArrayList<>();
        SessionQuery query = SessionQuery.in(ALL).withFilter(SessionFilter.ALL).withLimit(500);
        while (true) {
            var page = store.sessions().list(query);
            page.items().forEach(summary -> all.add(summary.session()));
            if (page.nextCursor() == null) {
                return all;
            }
            query = query.withCursor(page.nextCursor());
        }
    }

    /** All tasks. */
    public List<QueueTask> tasks() {
        List<QueueTask> all = new ArrayList<>();
        QueueQuery query = QueueQuery.in(ALL).withLimit(500);
        while (true) {
            var page = store.queue().list(query);
            all.addAll(page.items());
            if (page.nextCursor() == null) {
                return all;
            }
            query = query.withCursor(page.nextCursor());
        }
    }

    /** All runs. */
    public List<Run> runs() {
        List<Run> all = new ArrayList<>();
        RunQuery query = RunQuery.in(ALL).withLimit(500);
        while (true) {
            var page = store.runs().list(query);
            all.addAll(page.items());
            if (page.nextCursor() == null) {
                return all;
            }
            query = query.withCursor(page.nextCursor());
        }
    }

    /** All events of a run. */
    public List<RunEvent> events(String runId) {
        List<RunEvent> all = new ArrayList<>();
        EventPage page = store.events().list(runId, 0, 500);
        while (!page.items().isEmpty()) {
            all.addAll(page.items());
            page = store.events().list(runId, page.nextAfterSeq(), 500);
        }
        return all;
    }

    /** All commands of a run. */
    public List<Command> commands(String runId) {
        List<Command> all = new ArrayList<>();
        CommandPage page = store.commands().list(runId, 0, 500);
        while (!page.items().isEmpty()) {
            all.addAll(page.items());
            page = store.commands().list(runId, page.nextAfterSeq(), 500);
        }
        return all;
    }
}

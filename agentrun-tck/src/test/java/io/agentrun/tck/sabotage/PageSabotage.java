package io.agentrun.tck.sabotage;

import io.agentrun.event.RunEvent;
import io.agentrun.model.Page;
import io.agentrun.queue.QueueQuery;
import io.agentrun.queue.QueueTask;
import io.agentrun.session.SessionEventPage;
import io.agentrun.session.SessionFilter;
import io.agentrun.session.SessionQuery;
import io.agentrun.session.SessionSummary;
import io.agentrun.session.SessionTraceQuery;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Stores that cut their lists in the wrong places (D4, D21). */
final class PageSabotage {

    private static final int ALL = 500;

    private PageSabotage() {}

    private static List<QueueTask> all(PassingStore store, QueueQuery query) {
        List<QueueTask> all = new ArrayList<>();
        QueueQuery next = query.withCursor(null).withLimit(ALL);
        while (true) {
            Page<QueueTask> page = store.real.queue().list(next);
            all.addAll(page.items());
            if (page.nextCursor() == null) {
                return all;
            }
            next = next.withCursor(page.nextCursor());
        }
    }

    /** Sorted by priority, paged by version. */
    static void pagedByVersion(PassingStore store, SkewedClock clock) {
        store.queue = new PassingQueue(store.queue) {
            @Override
            public Page<QueueTask> list(QueueQuery query) {
                if (query == null || (query.cursor() != null && !query.cursor().startsWith("v"))) {
                    return real.list(query);
                }
                long after = query.cursor() == null
                        ? 0
                        : Long.parseLong(query.cursor().substring(1));
                List<QueueTask> rest = all(store, query).stream()
                        .filter(task -> task.version() > after)
                        .toList();
                List<QueueTask> items = rest.stream().limit(query.limit()).toList();
                long last = items.stream().mapToLong(QueueTask::version).max().orElse(after);
                return new Page<>(items, rest.size() > items.size() ? "v" + last : null);
            }
        };
    }

    /** Of tasks with one priority and age, the one with the larger id comes first. */
    static void wrongTieBreak(PassingStore store, SkewedClock clock) {
        store.queue = new PassingQueue(store.queue) {
            @Override
            public Page<QueueTask> list(QueueQuery query) {
                Page<QueueTask> page = real.list(query);
                return new Page<>(
                        page.items().stream()
                                .sorted(Comparator.comparing((QueueTask task) ->
                                                -task.place().priority())
                                        .thenComparing(QueueTask::createdAt)
                                        .thenComparing(QueueTask::id, Comparator.reverseOrder()))
                                .toList(),
                        page.nextCursor());
            }
        };
    }

    /** A page is cut first and filtered then. */
    static void filteredAfterTheCut(PassingStore store, SkewedClock clock) {
        store.sessions = new PassingSessions(store.sessions) {
            @Override
            public Page<SessionSummary> list(SessionQuery query) {
                if (query == null || query.cursor() != null || query.filter() == SessionFilter.ALL) {
                    return real.list(query);
                }
                List<SessionSummary> cut =
                        real.list(query.withFilter(SessionFilter.ALL)).items();
                List<SessionSummary> shown = real.list(query.withLimit(ALL)).items();
                return new Page<>(
                        cut.stream().filter(shown::contains).toList(),
                        real.list(query).nextCursor());
            }
        };
    }

    /** An output is a page of the trace, with what is not output left out. */
    static void outputFilteredAfterTheCut(PassingStore store, SkewedClock clock) {
        store.sessions = new PassingSessions(store.sessions) {
            @Override
            public SessionEventPage output(SessionTraceQuery query) {
                SessionEventPage page = real.trace(query);
                List<RunEvent> output = page.items().stream()
                        .filter(event -> event.type().output())
                        .toList();
                return new SessionEventPage(page.sessionId(), page.runId(), output, page.cursor(), page.ended());
            }
        };
    }

    /** A cursor holds a number, and goes on in whichever run is the session's last then. */
    static void cursorOfAnotherRun(PassingStore store, SkewedClock clock) {
        store.sessions = new PassingSessions(store.sessions) {
            @Override
            public SessionEventPage trace(SessionTraceQuery query) {
                if (query == null || (query.cursor() != null && !query.cursor().startsWith("seq"))) {
                    return real.trace(query);
                }
                long after = query.cursor() == null
                        ? 0
                        : Long.parseLong(query.cursor().substring(3));
                SessionEventPage all = real.trace(query.withCursor(null).withLimit(ALL));
                List<RunEvent> items = all.items().stream()
                        .filter(event -> event.seq() > after)
                        .limit(query.limit())
                        .toList();
                long last =
                        items.isEmpty() ? after : items.get(items.size() - 1).seq();
                boolean ended = all.ended() && last >= all.items().size();
                return new SessionEventPage(
                        all.sessionId(), all.runId(), items, all.runId() == null ? null : "seq" + last, ended);
            }
        };
    }
}

package io.agentrun.tck.sabotage;

import static io.agentrun.rules.Rule.*;

import io.agentrun.event.RunEvent;
import io.agentrun.lease.ExpiredQuery;
import io.agentrun.lease.Recovery;
import io.agentrun.model.Page;
import io.agentrun.queue.QueueQuery;
import io.agentrun.queue.QueueTask;
import io.agentrun.session.SessionEventPage;
import io.agentrun.session.SessionFilter;
import io.agentrun.session.SessionQuery;
import io.agentrun.session.SessionSummary;
import io.agentrun.session.SessionTraceQuery;
import io.agentrun.tck.suite.PageBytesSuite;
import io.agentrun.tck.suite.QueueListSuite;
import io.agentrun.tck.suite.SessionListSuite;
import io.agentrun.tck.suite.SessionTraceSuite;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;

/** Stores that cut their lists in the wrong places (D4, D21). */
final class PageSabotage {

    static final List<Sabotage> ALL = List.of(
            Sabotage.of("pages of any size", Set.of(G_13), PageSabotage::pagesOfAnySize, PageBytesSuite.class),
            Sabotage.of(
                    "recoveries in answers of any size",
                    Set.of(G_13),
                    PageSabotage::answersOfAnySize,
                    PageBytesSuite.class),
            Sabotage.of(
                    "a page that ended by its bytes is the last",
                    Set.of(G_13),
                    PageSabotage::shortPageIsTheLast,
                    PageBytesSuite.class),
            Sabotage.of(
                    "D4 sorted by priority, paged by version",
                    Set.of(G_8),
                    PageSabotage::pagedByVersion,
                    QueueListSuite.class),
            Sabotage.of(
                    "D4 cut first, filtered then",
                    Set.of(S_7),
                    PageSabotage::filteredAfterTheCut,
                    SessionListSuite.class),
            Sabotage.of(
                    "ties in a list are broken the wrong way",
                    Set.of(G_8),
                    PageSabotage::wrongTieBreak,
                    QueueListSuite.class),
            Sabotage.of(
                    "D21 output filtered after the cut",
                    Set.of(S_8),
                    PageSabotage::outputFilteredAfterTheCut,
                    SessionTraceSuite.class),
            Sabotage.of(
                    "D21 a cursor goes on in another run",
                    Set.of(S_8, G_7),
                    PageSabotage::cursorOfAnotherRun,
                    SessionTraceSuite.class));

    private static final int MOST = 500;

    private PageSabotage() {}

    /** A page has as many records as were asked for, however large they are. */
    static void pagesOfAnySize(PassingStore store, SkewedClock clock) {
        store.queue = new PassingQueue(store.queue) {
            @Override
            public Page<QueueTask> list(QueueQuery query) {
                Page<QueueTask> first = real.list(query);
                if (first.nextCursor() == null || first.items().size() >= query.limit()) {
                    return first;
                }
                Page<QueueTask> next = list(query.withCursor(first.nextCursor())
                        .withLimit(query.limit() - first.items().size()));
                List<QueueTask> all = new ArrayList<>(first.items());
                all.addAll(next.items());
                return new Page<>(all, next.nextCursor());
            }
        };
    }

    /** A call recovers as many as were asked for, however large their runs are. */
    static void answersOfAnySize(PassingStore store, SkewedClock clock) {
        store.leases = new PassingLeases(store.leases) {
            @Override
            public List<Recovery> recoverExpired(ExpiredQuery query) {
                List<Recovery> done = new ArrayList<>(real.recoverExpired(query));
                List<Recovery> next = done;
                while (!next.isEmpty() && done.size() < query.limit()) {
                    next = real.recoverExpired(query.withLimit(query.limit() - done.size()));
                    done.addAll(next);
                }
                return done;
            }
        };
    }

    /** A page that ended by its bytes is taken for the last one. */
    static void shortPageIsTheLast(PassingStore store, SkewedClock clock) {
        store.queue = new PassingQueue(store.queue) {
            @Override
            public Page<QueueTask> list(QueueQuery query) {
                Page<QueueTask> page = real.list(query);
                return page.items().size() < query.limit() ? new Page<>(page.items(), null) : page;
            }
        };
    }

    private static List<QueueTask> all(PassingStore store, QueueQuery query) {
        List<QueueTask> all = new ArrayList<>();
        QueueQuery next = query.withCursor(null).withLimit(MOST);
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
                List<SessionSummary> shown = real.list(query.withLimit(MOST)).items();
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
                SessionEventPage all = real.trace(query.withCursor(null).withLimit(MOST));
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

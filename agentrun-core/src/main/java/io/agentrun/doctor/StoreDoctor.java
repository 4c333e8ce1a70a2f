package io.agentrun.doctor;

import io.agentrun.AgentRunStore;
import io.agentrun.check.Require;
import io.agentrun.error.NotFoundException;
import io.agentrun.error.StoreUnavailableException;
import io.agentrun.error.StoreUnavailableException.Reason;
import io.agentrun.error.TenantPolicyException;
import io.agentrun.inspect.Bounds;
import io.agentrun.inspect.Diagnosis;
import io.agentrun.inspect.Finding.Subject;
import io.agentrun.model.Idempotency;
import io.agentrun.model.Owner;
import io.agentrun.model.Page;
import io.agentrun.model.TenantScope;
import io.agentrun.question.Question;
import io.agentrun.question.QuestionQuery;
import io.agentrun.queue.QueueQuery;
import io.agentrun.queue.QueueTask;
import io.agentrun.rules.Rule;
import io.agentrun.run.Run;
import io.agentrun.run.RunQuery;
import io.agentrun.runner.Backend;
import io.agentrun.session.Session;
import io.agentrun.session.SessionFilter;
import io.agentrun.session.SessionQuery;
import io.agentrun.session.SessionSummary;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Examines a store for what must never be in one: numbers with a gap, two active turns in a session, open commands of an ended
 * run, a task that runs on nothing, and the like.
 *
 * <p>It reads through the store's API, page by page, changes nothing, and may be used while others work. What looks wrong is read
 * again until two readings agree; only then it is a finding, so that a change in between is none. A record that cannot be read is a
 * finding too, and what is behind it is examined. Its calls are as many as the
 * {@link Bounds} allow: about four for each run and three more for one with questions, three for each session and two for each task.
 *
 * <p>Records taken over from the original manager may be told as well: it ended runs without a {@code terminal_status} and
 * let two turns of a session be acknowledged at once (C-2, C-6).
 *
 * <p>Thread-safe.
 */
public final class StoreDoctor {

    private static final int READINGS = 6;
    private static final String WHOLE_STORE = "-";

    private final AgentRunStore store;
    private final TenantScope scope;
    private final Bounds bounds;

    private StoreDoctor(AgentRunStore store, TenantScope scope, Bounds bounds) {
        this.store = store;
        this.scope = scope;
        this.bounds = bounds;
    }

    /**
     * Returns a doctor for all tenants of the store, or for what a tenant view shows, within {@link Bounds#DEFAULTS}; the store
     * stays the caller's to close.
     */
    public static StoreDoctor of(AgentRunStore store) {
        return new StoreDoctor(Require.given("store", store), TenantScope.all(), Bounds.DEFAULTS);
    }

    /** Returns a doctor for one tenant or project, with the same bounds. */
    public StoreDoctor within(TenantScope scope) {
        return new StoreDoctor(store, Require.given("scope", scope), bounds);
    }

    /** Returns a doctor with other bounds, for the same tenants. */
    public StoreDoctor within(Bounds bounds) {
        return new StoreDoctor(store, scope, Require.given("bounds", bounds));
    }

    /**
     * Examines the store.
     *
     * @throws io.agentrun.error.StoreClosedException if the store is closed
     * @throws io.agentrun.error.StoreUnavailableException if it cannot be reached
     * @throws io.agentrun.error.InvalidInputException if the page of the bounds is larger than the store's largest
     */
    public Diagnosis examine() {
        return new Examination().run();
    }

    /** One examination. */
    private final class Examination {

        private final Findings findings = new Findings();
        private final List<String> unsettled = new ArrayList<>();
        private boolean complete = true;

        private Diagnosis run() {
            List<Run> runs = runs();
            List<Session> sessions = sessions();
            List<QueueTask> tasks = tasks();
            for (Run run : runs) {
                settle(Subject.RUN, run.id(), () -> RunFile.read(store, run.id(), bounds), (file, into) -> {
                    complete &= file.whole() && file.events().complete();
                    RunChecks.check(file, into);
                });
            }
            for (Session session : sessions) {
                settle(
                        Subject.SESSION,
                        session.id(),
                        () -> SessionFile.read(store, session.id(), bounds),
                        (file, into) -> {
                            complete &= file.whole();
                            SessionChecks.check(file, into);
                            into.require(
                                    file.session().version() >= session.version(),
                                    Rule.S_9,
                                    Subject.SESSION,
                                    session.id(),
                                    "its version went back");
                        });
            }
            for (QueueTask task : tasks) {
                settle(Subject.TASK, task.id(), () -> TaskFile.read(store, task.id()), (file, into) -> {
                    TaskChecks.check(file, into);
                    into.require(
                            file.task().version() >= task.version(),
                            Rule.Q_10,
                            Subject.TASK,
                            task.id(),
                            "its version went back");
                });
            }
            for (String runId : asking(runs)) {
                settle(Subject.RUN, runId, () -> QuestionFile.read(store, runId, bounds), (file, into) -> {
                    complete &= file.whole();
                    QuestionFile.check(file, into);
                });
            }
            if (complete) {
                settle(
                        Subject.STORE,
                        WHOLE_STORE,
                        () -> Optional.of(QueueFile.read(store, scope, bounds)),
                        (file, into) -> QueueFile.check(file, into));
            }
            settle(Subject.STORE, WHOLE_STORE, () -> Optional.of(backends(store)), StoreDoctor::backends);
            for (String left : store.health().unreadable()) {
                findings.addUnreadable(
                        Subject.STORE, left, "a stored record of this name cannot be read: lists leave it out");
            }
            return new Diagnosis(findings.list(), unsettled, runs.size(), sessions.size(), tasks.size(), complete);
        }

        /** Reads until a reading has no finding, or two readings agree; what cannot be read is a finding. */
        private <F> void settle(
                Subject subject, String id, Supplier<Optional<F>> reading, BiConsumer<F, Findings> check) {
            try {
                settle(id, reading, check);
            } catch (StoreUnavailableException e) {
                requireUnreadable(e);
                complete = false;
                findings.addUnreadable(subject, id, "it, or a record that belongs to it, cannot be read");
            }
        }

        private <F> void settle(String id, Supplier<Optional<F>> reading, BiConsumer<F, Findings> check) {
            Optional<F> seen = reading.get();
            for (int i = 1; seen.isPresent(); i++) {
                Findings found = new Findings();
                check.accept(seen.get(), found);
                if (found.isEmpty()) {
                    return;
                }
                Optional<F> again = reading.get();
                if (again.equals(seen)) {
                    findings.addAll(found);
                    return;
                }
                if (i == READINGS) {
                    unsettled.add(id);
                    return;
                }
                seen = again;
            }
        }

        private List<Run> runs() {
            RunQuery query = RunQuery.in(scope).withLimit(bounds.page());
            Comparator<Run> newest = Comparator.comparing(Run::createdAt)
                    .thenComparing(Run::id, Order.BY_CODE_POINT)
                    .reversed();
            List<Run> runs = list(cursor -> store.runs().list(query.withCursor(cursor)), newest, Run::id, Subject.RUN);
            unique(
                    runs,
                    run -> key(run.owner(), run.idempotency()),
                    Run::id,
                    this::isThere,
                    new Told(Rule.I_1, Subject.RUN, "another run of its owner has its key"));
            return runs;
        }

        private List<Session> sessions() {
            SessionQuery query =
                    SessionQuery.in(scope).withFilter(SessionFilter.ALL).withLimit(bounds.page());
            Comparator<SessionSummary> latest = Comparator.<SessionSummary, Instant>comparing(
                            summary -> summary.session().updatedAt())
                    .reversed()
                    .thenComparing(summary -> summary.session().id(), Order.BY_CODE_POINT);
            List<Session> sessions = list(
                            cursor -> store.sessions().list(query.withCursor(cursor)),
                            latest,
                            summary -> summary.session().id(),
                            Subject.SESSION)
                    .stream()
                    .map(SessionSummary::session)
                    .toList();
            unique(
                    sessions,
                    Session::version,
                    Session::id,
                    id -> true,
                    new Told(Rule.S_9, Subject.SESSION, "another session has its version"));
            return sessions;
        }

        private List<QueueTask> tasks() {
            QueueQuery query = QueueQuery.in(scope).withLimit(bounds.page());
            Comparator<QueueTask> inOrder = Comparator.<QueueTask>comparingInt(
                            task -> -task.place().priority())
                    .thenComparing(QueueTask::createdAt)
                    .thenComparing(QueueTask::id, Order.BY_CODE_POINT);
            List<QueueTask> tasks =
                    list(cursor -> store.queue().list(query.withCursor(cursor)), inOrder, QueueTask::id, Subject.TASK);
            unique(
                    tasks,
                    task -> key(task.owner(), task.idempotency()),
                    QueueTask::id,
                    id -> RunFile.task(store, id) != null,
                    new Told(Rule.I_1, Subject.TASK, "another task of its owner has its key"));
            unique(
                    tasks,
                    QueueTask::version,
                    QueueTask::id,
                    id -> true,
                    new Told(Rule.Q_10, Subject.TASK, "another task has its version"));
            return tasks;
        }

        /** Returns the runs that have questions, or say so. */
        private Set<String> asking(List<Run> runs) {
            QuestionQuery query = QuestionQuery.in(scope).withLimit(bounds.page());
            Comparator<Question> oldest =
                    Comparator.comparing(Question::createdAt).thenComparing(Question::id, Order.BY_CODE_POINT);
            List<Question> questions = list(
                    cursor -> store.questions().list(query.withCursor(cursor)), oldest, Question::id, Subject.QUESTION);
            unique(
                    questions,
                    Question::version,
                    Question::id,
                    id -> true,
                    new Told(Rule.A_7, Subject.QUESTION, "another question has its version"));
            Set<String> asking = new LinkedHashSet<>();
            questions.forEach(question -> asking.add(question.runId()));
            runs.stream().filter(run -> run.openQuestions() > 0).forEach(run -> asking.add(run.id()));
            return asking;
        }

        private boolean isThere(String runId) {
            try {
                store.runs().get(runId);
                return true;
            } catch (NotFoundException purged) {
                return false;
            }
        }

        /** Reads a list to its end. A page is of one moment, so that it is in order; an item whose place moves may come twice. */
        private <T> List<T> list(
                Function<@Nullable String, Page<T>> pages,
                Comparator<T> order,
                Function<T, String> id,
                Subject subject) {
            Map<String, T> items = new LinkedHashMap<>();
            String cursor = null;
            do {
                Page<T> page = page(pages, cursor, subject);
                for (int i = 0; i < page.items().size(); i++) {
                    T item = page.items().get(i);
                    T before = items.put(id.apply(item), item);
                    findings.require(
                            !item.equals(before), Rule.G_8, subject, id.apply(item), "its list shows it twice");
                    findings.require(
                            i == 0 || order.compare(page.items().get(i - 1), item) <= 0,
                            Rule.G_8,
                            subject,
                            id.apply(item),
                            "its list shows it out of order");
                }
                cursor = page.nextCursor();
                if (cursor != null && items.size() >= bounds.records()) {
                    complete = false;
                    cursor = null;
                }
            } while (cursor != null);
            return List.copyOf(items.values());
        }

        /** Reads a page; one that cannot be read is a finding, and the last one. */
        private <T> Page<T> page(Function<@Nullable String, Page<T>> pages, @Nullable String cursor, Subject subject) {
            try {
                return pages.apply(cursor);
            } catch (StoreUnavailableException e) {
                requireUnreadable(e);
                complete = false;
                findings.addUnreadable(subject, WHOLE_STORE, "a page of the list of these records cannot be read");
                return new Page<>(List.of(), null);
            }
        }

        /** Checks that no two records share a value; what was deleted meanwhile shares nothing. */
        private <T> void unique(
                List<T> items,
                Function<T, @Nullable Object> value,
                Function<T, String> id,
                Predicate<String> isThere,
                Told told) {
            Map<Object, String> seen = new HashMap<>();
            for (T item : items) {
                Object shared = value.apply(item);
                String other = shared == null ? null : seen.put(shared, id.apply(item));
                findings.require(
                        other == null || !present(isThere, other),
                        told.rule(),
                        told.subject(),
                        id.apply(item),
                        told.what());
            }
        }
    }

    private static void requireUnreadable(StoreUnavailableException failure) {
        if (failure.reason() != Reason.CORRUPT) {
            throw failure;
        }
    }

    /** Returns whether the record is there; one that cannot be read is. */
    private static boolean present(Predicate<String> isThere, String id) {
        try {
            return isThere.test(id);
        } catch (StoreUnavailableException e) {
            requireUnreadable(e);
            return true;
        }
    }

    /** What a finding says if there is one. */
    private record Told(Rule rule, Subject subject, String what) {}

    private static @Nullable Object key(Owner owner, @Nullable Idempotency idempotency) {
        return idempotency == null ? null : List.of(owner.tenantId(), owner.projectId(), idempotency.key());
    }

    /** Returns the backends; none of a tenant view, to which they do not belong. */
    private static List<Backend> backends(AgentRunStore store) {
        try {
            return store.runners().backends();
        } catch (TenantPolicyException ofNoTenant) {
            return List.of();
        }
    }

    private static void backends(List<Backend> backends, Findings findings) {
        Set<String> profiles = new HashSet<>();
        backends.forEach(backend -> findings.require(
                profiles.add(backend.profile().wire()),
                Rule.J_3,
                Subject.STORE,
                backend.profile().wire(),
                "two backends have one profile"));
    }
}

package io.agentrun.tck.suite;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentrun.lease.RunLease;
import io.agentrun.model.BackendProfile;
import io.agentrun.model.Outcome;
import io.agentrun.model.Owner;
import io.agentrun.model.Page;
import io.agentrun.model.RunSpec;
import io.agentrun.model.TenantScope;
import io.agentrun.model.TurnResult;
import io.agentrun.question.NewQuestion;
import io.agentrun.question.Question;
import io.agentrun.question.QuestionOrder;
import io.agentrun.question.QuestionQuery;
import io.agentrun.question.QuestionState;
import io.agentrun.question.Reply;
import io.agentrun.queue.NewQueueTask;
import io.agentrun.queue.QueueQuery;
import io.agentrun.queue.QueueTask;
import io.agentrun.queue.TaskState;
import io.agentrun.rules.Rule;
import io.agentrun.run.NewRun;
import io.agentrun.run.Run;
import io.agentrun.run.RunQuery;
import io.agentrun.run.RunStatus;
import io.agentrun.run.SessionRef;
import io.agentrun.schedule.NewSchedule;
import io.agentrun.schedule.Schedule;
import io.agentrun.schedule.ScheduleQuery;
import io.agentrun.session.ExecutionState;
import io.agentrun.session.Session;
import io.agentrun.session.SessionFilter;
import io.agentrun.session.SessionQuery;
import io.agentrun.session.SessionSummary;
import io.agentrun.session.SessionUpsert;
import io.agentrun.tck.Proves;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * Every list under every combination of its filters, in pages of every small size: the pages together are what the filter shows, in
 * the order of the list. A third of the records are of the same time as the one before, so that pages end among them, and those
 * of other projects and tenants lie between.
 *
 * <p>Not thread-safe: one thread at a time.
 */
public abstract class PagesSuite extends ConformanceSuite {

    private static final int LARGEST = 3;
    private static final String ANN = "ann";
    private static final TurnResult DONE = TurnResult.of(Outcome.completed());
    private static final List<String> QUEUES = List.of("queue", "another");
    private static final List<String> LANES = List.of("default", "fast");
    private static final List<TaskState> STATES = List.of(TaskState.PENDING, TaskState.RUNNING, TaskState.CANCELLED);
    private static final List<BackendProfile> PROFILES = List.of(Given.PROFILE, BackendProfile.DEEPSEEK);
    private static final Comparator<Run> NEWEST_RUN =
            Comparator.comparing(Run::createdAt).thenComparing(Run::id).reversed();
    private static final Comparator<QueueTask> MOST_URGENT = Comparator.comparing(PagesSuite::priority)
            .reversed()
            .thenComparing(QueueTask::createdAt)
            .thenComparing(QueueTask::id);
    private static final Comparator<Session> CHANGED_LAST =
            Comparator.comparing(Session::updatedAt).reversed().thenComparing(Session::id);

    /** For adapters. */
    protected PagesSuite() {}

    @Test
    @Proves({Rule.G_8, Rule.G_6, Rule.R_1})
    void of_runs() {
        List<Run> runs = new ArrayList<>();
        List<String> sessions = new ArrayList<>();
        for (Owner owner : owners()) {
            sessions.add(given().name("session"));
            for (int i = 0; i < 12; i++) {
                NewRun.Builder run = NewRun.builder(owner, RunSpec.of(PROFILES.get(i % 2)));
                if (i % 3 == 1) {
                    run.session(SessionRef.of(sessions.get(sessions.size() - 1)));
                }
                runs.add(store().runs().create(run.build()));
                move(runs.get(runs.size() - 1), i);
                later(i);
            }
        }
        List<RunQuery> queries = scopes().stream()
                .map(RunQuery::in)
                .flatMap(query -> choices(List.of(RunStatus.values())).stream().map(query::withStatus))
                .flatMap(query -> choices(sessions.subList(0, 1)).stream().map(query::withSessionId))
                .flatMap(query -> choices(PROFILES.subList(1, 2)).stream().map(query::withBackendProfile))
                .toList();

        runs.replaceAll(run -> store().runs().get(run.id()));
        runs.sort(NEWEST_RUN);
        for (RunQuery query : queries) {
            List<Run> shown = shown(
                    runs,
                    run -> query.scope().includes(run.owner())
                            && matches(query.status(), run.status())
                            && matches(query.sessionId(), run.sessionId())
                            && matches(query.backendProfile(), run.spec().backendProfile()));
            assertPages(
                    query,
                    shown,
                    (limit, cursor) ->
                            store().runs().list(query.withLimit(limit).withCursor(cursor)));
        }
    }

    /** Cancels the run, claims it, begins a turn, ends it or leaves it as it is, in turn. */
    private void move(Run run, int i) {
        switch (i % 5) {
            case 0 -> store().runs().cancel(run.id(), "enough");
            case 1 -> given().claimed(run);
            case 2 ->
                store().commands()
                        .acknowledge(
                                given().claimed(run).fence(), given().turn(run).id());
            case 3 -> given().completed(run);
            default -> assertThat(run.status()).isEqualTo(RunStatus.PENDING);
        }
    }

    @Test
    @Proves({Rule.G_8, Rule.G_6, Rule.Q_2})
    void of_tasks() {
        List<QueueTask> tasks = new ArrayList<>();
        for (Owner owner : owners()) {
            for (int i = 0; i < 16; i++) {
                QueueTask task = store().queue()
                        .create(NewQueueTask.builder(owner, QUEUES.get(i % 2), "a task", given().spec())
                                .lane(LANES.get(i / 2 % 2))
                                .priority(i / 8)
                                .build());
                if (i % 3 == 2) {
                    store().queue().cancel(task.id(), "no more");
                }
                tasks.add(task);
                later(i);
            }
        }
        for (int i = 0; i < 4; i++) {
            given().dispatched(QUEUES.get(i % 2));
        }
        List<QueueQuery> queries = scopes().stream()
                .map(QueueQuery::in)
                .flatMap(query -> choices(QUEUES.subList(1, 2)).stream().map(query::withQueue))
                .flatMap(query -> choices(LANES.subList(1, 2)).stream().map(query::withLane))
                .flatMap(query -> choices(STATES).stream().map(query::withState))
                .toList();

        tasks.replaceAll(task -> store().queue().get(task.id()));
        tasks.sort(MOST_URGENT);
        for (QueueQuery query : queries) {
            List<QueueTask> shown = shown(
                    tasks,
                    task -> query.scope().includes(task.owner())
                            && matches(query.queue(), task.place().queue())
                            && matches(query.lane(), task.place().lane())
                            && matches(query.state(), task.state()));
            assertPages(
                    query,
                    shown,
                    (limit, cursor) ->
                            store().queue().list(query.withLimit(limit).withCursor(cursor)));
        }
    }

    @Test
    @Proves({Rule.G_8, Rule.G_6, Rule.S_7, Rule.S_6})
    void of_sessions() {
        Set<String> read = new HashSet<>();
        List<String> ids = new ArrayList<>();
        for (Owner owner : owners()) {
            for (int i = 0; i < 12; i++) {
                BackendProfile profile = PROFILES.get(i % 2);
                String id = given().name("session");
                ids.add(id);
                store().sessions()
                        .upsert(SessionUpsert.builder(id, owner, profile).build());
                if (i % 3 != 0) {
                    Run run = store().runs()
                            .create(NewRun.builder(owner, RunSpec.of(profile))
                                    .session(SessionRef.of(id))
                                    .build());
                    RunLease lease = given().claimed(run);
                    given().acknowledgedTurn(lease);
                    if (i % 3 == 1) {
                        store().runs().finish(lease.fence(), DONE);
                    }
                }
                if (i % 4 == 0) {
                    read.add(id);
                }
                later(i);
            }
        }
        List<Session> sessions = new ArrayList<>();
        ids.forEach(id -> sessions.add(store().sessions().get(id)));
        sessions.sort(CHANGED_LAST);
        for (Session session : sessions) {
            if (read.contains(session.id())) {
                store().sessions().markRead(session.id(), ANN, session.version());
            } else {
                store().sessions().markRead(session.id(), "bob", session.version());
            }
        }
        List<SessionQuery> queries = scopes().stream()
                .map(SessionQuery::in)
                .flatMap(query -> Stream.of(SessionFilter.values()).map(query::withFilter))
                .flatMap(query -> choices(PROFILES.subList(1, 2)).stream().map(query::withBackendProfile))
                .flatMap(query -> choices(List.of(ANN)).stream().map(query::withReaderId))
                .toList();

        for (SessionQuery query : queries) {
            List<Session> shown = shown(
                    sessions,
                    session -> query.scope().includes(session.owner())
                            && matches(query.backendProfile(), session.backendProfile())
                            && isShown(query, session, query.readerId() != null && read.contains(session.id())));
            assertPages(
                    query,
                    shown,
                    (limit, cursor) ->
                            items(store().sessions().list(query.withLimit(limit).withCursor(cursor))));
        }
    }

    private static boolean isShown(SessionQuery query, Session session, boolean read) {
        ExecutionState state = session.activity().state();
        return switch (query.filter()) {
            case ALL -> true;
            case DEFAULT -> state != ExecutionState.TERMINAL || !read;
            case IDLE -> state == ExecutionState.IDLE;
            case RUNNING -> state == ExecutionState.RUNNING;
            case TERMINAL -> state == ExecutionState.TERMINAL;
            case UNREAD -> !read;
        };
    }

    private static Page<Session> items(Page<SessionSummary> page) {
        return new Page<>(page.items().stream().map(SessionSummary::session).toList(), page.nextCursor());
    }

    @Test
    @Proves({Rule.G_8, Rule.G_6, Rule.A_7})
    void of_questions() {
        List<Question> questions = new ArrayList<>();
        List<RunLease> mine = new ArrayList<>();
        for (Owner owner : owners()) {
            List<RunLease> leases = List.of(asking(owner), asking(owner));
            mine.addAll(leases);
            for (int i = 0; i < 12; i++) {
                Question question = store().questions()
                        .ask(
                                leases.get(i % 2).fence(),
                                NewQuestion.of("which one?").withWithin(Duration.ofHours(9 - i / 3)));
                if (i % 3 == 1) {
                    store().questions().answer(question.id(), Reply.declined(), ANN);
                }
                questions.add(question);
                later(i);
            }
        }
        Run run = mine.get(1).run();
        List<QuestionQuery> queries = scopes().stream()
                .map(QuestionQuery::in)
                .flatMap(query -> choices(List.of(Objects.requireNonNull(run.sessionId()))).stream()
                        .map(query::withSessionId))
                .flatMap(query -> choices(List.of(run.id())).stream().map(query::withRunId))
                .flatMap(query -> choices(List.of(QuestionState.OPEN, QuestionState.ANSWERED)).stream()
                        .map(query::withState))
                .flatMap(query -> Stream.of(QuestionOrder.values()).map(query::withOrder))
                .toList();

        questions.replaceAll(question -> store().questions().get(question.id()));
        for (QuestionQuery query : queries) {
            Comparator<Question> order = query.order() == QuestionOrder.DUE
                    ? Comparator.comparing(Question::expiresAt)
                    : Comparator.comparing(Question::createdAt);
            questions.sort(order.thenComparing(Question::id));
            List<Question> shown = shown(
                    questions,
                    question -> query.scope().includes(question.owner())
                            && matches(query.sessionId(), question.sessionId())
                            && matches(query.runId(), question.runId())
                            && matches(query.state(), question.state()));
            assertPages(
                    query,
                    shown,
                    (limit, cursor) ->
                            store().questions().list(query.withLimit(limit).withCursor(cursor)));
        }
    }

    private RunLease asking(Owner owner) {
        Run run = store().runs()
                .create(NewRun.builder(owner, given().spec())
                        .session(SessionRef.of(given().name("session")))
                        .build());
        RunLease lease = given().claimed(run);
        given().acknowledgedTurn(lease);
        return lease;
    }

    @Test
    @Proves({Rule.G_8, Rule.G_6, Rule.T_1})
    void of_schedules() {
        List<Schedule> schedules = new ArrayList<>();
        for (Owner owner : owners()) {
            for (String name : List.of("b", "a", "B", "a-1", "a1")) {
                schedules.add(store().schedules()
                        .put(NewSchedule.of(
                                name,
                                "0 2 * * *",
                                "UTC",
                                NewQueueTask.builder(owner, QUEUES.get(0), "nightly", given().spec())
                                        .build())));
            }
        }

        schedules.sort(Comparator.comparing(PagesSuite::tenant)
                .thenComparing(PagesSuite::project)
                .thenComparing(schedule -> schedule.key().name()));
        for (TenantScope scope : scopes()) {
            ScheduleQuery query = ScheduleQuery.in(scope);
            assertPages(
                    query,
                    shown(schedules, schedule -> scope.includes(schedule.key().owner())),
                    (limit, cursor) ->
                            store().schedules().list(query.withLimit(limit).withCursor(cursor)));
        }
    }

    private static String tenant(Schedule schedule) {
        return schedule.key().owner().tenantId();
    }

    private static String project(Schedule schedule) {
        return schedule.key().owner().projectId();
    }

    private static int priority(QueueTask task) {
        return task.place().priority();
    }

    /** Another project of the tenant, and another tenant with a project of the same name. */
    private List<Owner> owners() {
        Owner mine = given().owner();
        return List.of(
                mine,
                new Owner(mine.tenantId(), given().name("project")),
                new Owner(given().name("tenant"), mine.projectId()));
    }

    private List<TenantScope> scopes() {
        return List.of(given().scope(), TenantScope.tenant(given().owner().tenantId()), TenantScope.all());
    }

    /** Two records of three are of the same time. */
    private void later(int i) {
        if (i % 3 == 1) {
            advance(Duration.ofSeconds(1));
        }
    }

    /** No choice, and each of the values. */
    private static <T> List<@Nullable T> choices(List<T> values) {
        List<@Nullable T> choices = new ArrayList<>(values);
        choices.add(null);
        return choices;
    }

    private static boolean matches(@Nullable Object wanted, @Nullable Object is) {
        return wanted == null || wanted.equals(is);
    }

    private static <T> List<T> shown(List<T> all, Predicate<T> filter) {
        return all.stream().filter(filter).toList();
    }

    /** Reads a page. */
    private interface Reader<T> {
        Page<T> read(int limit, @Nullable String cursor);
    }

    private <T> void assertPages(Object query, List<T> shown, Reader<T> reader) {
        for (int limit = 1; limit <= LARGEST; limit++) {
            List<T> seen = new ArrayList<>();
            String cursor = null;
            do {
                Page<T> page = reader.read(limit, cursor);
                cursor = page.nextCursor();
                assertThat(page.items()).as("%s", query).hasSizeBetween(cursor == null ? 0 : limit, limit);
                seen.addAll(page.items());
            } while (cursor != null && seen.size() <= shown.size());
            assertThat(seen).as("%s in pages of %d", query, limit).isEqualTo(shown);
        }
    }
}

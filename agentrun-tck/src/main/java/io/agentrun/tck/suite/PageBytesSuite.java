package io.agentrun.tck.suite;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentrun.backend.PageBytes;
import io.agentrun.command.Command;
import io.agentrun.command.CommandPage;
import io.agentrun.command.NewCommand;
import io.agentrun.event.EventPage;
import io.agentrun.event.EventType;
import io.agentrun.event.NewEvent;
import io.agentrun.event.RunEvent;
import io.agentrun.json.JsonObject;
import io.agentrun.lease.ExpiredLease;
import io.agentrun.lease.ExpiredQuery;
import io.agentrun.lease.Recovery;
import io.agentrun.model.ChangePage;
import io.agentrun.model.Outcome;
import io.agentrun.model.Page;
import io.agentrun.model.RunSpec;
import io.agentrun.model.TurnResult;
import io.agentrun.queue.DispatchRequest;
import io.agentrun.queue.NewQueueTask;
import io.agentrun.queue.QueueQuery;
import io.agentrun.queue.QueueScope;
import io.agentrun.queue.QueueSnapshot;
import io.agentrun.queue.QueueTask;
import io.agentrun.queue.TakeRequest;
import io.agentrun.queue.Taken;
import io.agentrun.rules.Rule;
import io.agentrun.run.NewRun;
import io.agentrun.run.Run;
import io.agentrun.run.RunQuery;
import io.agentrun.run.SessionRef;
import io.agentrun.session.Session;
import io.agentrun.session.SessionEventPage;
import io.agentrun.session.SessionQuery;
import io.agentrun.session.SessionSummary;
import io.agentrun.session.SessionTraceQuery;
import io.agentrun.tck.Proves;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * Pages of large records: they end by their bytes, and nothing is left out.
 *
 * <p>Not thread-safe: one thread at a time.
 */
public abstract class PageBytesSuite extends ConformanceSuite {

    /** One more than two pages have, of objects of which eight are a page. */
    private static final int MANY = 17;

    private static final int LIMIT = 100;
    private static final JsonObject LARGE = JsonObject.of("text", "many words ".repeat(90_900));

    /** For adapters. */
    protected PageBytesSuite() {}

    /** Eight of the large records are a page; only the last one has fewer. */
    private static void bounded(List<?> items, boolean last) {
        if (last) {
            assertThat(items).as("the last page").hasSizeLessThanOrEqualTo(8);
        } else {
            assertThat(items).as("a page before the last").hasSize(8);
        }
    }

    private static long bytes(List<RunEvent> events) {
        return events.stream().mapToLong(event -> event.payload().sizeInBytes()).sum();
    }

    private Run runOfLargeEvents(Run run) {
        for (int i = 0; i < MANY; i++) {
            store().events().appendUnfenced(run.id(), new NewEvent(EventType.ASSISTANT_MESSAGE, LARGE));
        }
        return run;
    }

    @Test
    @Proves({Rule.G_13, Rule.E_3})
    void pages_of_large_events_end_early_and_leave_none_out() {
        Run run = runOfLargeEvents(given().run());
        store().runs().finish(given().claimed(run).fence(), TurnResult.of(Outcome.completed()));

        List<RunEvent> seen = new ArrayList<>();
        EventPage page = store().events().list(run.id(), 0, LIMIT);
        while (!page.ended()) {
            assertThat(page.items()).isNotEmpty();
            assertThat(bytes(page.items())).isLessThanOrEqualTo(PageBytes.MOST);
            seen.addAll(page.items());
            page = store().events().await(run.id(), page.nextAfterSeq(), LIMIT, Duration.ZERO);
        }
        assertThat(bytes(page.items())).isLessThanOrEqualTo(PageBytes.MOST);
        seen.addAll(page.items());

        assertThat(seen).extracting(RunEvent::seq).isSorted().doesNotHaveDuplicates();
        assertThat(seen).hasSize((int) seen.get(seen.size() - 1).seq());
        assertThat(seen).filteredOn(event -> event.payload().equals(LARGE)).hasSize(MANY);
        assertThat(seen.get(seen.size() - 1).type()).isEqualTo(EventType.TERMINAL_STATUS);
    }

    @Test
    @Proves({Rule.G_13, Rule.S_8})
    void traces_of_large_events_end_early_and_leave_none_out() {
        String sessionId = given().name("session");
        Run run = runOfLargeEvents(given().runIn(sessionId));
        long last = store().events().list(run.id(), MANY, LIMIT).nextAfterSeq();
        List<Function<SessionTraceQuery, SessionEventPage>> readers =
                List.of(store().sessions()::trace, store().sessions()::output);

        for (Function<SessionTraceQuery, SessionEventPage> reader : readers) {
            SessionTraceQuery query = SessionTraceQuery.of(sessionId).withLimit(LIMIT);
            List<RunEvent> seen = new ArrayList<>();
            SessionEventPage page = reader.apply(query);
            while (!page.items().isEmpty()) {
                assertThat(bytes(page.items())).isLessThanOrEqualTo(PageBytes.MOST);
                seen.addAll(page.items());
                page = reader.apply(query.withCursor(page.cursor()));
            }

            assertThat(seen).filteredOn(event -> event.payload().equals(LARGE)).hasSize(MANY);
            assertThat(seen.get(seen.size() - 1).seq()).isEqualTo(last);
        }
    }

    @Test
    @Proves(Rule.G_13)
    void pages_of_large_commands_end_early_and_leave_none_out() {
        Run run = given().run();
        List<String> made = new ArrayList<>();
        for (int i = 0; i < MANY; i++) {
            made.add(store().commands().create(run.id(), NewCommand.turn(LARGE)).id());
        }

        List<String> seen = new ArrayList<>();
        CommandPage page = store().commands().list(run.id(), 0, LIMIT);
        while (!page.items().isEmpty()) {
            seen.addAll(page.items().stream().map(Command::id).toList());
            bounded(page.items(), seen.size() == MANY);
            page = store().commands().list(run.id(), page.nextAfterSeq(), LIMIT);
        }

        assertThat(seen).isEqualTo(made);
    }

    private static <T> List<T> walk(Function<@Nullable String, Page<T>> read) {
        List<T> seen = new ArrayList<>();
        String cursor = null;
        do {
            Page<T> page = read.apply(cursor);
            seen.addAll(page.items());
            cursor = page.nextCursor();
            bounded(page.items(), cursor == null);
        } while (cursor != null);
        return seen;
    }

    private static <T> List<T> walkChanges(Function<@Nullable String, ChangePage<T>> read) {
        List<T> seen = new ArrayList<>();
        ChangePage<T> page = read.apply(null);
        while (page.more()) {
            bounded(page.items(), false);
            seen.addAll(page.items());
            page = read.apply(page.cursor());
        }
        bounded(page.items(), true);
        seen.addAll(page.items());
        return seen;
    }

    @Test
    @Proves({Rule.G_13, Rule.G_8})
    void pages_of_large_runs_end_early_and_leave_none_out() {
        List<String> made = new ArrayList<>();
        for (int i = 0; i < MANY; i++) {
            RunSpec spec = RunSpec.builder(Given.PROFILE).workspaceRef(LARGE).build();
            made.add(
                    0,
                    store().runs()
                            .create(NewRun.builder(given().owner(), spec).build())
                            .id());
        }

        List<Run> seen = walk(cursor -> store().runs()
                .list(RunQuery.in(given().scope()).withLimit(LIMIT).withCursor(cursor)));

        assertThat(seen).extracting(Run::id).containsExactlyInAnyOrderElementsOf(made);
    }

    @Test
    @Proves({Rule.G_13, Rule.L_8})
    void expired_leases_of_large_runs_are_listed_and_recovered_a_page_at_a_time() {
        RunSpec spec = RunSpec.builder(Given.PROFILE).workspaceRef(LARGE).build();
        List<String> made = new ArrayList<>();
        for (int i = 0; i < MANY; i++) {
            Run run = store().runs()
                    .create(NewRun.builder(given().owner(), spec).maxAttempts(2).build());
            made.add(given().claimed(run).run().id());
        }
        advance(Given.LEASE);
        ExpiredQuery query = ExpiredQuery.in(given().scope()).withLimit(LIMIT);

        List<String> recovered = new ArrayList<>();
        List<ExpiredLease> listed = store().leases().listExpired(query);
        while (!listed.isEmpty()) {
            bounded(listed, made.size() - recovered.size() == listed.size());
            List<Recovery> page = store().leases().recoverExpired(query);
            bounded(page, made.size() - recovered.size() == page.size());
            recovered.addAll(page.stream().map(Recovery::runId).toList());
            listed = store().leases().listExpired(query);
        }

        assertThat(recovered).containsExactlyInAnyOrderElementsOf(made);
    }

    @Test
    @Proves({Rule.G_13, Rule.G_8, Rule.G_9})
    void pages_of_large_sessions_end_early_and_leave_none_out() {
        List<String> made = new ArrayList<>();
        for (int i = 0; i < MANY; i++) {
            made.add(store().sessions()
                    .upsert(given().newSession().metadata(LARGE).build())
                    .id());
        }

        List<SessionSummary> listed = walk(cursor -> store().sessions()
                .list(SessionQuery.in(given().scope()).withLimit(LIMIT).withCursor(cursor)));
        List<Session> changed = walkChanges(cursor -> store().sessions().changes(given().scope(), cursor, LIMIT));

        assertThat(listed).extracting(summary -> summary.session().id()).containsExactlyInAnyOrderElementsOf(made);
        assertThat(changed).extracting(Session::id).isEqualTo(made);
    }

    @Test
    @Proves({Rule.G_13, Rule.G_8, Rule.G_9})
    void pages_of_large_tasks_end_early_and_leave_none_out() {
        List<String> made = new ArrayList<>();
        String queue = given().name("queue");
        for (int i = 0; i < MANY; i++) {
            made.add(store().queue()
                    .create(given().newTask(queue)
                            .payload(LARGE)
                            .session(SessionRef.of(given().name("session")))
                            .build())
                    .id());
        }

        List<QueueTask> listed = walk(cursor -> store().queue()
                .list(QueueQuery.in(given().scope()).withLimit(LIMIT).withCursor(cursor)));
        List<QueueTask> changed = walkChanges(cursor -> store().queue().changes(given().scope(), cursor, LIMIT));

        assertThat(listed).extracting(QueueTask::id).containsExactlyInAnyOrderElementsOf(made);
        assertThat(changed).extracting(QueueTask::id).isEqualTo(made);
    }

    /** The task, and the turn that says the same. */
    private static long bytes(Taken taken) {
        long turns = taken.turns().stream()
                .mapToLong(turn -> turn.payload().sizeInBytes())
                .sum();
        return taken.task().content().payload().sizeInBytes() + turns;
    }

    @Test
    @Proves({Rule.G_13, Rule.Q_11})
    void takes_of_large_tasks_end_early_and_leave_none_out() {
        String queue = given().name("queue");
        List<String> made = new ArrayList<>();
        for (int i = 0; i < MANY; i++) {
            NewQueueTask.Builder task = given().newTask(queue).payload(LARGE);
            made.add(store().queue()
                    .create((i % 2 == 0 ? task : task.session(SessionRef.of(given().name("session")))).build())
                    .id());
        }

        List<Taken> fresh = takeAll(queue);
        List<String> sessions = fresh.stream()
                .map(taken -> taken.lease().run().sessionId())
                .filter(Objects::nonNull)
                .toList();
        fresh.forEach(taken -> store().leases().release(taken.lease().fence()));
        List<Taken> again = takeAll(queue);

        assertThat(fresh).extracting(taken -> taken.task().id()).isEqualTo(made);
        assertThat(sessions).hasSize(MANY / 2);
        assertThat(again).extracting(taken -> taken.task().id()).isEqualTo(made);
        assertThat(again).allSatisfy(taken -> assertThat(taken.turns()).hasSize(1));
    }

    /** Takes until nothing is left; no session is left behind for a task that was not taken. */
    private List<Taken> takeAll(String queue) {
        TakeRequest request =
                TakeRequest.by(Given.RUNNER, DispatchRequest.fromQueue(queue)).withN(LIMIT);
        List<Taken> all = new ArrayList<>();
        List<Taken> taken = store().queue().take(request);
        while (!taken.isEmpty()) {
            assertThat(taken.stream().mapToLong(PageBytesSuite::bytes).sum()).isLessThanOrEqualTo(PageBytes.MOST);
            all.addAll(taken);
            long used = all.stream()
                    .filter(each -> each.lease().run().sessionId() != null)
                    .count();
            assertThat(store().sessions()
                            .list(SessionQuery.in(given().scope()).withLimit(LIMIT))
                            .items())
                    .hasSizeGreaterThanOrEqualTo((int) used)
                    .allSatisfy(each ->
                            assertThat(each.session().activity().turns()).isPositive());
            taken = store().queue().take(request);
        }
        return all;
    }

    @Test
    @Proves({Rule.G_13, Rule.Q_9})
    void a_snapshot_shows_fewer_tasks_where_they_are_large() {
        String queue = given().name("queue");
        for (int i = 0; i < MANY; i++) {
            store().queue().create(given().newTask(queue).payload(LARGE).build());
        }

        QueueSnapshot snapshot = store().queue().snapshot(QueueScope.inQueue(queue));

        assertThat(snapshot.items()).hasSize(8);
        assertThat(snapshot.stats().due()).isEqualTo(MANY);
    }
}

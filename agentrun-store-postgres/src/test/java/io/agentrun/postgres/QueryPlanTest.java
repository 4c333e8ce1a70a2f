package io.agentrun.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.agentrun.command.Command;
import io.agentrun.command.NewCommand;
import io.agentrun.json.JsonObject;
import io.agentrun.lease.ClaimRequest;
import io.agentrun.lease.ExpiredQuery;
import io.agentrun.lease.Fence;
import io.agentrun.model.BackendProfile;
import io.agentrun.model.CancelMode;
import io.agentrun.model.Deadlines;
import io.agentrun.model.Owner;
import io.agentrun.model.Page;
import io.agentrun.model.RunSpec;
import io.agentrun.model.TenantScope;
import io.agentrun.postgres.testing.PlanningDataSource;
import io.agentrun.postgres.testing.TestDatabase;
import io.agentrun.question.NewQuestion;
import io.agentrun.question.Question;
import io.agentrun.question.QuestionOrder;
import io.agentrun.question.QuestionQuery;
import io.agentrun.question.QuestionState;
import io.agentrun.question.Reply;
import io.agentrun.queue.DispatchRequest;
import io.agentrun.queue.NewQueueTask;
import io.agentrun.queue.QueueQuery;
import io.agentrun.queue.QueueScope;
import io.agentrun.queue.QueueTask;
import io.agentrun.queue.TaskState;
import io.agentrun.run.NewRun;
import io.agentrun.run.PurgeRequest;
import io.agentrun.run.Run;
import io.agentrun.run.RunQuery;
import io.agentrun.run.RunStatus;
import io.agentrun.run.SessionRef;
import io.agentrun.schedule.NewSchedule;
import io.agentrun.schedule.ScheduleQuery;
import io.agentrun.session.SessionFilter;
import io.agentrun.session.SessionQuery;
import io.agentrun.storage.StorageClaimRequest;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * How the server carries out what looks for rows among 100,000: along an index, so that the cost is that of what is found.
 */
class QueryPlanTest {

    private static final TenantScope PROJECT = TenantScope.project("t3", "p1");
    private static final TenantScope TENANT = TenantScope.tenant("t3");

    /** A sort of this many rows is nothing; the pages here have fifty. */
    private static final long FEW = 500;

    private static final Set<String> LARGE = Set.of(
            "agentrun_queue_tasks",
            "agentrun_task_lists",
            "agentrun_sessions",
            "agentrun_session_read_cursors",
            "agentrun_runs",
            "agentrun_run_state",
            "agentrun_schedules",
            "agentrun_commands",
            "agentrun_questions");

    /** Every fifth pending task has a deadline that lies ahead, and so has each claimed run; every third waiting task may be replaced. */
    private static final String CARE = """
            SET search_path = "agent""run";
            UPDATE agentrun_queue_tasks
            SET deadline_at = statement_timestamp() + interval '1 day'
            WHERE state = 'pending' AND id LIKE '%5';
            UPDATE agentrun_queue_tasks SET replace_key = 'key of ' || id WHERE state = 'pending' AND priority < 2;
            UPDATE agentrun_run_state SET deadline_at = statement_timestamp() + interval '1 day' WHERE status = 'claimed';
            """;

    private static final String SCHEDULES = """
            INSERT INTO "agent""run".agentrun_schedules
            SELECT copied.*
            FROM "agent""run".agentrun_schedules c
            CROSS JOIN generate_series(1, 20000) AS i
            CROSS JOIN LATERAL jsonb_populate_record(CAST(NULL AS "agent""run".agentrun_schedules), to_jsonb(c)
                || jsonb_build_object('name', 's' || i, 'last_at', c.last_at + i * interval '1 minute')) AS copied
            """;

    private static TestDatabase database;
    private static PlanningDataSource plans;
    private static PostgresAgentRunStore store;

    @BeforeAll
    static void fill() {
        database = TestDatabase.migrated();
        // Rows by the hundred thousand, made by SQL.
        database.leaveUnexamined();
        database.execute(LargeTables.fill(100_000));
        database.execute(CARE);
        schedules();
        database.execute("VACUUM ANALYZE");
        plans = PlanningDataSource.over(database.pool(4));
        store = CountedStore.on(plans.dataSource());
    }

    /** Twenty thousand, of which few are due. */
    private static void schedules() {
        try (PostgresAgentRunStore writer = CountedStore.on(database.pool(2))) {
            writer.schedules().put(NewSchedule.of("nightly", "0 2 * * *", "UTC", task().build()));
        }
        database.execute(SCHEDULES);
    }

    private static NewQueueTask.Builder task() {
        return NewQueueTask.builder(
                new Owner("t3", "p1"), "q1", "what is to be done", RunSpec.of(BackendProfile.CODEX));
    }

    @AfterAll
    static void close() {
        store.close();
        database.close();
    }

    @Test
    void the_next_task_is_found_along_an_index() {
        indexed(() -> store.queue().dispatchNext(DispatchRequest.fromQueue("q1")));
        indexed(() -> store.queue().dispatchNext(DispatchRequest.any()));
        indexed(() -> store.queue().dispatchNext(DispatchRequest.fromQueue("q2").withScope(PROJECT)));
        indexed(() -> store.queue().dispatchNext(DispatchRequest.any().withScope(TENANT)));
    }

    @Test
    void the_next_run_is_found_along_an_index() {
        ClaimRequest request = ClaimRequest.by("runner", Duration.ofMinutes(1));

        indexed(() -> store.leases().claimNext(request));
        indexed(() -> store.leases().claimNext(request.withBackendProfile(BackendProfile.CODEX)));
        indexed(() -> store.leases().claimNext(request.withScope(TENANT)));
    }

    @Test
    void runs_that_nobody_has_claimed_in_their_time_are_found_along_an_index() {
        for (TenantScope scope : List.of(TenantScope.all(), TENANT, PROJECT)) {
            indexed(() -> store.leases().endUnclaimed(ExpiredQuery.in(scope)));
        }
    }

    @Test
    void what_is_overdue_is_found_along_an_index() {
        QueueTask overdue = store.queue()
                .create(task().deadlines(Deadlines.beginBy(Instant.now().minusSeconds(60)))
                        .build());

        indexed(store::upkeep);

        assertThat(store.queue().get(overdue.id()).state()).isEqualTo(TaskState.CANCELLED);
    }

    @Test
    void schedules_that_are_due_and_a_page_of_all_are_found_along_an_index() {
        for (TenantScope scope : List.of(TenantScope.all(), TENANT, PROJECT)) {
            indexed(() -> store.schedules().due(scope, 50));
            indexed(() -> store.schedules().list(ScheduleQuery.in(scope)));
        }
    }

    @Test
    void the_task_that_a_new_one_replaces_is_found_along_an_index() {
        NewQueueTask task = task().replaceKey("latest").build();
        QueueTask first = store.queue().create(task);

        indexed(() -> store.queue().create(task));

        assertThat(store.queue().create(task).id()).isEqualTo(first.id());
    }

    @Test
    void old_tasks_and_sessions_are_found_along_an_index() {
        for (TenantScope scope : List.of(TENANT, PROJECT)) {
            PurgeRequest none = new PurgeRequest(scope, Duration.ofDays(36_500), 10);
            PurgeRequest ten = new PurgeRequest(scope, Duration.ZERO, 10);
            indexed(() -> {
                store.queue().purge(none);
                store.sessions().purge(none);
                store.queue().purge(ten);
                store.sessions().purge(ten);
            });
        }
    }

    @Test
    void pages_of_tasks_are_read_along_an_index() {
        for (QueueQuery query : List.of(
                QueueQuery.in(TenantScope.all()),
                QueueQuery.in(PROJECT),
                QueueQuery.in(TENANT),
                QueueQuery.in(TENANT).withState(TaskState.FAILED),
                QueueQuery.inQueue("q2"),
                QueueQuery.in(TenantScope.all()).withState(TaskState.FAILED))) {
            indexed(() -> {
                String cursor = store.queue().list(query).nextCursor();
                store.queue().list(query.withCursor(cursor));
            });
        }
    }

    @Test
    void pages_of_sessions_are_read_along_an_index() {
        SessionQuery all = SessionQuery.in(TenantScope.all());
        for (SessionQuery query : List.of(
                all,
                all.withReaderId("reader"),
                all.withFilter(SessionFilter.RUNNING),
                all.withReaderId("reader").withFilter(SessionFilter.UNREAD),
                SessionQuery.in(TENANT),
                SessionQuery.in(TENANT).withReaderId("reader").withFilter(SessionFilter.UNREAD),
                SessionQuery.in(PROJECT).withReaderId("reader"))) {
            indexed(() -> {
                String cursor = store.sessions().list(query).nextCursor();
                store.sessions().list(query.withCursor(cursor));
            });
        }
    }

    @Test
    void pages_of_runs_are_read_along_an_index() {
        for (RunQuery query : List.of(
                RunQuery.in(TenantScope.all()),
                RunQuery.in(PROJECT),
                RunQuery.in(TENANT),
                RunQuery.in(TENANT).withStatus(RunStatus.PENDING),
                RunQuery.in(TenantScope.all()).withStatus(RunStatus.PENDING),
                RunQuery.in(TenantScope.all()).withSessionId("s00000007"))) {
            indexed(() -> {
                String cursor = store.runs().list(query).nextCursor();
                if (cursor != null) {
                    store.runs().list(query.withCursor(cursor));
                }
            });
        }
    }

    @Test
    void runs_of_a_task_are_read_along_an_index() {
        indexed(() -> {
            Page<Run> page = store.runs().listByTask("qt_00000003", null, 50);
            assertThat(page.items()).hasSize(1);
        });
        indexed(() -> store.within(TENANT).runs().listByTask("qt_00000003", null, 50));
    }

    @Test
    void inboxes_of_open_questions_are_read_along_an_index() {
        for (QuestionQuery query : List.of(
                QuestionQuery.in(TenantScope.all()),
                QuestionQuery.in(TenantScope.all()).withOrder(QuestionOrder.DUE),
                QuestionQuery.in(TENANT),
                QuestionQuery.in(PROJECT),
                QuestionQuery.in(PROJECT).withOrder(QuestionOrder.DUE))) {
            QuestionQuery inbox = query.withState(QuestionState.OPEN);
            indexed(() -> {
                String cursor = store.questions().list(inbox).nextCursor();
                Page<Question> page = store.questions().list(inbox.withCursor(cursor));
                assertThat(page.items()).hasSize(50);
            });
        }
        QuestionQuery ofRun = QuestionQuery.in(TenantScope.all()).withRunId("run_00000003");
        indexed(() -> assertThat(store.questions().list(ofRun).items()).hasSize(1));
    }

    @Test
    void questions_whose_time_is_over_are_found_along_an_index() {
        indexed(() -> assertThat(store.upkeep().questionsExpired()).isZero());
        indexed(() -> store.questions().changes(TENANT, null, 50));
    }

    @Test
    void a_run_is_parked_and_goes_on_along_an_index() {
        Run run = store.runs()
                .create(NewRun.builder(new Owner("t3", "p1"), RunSpec.of(BackendProfile.CODEX))
                        .session(SessionRef.of("parked"))
                        .build());
        Command turn = store.commands().create(run.id(), NewCommand.turn(JsonObject.empty()));
        Fence fence =
                store.leases().claim(run.id(), "runner", Duration.ofMinutes(1)).fence();
        store.commands().acknowledge(fence, turn.id());
        Question asked = store.questions().ask(fence, NewQuestion.of("which one?"));

        indexed(() -> store.leases().park(fence, List.of(asked.id())));
        indexed(() -> store.runs().list(RunQuery.in(TENANT).withStatus(RunStatus.WAITING)));
        indexed(() -> store.questions().answer(asked.id(), Reply.text("this one"), "ann"));
        indexed(() -> store.leases().claim(run.id(), "runner", Duration.ofMinutes(1)));
        indexed(() -> store.runs().cancel(run.id(), "no more", CancelMode.FORCE));
    }

    @Test
    void feeds_are_read_along_an_index() {
        for (TenantScope scope : List.of(TenantScope.all(), TENANT, PROJECT)) {
            indexed(() -> {
                String cursor = store.queue().changes(scope, null, 50).cursor();
                store.queue().changes(scope, cursor, 50);
            });
            indexed(() -> {
                String cursor = store.sessions().changes(scope, null, 50).cursor();
                store.sessions().changes(scope, cursor, 50);
            });
        }
    }

    @Test
    void tasks_are_counted_in_indexes() {
        indexed(() -> store.queue().stats(QueueScope.all()));
        indexed(() -> store.queue().stats(QueueScope.inQueue("q3")));
        indexed(() -> store.queue().stats(QueueScope.all().withScope(PROJECT)));
        indexed(() -> store.queue().stats(QueueScope.all().withScope(TENANT)));
        indexed(() -> store.queue().snapshot(QueueScope.all()));
        indexed(() -> store.queue().snapshot(QueueScope.inQueue("q3")));

        assertThat(plans.of(() -> store.queue().stats(QueueScope.all())).toString())
                .contains("agentrun_queue_tasks_delayed_idx", "agentrun_queue_tasks_oldest_idx");
    }

    @Test
    void sessions_to_collect_are_found_along_an_index() {
        indexed(() -> store.storage()
                .claimExpired(new StorageClaimRequest(TenantScope.all(), "collector", Duration.ofMinutes(1), 20)));
    }

    private static void indexed(Runnable call) {
        List<String> slow = new ArrayList<>();
        List<JsonNode> found = plans.of(call);
        found.forEach(plan -> check(plan, plan, slow));

        assertThat(found).isNotEmpty();
        assertThat(slow).isEmpty();
    }

    private static void check(JsonNode node, JsonNode whole, List<String> slow) {
        String type = node.path("Node Type").asText();
        if (type.equals("Seq Scan") && LARGE.contains(node.path("Relation Name").asText())) {
            slow.add("scans " + node.path("Relation Name").asText() + ": " + whole);
        }
        if (type.equals("Sort") && node.path("Plans").path(0).path("Plan Rows").asLong() > FEW) {
            slow.add("sorts many rows: " + whole);
        }
        node.path("Plans").forEach(child -> check(child, whole, slow));
    }
}

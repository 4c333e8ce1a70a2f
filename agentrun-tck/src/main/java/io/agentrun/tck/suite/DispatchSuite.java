package io.agentrun.tck.suite;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentrun.AgentRunStore;
import io.agentrun.command.CommandState;
import io.agentrun.command.CommandType;
import io.agentrun.json.JsonObject;
import io.agentrun.lease.RunLease;
import io.agentrun.model.BackendProfile;
import io.agentrun.model.Outcome;
import io.agentrun.model.Owner;
import io.agentrun.model.RunSpec;
import io.agentrun.model.TenantScope;
import io.agentrun.model.TurnResult;
import io.agentrun.queue.Dispatch;
import io.agentrun.queue.DispatchRequest;
import io.agentrun.queue.NewQueueTask;
import io.agentrun.queue.QueueTask;
import io.agentrun.queue.TaskAttempt;
import io.agentrun.queue.TaskState;
import io.agentrun.rules.Rule;
import io.agentrun.run.Run;
import io.agentrun.run.RunAttempts;
import io.agentrun.run.RunQuery;
import io.agentrun.run.RunStatus;
import io.agentrun.run.SessionRef;
import io.agentrun.session.ExecutionState;
import io.agentrun.session.Session;
import io.agentrun.storage.EvictionCause;
import io.agentrun.tck.Proves;
import io.agentrun.tck.Race;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * How the next task is taken: which one, and all that is made with it.
 *
 * <p>Not thread-safe: one thread at a time.
 */
public abstract class DispatchSuite extends ConformanceSuite {

    private static final String QUEUE = "queue";

    /** For adapters. */
    protected DispatchSuite() {}

    @Test
    @Proves({Rule.Q_3, Rule.Q_10})
    void a_dispatch_makes_the_run_its_turn_and_its_session_and_links_them() {
        String sessionId = given().name("session");
        RunSpec spec = RunSpec.builder(BackendProfile.DEEPSEEK)
                .workspaceRef(JsonObject.of("repo", "r"))
                .build();
        QueueTask task = store().queue()
                .create(NewQueueTask.builder(given().owner(), QUEUE, "T", spec)
                        .payload(JsonObject.of("prompt", "do it"))
                        .session(SessionRef.of(sessionId).withThreadId("thread-1"))
                        .build());

        Dispatch dispatch = given().dispatched(QUEUE);

        Run run = dispatch.run();
        assertThat(run.owner()).isEqualTo(given().owner());
        assertThat(run.spec()).isEqualTo(spec);
        assertThat(run.status()).isEqualTo(RunStatus.PENDING);
        assertThat(run.sessionId()).isEqualTo(sessionId);
        assertThat(run.taskId()).isEqualTo(task.id());
        assertThat(run.claim().attempts()).isEqualTo(new RunAttempts(1, 1, 0));
        assertThat(dispatch.turn().runId()).isEqualTo(run.id());
        assertThat(dispatch.turn().type()).isEqualTo(CommandType.TURN);
        assertThat(dispatch.turn().state()).isEqualTo(CommandState.PENDING);
        assertThat(dispatch.turn().payload()).isEqualTo(JsonObject.of("prompt", "do it"));
        assertThat(dispatch.turn().order().deliverable()).isTrue();
        QueueTask running = dispatch.task();
        assertThat(running.id()).isEqualTo(task.id());
        assertThat(running.state()).isEqualTo(TaskState.RUNNING);
        assertThat(running.version()).isGreaterThan(task.version());
        TaskAttempt attempt = Objects.requireNonNull(running.latestAttempt());
        assertThat(attempt.number()).isEqualTo(1);
        assertThat(attempt.runId()).isEqualTo(run.id());
        assertThat(attempt.commandId()).isEqualTo(dispatch.turn().id());
        assertThat(attempt.outcome()).isNull();
        assertThat(attempt.endedAt()).isNull();
        Session session = store().sessions().get(sessionId);
        assertThat(session.activity().state()).isEqualTo(ExecutionState.RUNNING);
        assertThat(session.activity().activeRunId()).isEqualTo(run.id());
        assertThat(session.activity().activeCommandId())
                .isEqualTo(dispatch.turn().id());
        assertThat(session.thread().threadId()).isEqualTo("thread-1");
        assertThat(session.title()).isEqualTo("do it");
    }

    @Test
    @Proves(Rule.Q_3)
    void what_a_dispatch_returns_is_what_is_stored() {
        store().queue()
                .create(given().newTask(QUEUE)
                        .session(SessionRef.of(given().name("session")))
                        .build());

        Dispatch dispatch = given().dispatched(QUEUE);

        assertThat(second().queue().get(dispatch.task().id())).isEqualTo(dispatch.task());
        assertThat(second().runs().get(dispatch.run().id())).isEqualTo(dispatch.run());
        assertThat(second().commands().get(dispatch.turn().id())).isEqualTo(dispatch.turn());
        assertThat(phases(dispatch.run().id())).containsExactly("run-created", "command-created");
    }

    @Test
    @Proves(Rule.Q_2)
    void the_most_urgent_task_is_first_then_the_oldest() {
        String low = task(-5);
        String old = task(0);
        String young = task(0);
        String urgent = task(5);

        assertThat(dispatchAll()).containsExactly(urgent, old, young, low);
    }

    @Test
    @Proves(Rule.Q_2)
    void of_tasks_made_at_one_moment_the_order_is_that_of_the_list() {
        List<QueueTask> tasks = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            tasks.add(given().task(QUEUE));
        }
        tasks.sort(Comparator.comparing(QueueTask::createdAt).thenComparing(QueueTask::id));

        assertThat(dispatchAll()).isEqualTo(tasks.stream().map(QueueTask::id).toList());
    }

    @Test
    @Proves(Rule.Q_2)
    void a_task_is_not_due_before_its_time() {
        QueueTask now = given().task(QUEUE);
        QueueTask later = store().queue()
                .create(given().newTask(QUEUE)
                        .priority(9)
                        .notBefore(now.createdAt().plus(Duration.ofHours(1)))
                        .build());

        assertThat(dispatchAll()).containsExactly(now.id());
        advance(Duration.ofHours(1));
        assertThat(dispatchAll()).containsExactly(later.id());
    }

    @Test
    @Proves(Rule.Q_2)
    void only_pending_tasks_are_dispatched() {
        store().queue().cancel(given().task(QUEUE).id(), "no more");
        given().task(QUEUE);
        given().dispatched(QUEUE);

        assertThat(next()).isEmpty();
    }

    @Test
    @Proves(Rule.Q_2)
    void each_filter_of_a_request_is_kept() {
        assertFilters(null);
    }

    @Test
    @Proves(Rule.Q_2)
    void each_filter_of_a_request_is_kept_for_tasks_whose_delay_is_over() {
        Instant soon = given().task("elsewhere").createdAt().plus(Duration.ofHours(1));
        given().dispatched("elsewhere");

        assertFilters(soon);
    }

    private void assertFilters(@Nullable Instant notBefore) {
        QueueTask lane = store().queue()
                .create(given().newTask(QUEUE).lane("fast").notBefore(notBefore).build());
        QueueTask other = store().queue()
                .create(NewQueueTask.builder(given().owner(), QUEUE, "T", RunSpec.of(BackendProfile.DEEPSEEK))
                        .notBefore(notBefore)
                        .build());
        QueueTask elsewhere = store().queue()
                .create(given().newTask("elsewhere").notBefore(notBefore).build());
        QueueTask theirs = store().queue()
                .create(NewQueueTask.builder(given().stranger(), QUEUE, "T", given().spec())
                        .notBefore(notBefore)
                        .build());
        advance(Duration.ofHours(1));
        DispatchRequest here = DispatchRequest.fromQueue(QUEUE).withScope(given().scope());

        assertThat(dispatch(DispatchRequest.fromQueue("nowhere"))).isEmpty();
        assertThat(dispatch(here.withLane("slow"))).isEmpty();
        assertThat(dispatch(here.withBackendProfiles(Set.of(BackendProfile.MINIMAX_M3))))
                .isEmpty();
        assertThat(dispatch(here.withBackendProfiles(Set.of(BackendProfile.MINIMAX_M3, BackendProfile.DEEPSEEK))))
                .contains(other.id());
        assertThat(dispatch(here.withLane("fast"))).contains(lane.id());
        assertThat(dispatch(here)).isEmpty();
        assertThat(dispatch(DispatchRequest.any().withScope(given().scope()))).contains(elsewhere.id());
        assertThat(dispatch(DispatchRequest.any())).contains(theirs.id());
    }

    @Test
    @Proves({Rule.Q_2, Rule.G_6})
    void a_dispatch_takes_tasks_of_its_scope_alone() {
        Owner mine = given().owner();
        QueueTask own = given().task(QUEUE);
        Owner sibling = new Owner(mine.tenantId(), given().name("project"));
        QueueTask other = store().queue()
                .create(NewQueueTask.builder(sibling, QUEUE, "T", given().spec())
                        .build());
        DispatchRequest request = DispatchRequest.fromQueue(QUEUE);

        assertThat(dispatch(request.withScope(TenantScope.tenant(given().name("tenant")))))
                .isEmpty();
        assertThat(dispatch(request.withScope(TenantScope.project(sibling.tenantId(), sibling.projectId()))))
                .contains(other.id());
        assertThat(dispatch(request.withScope(TenantScope.tenant(mine.tenantId()))))
                .contains(own.id());
    }

    @Test
    @Proves(Rule.Q_2)
    void a_task_waits_while_its_session_has_an_open_turn_and_lets_others_pass() {
        String sessionId = given().name("session");
        RunLease lease = given().claimed(given().runIn(sessionId));
        given().acknowledgedTurn(lease);
        QueueTask waits = store().queue()
                .create(given().newTask(QUEUE)
                        .priority(9)
                        .session(SessionRef.of(sessionId))
                        .build());
        QueueTask passes = given().task(QUEUE);

        assertThat(dispatchAll()).containsExactly(passes.id());
        assertThat(store().queue().get(waits.id())).isEqualTo(waits);
        store().runs().finish(lease.fence(), TurnResult.of(Outcome.completed()));
        assertThat(dispatchAll()).containsExactly(waits.id());
    }

    @Test
    @Proves(Rule.Q_2)
    void tasks_of_one_session_are_dispatched_one_after_another() {
        SessionRef session = SessionRef.of(given().name("session"));
        for (int i = 0; i < 2; i++) {
            store().queue().create(given().newTask(QUEUE).session(session).build());
        }

        Dispatch first = given().dispatched(QUEUE);
        assertThat(next()).isEmpty();
        store().runs().finish(given().claimed(first.run()).fence(), TurnResult.of(Outcome.completed()));

        assertThat(given().dispatched(QUEUE).run().sessionId()).isEqualTo(session.sessionId());
    }

    @Test
    @Proves(Rule.Q_2)
    void an_open_run_without_a_turn_does_not_keep_its_session_s_task_waiting() {
        String sessionId = given().name("session");
        given().runIn(sessionId);
        QueueTask task = store().queue()
                .create(given().newTask(QUEUE).session(SessionRef.of(sessionId)).build());

        assertThat(dispatchAll()).containsExactly(task.id());
    }

    @Test
    @Proves({Rule.Q_4, Rule.S_1})
    void a_task_for_another_owner_s_session_is_blocked_and_the_next_is_taken() {
        Session session = given().session();
        Owner stranger = given().stranger();
        QueueTask refused = store().queue()
                .create(NewQueueTask.builder(stranger, QUEUE, "T", given().spec())
                        .priority(9)
                        .session(SessionRef.of(session.id()))
                        .build());
        QueueTask fine = given().task(QUEUE);

        Dispatch dispatch = given().dispatched(QUEUE);

        assertThat(dispatch.task().id()).isEqualTo(fine.id());
        blocked(refused, "tenant-policy-denied");
        TenantScope scope = TenantScope.project(stranger.tenantId(), stranger.projectId());
        assertThat(store().runs().list(RunQuery.in(scope)).items()).isEmpty();
        assertThat(store().sessions().get(session.id())).isEqualTo(session);
    }

    @Test
    @Proves({Rule.Q_4, Rule.P_1})
    void tasks_whose_storage_refuses_work_are_blocked_with_the_reason() {
        QueueTask evicting = taskIn(given().evicting(given().session()));
        QueueTask evicted = taskIn(given().evicted(given().session()));
        QueueTask missing = taskIn(given().missing(given().session()));

        assertThat(next()).isEmpty();

        blocked(evicting, "session-storage-terminating");
        blocked(evicted, "session-store-evicted");
        blocked(missing, "session-storage-missing");
    }

    @Test
    @Proves({Rule.Q_4, Rule.P_5})
    void of_a_dispatch_and_an_eviction_at_the_same_moment_one_gives_way() {
        for (int round = 0; round < 15; round++) {
            Session session = given().ready(given().session());
            QueueTask task = taskIn(session);

            Race.of(
                    2,
                    i -> () -> i == 0
                            ? store().queue().dispatchNext(DispatchRequest.fromQueue(QUEUE))
                            : second().storage().beginEviction(session.id(), 1, EvictionCause.REQUESTED));

            TaskState state = store().queue().get(task.id()).state();
            String storage = store().storage().get(session.id()).state().wire();
            assertThat(state + " " + storage).isIn("RUNNING ready", "BLOCKED evicting");
        }
    }

    /** D22: two dispatchers both started the one pending task. */
    @Test
    @Proves(Rule.Q_3)
    void dispatchers_at_the_same_moment_never_get_the_same_task() {
        List<String> tasks = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            tasks.add(given().task(QUEUE).id());
        }

        List<Race.Finish<List<String>>> finishes = Race.of(6, i -> () -> {
            AgentRunStore mine = i % 2 == 0 ? store() : second();
            List<String> taken = new ArrayList<>();
            for (int n = 0; n < 3; n++) {
                mine.queue()
                        .dispatchNext(DispatchRequest.fromQueue(QUEUE))
                        .ifPresent(dispatch -> taken.add(dispatch.task().id()));
            }
            return taken;
        });

        assertThat(Race.failures(finishes)).isEmpty();
        List<String> taken =
                Race.values(finishes).stream().flatMap(List::stream).toList();
        assertThat(taken).doesNotHaveDuplicates();
        List<String> all = new ArrayList<>(taken);
        all.addAll(dispatchAll());
        assertThat(all).containsExactlyInAnyOrderElementsOf(tasks);
        assertThat(store().runs().list(RunQuery.in(given().scope())).items()).hasSize(20);
    }

    @Test
    @Proves({Rule.Q_3, Rule.Q_2})
    void dispatchers_at_the_same_moment_give_a_session_one_turn() {
        for (int round = 0; round < 10; round++) {
            String queue = given().name("queue");
            SessionRef session = SessionRef.of(given().name("session"));
            for (int i = 0; i < 3; i++) {
                store().queue().create(given().newTask(queue).session(session).build());
            }

            List<Race.Finish<Optional<Dispatch>>> finishes = Race.of(
                    4,
                    i -> () ->
                            (i % 2 == 0 ? store() : second()).queue().dispatchNext(DispatchRequest.fromQueue(queue)));

            assertThat(Race.failures(finishes)).isEmpty();
            assertThat(Race.values(finishes).stream().filter(Optional::isPresent))
                    .hasSize(1);
        }
    }

    private void blocked(QueueTask before, String failureKind) {
        QueueTask task = store().queue().get(before.id());
        Outcome outcome = Objects.requireNonNull(task.outcome());
        assertThat(task.state()).isEqualTo(TaskState.BLOCKED);
        assertThat(Objects.requireNonNull(outcome.failureKind()).wire()).isEqualTo(failureKind);
        assertThat(task.version()).isGreaterThan(before.version());
        assertThat(task.latestAttempt()).isNull();
    }

    private String task(int priority) {
        QueueTask task =
                store().queue().create(given().newTask(QUEUE).priority(priority).build());
        advance(Duration.ofSeconds(1));
        return task.id();
    }

    private QueueTask taskIn(Session session) {
        return store().queue()
                .create(given().newTask(QUEUE)
                        .session(SessionRef.of(session.id()))
                        .build());
    }

    private Optional<String> next() {
        return dispatch(DispatchRequest.fromQueue(QUEUE));
    }

    private Optional<String> dispatch(DispatchRequest request) {
        return store().queue()
                .dispatchNext(request)
                .map(dispatch -> dispatch.task().id());
    }

    private List<String> dispatchAll() {
        List<String> taken = new ArrayList<>();
        for (Optional<String> task = next(); task.isPresent(); task = next()) {
            taken.add(task.get());
        }
        return taken;
    }
}

package io.agentrun.tck.suite;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentrun.command.Command;
import io.agentrun.command.CommandState;
import io.agentrun.json.JsonObject;
import io.agentrun.lease.RunLease;
import io.agentrun.model.BackendProfile;
import io.agentrun.model.CancelMode;
import io.agentrun.model.Outcome;
import io.agentrun.model.RunSpec;
import io.agentrun.model.TenantScope;
import io.agentrun.model.TurnResult;
import io.agentrun.queue.Dispatch;
import io.agentrun.queue.DispatchRequest;
import io.agentrun.queue.NewQueueTask;
import io.agentrun.queue.QueueTask;
import io.agentrun.queue.TakeRequest;
import io.agentrun.queue.Taken;
import io.agentrun.queue.TaskState;
import io.agentrun.rules.Rule;
import io.agentrun.run.Run;
import io.agentrun.run.RunStatus;
import io.agentrun.run.SessionRef;
import io.agentrun.session.Session;
import io.agentrun.tck.Proves;
import io.agentrun.tck.Race;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * What a worker takes: which tasks, in which order, and what is made with each.
 *
 * <p>Not thread-safe: one thread at a time.
 */
public abstract class TakeSuite extends ConformanceSuite {

    private static final String QUEUE = "queue";
    private static final Duration LONG = Duration.ofMinutes(2);
    private static final TurnResult DONE = TurnResult.of(Outcome.completed());

    /** For adapters. */
    protected TakeSuite() {}

    private static TakeRequest request(int n) {
        return TakeRequest.by(Given.RUNNER, DispatchRequest.fromQueue(QUEUE))
                .withLease(Given.LEASE)
                .withN(n);
    }

    private static List<String> tasks(List<Taken> taken) {
        return taken.stream().map(each -> each.task().id()).toList();
    }

    private Taken one() {
        List<Taken> taken = store().queue().take(request(1));
        assertThat(taken).hasSize(1);
        return taken.get(0);
    }

    private QueueTask task(int priority) {
        return store().queue().create(given().newTask(QUEUE).priority(priority).build());
    }

    private QueueTask taskIn(String session) {
        return store().queue()
                .create(given().newTask(QUEUE).session(SessionRef.of(session)).build());
    }

    @Test
    @Proves({Rule.Q_11, Rule.Q_3, Rule.L_2, Rule.Q_10})
    void a_take_dispatches_a_task_and_leases_its_run() {
        String sessionId = given().name("session");
        QueueTask task = taskIn(sessionId);

        Taken taken = one();

        RunLease lease = taken.lease();
        Command turn = taken.turns().get(0);
        assertThat(taken.task().id()).isEqualTo(task.id());
        assertThat(taken.task().state()).isEqualTo(TaskState.RUNNING);
        assertThat(taken.task().version()).isGreaterThan(task.version());
        assertThat(taken.turns()).hasSize(1);
        assertThat(turn.state()).isEqualTo(CommandState.PENDING);
        assertThat(turn.payload()).isEqualTo(task.content().payload());
        assertThat(lease.run().status()).isEqualTo(RunStatus.CLAIMED);
        assertThat(lease.fence().runnerId()).isEqualTo(Given.RUNNER);
        assertThat(Duration.between(lease.run().updatedAt(), lease.expiresAt())).isEqualTo(Given.LEASE);
        assertThat(phases(lease.run().id())).containsExactly("run-created", "command-created", "run-claimed");
        Session session = store().sessions().get(sessionId);
        assertThat(session.activity().activeRunId()).isEqualTo(lease.run().id());
        assertThat(session.activity().activeCommandId()).isEqualTo(turn.id());
    }

    @Test
    @Proves(Rule.Q_11)
    void what_a_take_returns_is_what_is_stored() {
        taskIn(given().name("session"));
        task(0);

        List<Taken> all = store().queue().take(request(2));

        assertThat(all).hasSize(2);
        for (Taken taken : all) {
            assertThat(second().queue().get(taken.task().id())).isEqualTo(taken.task());
            assertThat(second().runs().get(taken.lease().run().id()))
                    .isEqualTo(taken.lease().run());
            assertThat(second().commands().get(taken.turns().get(0).id()))
                    .isEqualTo(taken.turns().get(0));
            given().acknowledged(taken.lease().fence(), taken.turns().get(0));
            store().runs().finish(taken.lease().fence(), DONE);
            assertThat(store().queue().get(taken.task().id()).state()).isEqualTo(TaskState.COMPLETED);
        }
    }

    @Test
    @Proves({Rule.Q_11, Rule.R_1})
    void tasks_that_are_taken_together_make_their_sessions_with_what_the_references_say() {
        List<SessionRef> refs = Stream.of("one", "two")
                .map(name -> SessionRef.of(given().name("session"))
                        .withThreadId("thread of " + name)
                        .withMetadata(JsonObject.of("name", name)))
                .toList();
        refs.forEach(ref ->
                store().queue().create(given().newTask(QUEUE).session(ref).build()));

        assertThat(store().queue().take(request(2))).hasSize(2);

        for (SessionRef ref : refs) {
            Session session = second().sessions().get(ref.sessionId());
            assertThat(session.thread().threadId()).isEqualTo(ref.threadId());
            assertThat(session.metadata()).isEqualTo(ref.metadata());
            assertThat(session.activity().turns()).isEqualTo(1);
        }
    }

    @Test
    @Proves({Rule.Q_11, Rule.Q_2})
    void as_many_as_asked_for_are_taken_by_priority_then_age() {
        QueueTask low = task(1);
        QueueTask first = task(2);
        advance(Duration.ofSeconds(1));
        QueueTask second = task(2);
        QueueTask high = task(3);

        assertThat(tasks(store().queue().take(request(3)))).containsExactly(high.id(), first.id(), second.id());
        assertThat(tasks(store().queue().take(request(3)))).containsExactly(low.id());
        assertThat(store().queue().take(request(3))).isEmpty();
    }

    @Test
    @Proves({Rule.Q_11, Rule.L_5})
    void a_run_that_was_given_back_comes_before_due_tasks() {
        QueueTask low = task(1);
        Taken first = one();
        given().acknowledged(first.lease().fence(), first.turns().get(0));
        store().leases().release(first.lease().fence());
        QueueTask high = task(9);

        List<Taken> taken = store().queue().take(request(2));

        assertThat(tasks(taken)).containsExactly(low.id(), high.id());
        Taken again = taken.get(0);
        assertThat(again.lease().run().id()).isEqualTo(first.lease().run().id());
        assertThat(again.lease().fence().epoch())
                .isGreaterThan(first.lease().fence().epoch());
        assertThat(again.task()).isEqualTo(store().queue().get(low.id()));
        assertThat(again.turns())
                .extracting(Command::id)
                .containsExactly(first.turns().get(0).id());
        assertThat(again.turns().get(0).state()).isEqualTo(CommandState.PENDING);
        assertThat(store().runs().get(again.lease().run().id()))
                .isEqualTo(again.lease().run());
    }

    @Test
    @Proves(Rule.Q_11)
    void runs_that_were_given_back_come_by_the_priority_of_their_task_then_by_age() {
        QueueTask low = task(1);
        QueueTask high = task(5);
        QueueTask young = task(1);
        List<Taken> taken = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            taken.add(one());
            advance(Duration.ofMillis(1));
        }
        for (int i = 2; i >= 0; i--) {
            store().leases().release(taken.get(i).lease().fence());
        }

        assertThat(tasks(store().queue().take(request(3)))).containsExactly(high.id(), low.id(), young.id());
    }

    @Test
    @Proves(Rule.Q_11)
    void a_dispatched_run_that_nobody_claimed_is_taken() {
        task(0);
        Dispatch dispatched = given().dispatched(QUEUE);

        Taken taken = one();

        assertThat(taken.lease().run().id()).isEqualTo(dispatched.run().id());
        assertThat(taken.turns()).containsExactly(dispatched.turn());
    }

    @Test
    @Proves(Rule.Q_11)
    void a_run_without_a_task_is_never_taken() {
        given().turn(given().run());

        assertThat(store().queue()
                        .take(TakeRequest.by(Given.RUNNER, DispatchRequest.any().withScope(given().scope()))))
                .isEmpty();
    }

    @Test
    @Proves({Rule.Q_11, Rule.G_6})
    void the_filter_is_for_runs_that_were_given_back_and_for_due_tasks() {
        RunSpec other = RunSpec.of(BackendProfile.DEEPSEEK);
        for (boolean givenBack : new boolean[] {true, false}) {
            NewQueueTask.Builder input =
                    NewQueueTask.builder(given().owner(), QUEUE, "T", other).lane("fast");
            QueueTask task = store().queue().create(input.build());
            if (givenBack) {
                store().leases().release(one().lease().fence());
            }
            DispatchRequest all = DispatchRequest.fromQueue(QUEUE);

            assertThat(take(all.withQueue("other"))).isEmpty();
            assertThat(take(all.withLane("slow"))).isEmpty();
            assertThat(take(all.withBackendProfiles(Set.of(BackendProfile.CODEX))))
                    .isEmpty();
            assertThat(take(all.withScope(TenantScope.tenant("nobody")))).isEmpty();
            assertThat(take(all.withLane("fast")
                            .withScope(given().scope())
                            .withBackendProfiles(Set.of(BackendProfile.CODEX, BackendProfile.DEEPSEEK))))
                    .containsExactly(task.id());
        }
    }

    private List<String> take(DispatchRequest filter) {
        return tasks(store().queue().take(TakeRequest.by(Given.RUNNER, filter)));
    }

    @Test
    @Proves({Rule.Q_11, Rule.L_7})
    void a_run_whose_turns_only_wait_is_passed_over() {
        String session = given().name("session");
        taskIn(session);
        Taken taken = one();
        Run other = given().runIn(session);
        Command behind = given().turn(other);
        Command own = given().turn(taken.lease().run());
        given().acknowledged(taken.lease().fence(), taken.turns().get(0));
        store().commands().finish(taken.lease().fence(), taken.turns().get(0).id(), DONE);
        store().leases().release(taken.lease().fence());

        assertThat(store().queue().take(request(5))).isEmpty();

        store().commands().cancel(behind.id(), "no more");
        assertThat(one().turns()).extracting(Command::id).containsExactly(own.id());
    }

    @Test
    @Proves({Rule.Q_11, Rule.C_9})
    void a_run_whose_turn_was_cancelled_is_taken_without_a_turn() {
        task(0);
        Taken taken = one();
        store().leases().release(taken.lease().fence());
        store().commands().cancel(taken.turns().get(0).id(), "no more");

        Taken again = one();

        assertThat(again.lease().run().id()).isEqualTo(taken.lease().run().id());
        assertThat(again.turns()).isEmpty();
    }

    @Test
    @Proves({Rule.Q_11, Rule.C_2})
    void of_the_tasks_of_one_session_one_is_taken_at_a_time() {
        String session = given().name("session");
        QueueTask first = taskIn(session);
        QueueTask second = taskIn(session);
        QueueTask free = task(0);

        List<Taken> taken = store().queue().take(request(5));

        assertThat(tasks(taken)).containsExactly(first.id(), free.id());
        assertThat(store().queue().take(request(5))).isEmpty();
        store().runs().finish(taken.get(0).lease().fence(), DONE);
        assertThat(tasks(store().queue().take(request(5)))).containsExactly(second.id());
    }

    @Test
    @Proves({Rule.Q_11, Rule.Q_4})
    void a_task_that_its_session_refuses_is_blocked_and_the_others_are_taken() {
        Session foreign = given().session();
        QueueTask refused = store().queue()
                .create(NewQueueTask.builder(given().stranger(), QUEUE, "T", given().spec())
                        .session(SessionRef.of(foreign.id()))
                        .build());
        QueueTask free = task(0);

        assertThat(tasks(store().queue().take(request(2)))).containsExactly(free.id());
        assertThat(store().queue().get(refused.id()).state()).isEqualTo(TaskState.BLOCKED);

        QueueTask alone = store().queue()
                .create(NewQueueTask.builder(given().stranger(), QUEUE, "T", given().spec())
                        .session(SessionRef.of(foreign.id()))
                        .build());
        assertThat(store().queue().take(request(2))).isEmpty();
        assertThat(store().queue().get(alone.id()).state()).isEqualTo(TaskState.BLOCKED);
    }

    @Test
    @Proves(Rule.Q_11)
    void takes_at_the_same_moment_share_the_tasks() {
        List<String> all = new ArrayList<>();
        for (int i = 0; i < 12; i++) {
            all.add((i % 3 == 0 ? taskIn(given().name("session")) : task(0)).id());
        }
        for (int i = 0; i < 3; i++) {
            store().leases().release(one().lease().fence());
        }

        List<Race.Finish<List<Taken>>> finishes = Race.of(6, i -> () -> {
            List<Taken> mine = new ArrayList<>();
            List<Taken> some;
            do {
                some = (i % 2 == 0 ? store() : second()).queue().take(request(2));
                mine.addAll(some);
            } while (!some.isEmpty() && mine.size() <= all.size());
            return mine;
        });

        assertThat(Race.failures(finishes)).isEmpty();
        List<Taken> taken = new ArrayList<>(
                Race.values(finishes).stream().flatMap(List::stream).toList());
        taken.addAll(store().queue().take(request(12)));
        assertThat(tasks(taken)).containsExactlyInAnyOrderElementsOf(all);
    }

    @Test
    @Proves({Rule.Q_11, Rule.E_5})
    void a_waiting_take_is_over_by_its_timeout_and_gets_what_comes() {
        long began = System.nanoTime();
        assertThat(store().queue().take(request(1).withTimeout(Duration.ofMillis(20))))
                .isEmpty();
        // A take that does not wait returns at once, however busy the machine is.
        assertThat(System.nanoTime() - began)
                .isGreaterThan(Duration.ofMillis(18).toNanos());
        for (int round = 0; round < 5; round++) {
            Future<Race.Finish<List<Taken>>> waiting =
                    Race.waiting(() -> second().queue().take(request(3).withTimeout(LONG)));
            QueueTask task = task(0);

            assertThat(tasks(Race.values(List.of(Race.await(waiting))).get(0))).containsExactly(task.id());
        }
    }

    @Test
    @Proves({Rule.Q_11, Rule.E_5, Rule.L_5})
    void a_waiting_take_gets_a_run_that_is_given_back() {
        QueueTask task = task(0);
        Taken taken = one();
        Future<Race.Finish<List<Taken>>> waiting =
                Race.waiting(() -> second().queue().take(request(3).withTimeout(LONG)));

        store().leases().release(taken.lease().fence());

        assertThat(tasks(Race.values(List.of(Race.await(waiting))).get(0))).containsExactly(task.id());
    }

    @Test
    @Proves({Rule.Q_11, Rule.Q_8})
    void a_cancelled_task_is_not_taken() {
        QueueTask pending = task(0);
        task(0);
        Dispatch dispatched = dispatchedSecond(pending);
        store().queue().cancel(pending.id(), "no more");
        store().queue().cancel(dispatched.task().id(), "no more", CancelMode.GRACEFUL);

        assertThat(store().queue().take(request(5))).isEmpty();
    }

    /** The task is held back while the other one is dispatched. */
    private Dispatch dispatchedSecond(QueueTask first) {
        Dispatch dispatch = given().dispatched(QUEUE);
        assertThat(dispatch.task().id()).isEqualTo(first.id());
        return given().dispatched(QUEUE);
    }
}

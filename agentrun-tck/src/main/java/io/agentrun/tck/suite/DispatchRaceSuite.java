package io.agentrun.tck.suite;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentrun.limit.Limit;
import io.agentrun.limit.LimitKey;
import io.agentrun.queue.Dispatch;
import io.agentrun.queue.DispatchRequest;
import io.agentrun.queue.NewQueueTask;
import io.agentrun.queue.QueueTask;
import io.agentrun.queue.TaskState;
import io.agentrun.rules.Rule;
import io.agentrun.run.SessionRef;
import io.agentrun.session.Session;
import io.agentrun.tck.Proves;
import io.agentrun.tck.Race;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/**
 * Dispatchers at the same moment on one store, which may do their work together: each gets what it asked for, whole, and what it would
 * have got alone.
 *
 * <p>Not thread-safe: one thread at a time.
 */
public abstract class DispatchRaceSuite extends ConformanceSuite {

    private static final int CALLERS = 12;
    private static final int ROUNDS = 8;
    private static final String QUEUE = "queue";

    /** For adapters. */
    protected DispatchRaceSuite() {}

    private List<Dispatch> dispatches(IntFunction<DispatchRequest> request) {
        List<Race.Finish<Optional<Dispatch>>> finishes =
                Race.of(CALLERS, i -> () -> store().queue().dispatchNext(request.apply(i)));
        assertThat(Race.failures(finishes)).isEmpty();
        return Race.values(finishes).stream().flatMap(Optional::stream).toList();
    }

    private List<QueueTask> tasks(IntFunction<NewQueueTask> task) {
        return IntStream.range(0, CALLERS)
                .mapToObj(i -> store().queue().create(task.apply(i)))
                .toList();
    }

    private static List<String> ids(List<QueueTask> tasks) {
        return tasks.stream().map(QueueTask::id).toList();
    }

    private static List<String> taskIds(List<Dispatch> dispatches) {
        return dispatches.stream().map(dispatch -> dispatch.task().id()).toList();
    }

    @Test
    @Proves({Rule.Q_3, Rule.Q_2})
    void each_gets_another_task_with_its_own_run_turn_and_session() {
        for (int round = 0; round < ROUNDS; round++) {
            String prefix = "session-" + round + "-";
            List<QueueTask> tasks = tasks(i -> given().newTask(QUEUE)
                    .session(i % 2 == 0 ? null : SessionRef.of(given().name(prefix + i)))
                    .build());

            List<Dispatch> all = dispatches(i -> DispatchRequest.fromQueue(QUEUE));

            assertThat(taskIds(all)).containsExactlyInAnyOrderElementsOf(ids(tasks));
            for (Dispatch dispatch : all) {
                QueueTask before = tasks.get(ids(tasks).indexOf(dispatch.task().id()));
                SessionRef session = before.content().session();
                assertThat(store().queue().get(before.id())).isEqualTo(dispatch.task());
                assertThat(store().runs().get(dispatch.run().id())).isEqualTo(dispatch.run());
                assertThat(store().commands().get(dispatch.turn().id())).isEqualTo(dispatch.turn());
                assertThat(dispatch.run().taskId()).isEqualTo(before.id());
                assertThat(dispatch.turn().runId()).isEqualTo(dispatch.run().id());
                assertThat(dispatch.turn().payload()).isEqualTo(before.content().payload());
                assertThat(dispatch.run().sessionId()).isEqualTo(session == null ? null : session.sessionId());
                assertThat(Objects.requireNonNull(dispatch.task().latestAttempt())
                                .runId())
                        .isEqualTo(dispatch.run().id());
            }
        }
    }

    @Test
    @Proves({Rule.Q_2, Rule.Q_3})
    void where_there_are_fewer_tasks_than_dispatchers_the_first_tasks_go_and_the_others_get_nothing() {
        for (int round = 0; round < ROUNDS; round++) {
            List<QueueTask> tasks = List.of(given().task(QUEUE), given().task(QUEUE), given().task(QUEUE));

            assertThat(taskIds(dispatches(i -> DispatchRequest.fromQueue(QUEUE))))
                    .containsExactlyInAnyOrderElementsOf(ids(tasks));
        }
    }

    @Test
    @Proves(Rule.Q_2)
    void where_there_are_more_tasks_than_dispatchers_those_of_the_highest_priority_go() {
        for (int round = 0; round < ROUNDS; round++) {
            List<QueueTask> low = tasks(i -> given().newTask(QUEUE).build());
            List<QueueTask> high = tasks(i -> given().newTask(QUEUE).priority(7).build());

            assertThat(taskIds(dispatches(i -> DispatchRequest.fromQueue(QUEUE))))
                    .containsExactlyInAnyOrderElementsOf(ids(high));
            assertThat(taskIds(dispatches(i -> DispatchRequest.fromQueue(QUEUE))))
                    .containsExactlyInAnyOrderElementsOf(ids(low));
        }
    }

    @Test
    @Proves({Rule.Q_2, Rule.L_10})
    void each_gets_a_task_of_its_own_queue_to_be_claimed_in_its_own_time() {
        for (int round = 0; round < ROUNDS; round++) {
            List<QueueTask> tasks = tasks(i -> given().newTask("queue-" + i % 3).build());

            List<Dispatch> all = dispatches(
                    i -> DispatchRequest.fromQueue("queue-" + i % 3).withClaimWithin(Duration.ofMinutes(1 + i % 3)));

            assertThat(taskIds(all)).containsExactlyInAnyOrderElementsOf(ids(tasks));
            for (Dispatch dispatch : all) {
                int queue = Integer.parseInt(dispatch.task().place().queue().substring("queue-".length()));
                assertThat(Objects.requireNonNull(dispatch.run().claimLimit()).within())
                        .isEqualTo(Duration.ofMinutes(1 + queue));
            }
        }
    }

    @Test
    @Proves(Rule.Q_2)
    void of_the_tasks_of_one_session_one_goes() {
        for (int round = 0; round < ROUNDS; round++) {
            String queue = "queue-" + round;
            SessionRef session = SessionRef.of(given().name("session-" + round));
            List<QueueTask> tasks =
                    tasks(i -> given().newTask(queue).session(session).build());

            assertThat(taskIds(dispatches(i -> DispatchRequest.fromQueue(queue))))
                    .containsExactly(tasks.get(0).id());
        }
    }

    @Test
    @Proves(Rule.Q_4)
    void what_a_session_refuses_is_blocked_and_everybody_else_gets_a_task() {
        for (int round = 0; round < ROUNDS; round++) {
            Session session = given().session();
            QueueTask refused = store().queue()
                    .create(NewQueueTask.builder(given().stranger(), QUEUE, "T", given().spec())
                            .priority(9)
                            .session(SessionRef.of(session.id()))
                            .build());
            List<QueueTask> fine = tasks(i -> given().newTask(QUEUE).build());

            assertThat(taskIds(dispatches(i -> DispatchRequest.fromQueue(QUEUE))))
                    .containsExactlyInAnyOrderElementsOf(ids(fine));
            assertThat(store().queue().get(refused.id()).state()).isEqualTo(TaskState.BLOCKED);
        }
    }

    @Test
    @Proves({Rule.M_1, Rule.M_4})
    void a_limit_lets_as_many_begin_as_it_allows() {
        LimitKey lane = LimitKey.lane(QUEUE, "limited");
        store().limits().set(Limit.running(lane, 5));
        for (int round = 0; round < ROUNDS; round++) {
            tasks(i -> given().newTask(QUEUE).lane("limited").build());

            List<Dispatch> all = new ArrayList<>(dispatches(i -> DispatchRequest.fromQueue(QUEUE)));

            // Who was beside another that took the last slot may have got nothing; then it is there for the next.
            assertThat(all).hasSizeLessThanOrEqualTo(5);
            while (all.size() < 5) {
                all.add(store().queue()
                        .dispatchNext(DispatchRequest.fromQueue(QUEUE))
                        .orElseThrow());
            }
            assertThat(store().queue().dispatchNext(DispatchRequest.fromQueue(QUEUE)))
                    .isEmpty();
            assertThat(store().limits().holders(lane)).hasSize(5);
            all.forEach(dispatch -> given().completed(dispatch.run()));
        }
    }
}

package io.agentrun.tck.suite;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentrun.command.Command;
import io.agentrun.error.LimitFullException;
import io.agentrun.inspect.NextStep;
import io.agentrun.inspect.Reason;
import io.agentrun.lease.ClaimRequest;
import io.agentrun.lease.Parking;
import io.agentrun.lease.RunLease;
import io.agentrun.limit.Limit;
import io.agentrun.limit.LimitHolder;
import io.agentrun.limit.LimitKey;
import io.agentrun.limit.LimitKind;
import io.agentrun.model.Outcome;
import io.agentrun.model.TenantScope;
import io.agentrun.model.TurnResult;
import io.agentrun.question.Question;
import io.agentrun.question.Reply;
import io.agentrun.queue.DispatchRequest;
import io.agentrun.queue.QueueScope;
import io.agentrun.queue.QueueStats;
import io.agentrun.queue.TakeRequest;
import io.agentrun.queue.Taken;
import io.agentrun.queue.TaskState;
import io.agentrun.rules.Rule;
import io.agentrun.run.Run;
import io.agentrun.tck.Proves;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/**
 * What a parked run costs while it waits: no slot of a limit; and how it is shown.
 *
 * <p>Not thread-safe: one thread at a time.
 */
public abstract class ParkLimitSuite extends ConformanceSuite {

    private static final String QUEUE = "queue";
    private static final TurnResult DONE = TurnResult.of(Outcome.completed());
    private static final Reply THIS = Reply.text("this one");

    /** For adapters. */
    protected ParkLimitSuite() {}

    /** A parked run with its question. */
    private record Waiting(Run run, Question question) {}

    private Waiting parked(RunLease lease) {
        Question asked = given().question(lease);
        assertThat(store().leases().park(lease.fence(), List.of(asked.id()))).isInstanceOf(Parking.Parked.class);
        return new Waiting(store().runs().get(lease.run().id()), asked);
    }

    private List<Taken> take() {
        return store().queue()
                .take(TakeRequest.by(Given.RUNNER, DispatchRequest.any())
                        .withLease(Given.LEASE)
                        .withN(10));
    }

    /** The parked run of the next task. */
    private Waiting parkedTask() {
        given().task(QUEUE);
        return parked(begun(take().get(0)));
    }

    private RunLease begun(Taken taken) {
        taken.turns().forEach(turn -> given().acknowledged(taken.lease().fence(), turn));
        return taken.lease();
    }

    private Run stored(Waiting waiting) {
        return store().runs().get(waiting.run().id());
    }

    private void answer(Waiting waiting) {
        store().questions().answer(waiting.question().id(), THIS, "ann");
    }

    private Command turn(Waiting waiting) {
        return store().commands().list(waiting.run().id(), 0, 1).items().get(0);
    }

    @Test
    @Proves({Rule.A_11, Rule.M_2, Rule.M_6, Rule.Q_11})
    void a_waiting_run_counts_towards_no_limit_and_counts_again_from_its_claim_on() {
        store().limits().set(Limit.running(LimitKey.queue(QUEUE), 1));
        Waiting waiting = parkedTask();
        assertThat(store().limits().holders(LimitKey.queue(QUEUE))).isEmpty();
        given().task(QUEUE);
        RunLease other = take().get(0).lease();
        answer(waiting);

        assertThat(take()).isEmpty();
        LimitFullException full =
                watch().run(stored(waiting)).refuses(LimitFullException.class, () -> given().claimed(stored(waiting)));
        assertThat(full.runId()).isEqualTo(waiting.run().id());
        assertThat(full.retryable()).isTrue();
        assertThat(store().leases().claimNext(ClaimRequest.by(Given.RUNNER, Given.LEASE)))
                .isEmpty();
        store().runs().finish(other.fence(), DONE);

        List<Taken> taken = take();
        assertThat(taken)
                .extracting(each -> each.lease().run().id())
                .containsExactly(waiting.run().id());
        assertThat(taken.get(0).turns()).hasSize(1).allMatch(turn -> turn.resumed() != null);
        assertThat(store().limits().holders(LimitKey.queue(QUEUE)))
                .extracting(LimitHolder::runId)
                .containsExactly(waiting.run().id());
        given().task(QUEUE);
        assertThat(take()).isEmpty();
        store().leases().release(taken.get(0).lease().fence());
        assertThat(take())
                .extracting(each -> each.lease().run().id())
                .containsExactly(waiting.run().id());
    }

    @Test
    @Proves({Rule.A_11, Rule.M_2, Rule.M_4})
    void claim_and_claim_next_count_a_run_that_was_parked_too() {
        store().limits().set(Limit.running(LimitKey.queue(QUEUE), 1));
        Waiting first = parkedTask();
        Waiting second = parkedTask();
        answer(first);
        answer(second);

        RunLease claimed = given().claimed(stored(first));
        assertThat(store().leases().claimNext(ClaimRequest.by(Given.RUNNER, Given.LEASE)))
                .isEmpty();
        store().runs().finish(claimed.fence(), DONE);
        RunLease next = store().leases()
                .claimNext(ClaimRequest.by(Given.RUNNER, Given.LEASE))
                .orElseThrow();

        assertThat(next.run().id()).isEqualTo(second.run().id());
        assertThat(store().limits().holders(LimitKey.queue(QUEUE)))
                .extracting(LimitHolder::runId)
                .containsExactly(second.run().id());
    }

    @Test
    @Proves({Rule.A_11, Rule.M_3})
    void a_run_that_goes_on_counts_as_a_start() {
        store().limits().set(Limit.starts(LimitKey.queue(QUEUE), 2, Duration.ofMinutes(10)));
        Waiting waiting = parkedTask();
        given().task(QUEUE);
        assertThat(take()).hasSize(1);
        answer(waiting);

        assertThat(take()).isEmpty();
        advance(Duration.ofMinutes(10));

        assertThat(take())
                .extracting(each -> each.lease().run().id())
                .containsExactly(waiting.run().id());
    }

    @Test
    @Proves({Rule.A_11, Rule.M_5})
    void a_limit_that_is_set_leaves_out_what_is_parked() {
        Waiting waiting = parkedTask();
        Waiting goesOn = parkedTask();
        answer(goesOn);
        given().task(QUEUE);
        String running = store().queue()
                .dispatchNext(DispatchRequest.any())
                .orElseThrow()
                .run()
                .id();

        store().limits().set(Limit.running(LimitKey.eachTenant(), 5));

        assertThat(store().limits().holders(LimitKey.tenant(given().owner().tenantId())))
                .extracting(LimitHolder::runId)
                .containsExactly(running);
        answer(waiting);
        assertThat(take()).hasSize(3);
        assertThat(store().limits().holders(LimitKey.tenant(given().owner().tenantId())))
                .hasSize(3);
    }

    @Test
    @Proves({Rule.A_11, Rule.M_4})
    void a_full_limit_holds_a_run_that_was_parked_and_no_other() {
        store().limits().set(Limit.running(LimitKey.label("repo", "a"), 1));
        store().queue()
                .create(given().newTask(QUEUE).limitLabels(Map.of("repo", "a")).build());
        Waiting waiting = parked(begun(take().get(0)));
        store().queue()
                .create(given().newTask(QUEUE).limitLabels(Map.of("repo", "a")).build());
        assertThat(take()).hasSize(1);
        answer(waiting);
        given().task(QUEUE);

        assertThat(take())
                .hasSize(1)
                .noneMatch(
                        taken -> taken.lease().run().id().equals(waiting.run().id()));
        store().limits().remove(LimitKey.label("repo", "a"), LimitKind.RUNNING);
        assertThat(take())
                .extracting(taken -> taken.lease().run().id())
                .containsExactly(waiting.run().id());
    }

    @Test
    @Proves({Rule.Q_9, Rule.A_8})
    void statistics_count_what_waits_under_running_and_beside_it() {
        QueueScope scope = QueueScope.inQueue(QUEUE);
        Waiting waiting = parkedTask();
        given().task(QUEUE);
        take();

        RunLease ofNoTask = given().claimed(given().runIn(given().name("session")));
        given().acknowledgedTurn(ofNoTask);
        parked(ofNoTask);

        QueueStats stats = store().queue().stats(scope);
        assertThat(stats.waiting()).isEqualTo(1);
        assertThat(store().queue().stats(new QueueScope(given().scope(), null)).waiting())
                .isEqualTo(1);
        assertThat(stats.byState()).containsEntry(TaskState.RUNNING, 2L);
        assertThat(second().queue().snapshot(scope).stats().waiting()).isEqualTo(1);
        assertThat(store().queue().stats(QueueScope.inQueue("another")).waiting())
                .isZero();
        assertThat(store().within(TenantScope.tenant(given().stranger().tenantId()))
                        .queue()
                        .stats(scope)
                        .waiting())
                .isZero();
        answer(waiting);
        assertThat(store().queue().stats(scope).waiting()).isZero();
    }

    @Test
    @Proves({Rule.X_1, Rule.A_8, Rule.A_11})
    void what_a_parked_run_waits_for_is_explained() {
        store().limits().set(Limit.running(LimitKey.queue(QUEUE), 1));
        Waiting waiting = parkedTask();
        String id = waiting.run().id();
        String taskId = Objects.requireNonNull(waiting.run().taskId());

        Reason parked = new Reason.Parked(List.of(waiting.question().id()));
        assertThat(store().inspect().run(id).reason()).isEqualTo(parked);
        assertThat(store().inspect().task(taskId).cause()).isEqualTo(parked);
        assertThat(store().inspect().command(turn(waiting).id()).cause()).isEqualTo(parked);
        assertThat(parked.next()).isEqualTo(NextStep.ANSWER);
        assertThat(parked.text()).contains(waiting.question().id());
        given().task(QUEUE);
        RunLease other = take().get(0).lease();
        answer(waiting);
        assertThat(store().inspect().run(id).next()).isEqualTo(NextStep.LIMIT);
        store().runs().finish(other.fence(), DONE);
        assertThat(store().inspect().run(id).next()).isEqualTo(NextStep.CLAIM);
    }

    @Test
    @Proves({Rule.A_11, Rule.M_4, Rule.L_7})
    void claim_next_passes_over_a_run_whose_limit_is_full() {
        store().limits().set(Limit.running(LimitKey.queue(QUEUE), 1));
        Waiting full = parkedTask();
        given().task(QUEUE);
        assertThat(take()).hasSize(1);
        answer(full);
        Run free = given().run();

        assertThat(store().leases()
                        .claimNext(ClaimRequest.by(Given.RUNNER, Given.LEASE))
                        .orElseThrow()
                        .run()
                        .id())
                .isEqualTo(free.id());
    }

    /** The run that was parked began before the other one, and counts again after it. */
    @Test
    @Proves({Rule.A_11, Rule.M_7})
    void who_counts_is_told_in_the_order_of_its_counting() {
        store().limits().set(Limit.running(LimitKey.queue(QUEUE), 2));
        Waiting first = parkedTask();
        advance(Duration.ofSeconds(1));
        given().task(QUEUE);
        Run other = take().get(0).lease().run();
        advance(Duration.ofSeconds(1));
        answer(first);
        given().claimed(stored(first));

        assertThat(second().limits().holders(LimitKey.queue(QUEUE)))
                .extracting(LimitHolder::runId)
                .containsExactly(other.id(), first.run().id());
    }
}

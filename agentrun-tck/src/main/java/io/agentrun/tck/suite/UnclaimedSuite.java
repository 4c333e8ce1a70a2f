package io.agentrun.tck.suite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.agentrun.command.Acknowledgement;
import io.agentrun.command.Command;
import io.agentrun.command.CommandState;
import io.agentrun.error.FailureKind;
import io.agentrun.error.StateConflictException;
import io.agentrun.lease.ExpiredQuery;
import io.agentrun.lease.Recovery;
import io.agentrun.lease.RecoveryOutcome;
import io.agentrun.lease.RunLease;
import io.agentrun.model.Outcome;
import io.agentrun.model.TenantScope;
import io.agentrun.model.TerminalStatus;
import io.agentrun.model.TurnResult;
import io.agentrun.queue.Dispatch;
import io.agentrun.queue.DispatchRequest;
import io.agentrun.queue.NewQueueTask;
import io.agentrun.queue.QueueTask;
import io.agentrun.queue.RetryPolicy;
import io.agentrun.queue.TakeRequest;
import io.agentrun.queue.TaskAttempt;
import io.agentrun.queue.TaskState;
import io.agentrun.rules.Rule;
import io.agentrun.run.ClaimLimit;
import io.agentrun.run.Run;
import io.agentrun.run.RunStatus;
import io.agentrun.run.SessionRef;
import io.agentrun.session.ExecutionState;
import io.agentrun.tck.Proves;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.assertj.core.groups.Tuple;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * What becomes of dispatched runs that nobody claims in the time that their dispatch gave them, and of their tasks.
 *
 * <p>Not thread-safe: one thread at a time.
 */
public abstract class UnclaimedSuite extends ConformanceSuite {

    private static final String QUEUE = "queue";
    private static final Duration WITHIN = Duration.ofMinutes(10);
    private static final Duration MICRO = Duration.ofNanos(1_000);
    private static final Duration LONG = Duration.ofDays(40);

    /** For adapters. */
    protected UnclaimedSuite() {}

    @Test
    @Proves({Rule.L_10, Rule.R_7, Rule.G_3})
    void a_run_that_nobody_claims_ends_at_its_time_and_not_before() {
        String session = given().name("session");
        task(RetryPolicy.none(), SessionRef.of(session));
        Dispatch dispatch = dispatch();
        Run run = dispatch.run();
        assertThat(run.claimLimit())
                .isEqualTo(new ClaimLimit(WITHIN, run.createdAt().plus(WITHIN)));

        advance(WITHIN.minus(MICRO));
        watch().run(run).unchangedBy(() -> {
            assertThat(ended()).isEmpty();
            return run;
        });
        advance(MICRO);
        List<Recovery> done = second().leases().endUnclaimed(query());

        Run now = store().runs().get(run.id());
        assertThat(done).containsExactly(new Recovery(run.id(), RecoveryOutcome.UNCLAIMED, now));
        assertThat(now.status()).isEqualTo(RunStatus.CANCELLED);
        assertThat(kind(now.outcome())).isEqualTo(FailureKind.UNCLAIMED);
        assertThat(now.epoch()).isEqualTo(1);
        assertThat(now.cancelRequest()).isNull();
        assertThat(now.claimLimit()).isEqualTo(new ClaimLimit(WITHIN, null));
        Command turn = store().commands().get(dispatch.turn().id());
        assertThat(turn.state()).isEqualTo(CommandState.CANCELLED);
        assertThat(turn.outcome()).isEqualTo(now.outcome());
        assertThat(phases(run.id()))
                .containsExactly("run-created", "command-created", "command-terminal", "terminal_status");
        assertThat(sessionOf(run).activity().state()).isEqualTo(ExecutionState.TERMINAL);
        assertThat(ended()).isEmpty();
    }

    @Test
    @Proves(Rule.Q_14)
    void its_task_is_due_again_after_its_delay_or_that_time_whichever_is_longer() {
        for (Duration delay : List.of(Duration.ZERO, WITHIN.plusMinutes(5))) {
            task(RetryPolicy.of(1, delay), null);
            Dispatch dispatch = dispatch();
            advance(WITHIN);
            Run run = ended().get(0).run();

            QueueTask task = task(dispatch);
            assertThat(task.state()).isEqualTo(TaskState.PENDING);
            assertThat(task.outcome()).isNull();
            assertThat(task.version()).isGreaterThan(dispatch.task().version());
            assertThat(task.notBefore()).isEqualTo(run.updatedAt().plus(delay.isZero() ? WITHIN : delay));
            TaskAttempt attempt = attempt(task);
            assertThat(attempt.outcome()).isEqualTo(run.outcome());
            assertThat(attempt.endedAt()).isEqualTo(run.updatedAt());
            Duration waits = Duration.between(run.updatedAt(), task.notBefore());
            advance(waits.minus(MICRO));
            assertThat(store().queue().dispatchNext(request())).isEmpty();
            advance(MICRO);
            assertThat(dispatch().task().id()).isEqualTo(task.id());
            store().queue().cancel(task.id(), "no more");
        }
    }

    @Test
    @Proves({Rule.Q_14, Rule.Q_6})
    void the_number_of_the_attempt_rises_and_none_is_spent() {
        task(RetryPolicy.of(2, Duration.ZERO), null);
        Dispatch first = dispatch();
        unclaimed();
        assertThat(task(first).spent()).isZero();
        assertThat(counts(first)).isEqualTo(tuple(1, 1, 1));

        for (int number = 2; number <= 3; number++) {
            Dispatch next = dispatch();
            assertThat(attempt(next.task()).number()).isEqualTo(number);
            assertThat(next.task().spent()).isEqualTo(number - 2);
            fail(next);
            assertThat(task(first).spent()).isEqualTo(number - 1);
            assertThat(task(first).state()).isEqualTo(number == 2 ? TaskState.PENDING : TaskState.FAILED);
        }
    }

    @Test
    @Proves(Rule.Q_14)
    void the_third_in_a_row_blocks_the_task() {
        QueueTask task = task(RetryPolicy.of(5, Duration.ZERO), null);
        for (int number = 1; number <= 2; number++) {
            Dispatch dispatch = dispatch();
            unclaimed();
            assertThat(task(dispatch).state()).isEqualTo(TaskState.PENDING);
            assertThat(counts(dispatch)).isEqualTo(tuple(number, number, number));
        }
        dispatch();
        unclaimed();

        QueueTask blocked = store().queue().get(task.id());
        assertThat(blocked.state()).isEqualTo(TaskState.BLOCKED);
        Outcome outcome = Objects.requireNonNull(blocked.outcome());
        assertThat(outcome.status()).isEqualTo(TerminalStatus.BLOCKED);
        assertThat(outcome.failureKind()).isEqualTo(FailureKind.UNCLAIMED);
        advance(LONG);
        assertThat(store().queue().dispatchNext(request())).isEmpty();
    }

    @Test
    @Proves(Rule.Q_14)
    void a_claim_of_its_run_begins_the_row_anew() {
        task(RetryPolicy.of(5, Duration.ZERO), null);
        for (int i = 0; i < 2; i++) {
            dispatch();
            unclaimed();
        }
        Dispatch third = dispatch();
        store().leases().release(given().claimed(third.run()).fence());
        unclaimed();
        assertThat(counts(third)).isEqualTo(tuple(3, 3, 1));
        fail(dispatch());
        assertThat(counts(third)).isEqualTo(tuple(4, 3, 0));
        for (int i = 0; i < 2; i++) {
            dispatch();
            unclaimed();
            assertThat(task(third).state()).isEqualTo(TaskState.PENDING);
        }
        assertThat(counts(third)).isEqualTo(tuple(6, 5, 2));
        assertThat(task(third).spent()).isEqualTo(1);
    }

    @Test
    @Proves({Rule.L_10, Rule.L_5, Rule.L_8})
    void a_leased_run_is_left_alone_and_its_time_counts_anew_when_it_is_pending_again() {
        task(RetryPolicy.none(), null);
        task(RetryPolicy.none(), null);
        RunLease released = given().claimed(dispatch().run());
        RunLease lost = given().claimed(dispatch().run());
        assertThat(released.run().claimLimit()).isEqualTo(new ClaimLimit(WITHIN, null));
        assertThat(store().runs().get(lost.run().id()).claimLimit()).isEqualTo(new ClaimLimit(WITHIN, null));
        store().leases().heartbeat(released.fence(), WITHIN.multipliedBy(3));
        advance(WITHIN.multipliedBy(2));
        assertThat(ended()).isEmpty();

        Run given = store().leases().release(released.fence());
        Run found =
                store().leases().recover(lost.run().id(), lost.fence().epoch()).run();
        Instant until = given.updatedAt().plus(WITHIN);
        assertThat(given.claimLimit()).isEqualTo(new ClaimLimit(WITHIN, until));
        assertThat(found.claimLimit()).isEqualTo(new ClaimLimit(WITHIN, until));
        advance(WITHIN.minus(MICRO));
        assertThat(ended()).isEmpty();
        advance(MICRO);

        assertThat(ended()).extracting(Recovery::runId).containsExactlyInAnyOrder(given.id(), found.id());
    }

    @Test
    @Proves({Rule.L_10, Rule.G_3})
    void a_run_of_which_a_turn_was_acknowledged_never_ends_so() {
        task(RetryPolicy.none(), null);
        Dispatch dispatch = dispatch();
        RunLease lease = given().claimed(dispatch.run());
        store().commands().acknowledge(lease.fence(), dispatch.turn().id());
        assertThat(store().runs().get(lease.run().id()).claimLimit()).isNull();
        Run run = store().leases().release(lease.fence());
        assertThat(run.claimLimit()).isNull();
        advance(LONG);

        watch().run(run).unchangedBy(() -> {
            assertThat(ended()).isEmpty();
            return run;
        });
        StateConflictException refused = watch().run(run)
                .refuses(
                        StateConflictException.class,
                        () -> store().runs().finishUnclaimed(run.id(), Outcome.unclaimed("its process is gone")));
        assertThat(refused.retryable()).isFalse();
    }

    @Test
    @Proves({Rule.L_10, Rule.C_6, Rule.G_10})
    void many_acknowledgements_in_one_call_end_the_limit_too() {
        task(RetryPolicy.none(), null);
        Dispatch dispatch = dispatch();
        RunLease lease = given().claimed(dispatch.run());

        store().commands()
                .acknowledgeAll(List.of(
                        new Acknowledgement(lease.fence(), dispatch.turn().id())));

        assertThat(store().runs().get(lease.run().id()).claimLimit()).isNull();
    }

    @Test
    @Proves(Rule.L_10)
    void a_run_without_a_limit_and_one_that_only_waits_have_no_time() {
        given().task(QUEUE);
        Dispatch free = given().dispatched(QUEUE);
        assertThat(free.run().claimLimit()).isNull();
        SessionRef session = SessionRef.of(given().name("session"));
        task(RetryPolicy.none(), session);
        Dispatch waiting = dispatch();
        store().commands().cancel(waiting.turn().id(), "another one instead");
        RunLease other = given().claimed(given().runIn(session.sessionId()));
        Command active = given().acknowledgedTurn(other);
        Command behind = given().turn(waiting.run());
        assertThat(behind.order().deliverable()).isFalse();
        store().leases().heartbeat(other.fence(), LONG.dividedBy(80));
        advance(WITHIN.multipliedBy(2));
        assertThat(ended()).isEmpty();

        store().commands().finish(other.fence(), active.id(), TurnResult.of(Outcome.completed()));
        advance(WITHIN.minus(MICRO));
        assertThat(ended()).isEmpty();
        advance(MICRO);

        assertThat(ended())
                .extracting(Recovery::runId)
                .containsExactly(waiting.run().id());
    }

    @Test
    @Proves({Rule.L_10, Rule.G_6})
    void the_longest_overdue_end_first_within_scope_and_limit() {
        List<Run> runs = new ArrayList<>();
        for (int minutes : List.of(3, 1, 2)) {
            task(RetryPolicy.none(), null);
            runs.add(store().queue()
                    .dispatchNext(request().withClaimWithin(Duration.ofMinutes(minutes)))
                    .orElseThrow()
                    .run());
        }
        advance(WITHIN);

        assertThat(store().leases()
                        .endUnclaimed(ExpiredQuery.in(
                                TenantScope.tenant(given().stranger().tenantId()))))
                .isEmpty();
        assertThat(store().leases().endUnclaimed(query().withLimit(2)))
                .extracting(Recovery::runId)
                .containsExactly(runs.get(1).id(), runs.get(2).id());
        assertThat(store().within(TenantScope.tenant(given().stranger().tenantId()))
                        .leases()
                        .endUnclaimed(ExpiredQuery.in(TenantScope.all())))
                .isEmpty();
        assertThat(store().within(given().scope()).leases().endUnclaimed(ExpiredQuery.in(TenantScope.all())))
                .extracting(Recovery::runId)
                .containsExactly(runs.get(0).id());
    }

    @Test
    @Proves({Rule.L_10, Rule.Q_11})
    void a_run_that_was_taken_and_given_back_has_the_time_too() {
        task(RetryPolicy.none(), null);
        RunLease taken = store().queue()
                .take(TakeRequest.by(Given.RUNNER, request()).withLease(Given.LEASE))
                .get(0)
                .lease();
        assertThat(taken.run().claimLimit()).isEqualTo(new ClaimLimit(WITHIN, null));
        Run back = store().leases().release(taken.fence());
        advance(WITHIN.minus(MICRO));
        assertThat(ended()).isEmpty();
        advance(MICRO);

        assertThat(ended()).extracting(Recovery::runId).containsExactly(back.id());
    }

    @Test
    @Proves({Rule.L_10, Rule.Q_14, Rule.R_4})
    void who_knows_that_nobody_will_claim_it_ends_it_at_no_cost_too() {
        Duration delay = Duration.ofMinutes(3);
        store().queue()
                .create(given().newTask(QUEUE).retry(RetryPolicy.of(1, delay)).build());
        Dispatch dispatch = given().dispatched(QUEUE);
        Outcome outcome = Outcome.unclaimed("its process did not start");

        Run run = store().runs().finishUnclaimed(dispatch.run().id(), outcome);

        assertThat(run.outcome()).isEqualTo(outcome);
        assertThat(task(dispatch).state()).isEqualTo(TaskState.PENDING);
        assertThat(task(dispatch).notBefore()).isEqualTo(run.updatedAt().plus(delay));
        assertThat(task(dispatch).spent()).isZero();
        assertThat(store().runs().finishUnclaimed(run.id(), outcome)).isEqualTo(run);
    }

    private QueueTask task(RetryPolicy retry, @Nullable SessionRef session) {
        NewQueueTask.Builder task = given().newTask(QUEUE).retry(retry);
        return store().queue().create((session == null ? task : task.session(session)).build());
    }

    private DispatchRequest request() {
        return DispatchRequest.fromQueue(QUEUE).withClaimWithin(WITHIN);
    }

    private Dispatch dispatch() {
        return store().queue().dispatchNext(request()).orElseThrow(() -> new AssertionError("nothing is due"));
    }

    private ExpiredQuery query() {
        return ExpiredQuery.in(given().scope());
    }

    private List<Recovery> ended() {
        return store().leases().endUnclaimed(query());
    }

    /** The one run that is dispatched ends unclaimed, and its task is due again. */
    private void unclaimed() {
        advance(WITHIN);
        assertThat(ended()).hasSize(1);
        advance(WITHIN);
    }

    /** The attempt is begun and fails. */
    private void fail(Dispatch dispatch) {
        RunLease lease = given().claimed(dispatch.run());
        store().commands().acknowledge(lease.fence(), dispatch.turn().id());
        store().runs().finish(lease.fence(), TurnResult.of(Outcome.failed(FailureKind.BACKEND_FAILED, "it broke")));
    }

    private QueueTask task(Dispatch dispatch) {
        return store().queue().get(dispatch.task().id());
    }

    private static TaskAttempt attempt(QueueTask task) {
        return Objects.requireNonNull(task.latestAttempt(), "it was tried");
    }

    /** Number, unclaimed, unclaimed in a row. */
    private Tuple counts(Dispatch dispatch) {
        TaskAttempt attempt = attempt(task(dispatch));
        return tuple(attempt.number(), attempt.unclaimed(), attempt.unclaimedInRow());
    }

    private static FailureKind kind(@Nullable Outcome outcome) {
        return Objects.requireNonNull(Objects.requireNonNull(outcome).failureKind());
    }
}

package io.agentrun.tck.suite;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentrun.command.Acknowledgement;
import io.agentrun.command.Command;
import io.agentrun.command.CommandDelivery;
import io.agentrun.command.CommandState;
import io.agentrun.error.FailureKind;
import io.agentrun.error.LeaseConflictException;
import io.agentrun.event.EventType;
import io.agentrun.event.NewEvent;
import io.agentrun.event.RunEvent;
import io.agentrun.json.JsonObject;
import io.agentrun.lease.ClaimRequest;
import io.agentrun.lease.Heartbeat;
import io.agentrun.lease.LeaseSignal;
import io.agentrun.lease.Recovery;
import io.agentrun.lease.RecoveryOutcome;
import io.agentrun.lease.RunLease;
import io.agentrun.model.Outcome;
import io.agentrun.model.TurnResult;
import io.agentrun.queue.Dispatch;
import io.agentrun.queue.QueueTask;
import io.agentrun.queue.RetryPolicy;
import io.agentrun.queue.TaskState;
import io.agentrun.rules.Rule;
import io.agentrun.run.Lease;
import io.agentrun.run.Run;
import io.agentrun.run.RunAttempts;
import io.agentrun.run.RunClaim;
import io.agentrun.run.RunStatus;
import io.agentrun.session.Session;
import io.agentrun.tck.Proves;
import java.time.Duration;
import java.util.List;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.Test;

/**
 * Claims that are repeated under one runner id, and runners that are lost before they began: what costs nothing, a start, or
 * an attempt.
 *
 * <p>Not thread-safe: one thread at a time.
 */
public abstract class RestartSuite extends ConformanceSuite {

    private static final TurnResult DONE = TurnResult.of(Outcome.completed());
    private static final NewEvent EVENT = new NewEvent(EventType.ASSISTANT_MESSAGE, JsonObject.of("text", "mine"));

    /** How many starts come to nothing before a run fails, in a store that was told nothing else. */
    private static final int MAX_STARTS = 3;

    /** For adapters. */
    protected RestartSuite() {}

    @Test
    @Proves({Rule.L_3, Rule.L_2})
    void a_second_claim_before_a_turn_was_begun_begins_an_epoch_and_costs_nothing() {
        Run run = given().runIn(given().name("session"));
        given().turn(run);
        RunLease first = given().claimed(run);
        Session session = sessionOf(run);
        int before = events(run.id()).size();
        advance(Duration.ofSeconds(20));

        RunLease second = second().leases().claim(run.id(), Given.RUNNER, Given.LEASE);

        assertThat(second.fence().epoch()).isEqualTo(2);
        assertThat(Duration.between(first.expiresAt(), second.expiresAt()))
                .isBetween(Duration.ofSeconds(20), Duration.ofSeconds(50));
        assertThat(second.run().status()).isEqualTo(RunStatus.CLAIMED);
        assertThat(second.run().claim())
                .isEqualTo(
                        new RunClaim(2, 0, new Lease(Given.RUNNER, 2, second.expiresAt()), new RunAttempts(1, 1, 0)));
        assertThat(store().runs().get(run.id())).isEqualTo(second.run());
        assertThat(store().sessions().get(session.id())).isEqualTo(session);
        List<RunEvent> events = events(run.id());
        assertThat(events).hasSize(before + 1);
        assertThat(events.get(before).payload())
                .isEqualTo(JsonObject.of("phase", "run-claimed", "runnerId", Given.RUNNER, "epoch", 2));
    }

    @Test
    @Proves({Rule.L_3, Rule.L_1})
    void of_two_processes_with_one_runner_id_only_the_later_one_can_write() {
        RunLease first = given().claimed();
        store().events().append(first.fence(), EVENT);

        RunLease second = given().claimed(first.run());

        Watch watch = watch().run(first.run());
        watch.refuses(LeaseConflictException.class, () -> store().events().append(first.fence(), EVENT));
        watch.refuses(LeaseConflictException.class, () -> store().runs().finish(first.fence(), DONE));
        watch.refuses(LeaseConflictException.class, () -> store().leases().release(first.fence()));
        assertThat(watch.unchangedBy(() -> store().leases().heartbeat(first.fence(), Given.LEASE)))
                .isEqualTo(Heartbeat.over(LeaseSignal.LEASE_LOST));
        assertThat(store().events().append(second.fence(), EVENT).seq()).isPositive();
        assertThat(store().runs().finish(second.fence(), DONE).status()).isEqualTo(RunStatus.COMPLETED);
    }

    @Test
    @Proves({Rule.L_3, Rule.C_5})
    void a_second_claim_makes_pending_again_what_else_was_acknowledged() {
        RunLease first = given().claimed();
        Command turn = given().turn(first.run());
        Command steer = given().acknowledged(first.fence(), given().steer(first.run()));

        RunLease second = given().claimed(first.run());

        Command back = store().commands().get(steer.id());
        assertThat(back.state()).isEqualTo(CommandState.PENDING);
        assertThat(back.times().acknowledgedAt()).isNull();
        CommandDelivery delivery = store().commands().await(second.fence(), 10, Duration.ZERO);
        assertThat(delivery.commands()).extracting(Command::id).containsExactly(turn.id(), steer.id());
    }

    @Test
    @Proves({Rule.L_3, Rule.R_6})
    void a_second_claim_before_a_turn_was_begun_is_granted_and_a_cancel_request_stays() {
        RunLease first = given().claimed();
        Run asked = store().runs().cancel(first.run().id(), "enough");

        RunLease second = given().claimed(first.run());

        assertThat(second.run().cancelRequest()).isEqualTo(asked.cancelRequest());
        assertThat(store().leases().heartbeat(second.fence(), Given.LEASE).signal())
                .isEqualTo(LeaseSignal.CANCEL_REQUESTED);
    }

    @Test
    @Proves({Rule.L_3, Rule.L_8})
    void a_second_claim_after_a_turn_was_begun_is_a_recovery_that_spends_an_attempt() {
        RunLease first = given().claimed(given().runIn(given().name("session"), 2));
        Command turn = given().acknowledgedTurn(first);
        int before = events(first.run().id()).size();

        RunLease second = second().leases().claim(first.run().id(), Given.RUNNER, Given.LEASE);

        assertThat(second.fence().epoch()).isEqualTo(3);
        assertThat(second.run().status()).isEqualTo(RunStatus.CLAIMED);
        assertThat(second.run().claim().attempts()).isEqualTo(new RunAttempts(2, 2, 0));
        assertThat(second.run().claim().generation()).isEqualTo(1);
        assertThat(store().runs().get(first.run().id())).isEqualTo(second.run());
        assertThat(store().commands().get(turn.id()).state()).isEqualTo(CommandState.PENDING);
        List<RunEvent> events = events(first.run().id());
        assertThat(events).hasSize(before + 2);
        assertThat(events.get(before).payload())
                .isEqualTo(
                        JsonObject.of("phase", "run-recovered", "runnerId", Given.RUNNER, "attempt", 2, "starts", 0));
        assertThat(events.get(before + 1).payload())
                .isEqualTo(JsonObject.of("phase", "run-claimed", "runnerId", Given.RUNNER, "epoch", 3));
        watch().run(first.run())
                .refuses(LeaseConflictException.class, () -> store().events().append(first.fence(), EVENT));
    }

    @Test
    @Proves({Rule.L_3, Rule.G_3})
    void a_second_claim_is_refused_where_a_recovery_would_end_the_run_and_the_holder_goes_on() {
        RunLease last = given().claimed();
        given().acknowledgedTurn(last);
        RunLease asked = given().claimed(given().runWithAttempts(5));
        given().acknowledgedTurn(asked);
        store().runs().cancel(asked.run().id(), "enough");

        for (RunLease lease : List.of(last, asked)) {
            LeaseConflictException refused = watch().run(lease.run())
                    .refuses(
                            LeaseConflictException.class,
                            () -> store().leases().claim(lease.run().id(), Given.RUNNER, Given.LEASE));
            assertThat(refused.retryable()).isFalse();
            assertThat(store().events().append(lease.fence(), EVENT).seq()).isPositive();
        }
    }

    @Test
    @Proves(Rule.L_3)
    void a_second_claim_after_the_turn_has_ended_costs_nothing() {
        RunLease first = given().claimed();
        Command turn = given().acknowledgedTurn(first);
        store().commands().finish(first.fence(), turn.id(), DONE);

        RunLease second = given().claimed(first.run());

        assertThat(second.fence().epoch()).isEqualTo(2);
        assertThat(second.run().status()).isEqualTo(RunStatus.CLAIMED);
        assertThat(second.run().claim().attempts()).isEqualTo(new RunAttempts(1, 1, 0));
    }

    @Test
    @Proves({Rule.L_3, Rule.L_7})
    void a_claim_whose_answer_was_lost_is_repeated_by_name_after_claim_next_too() {
        Run run = given().run();
        ClaimRequest next = ClaimRequest.by(Given.RUNNER, Given.LEASE).withScope(given().scope());
        assertThat(store().leases().claimNext(next)).isPresent();

        RunLease again = given().claimed(run);

        given().acknowledgedTurn(again);
        assertThat(store().runs().finish(again.fence(), DONE).status()).isEqualTo(RunStatus.COMPLETED);
    }

    @Test
    @Proves(Rule.L_8)
    void what_was_never_begun_is_pending_again_and_spends_no_attempt() {
        Run run = given().run();
        given().turn(run);
        RunLease lease = given().claimed(run);
        advance(Given.PAST_LEASE);

        Recovery recovery = second().leases().recover(run.id(), lease.fence().epoch());

        assertThat(recovery.outcome()).isEqualTo(RecoveryOutcome.REQUEUED);
        assertThat(recovery.run().claim()).isEqualTo(new RunClaim(2, 1, null, new RunAttempts(1, 1, 1)));
        assertThat(store().runs().get(run.id())).isEqualTo(recovery.run());
        assertThat(lastEvent(run.id()).payload())
                .isEqualTo(
                        JsonObject.of("phase", "run-recovered", "runnerId", Given.RUNNER, "attempt", 1, "starts", 1));
        assertThat(given().claimed(run).run().claim().attempts()).isEqualTo(new RunAttempts(1, 1, 1));
    }

    @Test
    @Proves(Rule.L_8)
    void the_third_start_ends_the_run_as_failed() {
        Run run = given().runIn(given().name("session"), 9);
        Command turn = given().turn(run);
        for (int start = 1; start < MAX_STARTS; start++) {
            assertThat(lost(run).outcome()).isEqualTo(RecoveryOutcome.REQUEUED);
        }

        Recovery third = lost(run);

        assertThat(third.outcome()).isEqualTo(RecoveryOutcome.FAILED);
        Outcome outcome = third.run().outcome();
        assertThat(outcome).isNotNull();
        assertThat(outcome.failureKind()).isEqualTo(FailureKind.INFRA_FAILED);
        assertThat(third.run().status()).isEqualTo(RunStatus.FAILED);
        assertThat(third.run().claim().attempts()).isEqualTo(new RunAttempts(1, 9, MAX_STARTS));
        assertThat(store().runs().get(run.id())).isEqualTo(third.run());
        assertThat(store().commands().get(turn.id()).state().terminal()).isTrue();
        assertThat(phases(run.id())).endsWith("command-terminal", "terminal_status");
    }

    @Test
    @Proves({Rule.L_8, Rule.Q_6})
    void the_third_start_spends_the_attempt_of_the_task() {
        String queue = given().name("queue");
        QueueTask task = store().queue()
                .create(given().newTask(queue)
                        .retry(new RetryPolicy(2, Duration.ZERO))
                        .build());
        Dispatch first = given().dispatched(queue);
        for (int start = 1; start < MAX_STARTS; start++) {
            lost(first.run());
            assertThat(store().queue().get(task.id()).state()).isEqualTo(TaskState.RUNNING);
        }

        lost(first.run());

        assertThat(store().queue().get(task.id()).state()).isEqualTo(TaskState.PENDING);
        Dispatch second = given().dispatched(queue);
        assertThat(second.task().attempts()).isEqualTo(2);
        assertThat(second.run().claim().attempts().starts()).isZero();
    }

    @Test
    @Proves({Rule.L_4, Rule.L_8})
    void a_claim_of_a_lease_that_ran_out_counts_a_start_and_the_last_one_is_refused() {
        Run run = given().run();
        given().claimed(run);
        for (int start = 1; start < MAX_STARTS; start++) {
            advance(Given.PAST_LEASE);
            RunLease taken =
                    store().leases().claim(run.id(), start == 1 ? Given.OTHER_RUNNER : Given.RUNNER, Given.LEASE);
            assertThat(taken.run().claim().attempts()).isEqualTo(new RunAttempts(1, 1, start));
        }
        advance(Given.PAST_LEASE);

        for (String runner : List.of(Given.RUNNER, Given.OTHER_RUNNER)) {
            LeaseConflictException refused = watch().run(run)
                    .refuses(
                            LeaseConflictException.class, () -> store().leases().claim(run.id(), runner, Given.LEASE));
            assertThat(refused.retryable()).isFalse();
        }
    }

    @Test
    @Proves({Rule.L_8, Rule.C_6})
    void acknowledging_a_turn_begins_the_count_anew() {
        acknowledged((lease, turn) -> given().acknowledged(lease.fence(), turn));
    }

    @Test
    @Proves({Rule.L_9, Rule.G_10})
    void acknowledging_many_turns_begins_their_counts_anew() {
        acknowledged((lease, turn) ->
                store().commands().acknowledgeAll(List.of(new Acknowledgement(lease.fence(), turn.id()))));
    }

    private void acknowledged(BiConsumer<RunLease, Command> acknowledge) {
        Run run = given().runWithAttempts(9);
        Command turn = given().turn(run);
        for (int start = 1; start < MAX_STARTS; start++) {
            lost(run);
        }
        RunLease lease = given().claimed(run);
        assertThat(lease.run().claim().attempts().starts()).isEqualTo(MAX_STARTS - 1);

        acknowledge.accept(lease, turn);

        assertThat(second().runs().get(run.id()).claim().attempts()).isEqualTo(new RunAttempts(1, 9, 0));
        store().commands().finish(lease.fence(), turn.id(), TurnResult.of(Outcome.completed()));
        advance(Given.PAST_LEASE);
        assertThat(store().leases()
                        .recover(run.id(), lease.fence().epoch())
                        .run()
                        .claim()
                        .attempts())
                .isEqualTo(new RunAttempts(1, 9, 1));
    }

    @Test
    @Proves({Rule.L_8, Rule.L_5, Rule.L_3})
    void releases_repeated_claims_and_recoveries_of_what_was_begun_count_no_start() {
        Run run = given().runWithAttempts(9);
        Command turn = given().turn(run);
        lost(run);
        RunLease lease = given().claimed(run);
        store().leases().release(lease.fence());
        given().claimed(run);
        RunLease again = given().claimed(run);
        assertThat(again.run().claim().attempts().starts()).isEqualTo(1);

        given().acknowledged(again.fence(), turn);
        advance(Given.PAST_LEASE);

        assertThat(store().leases()
                        .recover(run.id(), again.fence().epoch())
                        .run()
                        .claim()
                        .attempts())
                .isEqualTo(new RunAttempts(2, 9, 0));
    }

    @Test
    @Proves({Rule.L_5, Rule.L_8})
    void releases_and_recoveries_begin_a_generation_and_claims_do_not() {
        Run run = given().run();
        RunLease first = given().claimed(run);
        assertThat(first.run().claim().generation()).isZero();

        RunLease again = given().claimed(run);
        assertThat(again.run().claim().generation()).isZero();

        assertThat(store().leases().release(again.fence()).claim().generation()).isEqualTo(1);
        assertThat(given().claimed(run).run().claim().generation()).isEqualTo(1);
        advance(Given.PAST_LEASE);
        assertThat(given().claimed(run).run().claim().generation()).isEqualTo(2);
    }

    /** Claims the run, lets the lease run out, and recovers it. */
    private Recovery lost(Run run) {
        RunLease lease = given().claimed(run);
        advance(Given.PAST_LEASE);
        return store().leases().recover(run.id(), lease.fence().epoch());
    }
}

package io.agentrun.tck.suite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.agentrun.command.Command;
import io.agentrun.command.CommandState;
import io.agentrun.error.FailureKind;
import io.agentrun.error.LeaseConflictException;
import io.agentrun.event.RunEvent;
import io.agentrun.json.JsonObject;
import io.agentrun.lease.ExpiredLease;
import io.agentrun.lease.ExpiredQuery;
import io.agentrun.lease.Recovery;
import io.agentrun.lease.RecoveryOutcome;
import io.agentrun.lease.RunLease;
import io.agentrun.model.Outcome;
import io.agentrun.model.Owner;
import io.agentrun.model.TenantScope;
import io.agentrun.model.TurnResult;
import io.agentrun.queue.Dispatch;
import io.agentrun.queue.TaskState;
import io.agentrun.rules.Rule;
import io.agentrun.run.NewRun;
import io.agentrun.run.Run;
import io.agentrun.run.RunAttempts;
import io.agentrun.run.RunClaim;
import io.agentrun.run.RunStatus;
import io.agentrun.session.ExecutionState;
import io.agentrun.session.Session;
import io.agentrun.tck.Proves;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * What becomes of runs whose runner is gone: found, recovered, or claimed anew.
 *
 * <p>Not thread-safe: one thread at a time.
 */
public abstract class RecoverySuite extends ConformanceSuite {

    private static final Comparator<ExpiredLease> LONGEST_EXPIRED_FIRST = Comparator.comparing(ExpiredLease::expiredAt)
            .thenComparing(expired -> expired.run().id());

    /** For adapters. */
    protected RecoverySuite() {}

    @Test
    @Proves({Rule.L_4, Rule.L_8})
    void a_claim_of_an_expired_lease_recovers_first_and_begins_two_epochs() {
        for (String runner : List.of(Given.OTHER_RUNNER, Given.RUNNER)) {
            RunLease old = given().claimed(given().runIn(given().name("session"), 2));
            Command turn = given().acknowledgedTurn(old);
            Session session = sessionOf(old.run());
            int before = events(old.run().id()).size();
            advance(Given.PAST_LEASE);

            RunLease lease = second().leases().claim(old.run().id(), runner, Given.LEASE);

            assertThat(lease.fence().runnerId()).isEqualTo(runner);
            assertThat(lease.fence().epoch()).isEqualTo(3);
            assertThat(lease.run().status()).isEqualTo(RunStatus.CLAIMED);
            assertThat(lease.run().claim().attempts()).isEqualTo(new RunAttempts(2, 2, 0));
            assertThat(store().runs().get(old.run().id())).isEqualTo(lease.run());
            assertThat(store().commands().get(turn.id()).state()).isEqualTo(CommandState.PENDING);
            assertThat(store().sessions().get(session.id())).isEqualTo(session);
            List<RunEvent> events = events(old.run().id());
            assertThat(events).hasSize(before + 2);
            assertThat(events.get(before).payload())
                    .isEqualTo(JsonObject.of(
                            "phase", "run-recovered", "runnerId", Given.RUNNER, "attempt", 2, "starts", 0));
            assertThat(events.get(before + 1).payload())
                    .isEqualTo(JsonObject.of("phase", "run-claimed", "runnerId", runner, "epoch", 3));
        }
    }

    @Test
    @Proves({Rule.L_4, Rule.G_3})
    void a_claim_of_an_expired_lease_is_refused_where_recovery_would_end_the_run() {
        RunLease exhausted = given().claimed();
        given().acknowledgedTurn(exhausted);
        RunLease asked = given().claimed(given().runWithAttempts(5));
        store().runs().cancel(asked.run().id(), "asked");
        advance(Given.PAST_LEASE);

        for (RunLease lease : List.of(exhausted, asked)) {
            for (String runner : List.of(Given.OTHER_RUNNER, Given.RUNNER)) {
                LeaseConflictException refused = watch().run(lease.run())
                        .refuses(
                                LeaseConflictException.class,
                                () -> store().leases().claim(lease.run().id(), runner, Given.LEASE));
                assertThat(refused.retryable()).isFalse();
                assertThat(refused)
                        .hasMessage(
                                LeaseConflictException.unrecovered(lease.run().id())
                                        .getMessage());
            }
        }
    }

    @Test
    @Proves(Rule.L_8)
    void a_lease_is_listed_once_it_has_run_out_and_not_before() {
        RunLease lease = given().claimed();
        given().run();
        given().completed(given().run());
        advance(Given.LEASE.minusSeconds(15));
        assertThat(expired()).isEmpty();

        advance(Duration.ofSeconds(15));

        assertThat(expired())
                .containsExactly(new ExpiredLease(
                        Given.RUNNER,
                        lease.fence().epoch(),
                        lease.expiresAt(),
                        store().runs().get(lease.run().id())));
    }

    @Test
    @Proves({Rule.L_8, Rule.G_6})
    void the_longest_expired_lease_is_listed_first_within_scope_and_limit() {
        List<ExpiredLease> expected = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            Run run = given().run();
            RunLease lease = store().leases().claim(run.id(), Given.RUNNER, Given.LEASE.minusSeconds(10L * (i % 3)));
            expected.add(new ExpiredLease(Given.RUNNER, 1, lease.expiresAt(), lease.run()));
        }
        Owner stranger = given().stranger();
        RunLease theirs = given().claimed(store().runs()
                .create(NewRun.builder(stranger, given().spec()).build()));
        advance(Given.PAST_LEASE);
        expected.sort(LONGEST_EXPIRED_FIRST);

        assertThat(expired()).containsExactlyElementsOf(expected);
        assertThat(second().leases()
                        .listExpired(ExpiredQuery.in(given().scope()).withLimit(2)))
                .containsExactlyElementsOf(expected.subList(0, 2));
        assertThat(store().leases().listExpired(ExpiredQuery.in(TenantScope.tenant(stranger.tenantId()))))
                .extracting(ExpiredLease::runId)
                .containsExactly(theirs.run().id());
    }

    @Test
    @Proves(Rule.L_8)
    void listing_changes_nothing() {
        RunLease lease = given().claimed(given().runWithAttempts(2));
        given().acknowledgedTurn(lease);
        advance(Given.PAST_LEASE);

        assertThat(watch().run(lease.run()).unchangedBy(this::expired)).hasSize(1);
    }

    @Test
    @Proves(Rule.L_8)
    void a_run_with_attempts_left_is_pending_again_with_its_commands() {
        RunLease lease = given().claimed(given().runIn(given().name("session"), 3));
        Command turn = given().acknowledgedTurn(lease);
        Session session = sessionOf(lease.run());
        advance(Given.PAST_LEASE);

        Recovery recovery =
                second().leases().recover(lease.run().id(), lease.fence().epoch());

        Run run = recovery.run();
        assertThat(recovery.outcome()).isEqualTo(RecoveryOutcome.REQUEUED);
        assertThat(recovery.runId()).isEqualTo(lease.run().id());
        assertThat(run.status()).isEqualTo(RunStatus.PENDING);
        assertThat(run.claim()).isEqualTo(new RunClaim(2, 1, null, new RunAttempts(2, 3, 0)));
        assertThat(run.outcome()).isNull();
        assertThat(store().runs().get(run.id())).isEqualTo(run);
        Command back = store().commands().get(turn.id());
        assertThat(back.state()).isEqualTo(CommandState.PENDING);
        assertThat(back.times().acknowledgedAt()).isNull();
        assertThat(back.order().deliverable()).isTrue();
        assertThat(store().sessions().get(session.id())).isEqualTo(session);
        assertThat(lastEvent(run.id()).payload())
                .isEqualTo(
                        JsonObject.of("phase", "run-recovered", "runnerId", Given.RUNNER, "attempt", 2, "starts", 0));
        assertThat(expired()).isEmpty();
    }

    @Test
    @Proves({Rule.L_8, Rule.R_7, Rule.S_4})
    void a_run_without_attempts_left_has_failed_as_its_runner_was_lost() {
        RunLease lease = given().claimed(given().runIn(given().name("session")));
        Command turn = given().acknowledgedTurn(lease);
        Command steer = given().steer(lease.run());
        advance(Given.PAST_LEASE);

        Recovery recovery =
                store().leases().recover(lease.run().id(), lease.fence().epoch());

        Run run = recovery.run();
        assertThat(recovery.outcome()).isEqualTo(RecoveryOutcome.FAILED);
        assertThat(run.status()).isEqualTo(RunStatus.FAILED);
        assertThat(run.outcome()).isEqualTo(Outcome.failed(FailureKind.RUNNER_LOST, "the runner's lease ran out"));
        assertThat(run.claim()).isEqualTo(new RunClaim(2, 0, null, new RunAttempts(1, 1, 0)));
        assertThat(store().runs().get(run.id())).isEqualTo(run);
        assertThat(store().commands().get(turn.id()).state()).isEqualTo(CommandState.FAILED);
        assertThat(store().commands().get(turn.id()).outcome()).isEqualTo(run.outcome());
        assertThat(store().commands().get(steer.id()).state()).isEqualTo(CommandState.CANCELLED);
        assertThat(phases(run.id())).endsWith("command-terminal", "command-terminal", "terminal_status");
        Session session = sessionOf(run);
        assertThat(session.activity().state()).isEqualTo(ExecutionState.TERMINAL);
        assertThat(session.activity().outcome()).isEqualTo(run.outcome());
    }

    @Test
    @Proves({Rule.L_8, Rule.R_6})
    void a_run_that_was_asked_to_cancel_is_cancelled_whatever_attempts_it_has() {
        RunLease lease = given().claimed(given().runWithAttempts(5));
        Command turn = given().acknowledgedTurn(lease);
        store().runs().cancel(lease.run().id(), "asked");
        advance(Given.PAST_LEASE);

        Recovery recovery =
                store().leases().recover(lease.run().id(), lease.fence().epoch());

        assertThat(recovery.outcome()).isEqualTo(RecoveryOutcome.CANCELLED);
        assertThat(recovery.run().outcome()).isEqualTo(Outcome.cancelled("asked"));
        assertThat(recovery.run().epoch()).isEqualTo(lease.fence().epoch() + 1);
        assertThat(store().commands().get(turn.id()).state()).isEqualTo(CommandState.CANCELLED);
        assertThat(phases(lease.run().id())).endsWith("cancel-requested", "command-terminal", "terminal_status");
    }

    @Test
    @Proves(Rule.L_8)
    void recovery_is_not_needed_while_the_lease_lives_or_for_another_epoch_or_after_the_end() {
        RunLease live = given().claimed(given().runWithAttempts(9));
        notNeeded(live.run(), 1);

        advance(Given.PAST_LEASE);
        notNeeded(live.run(), 2);
        store().leases().heartbeat(live.fence(), Given.LEASE);
        notNeeded(live.run(), 1);

        advance(Given.PAST_LEASE);
        store().leases().recover(live.run().id(), 1);
        notNeeded(live.run(), 1);
        notNeeded(live.run(), 2);

        RunLease next = given().claimed(live.run());
        advance(Given.PAST_LEASE);
        notNeeded(live.run(), 1);
        store().runs().finish(next.fence(), TurnResult.of(Outcome.completed()));
        notNeeded(live.run(), next.fence().epoch());
    }

    @Test
    @Proves({Rule.L_8, Rule.R_2})
    void attempts_are_counted_until_none_is_left() {
        Run run = given().runWithAttempts(3);
        Command turn = given().turn(run);

        List<RecoveryOutcome> outcomes = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            RunLease lease = given().claimed(run);
            given().acknowledged(lease.fence(), turn);
            advance(Given.PAST_LEASE);
            outcomes.add(
                    store().leases().recover(run.id(), lease.fence().epoch()).outcome());
        }

        assertThat(outcomes)
                .containsExactly(RecoveryOutcome.REQUEUED, RecoveryOutcome.REQUEUED, RecoveryOutcome.FAILED);
        assertThat(store().runs().get(run.id()).claim().attempts()).isEqualTo(new RunAttempts(3, 3, 0));
    }

    @Test
    @Proves({Rule.L_8, Rule.G_6})
    void recovering_what_has_expired_does_it_one_by_one_and_leaves_the_rest() {
        RunLease requeued = given().claimed(given().runWithAttempts(2));
        RunLease failed = given().claimed();
        given().acknowledgedTurn(failed);
        RunLease cancelled = given().claimed();
        store().runs().cancel(cancelled.run().id(), "asked");
        RunLease theirs = given().claimed(store().runs()
                .create(NewRun.builder(given().stranger(), given().spec()).build()));
        advance(Given.PAST_LEASE);
        RunLease live = given().claimed();

        List<Recovery> done = store().leases().recoverExpired(ExpiredQuery.in(given().scope()));

        assertThat(done)
                .extracting(Recovery::runId, Recovery::outcome)
                .containsExactlyInAnyOrder(
                        tuple(requeued.run().id(), RecoveryOutcome.REQUEUED),
                        tuple(failed.run().id(), RecoveryOutcome.FAILED),
                        tuple(cancelled.run().id(), RecoveryOutcome.CANCELLED));
        assertThat(store().runs().get(theirs.run().id())).isEqualTo(theirs.run());
        assertThat(store().runs().get(live.run().id())).isEqualTo(live.run());
        assertThat(store().leases().recoverExpired(ExpiredQuery.in(given().scope())))
                .isEmpty();
    }

    @Test
    @Proves({Rule.L_8, Rule.Q_5})
    void the_task_of_a_run_that_recovery_fails_moves_with_it() {
        String queue = given().name("queue");
        given().task(queue);
        Dispatch dispatch = given().dispatched(queue);
        RunLease lease = given().claimed(dispatch.run());
        given().acknowledged(lease.fence(), dispatch.turn());
        advance(Given.PAST_LEASE);

        Recovery recovery =
                store().leases().recover(lease.run().id(), lease.fence().epoch());

        // A dispatched run has one attempt: it is the task that is tried again.
        assertThat(recovery.outcome()).isEqualTo(RecoveryOutcome.FAILED);
        assertThat(store().queue().get(dispatch.task().id()).state()).isEqualTo(TaskState.FAILED);
    }

    private List<ExpiredLease> expired() {
        return store().leases().listExpired(ExpiredQuery.in(given().scope()));
    }

    private void notNeeded(Run run, long epoch) {
        Recovery recovery = watch().run(run).unchangedBy(() -> store().leases().recover(run.id(), epoch));
        assertThat(recovery.outcome()).isEqualTo(RecoveryOutcome.NOT_NEEDED);
        assertThat(recovery.run()).isEqualTo(store().runs().get(run.id()));
    }
}

package io.agentrun.tck.suite;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentrun.command.Command;
import io.agentrun.command.CommandState;
import io.agentrun.error.AlreadyTerminalException;
import io.agentrun.error.FailureKind;
import io.agentrun.error.LeaseConflictException;
import io.agentrun.event.EventType;
import io.agentrun.event.NewEvent;
import io.agentrun.event.RunEvent;
import io.agentrun.json.JsonObject;
import io.agentrun.lease.LeaseSignal;
import io.agentrun.lease.RecoveryOutcome;
import io.agentrun.lease.RunLease;
import io.agentrun.model.CancelMode;
import io.agentrun.model.Outcome;
import io.agentrun.model.TerminalStatus;
import io.agentrun.model.TurnResult;
import io.agentrun.queue.Dispatch;
import io.agentrun.queue.TaskState;
import io.agentrun.rules.Rule;
import io.agentrun.run.Run;
import io.agentrun.run.RunStatus;
import io.agentrun.tck.Proves;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * The ends of a run: finished by its runner, ended by the host, cancelled; and that each is final.
 *
 * <p>Not thread-safe: one thread at a time.
 */
public abstract class RunEndSuite extends ConformanceSuite {

    private static final TurnResult DONE = TurnResult.of(Outcome.completed());
    private static final List<Outcome> OUTCOMES = List.of(
            Outcome.completed(),
            Outcome.completed().withMessage("all green"),
            Outcome.failed(FailureKind.BACKEND_FAILED, "it broke"),
            Outcome.failed(FailureKind.of("house-rule"), null),
            Outcome.blocked(FailureKind.INFRA_FAILED, "no disk"),
            Outcome.cancelled("not needed"));

    /** For adapters. */
    protected RunEndSuite() {}

    @Test
    @Proves({Rule.R_3, Rule.R_2})
    void the_runner_of_a_run_ends_it_with_any_outcome() {
        for (Outcome outcome : OUTCOMES) {
            RunLease lease = given().claimed();

            Run ended = store().runs().finish(lease.fence(), TurnResult.of(outcome));

            assertThat(ended.status().wire()).isEqualTo(outcome.status().wire());
            assertThat(ended.isTerminal()).isTrue();
            assertThat(ended.outcome()).isEqualTo(outcome);
            assertThat(ended.epoch()).isEqualTo(lease.fence().epoch());
            assertThat(ended.lease()).isEmpty();
            assertThat(ended.claim().attempts()).isEqualTo(lease.run().claim().attempts());
            assertThat(store().runs().get(ended.id())).isEqualTo(ended);
            assertThat(lastEvent(ended.id()).type()).isEqualTo(EventType.TERMINAL_STATUS);
            assertThat(lastEvent(ended.id()).payload()).isEqualTo(said(outcome));
        }
    }

    @Test
    @Proves(Rule.R_3)
    void a_retry_of_the_end_gets_the_stored_record_whatever_it_reports() {
        RunLease lease = given().claimed();
        Run ended = store().runs().finish(lease.fence(), DONE);
        Watch watch = watch().run(ended);

        advance(Duration.ofMinutes(5));

        assertThat(watch.unchangedBy(() -> second().runs().finish(lease.fence(), DONE)))
                .isEqualTo(ended);
        assertThat(watch.unchangedBy(() -> store().runs().finish(lease.fence(), TurnResult.of(OUTCOMES.get(2)))))
                .isEqualTo(ended);
    }

    @Test
    @Proves({Rule.R_3, Rule.L_1, Rule.G_3})
    void a_run_that_nobody_holds_is_not_ended_by_a_runner() {
        Run run = given().run();

        watch().run(run)
                .refuses(
                        LeaseConflictException.class,
                        () -> store().runs().finish(Given.forged(run.id(), Given.RUNNER, 1), DONE));
    }

    @Test
    @Proves(Rule.R_4)
    void the_host_ends_a_pending_run() {
        for (Outcome outcome : OUTCOMES) {
            Run run = given().run();
            Command turn = given().turn(run);

            Run ended = store().runs().finishUnclaimed(run.id(), outcome);

            assertThat(ended.status().wire()).isEqualTo(outcome.status().wire());
            assertThat(ended.outcome()).isEqualTo(outcome);
            assertThat(ended.epoch()).isGreaterThan(run.epoch());
            assertThat(store().runs().get(run.id())).isEqualTo(ended);
            assertThat(store().commands().get(turn.id()).state()).isEqualTo(CommandState.CANCELLED);
            assertThat(phases(run.id()))
                    .containsExactly("run-created", "command-created", "command-terminal", "terminal_status");
            assertThat(watch().run(run).unchangedBy(() -> store().runs().finishUnclaimed(run.id(), OUTCOMES.get(0))))
                    .isEqualTo(ended);
        }
    }

    @Test
    @Proves({Rule.R_4, Rule.G_3})
    void the_host_does_not_end_a_run_that_a_runner_holds_expired_or_not() {
        RunLease claimed = given().claimed();
        RunLease running = given().claimed();
        given().acknowledgedTurn(running);

        for (int i = 0; i < 2; i++) {
            for (RunLease lease : List.of(claimed, running)) {
                LeaseConflictException refused = watch().run(lease.run())
                        .refuses(
                                LeaseConflictException.class,
                                () -> store().runs().finishUnclaimed(lease.run().id(), OUTCOMES.get(2)));

                assertThat(refused.retryable()).isTrue();
            }
            advance(Given.PAST_LEASE);
        }
    }

    @Test
    @Proves({Rule.R_5, Rule.R_7})
    void a_pending_run_is_cancelled_at_once_in_either_mode() {
        for (CancelMode mode : CancelMode.values()) {
            Run run = given().run();
            Command turn = given().turn(run);
            Command steer = given().steer(run);

            Run ended = store().runs().cancel(run.id(), "changed my mind", mode);

            assertThat(ended.status()).isEqualTo(RunStatus.CANCELLED);
            assertThat(ended.outcome()).isEqualTo(Outcome.cancelled("changed my mind"));
            assertThat(ended.epoch()).isGreaterThan(run.epoch());
            assertThat(ended.cancelRequest()).isNotNull();
            assertThat(ended.cancelRequest().reason()).isEqualTo("changed my mind");
            assertThat(Watch.commands(store(), run.id()))
                    .extracting(Command::state)
                    .containsOnly(CommandState.CANCELLED);
            List<RunEvent> tail = events(run.id()).subList(3, 7);
            assertThat(tail.get(0).payload().string("commandId")).contains(turn.id());
            assertThat(tail.get(1).payload().string("commandId")).contains(steer.id());
            assertThat(tail.get(2).payload())
                    .isEqualTo(JsonObject.of("phase", "cancel-requested", "reason", "changed my mind"));
            assertThat(tail.get(3).payload()).isEqualTo(said(Outcome.cancelled("changed my mind")));
            assertThat(events(run.id())).hasSize(7);
        }
    }

    @Test
    @Proves(Rule.R_6)
    void a_graceful_cancel_of_a_leased_run_is_a_request_and_a_second_one_changes_nothing() {
        RunLease lease = given().claimed();
        Command turn = given().acknowledgedTurn(lease);
        int before = events(lease.run().id()).size();

        Run asked = store().runs().cancel(lease.run().id(), "first");

        assertThat(asked.status()).isEqualTo(RunStatus.RUNNING);
        assertThat(asked.claim()).isEqualTo(lease.run().claim());
        assertThat(asked.cancelRequest()).isNotNull();
        assertThat(asked.cancelRequest().reason()).isEqualTo("first");
        assertThat(store().runs().get(asked.id())).isEqualTo(asked);
        assertThat(store().commands().get(turn.id())).isEqualTo(turn);
        assertThat(events(asked.id())).hasSize(before + 1);
        assertThat(lastEvent(asked.id()).payload())
                .isEqualTo(JsonObject.of("phase", "cancel-requested", "reason", "first"));
        advance(Duration.ofSeconds(1));
        assertThat(watch().run(asked).unchangedBy(() -> second().runs().cancel(asked.id(), "second")))
                .isEqualTo(asked);
    }

    @Test
    @Proves(Rule.R_6)
    void what_the_runner_reports_after_a_cancel_request_is_taken_as_it_is() {
        for (Outcome outcome : OUTCOMES) {
            RunLease lease = given().claimed();
            store().runs().cancel(lease.run().id(), "asked");

            Run ended = store().runs().finish(lease.fence(), TurnResult.of(outcome));

            assertThat(ended.outcome()).isEqualTo(outcome);
            assertThat(ended.cancelRequest()).isNotNull();
            assertThat(phases(ended.id()))
                    .containsExactly("run-created", "run-claimed", "cancel-requested", "terminal_status");
        }
    }

    @Test
    @Proves({Rule.R_5, Rule.L_1})
    void force_cancels_a_held_run_at_once_and_keeps_its_runner_out() {
        RunLease lease = given().claimed();
        Command turn = given().acknowledgedTurn(lease);
        Command waiting = given().turn(lease.run());

        Run ended = store().runs().cancel(lease.run().id(), "now", CancelMode.FORCE);

        assertThat(ended.status()).isEqualTo(RunStatus.CANCELLED);
        assertThat(ended.outcome()).isEqualTo(Outcome.cancelled("now"));
        assertThat(ended.lease()).isEmpty();
        assertThat(ended.epoch()).isEqualTo(lease.fence().epoch() + 1);
        assertThat(store().commands().get(turn.id()).state()).isEqualTo(CommandState.CANCELLED);
        assertThat(store().commands().get(waiting.id()).state()).isEqualTo(CommandState.CANCELLED);
        assertThat(phases(ended.id()))
                .endsWith("command-terminal", "command-terminal", "cancel-requested", "terminal_status");
        assertThat(store().leases().heartbeat(lease.fence(), Given.LEASE).signal())
                .isEqualTo(LeaseSignal.LEASE_LOST);
        watch().run(ended)
                .refuses(LeaseConflictException.class, () -> store().runs().finish(lease.fence(), DONE));
    }

    @Test
    @Proves({Rule.R_5, Rule.R_6})
    void force_after_a_request_ends_the_run_and_does_not_ask_again() {
        RunLease lease = given().claimed();
        store().runs().cancel(lease.run().id(), "please");

        Run ended = store().runs().cancel(lease.run().id(), "now", CancelMode.FORCE);

        assertThat(ended.outcome()).isEqualTo(Outcome.cancelled("now"));
        assertThat(ended.cancelRequest()).isNotNull();
        assertThat(ended.cancelRequest().reason()).isEqualTo("please");
        assertThat(phases(ended.id()))
                .containsExactly("run-created", "run-claimed", "cancel-requested", "terminal_status");
    }

    @Test
    @Proves(Rule.R_7)
    void the_end_of_a_run_ends_its_open_commands_by_number() {
        RunLease lease = given().claimed();
        Command active = given().acknowledgedTurn(lease);
        Command taken = given().acknowledged(lease.fence(), given().steer(lease.run()));
        Command steer = given().steer(lease.run());
        Command waiting = given().turn(lease.run());
        Outcome blocked = Outcome.blocked(FailureKind.BACKEND_FAILED, "no licence");
        int before = events(lease.run().id()).size();

        store().runs().finish(lease.fence(), TurnResult.of(blocked));

        for (Command shared : List.of(active, taken)) {
            Command ended = store().commands().get(shared.id());
            assertThat(ended.state()).isEqualTo(CommandState.FAILED);
            assertThat(ended.outcome()).isEqualTo(blocked);
        }
        for (Command dropped : List.of(steer, waiting)) {
            Command ended = store().commands().get(dropped.id());
            assertThat(ended.state()).isEqualTo(CommandState.CANCELLED);
            assertThat(ended.outcome()).isNotNull();
            assertThat(ended.outcome().status()).isEqualTo(TerminalStatus.CANCELLED);
        }
        List<RunEvent> tail = events(lease.run().id());
        assertThat(tail.subList(before, tail.size() - 1))
                .extracting(event -> event.payload().string("commandId").orElse(""))
                .containsExactly(active.id(), taken.id(), steer.id(), waiting.id());
        assertThat(tail.get(before).payload())
                .isEqualTo(said(blocked)
                        .with("phase", "command-terminal")
                        .with("commandId", active.id())
                        .with("state", "failed")
                        .with("threadId", null)
                        .with("turnId", null));
        assertThat(lastEvent(lease.run().id()).payload()).isEqualTo(said(blocked));
    }

    @Test
    @Proves(Rule.R_7)
    void acknowledged_commands_share_each_outcome_of_their_run() {
        for (Outcome outcome : OUTCOMES) {
            RunLease lease = given().claimed();
            Command turn = given().acknowledgedTurn(lease);

            store().runs().finish(lease.fence(), TurnResult.of(outcome));

            Command ended = store().commands().get(turn.id());
            assertThat(ended.outcome()).isEqualTo(outcome);
            assertThat(ended.state()).isEqualTo(stateOf(outcome));
        }
    }

    @Test
    @Proves({Rule.R_7, Rule.Q_5})
    void the_end_of_a_run_moves_its_task_in_the_same_step() {
        String queue = given().name("queue");
        given().task(queue);
        Dispatch dispatch = given().dispatched(queue);
        RunLease lease = given().claimed(dispatch.run());

        store().runs().finish(lease.fence(), DONE);

        assertThat(store().queue().get(dispatch.task().id()).state()).isEqualTo(TaskState.COMPLETED);
    }

    @Test
    @Proves({Rule.R_2, Rule.E_2, Rule.C_1, Rule.G_3})
    void an_ended_run_takes_nothing_more_and_says_how_it_ended() {
        for (Outcome outcome : OUTCOMES) {
            RunLease lease = given().claimed();
            String id = lease.run().id();
            Run ended = store().runs().finish(lease.fence(), TurnResult.of(outcome));
            NewEvent event = new NewEvent(EventType.ERROR, JsonObject.empty());
            Watch watch = watch().run(ended);

            List<AlreadyTerminalException> refusals = List.of(
                    watch.refuses(
                            AlreadyTerminalException.class,
                            () -> store().leases().claim(id, Given.OTHER_RUNNER, Given.LEASE)),
                    watch.refuses(AlreadyTerminalException.class, () -> given().turn(ended)),
                    watch.refuses(AlreadyTerminalException.class, () -> given().steer(ended)),
                    watch.refuses(
                            AlreadyTerminalException.class,
                            () -> store().events().append(lease.fence(), event)),
                    watch.refuses(
                            AlreadyTerminalException.class,
                            () -> store().events().appendUnfenced(id, event)));

            for (AlreadyTerminalException refused : refusals) {
                assertThat(refused.what()).isEqualTo("run");
                assertThat(refused.id()).isEqualTo(id);
                assertThat(refused.status()).isEqualTo(ended.status().wire());
                assertThat(refused.failureKind())
                        .isEqualTo(outcome.failureKind() == null ? FailureKind.SCHEMA_INVALID : outcome.failureKind());
            }
        }
    }

    @Test
    @Proves(Rule.R_2)
    void an_ended_run_answers_every_later_end_with_its_record() {
        for (Outcome outcome : OUTCOMES) {
            RunLease lease = given().claimed();
            String id = lease.run().id();
            Run ended = store().runs().finish(lease.fence(), TurnResult.of(outcome));
            Watch watch = watch().run(ended);

            assertThat(watch.unchangedBy(() -> store().runs().cancel(id, "late")))
                    .isEqualTo(ended);
            assertThat(watch.unchangedBy(() -> store().runs().cancel(id, "late", CancelMode.FORCE)))
                    .isEqualTo(ended);
            assertThat(watch.unchangedBy(() -> store().runs().finishUnclaimed(id, Outcome.completed())))
                    .isEqualTo(ended);
            assertThat(watch.unchangedBy(() -> store().leases().release(lease.fence())))
                    .isEqualTo(ended);
            assertThat(watch.unchangedBy(() ->
                                    store().leases().recover(id, lease.fence().epoch()))
                            .outcome())
                    .isEqualTo(RecoveryOutcome.NOT_NEEDED);
            assertThat(watch.unchangedBy(() -> store().leases().heartbeat(lease.fence(), Given.LEASE))
                            .signal())
                    .isEqualTo(LeaseSignal.ENDED);
            assertThat(watch.unchangedBy(() -> store().commands().await(lease.fence(), 10, Duration.ofMinutes(10)))
                            .signal())
                    .isEqualTo(LeaseSignal.ENDED);
        }
    }

    private static JsonObject said(Outcome outcome) {
        FailureKind kind = outcome.failureKind();
        return JsonObject.of(
                "terminalStatus",
                outcome.status().wire(),
                "failureKind",
                kind == null ? null : kind.wire(),
                "message",
                outcome.message());
    }

    private static CommandState stateOf(Outcome outcome) {
        return switch (outcome.status()) {
            case COMPLETED -> CommandState.COMPLETED;
            case FAILED, BLOCKED -> CommandState.FAILED;
            case CANCELLED -> CommandState.CANCELLED;
        };
    }
}

package io.agentrun.tck.suite;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentrun.command.Command;
import io.agentrun.command.CommandState;
import io.agentrun.command.NewCommand;
import io.agentrun.error.FailureKind;
import io.agentrun.error.StateConflictException;
import io.agentrun.event.RunEvent;
import io.agentrun.json.JsonObject;
import io.agentrun.lease.RunLease;
import io.agentrun.model.Outcome;
import io.agentrun.model.TurnResult;
import io.agentrun.rules.Rule;
import io.agentrun.run.Run;
import io.agentrun.run.RunStatus;
import io.agentrun.session.Session;
import io.agentrun.tck.Proves;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * The ends of commands: finished by their runner or cancelled by the host, and what ends with them.
 *
 * <p>Not thread-safe: one thread at a time.
 */
public abstract class CommandEndSuite extends ConformanceSuite {

    private static final TurnResult DONE = TurnResult.of(Outcome.completed());
    private static final List<Outcome> OUTCOMES = List.of(
            Outcome.completed(),
            Outcome.completed().withMessage("merged"),
            Outcome.failed(FailureKind.BACKEND_FAILED, "it broke"),
            Outcome.blocked(FailureKind.of("house-rule"), null),
            Outcome.cancelled("stopped"));

    /** For adapters. */
    protected CommandEndSuite() {}

    @Test
    @Proves({Rule.C_7, Rule.G_5})
    void an_acknowledged_command_ends_as_its_runner_reports() {
        for (Outcome outcome : OUTCOMES) {
            RunLease lease = given().claimed();
            Command turn = given().acknowledgedTurn(lease);
            int before = events(lease.run().id()).size();
            advance(Duration.ofSeconds(1));

            Command ended = store().commands()
                    .finish(lease.fence(), turn.id(), TurnResult.of(outcome).withThread("thread-1", "turn-1"));

            assertThat(ended.outcome()).isEqualTo(outcome);
            assertThat(ended.state()).isEqualTo(stateOf(outcome));
            assertThat(ended.times().acknowledgedAt()).isEqualTo(turn.times().acknowledgedAt());
            assertThat(ended.times().updatedAt()).isAfter(turn.times().updatedAt());
            assertThat(ended.order()).isEqualTo(turn.order());
            assertThat(store().commands().get(turn.id())).isEqualTo(ended);
            assertThat(events(lease.run().id())).hasSize(before + 1);
            assertThat(lastEvent(lease.run().id()).createdAt())
                    .isEqualTo(ended.times().updatedAt());
            assertThat(lastEvent(lease.run().id()).payload()).isEqualTo(said(ended, outcome, "thread-1", "turn-1"));
        }
    }

    @Test
    @Proves({Rule.C_7, Rule.R_2})
    void a_finished_turn_never_ends_its_run() {
        for (Outcome outcome : OUTCOMES) {
            RunLease lease = given().claimed();
            Command turn = given().acknowledgedTurn(lease);
            Run running = store().runs().get(lease.run().id());

            store().commands().finish(lease.fence(), turn.id(), TurnResult.of(outcome));

            assertThat(store().runs().get(running.id())).isEqualTo(running);
            assertThat(given().acknowledgedTurn(lease).state()).isEqualTo(CommandState.ACKNOWLEDGED);
        }
    }

    @Test
    @Proves(Rule.C_7)
    void a_retry_of_the_end_gets_the_stored_record_whatever_it_reports() {
        RunLease lease = given().claimed();
        Command turn = given().acknowledgedTurn(lease);
        Command ended = store().commands().finish(lease.fence(), turn.id(), DONE);
        Watch watch = watch().run(lease.run());
        advance(Duration.ofSeconds(1));

        for (Outcome outcome : OUTCOMES) {
            assertThat(watch.unchangedBy(() -> second().commands()
                            .finish(
                                    lease.fence(),
                                    turn.id(),
                                    TurnResult.of(outcome).withThread("t", "u"))))
                    .isEqualTo(ended);
        }
        assertThat(watch.unchangedBy(() -> store().commands().cancel(turn.id(), "late")))
                .isEqualTo(ended);
    }

    @Test
    @Proves({Rule.C_7, Rule.G_3})
    void a_pending_command_must_be_acknowledged_first() {
        RunLease lease = given().claimed();
        Command turn = given().turn(lease.run());
        Command waiting = given().turn(lease.run());
        Command steer = given().steer(lease.run());

        for (Command pending : List.of(turn, waiting, steer)) {
            StateConflictException refused = watch().run(lease.run())
                    .refuses(
                            StateConflictException.class,
                            () -> store().commands().finish(lease.fence(), pending.id(), DONE));

            assertThat(refused.what()).isEqualTo("command");
            assertThat(refused.id()).isEqualTo(pending.id());
            assertThat(refused.state()).isEqualTo("pending");
        }
    }

    @Test
    @Proves(Rule.C_9)
    void the_host_cancels_a_pending_or_acknowledged_turn() {
        RunLease lease = given().claimed();
        Command pending = given().turn(given().run());
        Command taken = given().acknowledgedTurn(lease);

        for (Command turn : List.of(pending, taken)) {
            Command ended = second().commands().cancel(turn.id(), "not needed");

            assertThat(ended.state()).isEqualTo(CommandState.CANCELLED);
            assertThat(ended.outcome()).isEqualTo(Outcome.cancelled("not needed"));
            assertThat(ended.times().acknowledgedAt()).isEqualTo(turn.times().acknowledgedAt());
            assertThat(store().commands().get(turn.id())).isEqualTo(ended);
            assertThat(lastEvent(turn.runId()).payload())
                    .isEqualTo(said(ended, Outcome.cancelled("not needed"), null, null));
            assertThat(watch().run(store().runs().get(turn.runId()))
                            .unchangedBy(() -> store().commands().cancel(turn.id(), "again")))
                    .isEqualTo(ended);
        }
        assertThat(store().runs().get(lease.run().id()).status()).isEqualTo(RunStatus.RUNNING);
    }

    @Test
    @Proves({Rule.C_9, Rule.C_7})
    void the_runner_of_a_cancelled_turn_gets_the_stored_record() {
        RunLease lease = given().claimed();
        Command turn = given().acknowledgedTurn(lease);
        Command cancelled = store().commands().cancel(turn.id(), "not needed");

        Command answer =
                watch().run(lease.run()).unchangedBy(() -> store().commands().finish(lease.fence(), turn.id(), DONE));

        assertThat(answer).isEqualTo(cancelled);
    }

    @Test
    @Proves({Rule.C_9, Rule.C_4})
    void a_steer_ends_alone_and_leaves_session_and_turn_as_they_are() {
        RunLease lease = given().claimed(given().runIn(given().name("session")));
        Command turn = given().acknowledgedTurn(lease);
        Command finished = given().acknowledged(lease.fence(), given().steer(lease.run()));
        Command cancelled = given().steer(lease.run());
        Session session = sessionOf(lease.run());

        Command done = store().commands().finish(lease.fence(), finished.id(), DONE.withThread("thread-9", "turn-9"));
        store().commands().cancel(cancelled.id(), "no");

        assertThat(done.state()).isEqualTo(CommandState.COMPLETED);
        assertThat(store().commands().get(turn.id())).isEqualTo(turn);
        assertThat(store().sessions().get(session.id())).isEqualTo(session);
        assertThat(phases(lease.run().id())).endsWith("command-terminal", "command-terminal");
        assertThat(phases(lease.run().id())).doesNotContain("session-updated");
    }

    @Test
    @Proves(Rule.C_8)
    void what_is_still_pending_for_a_turn_is_cancelled_with_it_by_number() {
        RunLease lease = given().claimed();
        Command turn = given().acknowledgedTurn(lease);
        Command first = given().steer(lease.run());
        Command taken = given().acknowledged(lease.fence(), given().steer(lease.run()));
        Command next = given().turn(lease.run());
        Command last = store().commands().create(lease.run().id(), NewCommand.interrupt(JsonObject.empty()));
        int before = events(lease.run().id()).size();

        store().commands().finish(lease.fence(), turn.id(), DONE);

        assertThat(List.of(first, last))
                .extracting(command -> store().commands().get(command.id()).state())
                .containsOnly(CommandState.CANCELLED);
        assertThat(store().commands().get(taken.id())).isEqualTo(taken);
        assertThat(store().commands().get(next.id()).state()).isEqualTo(CommandState.PENDING);
        List<RunEvent> events = events(lease.run().id());
        assertThat(events.subList(before, events.size()))
                .extracting(event -> event.payload().string("commandId").orElse(""))
                .containsExactly(turn.id(), first.id(), last.id());
        assertThat(store().commands().finish(lease.fence(), taken.id(), DONE).state())
                .isEqualTo(CommandState.COMPLETED);
    }

    @Test
    @Proves({Rule.C_8, Rule.C_9})
    void what_is_pending_for_a_turn_that_the_host_cancels_is_cancelled_with_it() {
        Run run = given().run();
        Command turn = given().turn(run);
        Command steer = given().steer(run);

        store().commands().cancel(turn.id(), "no");

        assertThat(store().commands().get(steer.id()).state()).isEqualTo(CommandState.CANCELLED);
        assertThat(phases(run.id())).endsWith("command-created", "command-terminal", "command-terminal");
    }

    @Test
    @Proves({Rule.C_8, Rule.R_7})
    void an_acknowledged_steer_outlives_its_turn_and_ends_with_the_run() {
        RunLease lease = given().claimed();
        Command turn = given().acknowledgedTurn(lease);
        Command steer = given().acknowledged(lease.fence(), given().steer(lease.run()));
        store().commands().finish(lease.fence(), turn.id(), DONE);
        Command ended = store().commands().get(turn.id());

        store().runs().finish(lease.fence(), TurnResult.of(OUTCOMES.get(2)));

        assertThat(store().commands().get(steer.id()).outcome()).isEqualTo(OUTCOMES.get(2));
        assertThat(store().commands().get(turn.id())).isEqualTo(ended);
    }

    private static CommandState stateOf(Outcome outcome) {
        return switch (outcome.status()) {
            case COMPLETED -> CommandState.COMPLETED;
            case FAILED, BLOCKED -> CommandState.FAILED;
            case CANCELLED -> CommandState.CANCELLED;
        };
    }

    private static JsonObject said(Command ended, Outcome outcome, @Nullable String thread, @Nullable String turn) {
        FailureKind kind = outcome.failureKind();
        return JsonObject.of(
                        "phase",
                        "command-terminal",
                        "commandId",
                        ended.id(),
                        "state",
                        ended.state().wire())
                .with("terminalStatus", outcome.status().wire())
                .with("failureKind", kind == null ? null : kind.wire())
                .with("message", outcome.message())
                .with("threadId", thread)
                .with("turnId", turn);
    }
}

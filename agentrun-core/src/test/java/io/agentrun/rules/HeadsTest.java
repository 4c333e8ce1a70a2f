package io.agentrun.rules;

import static io.agentrun.samples.Runs.EARLIER;
import static io.agentrun.samples.Runs.NOW;
import static io.agentrun.samples.Runs.OTHER_RUN;
import static io.agentrun.samples.Runs.OWNER;
import static io.agentrun.samples.Runs.RUN;
import static io.agentrun.samples.Runs.SPEC;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.agentrun.command.Command;
import io.agentrun.command.CommandOrder;
import io.agentrun.command.CommandState;
import io.agentrun.command.CommandTimes;
import io.agentrun.command.CommandType;
import io.agentrun.model.CancelRequest;
import io.agentrun.model.Idempotency;
import io.agentrun.model.Outcome;
import io.agentrun.run.Lease;
import io.agentrun.run.Run;
import io.agentrun.run.RunAttempts;
import io.agentrun.run.RunClaim;
import io.agentrun.run.RunStatus;
import io.agentrun.samples.Runs;
import io.agentrun.samples.Turns;
import org.junit.jupiter.api.Test;

class HeadsTest {

    private static final Idempotency KEY = new Idempotency("key-1", "v1:" + "0".repeat(64));
    private static final RunClaim CLAIM = new RunClaim(3, 1, new Lease("runner_1", 3, NOW), new RunAttempts(1, 2, 0));
    private static final Run PENDING_RUN = Run.builder(RUN, OWNER, SPEC)
            .sessionId(Turns.SESSION)
            .taskId("qt_1")
            .idempotency(KEY)
            .createdAt(EARLIER)
            .build();
    private static final Command PENDING_TURN = new Command(
            "cmd_1",
            RUN,
            4,
            CommandType.TURN,
            Turns.PAYLOAD,
            CommandState.PENDING,
            null,
            new CommandOrder(2, false, null),
            KEY,
            new CommandTimes(EARLIER, EARLIER, null));

    @Test
    void the_head_of_a_run_changes_what_it_holds_and_keeps_the_rest() {
        CancelRequest request = new CancelRequest("stop", NOW);
        RunHead next = RunHead.of(PENDING_RUN).toBuilder()
                .status(RunStatus.CANCELLED)
                .outcome(Runs.CANCELLED)
                .claim(CLAIM)
                .cancelRequest(request)
                .updatedAt(NOW)
                .build();

        assertThat(RunHead.of(PENDING_RUN).applyTo(PENDING_RUN)).isEqualTo(PENDING_RUN);
        assertThat(next.applyTo(PENDING_RUN))
                .isEqualTo(PENDING_RUN.toBuilder()
                        .status(RunStatus.CANCELLED)
                        .outcome(Runs.CANCELLED)
                        .claim(CLAIM)
                        .cancelRequest(request)
                        .updatedAt(NOW)
                        .build());
        assertThat(RunHead.of(next.applyTo(PENDING_RUN))).isEqualTo(next);
        assertThat(next.epoch()).isEqualTo(3);
        assertThat(next.lease()).contains(new Lease("runner_1", 3, NOW));
        assertThat(next.isTerminal()).isTrue();
    }

    @Test
    void the_head_of_a_command_changes_what_it_holds_and_keeps_the_rest() {
        CommandOrder order = new CommandOrder(2, true, null);
        CommandTimes times = new CommandTimes(EARLIER, NOW, NOW);
        CommandHead next = CommandHead.of(PENDING_TURN).toBuilder()
                .state(CommandState.COMPLETED)
                .outcome(Outcome.completed())
                .order(order)
                .times(times)
                .build();

        assertThat(CommandHead.of(PENDING_TURN).applyTo(PENDING_TURN)).isEqualTo(PENDING_TURN);
        assertThat(next.applyTo(PENDING_TURN))
                .isEqualTo(PENDING_TURN.toBuilder()
                        .state(CommandState.COMPLETED)
                        .outcome(Outcome.completed())
                        .order(order)
                        .times(times)
                        .build());
        assertThat(CommandHead.of(next.applyTo(PENDING_TURN))).isEqualTo(next);
    }

    @Test
    void a_head_does_not_fit_another_record() {
        assertThatIllegalArgumentException()
                .isThrownBy(
                        () -> Runs.run(OTHER_RUN, Runs.At.RUNNING, null, null).applyTo(PENDING_RUN));
        assertThatIllegalArgumentException()
                .isThrownBy(
                        () -> Turns.active("cmd_2", RUN, CommandState.PENDING).applyTo(PENDING_TURN));
    }
}

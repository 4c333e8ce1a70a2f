package io.agentrun.rules;

import static io.agentrun.samples.Runs.EPOCH;
import static io.agentrun.samples.Runs.HOLDER;
import static io.agentrun.samples.Runs.LEASE;
import static io.agentrun.samples.Runs.NOW;
import static io.agentrun.samples.Runs.RIVAL;
import static io.agentrun.samples.Runs.RUN;
import static io.agentrun.samples.Runs.alone;
import static io.agentrun.samples.Runs.fence;
import static io.agentrun.samples.Runs.oldFence;
import static io.agentrun.samples.Runs.run;
import static io.agentrun.samples.Runs.stolenFence;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.agentrun.command.CommandState;
import io.agentrun.error.LeaseConflictException;
import io.agentrun.lease.Fence;
import io.agentrun.lease.LeaseSignal;
import io.agentrun.lease.RecoveryOutcome;
import io.agentrun.queue.QueueTask;
import io.agentrun.samples.Answers;
import io.agentrun.samples.Runs;
import io.agentrun.samples.Runs.At;
import io.agentrun.samples.Story;
import io.agentrun.samples.Tasks;
import io.agentrun.samples.Turns;
import io.agentrun.session.Session;
import java.util.List;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

class LeaseRulesTest {

    private static final String LOST = "LeaseConflict (runner-lease-conflict)";
    private static final String RECOVERED = "run-recovered[attempt=2, runnerId=runner_1]";

    private static void verify(Answers<At> answers, Function<RunHead, Change> request) {
        answers.verify(at -> {
            RunHead run = run(at);
            return Story.of(() -> request.apply(run), run);
        });
    }

    @Test
    void a_fence_stands_for_its_epoch_and_its_runner_until_a_new_epoch_begins() {
        for (At at : At.values()) {
            RunHead run = run(at);
            assertThat(LeaseRules.holds(run, fence())).as(at.words()).isEqualTo(at != At.PENDING);
            assertThat(LeaseRules.holds(run, stolenFence())).as(at.words()).isEqualTo(at.terminal());
            assertThat(LeaseRules.holds(run, oldFence())).as(at.words()).isFalse();
            assertThat(LeaseRules.holds(run, new Fence(RUN, HOLDER, EPOCH + 1)))
                    .as(at.words())
                    .isFalse();
            assertThatExceptionOfType(LeaseConflictException.class)
                    .as(at.words())
                    .isThrownBy(() -> LeaseRules.requireHolder(run, oldFence()))
                    .returns(EPOCH - 1, LeaseConflictException::epoch)
                    .returns(RUN, LeaseConflictException::runId);
        }
    }

    @Test
    void a_claim_by_the_holder() {
        verify(
                Answers.in(At.class)
                        .on(claimed("runner_1"), At.PENDING)
                        .on("run_1: claim.lease.expiresAt=+60s updatedAt kept", At.CLAIMED, At.RUNNING, At.ASKED)
                        .on(reclaimed(""), At.RUN_OUT)
                        .on(LOST, At.LAST_RUN_OUT, At.ASKED_RUN_OUT)
                        .on("AlreadyTerminal (schema-invalid)", At.COMPLETED)
                        .on("AlreadyTerminal (backend-failed)", At.FAILED)
                        .on("AlreadyTerminal (infra-failed)", At.BLOCKED)
                        .on("AlreadyTerminal (cancelled)", At.CANCELLED),
                run -> LeaseRules.claim(alone(run), HOLDER, LEASE, NOW));
    }

    @Test
    void a_claim_by_another_runner() {
        verify(
                Answers.in(At.class)
                        .on(claimed("runner_2"), At.PENDING)
                        .on("LeaseConflict, retryable (runner-lease-conflict)", At.CLAIMED, At.RUNNING, At.ASKED)
                        .on(reclaimed("claim.lease.runnerId=runner_2 "), At.RUN_OUT)
                        .on(LOST, At.LAST_RUN_OUT, At.ASKED_RUN_OUT)
                        .on("AlreadyTerminal (schema-invalid)", At.COMPLETED)
                        .on("AlreadyTerminal (backend-failed)", At.FAILED)
                        .on("AlreadyTerminal (infra-failed)", At.BLOCKED)
                        .on("AlreadyTerminal (cancelled)", At.CANCELLED),
                run -> LeaseRules.claim(alone(run), RIVAL, LEASE, NOW));
    }

    private static String claimed(String runner) {
        return "run_1: status=claimed claim.epoch=4 claim.lease.runnerId=" + runner
                + " claim.lease.epoch=4 claim.lease.expiresAt=+60s | run-claimed[epoch=4, runnerId=" + runner + "]";
    }

    private static String reclaimed(String runner) {
        return "run_1: status=claimed claim.epoch=5 " + runner
                + "claim.lease.epoch=5 claim.lease.expiresAt=+60s claim.attempts.current=2 | " + RECOVERED
                + " | run-claimed[epoch=5, runnerId=" + (runner.isEmpty() ? "runner_1" : "runner_2") + "]";
    }

    @Test
    void a_claim_after_the_lease_ran_out_makes_commands_pending_again_and_leaves_session_and_task() {
        CommandHead turn = Turns.active("cmd_1", RUN, CommandState.ACKNOWLEDGED);
        CommandHead steer = Turns.steer("cmd_2", 2, CommandState.PENDING, "cmd_1");
        Session session = Turns.running(RUN, "cmd_1");
        QueueTask task = Tasks.task(Tasks.At.ON_RUN);
        RunHead run = run(RUN, At.RUN_OUT, session.id(), task.id());
        RunView view = Runs.view(run, List.of(turn, steer), session, null, task);

        assertThat(Story.of(() -> LeaseRules.claim(view, RIVAL, LEASE, NOW), run, turn, steer, session, task))
                .isEqualTo("run_1: status=claimed claim.epoch=5 claim.lease.runnerId=runner_2 claim.lease.epoch=5"
                        + " claim.lease.expiresAt=+60s claim.attempts.current=2"
                        + " | cmd_1: state=pending times.acknowledgedAt=none | " + RECOVERED
                        + " | run-claimed[epoch=5, runnerId=runner_2]");
    }

    @Test
    void a_heartbeat_extends_or_says_why_not() {
        verifyBeat(
                fence(),
                Answers.in(At.class)
                        .on("lease-lost", At.PENDING)
                        .on(
                                "continue run_1: claim.lease.expiresAt=+60s updatedAt kept",
                                At.CLAIMED,
                                At.RUNNING,
                                At.RUN_OUT,
                                At.LAST_RUN_OUT)
                        .on(
                                "cancel-requested run_1: claim.lease.expiresAt=+60s updatedAt kept",
                                At.ASKED,
                                At.ASKED_RUN_OUT)
                        .otherwise("ended"));
        verifyBeat(oldFence(), Answers.in(At.class).otherwise("lease-lost"));
        verifyBeat(
                stolenFence(),
                Answers.in(At.class)
                        .on("ended", At.COMPLETED, At.FAILED, At.BLOCKED, At.CANCELLED)
                        .otherwise("lease-lost"));
    }

    private static void verifyBeat(Fence fence, Answers<At> answers) {
        answers.verify(at -> {
            RunHead run = run(at);
            LeaseRules.Beat beat = LeaseRules.heartbeat(run, fence, LEASE, NOW);
            assertThat(LeaseRules.signal(run, fence)).isEqualTo(beat.signal());
            RunHead next = beat.next();
            String signal = beat.signal().wire();
            return next == null
                    ? signal
                    : signal + " " + Story.of(() -> Change.builder().put(next).build(), run);
        });
    }

    @Test
    void a_heartbeat_may_shorten_a_lease() {
        RunHead run = run(At.RUNNING);

        LeaseRules.Beat beat = LeaseRules.heartbeat(run, fence(), java.time.Duration.ofSeconds(1), NOW);

        assertThat(beat.signal()).isEqualTo(LeaseSignal.CONTINUE);
        assertThat(beat.next())
                .isNotNull()
                .satisfies(next ->
                        assertThat(next.lease()).get().returns(NOW.plusSeconds(1), io.agentrun.run.Lease::expiresAt));
    }

    @Test
    void a_release() {
        String given = "run_1: status=pending claim.epoch=4 claim.lease=none | run-released[runnerId=runner_1]";
        String cancelled = "run_1: status=cancelled outcome=cancelled/cancelled/first reason claim.epoch=4"
                + " claim.lease=none | terminal_status[failureKind=cancelled, message=first reason,"
                + " terminalStatus=cancelled]";
        verify(
                Answers.in(At.class)
                        .on(LOST, At.PENDING)
                        .on(given, At.CLAIMED, At.RUNNING, At.RUN_OUT, At.LAST_RUN_OUT)
                        .on(cancelled, At.ASKED, At.ASKED_RUN_OUT)
                        .otherwise("nothing"),
                run -> LeaseRules.release(alone(run), fence(), NOW));
        verify(Answers.in(At.class).otherwise(LOST), run -> LeaseRules.release(alone(run), oldFence(), NOW));
    }

    @Test
    void a_release_gives_back_the_commands_too_and_leaves_session_and_task() {
        CommandHead turn = Turns.active("cmd_1", RUN, CommandState.ACKNOWLEDGED);
        CommandHead steer = Turns.steer("cmd_2", 2, CommandState.ACKNOWLEDGED, "cmd_1");
        CommandHead waiting = Turns.waiting("cmd_3", RUN, 3, 2);
        Session session = Turns.running(RUN, "cmd_1");
        QueueTask task = Tasks.task(Tasks.At.ON_RUN);
        RunHead run = run(RUN, At.RUNNING, session.id(), task.id());
        RunView view = Runs.view(run, List.of(turn, steer, waiting), session, null, task);

        assertThat(Story.of(() -> LeaseRules.release(view, fence(), NOW), run, turn, steer, waiting, session, task))
                .isEqualTo("run_1: status=pending claim.epoch=4 claim.lease=none"
                        + " | cmd_1: state=pending times.acknowledgedAt=none"
                        + " | cmd_2: state=pending times.acknowledgedAt=none"
                        + " | run-released[runnerId=runner_1]");
    }

    @Test
    void a_release_cancels_what_was_for_a_turn_that_has_ended() {
        CommandHead steer = Turns.steer("cmd_2", 2, CommandState.ACKNOWLEDGED, "cmd_1");
        RunHead run = run(RUN, At.RUNNING, null, null);
        RunView view = Runs.view(run, List.of(steer), null, null, null);

        assertThat(Story.of(() -> LeaseRules.release(view, fence(), NOW), run, steer))
                .contains("cmd_2: state=cancelled")
                .contains("command-terminal")
                .doesNotContain("pending times.acknowledgedAt");
    }

    @Test
    void a_recovery_of_the_epoch_whose_lease_ran_out() {
        String failed =
                "FAILED run_1: status=failed outcome=failed/runner-lost/the runner's lease ran out claim.epoch=4"
                        + " claim.lease=none | terminal_status[failureKind=runner-lost,"
                        + " message=the runner's lease ran out, terminalStatus=failed]";
        String cancelled = "CANCELLED run_1: status=cancelled outcome=cancelled/cancelled/first reason claim.epoch=4"
                + " claim.lease=none | terminal_status[failureKind=cancelled, message=first reason,"
                + " terminalStatus=cancelled]";
        verifyRecovery(
                EPOCH,
                Answers.in(At.class)
                        .on(
                                "REQUEUED run_1: status=pending claim.epoch=4 claim.lease=none"
                                        + " claim.attempts.current=2 | " + RECOVERED,
                                At.RUN_OUT)
                        .on(failed, At.LAST_RUN_OUT)
                        .on(cancelled, At.ASKED_RUN_OUT)
                        .otherwise("NOT_NEEDED nothing"));
    }

    @Test
    void a_recovery_of_another_epoch_does_nothing() {
        verifyRecovery(EPOCH - 1, Answers.in(At.class).otherwise("NOT_NEEDED nothing"));
        verifyRecovery(EPOCH + 1, Answers.in(At.class).otherwise("NOT_NEEDED nothing"));
    }

    private static void verifyRecovery(long epoch, Answers<At> answers) {
        answers.verify(at -> {
            RunHead run = run(at);
            LeaseRules.Recovered recovered = LeaseRules.recover(alone(run), epoch, NOW);
            return recovered.outcome() + " " + Story.of(recovered::change, run);
        });
    }

    @Test
    void a_recovery_with_an_attempt_left_spends_it_and_leaves_session_and_task() {
        CommandHead turn = Turns.active("cmd_1", RUN, CommandState.ACKNOWLEDGED);
        Session session = Turns.running(RUN, "cmd_1");
        QueueTask task = Tasks.task(Tasks.At.ON_RUN);
        RunHead run = run(RUN, At.RUN_OUT, session.id(), task.id());

        LeaseRules.Recovered recovered =
                LeaseRules.recover(Runs.view(run, List.of(turn), session, null, task), EPOCH, NOW);

        assertThat(recovered.outcome()).isEqualTo(RecoveryOutcome.REQUEUED);
        assertThat(Story.of(recovered::change, run, turn, session, task))
                .isEqualTo("run_1: status=pending claim.epoch=4 claim.lease=none claim.attempts.current=2"
                        + " | cmd_1: state=pending times.acknowledgedAt=none | " + RECOVERED);
    }

    @Test
    void a_recovery_without_an_attempt_ends_all_that_hangs_on_the_run() {
        CommandHead turn = Turns.active("cmd_1", RUN, CommandState.ACKNOWLEDGED);
        Session session = Turns.running(RUN, "cmd_1");
        QueueTask task = Tasks.task(Tasks.At.ON_RUN_LAST);
        RunHead run = run(RUN, At.LAST_RUN_OUT, session.id(), task.id());

        LeaseRules.Recovered recovered =
                LeaseRules.recover(Runs.view(run, List.of(turn), session, null, task), EPOCH, NOW);

        assertThat(recovered.change().replaced().runs()).hasSize(1);
        assertThat(recovered.change().replaced().commands())
                .singleElement()
                .returns(CommandState.FAILED, CommandHead::state);
        assertThat(recovered.change().replaced().sessions())
                .singleElement()
                .returns(
                        io.agentrun.session.ExecutionState.TERMINAL,
                        next -> next.activity().state());
        assertThat(recovered.change().replaced().tasks())
                .singleElement()
                .returns(io.agentrun.queue.TaskState.FAILED, QueueTask::state);
    }

    @Test
    void claim_next_takes_pending_runs_that_do_not_only_wait() {
        CommandHead active = Turns.active("cmd_1", RUN, CommandState.PENDING);
        CommandHead waiting = Turns.waiting("cmd_2", RUN, 2, 2);
        CommandHead steer = Turns.steer("cmd_3", 3, CommandState.PENDING, "cmd_1");
        for (At at : At.values()) {
            boolean pending = at == At.PENDING;
            assertThat(LeaseRules.claimable(run(at), List.of())).as(at.words()).isEqualTo(pending);
            assertThat(LeaseRules.claimable(run(at), List.of(active)))
                    .as(at.words())
                    .isEqualTo(pending);
            assertThat(LeaseRules.claimable(run(at), List.of(waiting, active)))
                    .as(at.words())
                    .isEqualTo(pending);
            assertThat(LeaseRules.claimable(run(at), List.of(steer)))
                    .as(at.words())
                    .isEqualTo(pending);
            assertThat(LeaseRules.claimable(run(at), List.of(waiting)))
                    .as(at.words())
                    .isFalse();
            assertThat(LeaseRules.claimable(run(at), List.of(waiting, steer)))
                    .as(at.words())
                    .isFalse();
        }
    }
}

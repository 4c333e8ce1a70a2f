package io.agentrun.rules;

import static io.agentrun.samples.Runs.EPOCH;
import static io.agentrun.samples.Runs.HOLDER;
import static io.agentrun.samples.Runs.MAX_STARTS;
import static io.agentrun.samples.Runs.NOW;
import static io.agentrun.samples.Runs.RUN;
import static io.agentrun.samples.Runs.claimBy;
import static io.agentrun.samples.Runs.run;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.agentrun.command.CommandState;
import io.agentrun.error.FailureKind;
import io.agentrun.error.LeaseConflictException;
import io.agentrun.lease.RecoveryOutcome;
import io.agentrun.model.Outcome;
import io.agentrun.queue.QueueTask;
import io.agentrun.run.RunAttempts;
import io.agentrun.run.RunClaim;
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

class RecoveryRulesTest {

    private static final String RECOVERED = "run-recovered[attempt=2, runnerId=runner_1, starts=0]";

    private static LeaseRules.Recovered recover(RunView view, long epoch) {
        return LeaseRules.recover(view, epoch, MAX_STARTS, NOW);
    }

    @Test
    void a_recovery_of_the_epoch_whose_lease_ran_out() {
        String cancelled = "CANCELLED run_1: status=cancelled outcome=cancelled/cancelled/first reason claim.epoch=4"
                + " claim.lease=none";
        verifyRecovery(
                Runs::begun,
                EPOCH,
                Answers.in(At.class)
                        .on(
                                "REQUEUED run_1: status=pending claim.epoch=4 claim.generation=1 claim.lease=none"
                                        + " claim.attempts.current=2 | cmd_1: changed | " + RECOVERED,
                                At.RUN_OUT)
                        .on(
                                "FAILED run_1: status=failed outcome=failed/runner-lost/the runner's lease ran out"
                                        + " claim.epoch=4 claim.lease=none | cmd_1: changed"
                                        + " | command-terminal[commandId=cmd_1, failureKind=runner-lost,"
                                        + " message=the runner's lease ran out, state=failed, terminalStatus=failed]"
                                        + " | terminal_status[failureKind=runner-lost,"
                                        + " message=the runner's lease ran out, terminalStatus=failed]",
                                At.LAST_RUN_OUT)
                        .on(
                                cancelled + " | cmd_1: changed | command-terminal[commandId=cmd_1,"
                                        + " failureKind=cancelled, message=first reason, state=cancelled,"
                                        + " terminalStatus=cancelled] | terminal_status[failureKind=cancelled,"
                                        + " message=first reason, terminalStatus=cancelled]",
                                At.ASKED_RUN_OUT)
                        .otherwise("NOT_NEEDED nothing"));
        verifyRecovery(
                Runs::alone,
                EPOCH,
                Answers.in(At.class)
                        .on(
                                "REQUEUED run_1: status=pending claim.epoch=4 claim.generation=1 claim.lease=none"
                                        + " claim.attempts.starts=1"
                                        + " | run-recovered[attempt=1, runnerId=runner_1, starts=1]",
                                At.RUN_OUT)
                        .on(
                                "REQUEUED run_1: status=pending claim.epoch=4 claim.generation=1 claim.lease=none"
                                        + " claim.attempts.starts=1"
                                        + " | run-recovered[attempt=2, runnerId=runner_1, starts=1]",
                                At.LAST_RUN_OUT)
                        .on(
                                cancelled + " | terminal_status[failureKind=cancelled, message=first reason,"
                                        + " terminalStatus=cancelled]",
                                At.ASKED_RUN_OUT)
                        .otherwise("NOT_NEEDED nothing"));
    }

    @Test
    void a_recovery_of_another_epoch_does_nothing() {
        verifyRecovery(Runs::begun, EPOCH - 1, Answers.in(At.class).otherwise("NOT_NEEDED nothing"));
        verifyRecovery(Runs::begun, EPOCH + 1, Answers.in(At.class).otherwise("NOT_NEEDED nothing"));
    }

    private static void verifyRecovery(Function<RunHead, RunView> view, long epoch, Answers<At> answers) {
        answers.verify(at -> {
            RunHead run = run(at);
            LeaseRules.Recovered recovered = recover(view.apply(run), epoch);
            return recovered.outcome() + " " + Story.of(recovered::change, run);
        });
    }

    @Test
    void a_recovery_with_an_attempt_left_spends_it_and_leaves_session_and_task() {
        CommandHead turn = Turns.active("cmd_1", RUN, CommandState.ACKNOWLEDGED);
        Session session = Turns.running(RUN, "cmd_1");
        QueueTask task = Tasks.task(Tasks.At.ON_RUN);
        RunHead run = run(RUN, At.RUN_OUT, session.id(), task.id());

        LeaseRules.Recovered recovered = recover(Runs.view(run, List.of(turn), session, null, task), EPOCH);

        assertThat(recovered.outcome()).isEqualTo(RecoveryOutcome.REQUEUED);
        assertThat(Story.of(recovered::change, run, turn, session, task))
                .isEqualTo(
                        "run_1: status=pending claim.epoch=4 claim.generation=1 claim.lease=none claim.attempts.current=2"
                                + " | cmd_1: state=pending times.acknowledgedAt=none | " + RECOVERED);
    }

    @Test
    void a_recovery_without_an_attempt_ends_all_that_hangs_on_the_run() {
        CommandHead turn = Turns.active("cmd_1", RUN, CommandState.ACKNOWLEDGED);
        Session session = Turns.running(RUN, "cmd_1");
        QueueTask task = Tasks.task(Tasks.At.ON_RUN_LAST);
        RunHead run = run(RUN, At.LAST_RUN_OUT, session.id(), task.id());

        LeaseRules.Recovered recovered = recover(Runs.view(run, List.of(turn), session, null, task), EPOCH);

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
    void the_last_start_that_comes_to_nothing_ends_the_run_and_no_claim_does() {
        QueueTask task = Tasks.task(Tasks.At.ON_RUN);
        RunHead third = started(run(RUN, At.RUN_OUT, null, task.id()), MAX_STARTS - 1);
        RunView view = Runs.view(third, List.of(), null, null, task);

        LeaseRules.Recovered recovered = recover(view, EPOCH);

        assertThat(recovered.outcome()).isEqualTo(RecoveryOutcome.FAILED);
        RunHead ended = recovered.change().run(RUN).orElseThrow();
        assertThat(ended.outcome()).isEqualTo(Outcome.failed(FailureKind.INFRA_FAILED, LeaseRules.NEVER_BEGUN));
        assertThat(ended.claim().attempts()).isEqualTo(new RunAttempts(1, 2, MAX_STARTS));
        assertThat(recovered.change().task(task.id()).orElseThrow().latestAttempt())
                .isNotNull()
                .satisfies(attempt -> assertThat(attempt.outcome()).isEqualTo(ended.outcome()));
        assertThatExceptionOfType(LeaseConflictException.class)
                .isThrownBy(() -> LeaseRules.claim(view, claimBy(HOLDER), MAX_STARTS, NOW))
                .returns(false, LeaseConflictException::retryable);
        assertThat(recover(Runs.view(started(third, 1), List.of(), null, null, task), EPOCH)
                        .outcome())
                .isEqualTo(RecoveryOutcome.REQUEUED);
    }

    private static RunHead started(RunHead run, int starts) {
        RunClaim claim = run.claim();
        return run.toBuilder()
                .claim(new RunClaim(
                        claim.epoch(),
                        claim.generation(),
                        claim.lease(),
                        claim.attempts().withStarts(starts)))
                .build();
    }
}

package io.agentrun.rules;

import static io.agentrun.samples.Runs.NOW;
import static io.agentrun.samples.Runs.OTHER_RUN;
import static io.agentrun.samples.Runs.RUN;
import static io.agentrun.samples.Runs.fence;
import static io.agentrun.samples.Runs.run;
import static org.assertj.core.api.Assertions.assertThat;

import io.agentrun.command.CommandState;
import io.agentrun.error.FailureKind;
import io.agentrun.model.CancelMode;
import io.agentrun.model.Outcome;
import io.agentrun.model.TurnResult;
import io.agentrun.queue.QueueTask;
import io.agentrun.samples.Runs;
import io.agentrun.samples.Runs.At;
import io.agentrun.samples.Story;
import io.agentrun.samples.Tasks;
import io.agentrun.samples.Turns;
import io.agentrun.session.Session;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What hangs on a run ends with it (R-7, S-4, Q-5). */
class RunEndTest {

    private static final CommandHead TURN = Turns.active("cmd_1", RUN, CommandState.ACKNOWLEDGED);
    private static final CommandHead STEER = Turns.steer("cmd_2", 2, CommandState.ACKNOWLEDGED, "cmd_1");
    private static final CommandHead INTERRUPT = Turns.interrupt("cmd_3", 3, CommandState.PENDING, "cmd_1");
    private static final CommandHead WAITING = Turns.waiting("cmd_4", RUN, 4, 2);
    private static final CommandHead NEXT = Turns.waiting("cmd_9", OTHER_RUN, 1, 3);
    private static final String TERMINAL = " | terminal_status[terminalStatus=completed]";
    private static final String ENDED = "run_1: status=completed outcome=completed claim.lease=none";

    private static String end(
            TurnResult result,
            List<CommandHead> open,
            @Nullable Session session,
            @Nullable CommandHead next,
            @Nullable QueueTask task) {
        RunHead run = run(RUN, At.RUNNING, session == null ? null : session.id(), task == null ? null : task.id());
        RunView view = Runs.view(run, open, session, next, task);
        return Story.of(
                () -> RunRules.finish(view, fence(), result, NOW),
                java.util.stream.Stream.of(run, session, task, TURN, STEER, INTERRUPT, WAITING, NEXT)
                        .filter(java.util.Objects::nonNull)
                        .toArray());
    }

    @Test
    void acknowledged_commands_share_its_outcome_and_pending_ones_are_cancelled() {
        assertThat(end(TurnResult.of(Outcome.completed()), List.of(TURN, STEER, INTERRUPT, WAITING), null, null, null))
                .isEqualTo(ENDED
                        + " | cmd_1: state=completed outcome=completed"
                        + " | cmd_2: state=completed outcome=completed"
                        + " | cmd_3: state=cancelled outcome=cancelled/cancelled/its run ended"
                        + " | cmd_4: state=cancelled outcome=cancelled/cancelled/its run ended"
                        + " | command-terminal[commandId=cmd_1, state=completed, terminalStatus=completed]"
                        + " | command-terminal[commandId=cmd_2, state=completed, terminalStatus=completed]"
                        + " | command-terminal[commandId=cmd_3, failureKind=cancelled, message=its run ended,"
                        + " state=cancelled, terminalStatus=cancelled]"
                        + " | command-terminal[commandId=cmd_4, failureKind=cancelled, message=its run ended,"
                        + " state=cancelled, terminalStatus=cancelled]"
                        + TERMINAL);
    }

    @Test
    void failed_and_blocked_both_fail_a_command() {
        assertThat(end(TurnResult.of(Runs.FAILED), List.of(TURN), null, null, null))
                .contains(" | cmd_1: state=failed outcome=failed/backend-failed/it broke | ");
        assertThat(end(TurnResult.of(Runs.BLOCKED), List.of(TURN), null, null, null))
                .contains(" | cmd_1: state=failed outcome=blocked/infra-failed/no network | ");
    }

    @Test
    void a_cancelled_run_says_why_to_its_pending_commands_too() {
        assertThat(end(TurnResult.of(Outcome.cancelled("stop")), List.of(TURN, INTERRUPT), null, null, null))
                .contains(" | cmd_1: state=cancelled outcome=cancelled/cancelled/stop | ")
                .contains(" | cmd_3: state=cancelled outcome=cancelled/cancelled/stop | ");
    }

    @Test
    void the_session_of_the_active_run_ends_with_it_and_remembers_the_thread() {
        TurnResult result = TurnResult.of(Outcome.completed()).withThread("thread-1", "turn-1");

        assertThat(end(result, List.of(TURN), Turns.running(RUN, "cmd_1"), null, null))
                .isEqualTo(ENDED + " | cmd_1: state=completed outcome=completed"
                        + " | ses_1: thread.threadId=thread-1 metadata={\"lastTurnId\":\"turn-1\"}"
                        + " activity.state=terminal activity.activeRunId=none activity.activeCommandId=none"
                        + " activity.outcome=completed activity.lastActivityAt=now"
                        + " | session-updated[sessionId=ses_1, threadId=thread-1, turnId=turn-1]"
                        + " | command-terminal[commandId=cmd_1, state=completed, terminalStatus=completed]" + TERMINAL);
    }

    @Test
    void the_next_turn_of_another_run_becomes_the_active_one() {
        assertThat(end(TurnResult.of(Outcome.completed()), List.of(WAITING), Turns.running(RUN, "cmd_1"), NEXT, null))
                .isEqualTo(ENDED + " | cmd_9: order.deliverable=true"
                        + " | cmd_4: state=cancelled outcome=cancelled/cancelled/its run ended"
                        + " | ses_1: activity.activeRunId=run_2 activity.activeCommandId=cmd_9"
                        + " activity.lastActivityAt=now"
                        + " | command-terminal[commandId=cmd_4, failureKind=cancelled, message=its run ended,"
                        + " state=cancelled, terminalStatus=cancelled]" + TERMINAL);
    }

    @Test
    void a_run_that_is_not_the_active_one_leaves_its_session_and_the_next_turn_alone() {
        TurnResult result = TurnResult.of(Outcome.completed()).withThread("thread-1", null);
        for (Session session : List.of(Turns.running(OTHER_RUN, "cmd_9"), Turns.ended(), Turns.idle())) {
            assertThat(end(result, List.of(), session, NEXT, null))
                    .as(session.activity().state().wire())
                    .isEqualTo(ENDED + TERMINAL);
        }
    }

    @Test
    void the_task_moves_with_the_run_that_is_its_attempt() {
        String attempt = " latestAttempt.outcome=%s latestAttempt.endedAt=now";
        assertThat(task(Outcome.completed(), Tasks.At.ON_RUN))
                .isEqualTo("qt_1: state=completed" + attempt.formatted("completed") + " outcome=completed");
        assertThat(task(Runs.BLOCKED, Tasks.At.ON_RUN))
                .isEqualTo("qt_1: state=blocked" + attempt.formatted("blocked/infra-failed/no network")
                        + " outcome=blocked/infra-failed/no network");
        assertThat(task(Runs.CANCELLED, Tasks.At.ON_RUN))
                .isEqualTo("qt_1: state=cancelled" + attempt.formatted("cancelled/cancelled/enough")
                        + " outcome=cancelled/cancelled/enough");
        assertThat(task(Runs.FAILED, Tasks.At.ON_RUN))
                .isEqualTo("qt_1: state=pending notBefore=+90s" + attempt.formatted("failed/backend-failed/it broke"));
        assertThat(task(Runs.FAILED, Tasks.At.ON_RUN_LAST))
                .isEqualTo("qt_1: state=failed" + attempt.formatted("failed/backend-failed/it broke")
                        + " outcome=failed/backend-failed/it broke");
        assertThat(task(Runs.FAILED, Tasks.At.ON_RUN_ASKED))
                .isEqualTo("qt_1: state=cancelled" + attempt.formatted("failed/backend-failed/it broke")
                        + " outcome=cancelled/cancelled/first reason");
    }

    private static String task(Outcome outcome, Tasks.At at) {
        String story = end(TurnResult.of(outcome), List.of(), null, null, Tasks.task(at));
        return List.of(story.split(" \\| ", -1)).get(1);
    }

    @Test
    void a_task_that_waits_for_another_attempt_is_left_alone() {
        for (Tasks.At at : Tasks.At.values()) {
            boolean mine = at == Tasks.At.ON_RUN || at == Tasks.At.ON_RUN_ASKED || at == Tasks.At.ON_RUN_LAST;
            String story = end(TurnResult.of(Outcome.completed()), List.of(), null, null, Tasks.task(at));
            assertThat(story.contains("qt_1")).as(at.words()).isEqualTo(mine);
        }
    }

    @Test
    void a_forced_cancel_and_an_unclaimed_end_end_as_much() {
        RunHead running = run(RUN, At.RUNNING, Turns.SESSION, Tasks.TASK);
        Session session = Turns.running(RUN, "cmd_1");
        QueueTask task = Tasks.task(Tasks.At.ON_RUN);
        RunView view = Runs.view(running, List.of(TURN, INTERRUPT), session, NEXT, task);

        Change forced = RunRules.cancel(view, "stop", CancelMode.FORCE, NOW);

        assertThat(Story.of(() -> forced, running, TURN, INTERRUPT, NEXT, session, task))
                .isEqualTo("run_1: status=cancelled outcome=cancelled/cancelled/stop claim.epoch=4 claim.lease=none"
                        + " cancelRequest.reason=stop cancelRequest.requestedAt=now"
                        + " | cmd_9: order.deliverable=true"
                        + " | cmd_1: state=cancelled outcome=cancelled/cancelled/stop"
                        + " | cmd_3: state=cancelled outcome=cancelled/cancelled/stop"
                        + " | ses_1: activity.activeRunId=run_2 activity.activeCommandId=cmd_9"
                        + " activity.lastActivityAt=now"
                        + " | qt_1: state=cancelled latestAttempt.outcome=cancelled/cancelled/stop"
                        + " latestAttempt.endedAt=now outcome=cancelled/cancelled/stop"
                        + " | command-terminal[commandId=cmd_1, failureKind=cancelled, message=stop,"
                        + " state=cancelled, terminalStatus=cancelled]"
                        + " | command-terminal[commandId=cmd_3, failureKind=cancelled, message=stop,"
                        + " state=cancelled, terminalStatus=cancelled]"
                        + " | cancel-requested[reason=stop]"
                        + " | terminal_status[failureKind=cancelled, message=stop, terminalStatus=cancelled]");

        CommandHead first = Turns.active("cmd_1", RUN, CommandState.PENDING);
        RunHead pending = run(RUN, At.PENDING, Turns.SESSION, Tasks.TASK);
        Outcome noJob = Outcome.failed(FailureKind.INFRA_FAILED, "no job");
        Change unclaimed =
                RunRules.finishUnclaimed(Runs.view(pending, List.of(first), session, null, task), noJob, NOW);

        assertThat(Story.of(() -> unclaimed, pending, first, session, task))
                .isEqualTo("run_1: status=failed outcome=failed/infra-failed/no job claim.epoch=4"
                        + " | cmd_1: state=cancelled outcome=cancelled/cancelled/its run ended"
                        + " | ses_1: activity.state=terminal activity.activeRunId=none"
                        + " activity.activeCommandId=none activity.outcome=failed/infra-failed/no job"
                        + " activity.lastActivityAt=now"
                        + " | qt_1: state=pending notBefore=+90s latestAttempt.outcome=failed/infra-failed/no job"
                        + " latestAttempt.endedAt=now"
                        + " | command-terminal[commandId=cmd_1, failureKind=cancelled, message=its run ended,"
                        + " state=cancelled, terminalStatus=cancelled]"
                        + " | terminal_status[failureKind=infra-failed, message=no job, terminalStatus=failed]");
    }
}

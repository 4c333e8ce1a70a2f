package io.agentrun.rules;

import static io.agentrun.samples.Runs.NOW;
import static io.agentrun.samples.Runs.OTHER_RUN;
import static io.agentrun.samples.Runs.RUN;
import static io.agentrun.samples.Runs.fence;
import static io.agentrun.samples.Runs.oldFence;
import static io.agentrun.samples.Runs.run;
import static org.assertj.core.api.Assertions.assertThat;

import io.agentrun.command.CommandState;
import io.agentrun.lease.Fence;
import io.agentrun.model.Outcome;
import io.agentrun.model.TurnResult;
import io.agentrun.samples.Answers;
import io.agentrun.samples.Runs;
import io.agentrun.samples.Runs.At;
import io.agentrun.samples.Story;
import io.agentrun.samples.Turns;
import io.agentrun.session.Session;
import java.util.List;
import java.util.Objects;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class CommandEndTest {

    private static final TurnResult COMPLETED = TurnResult.of(Outcome.completed());
    private static final CommandHead STEER = Turns.steer("cmd_2", 2, CommandState.PENDING, "cmd_1");
    private static final CommandHead SEEN_STEER = Turns.steer("cmd_3", 3, CommandState.ACKNOWLEDGED, "cmd_1");
    private static final CommandHead NEXT = Turns.waiting("cmd_9", OTHER_RUN, 1, 2);
    private static final Session BUSY = Turns.running(RUN, "cmd_1");

    private static CommandHead turn(CommandState state) {
        return Turns.active("cmd_1", RUN, state);
    }

    private static String acknowledge(CommandHead command, At at, Fence fence) {
        RunHead run = run(at);
        return Story.of(() -> CommandRules.acknowledge(command, run, fence, NOW), run, command);
    }

    @Test
    void acknowledging_takes_a_pending_command_and_repeats_for_any_other() {
        Answers.in(CommandState.class)
                .on("run_1: status=running | cmd_1: state=acknowledged times.acknowledgedAt=now", CommandState.PENDING)
                .otherwise("nothing")
                .verify(state -> acknowledge(turn(state), At.CLAIMED, fence()));
        Answers.in(CommandState.class)
                .on("cmd_2: state=acknowledged times.acknowledgedAt=now", CommandState.PENDING)
                .otherwise("nothing")
                .verify(state -> acknowledge(Turns.steer("cmd_2", 2, state, "cmd_1"), At.CLAIMED, fence()));
    }

    @Test
    void a_pending_turn_is_acknowledged_by_the_holder_of_an_open_run() {
        String taken = "cmd_1: state=acknowledged times.acknowledgedAt=now";
        Answers.in(At.class)
                .on("LeaseConflict (runner-lease-conflict)", At.PENDING, At.WAITING)
                .on("run_1: status=running | " + taken, At.CLAIMED)
                .on(taken, At.RUNNING, At.RUN_OUT, At.LAST_RUN_OUT, At.ASKED, At.ASKED_RUN_OUT)
                // The commands of an ended run have ended with it.
                .otherwise("nothing")
                .verify(at ->
                        acknowledge(turn(at.terminal() ? CommandState.CANCELLED : CommandState.PENDING), at, fence()));
    }

    @Test
    void the_fence_is_looked_at_before_the_state_and_the_run_before_the_fence() {
        for (CommandState state : CommandState.values()) {
            CommandHead turn = turn(state);
            CommandHead foreign = Turns.active("cmd_1", OTHER_RUN, state);
            RunHead run = run(At.RUNNING);

            assertThat(acknowledge(turn, At.RUNNING, oldFence())).isEqualTo("LeaseConflict (runner-lease-conflict)");
            assertThat(Story.of(() -> CommandRules.finish(view(turn, null, null), oldFence(), COMPLETED, NOW)))
                    .isEqualTo("LeaseConflict (runner-lease-conflict)");
            assertThat(Story.of(() -> CommandRules.acknowledge(foreign, run, oldFence(), NOW)))
                    .isEqualTo("NotFound (schema-invalid)");
            assertThat(Story.of(() -> CommandRules.finish(view(foreign, null, null), oldFence(), COMPLETED, NOW)))
                    .isEqualTo("NotFound (schema-invalid)");
        }
    }

    @Test
    void a_turn_that_waits_cannot_be_acknowledged_yet() {
        assertThat(acknowledge(Turns.waiting("cmd_4", RUN, 4, 2), At.CLAIMED, fence()))
                .isEqualTo("StateConflict, retryable (schema-invalid)");
    }

    private static CommandView view(
            CommandHead command, @Nullable Session session, @Nullable CommandHead next, CommandHead... others) {
        RunHead run = run(RUN, At.RUNNING, session == null ? null : session.id(), null);
        List<CommandHead> open = Stream.concat(Stream.of(command), Stream.of(others))
                .filter(each -> !each.state().terminal())
                .toList();
        return new CommandView(command, run, open, session, next, 9);
    }

    private static String story(Supplier<Change> rule, CommandView view) {
        Object[] before = Stream.concat(
                        view.openCommands().stream(),
                        Stream.of(view.run(), view.session(), view.command(), view.nextTurn()))
                .filter(Objects::nonNull)
                .toArray();
        return Story.of(rule, before);
    }

    private static String finish(CommandView view, TurnResult result) {
        return story(() -> CommandRules.finish(view, fence(), result, NOW), view);
    }

    private static String cancel(CommandView view) {
        return story(() -> CommandRules.cancel(view, "stop", NOW), view);
    }

    private static String cancelled(String id, String why) {
        return "command-terminal[commandId=" + id + ", failureKind=cancelled, message=" + why
                + ", state=cancelled, terminalStatus=cancelled]";
    }

    @Test
    void finishing_needs_an_acknowledged_command_and_repeats_for_an_ended_one() {
        Answers.in(CommandState.class)
                .on("StateConflict (schema-invalid)", CommandState.PENDING)
                .on(
                        "cmd_1: state=completed outcome=completed"
                                + " | command-terminal[commandId=cmd_1, state=completed, terminalStatus=completed]",
                        CommandState.ACKNOWLEDGED)
                .otherwise("nothing")
                .verify(state -> finish(view(turn(state), null, null), COMPLETED));
    }

    @Test
    void the_host_cancels_what_is_open() {
        Answers.in(CommandState.class)
                .on(
                        "cmd_1: state=cancelled outcome=cancelled/cancelled/stop | " + cancelled("cmd_1", "stop"),
                        CommandState.PENDING,
                        CommandState.ACKNOWLEDGED)
                .otherwise("nothing")
                .verify(state -> cancel(view(turn(state), null, null)));
    }

    @Test
    void an_outcome_gives_a_command_its_state() {
        CommandView view = view(turn(CommandState.ACKNOWLEDGED), null, null);

        assertThat(finish(view, TurnResult.of(Runs.FAILED)))
                .startsWith("cmd_1: state=failed outcome=failed/backend-failed/it broke | ");
        assertThat(finish(view, TurnResult.of(Runs.BLOCKED)))
                .startsWith("cmd_1: state=failed outcome=blocked/infra-failed/no network | ");
        assertThat(finish(view, TurnResult.of(Runs.CANCELLED)))
                .startsWith("cmd_1: state=cancelled outcome=cancelled/cancelled/enough | ");
    }

    @Test
    void the_last_turn_ends_its_session_with_its_outcome_and_its_thread() {
        assertThat(finish(
                        view(turn(CommandState.ACKNOWLEDGED), BUSY, null), COMPLETED.withThread("thread-1", "turn-1")))
                .isEqualTo("cmd_1: state=completed outcome=completed"
                        + " | ses_1: thread.threadId=thread-1 metadata={\"lastTurnId\":\"turn-1\"}"
                        + " activity.state=terminal activity.activeRunId=none activity.activeCommandId=none"
                        + " activity.outcome=completed activity.lastActivityAt=now"
                        + " | session-updated[sessionId=ses_1, threadId=thread-1, turnId=turn-1]"
                        + " | command-terminal[commandId=cmd_1, state=completed, terminalStatus=completed,"
                        + " threadId=thread-1, turnId=turn-1]");
    }

    @Test
    void the_next_turn_follows_and_what_was_pending_for_the_ended_one_goes_with_it() {
        assertThat(finish(view(turn(CommandState.ACKNOWLEDGED), BUSY, NEXT, STEER, SEEN_STEER), COMPLETED))
                .isEqualTo("cmd_1: state=completed outcome=completed"
                        + " | cmd_2: state=cancelled outcome=cancelled/cancelled/its turn ended"
                        + " | cmd_9: order.deliverable=true"
                        + " | ses_1: activity.activeRunId=run_2 activity.activeCommandId=cmd_9"
                        + " activity.lastActivityAt=now"
                        + " | command-terminal[commandId=cmd_1, state=completed, terminalStatus=completed]"
                        + " | " + cancelled("cmd_2", "its turn ended"));
    }

    @Test
    void on_a_run_without_a_session_the_next_turn_of_the_run_follows() {
        CommandHead next = Turns.waiting("cmd_4", RUN, 4, 4);

        assertThat(finish(view(turn(CommandState.ACKNOWLEDGED), null, next, next), COMPLETED))
                .isEqualTo("cmd_1: state=completed outcome=completed | cmd_4: order.deliverable=true"
                        + " | command-terminal[commandId=cmd_1, state=completed, terminalStatus=completed]");
    }

    @Test
    void a_cancelled_active_turn_moves_the_session_on() {
        for (CommandState state : List.of(CommandState.PENDING, CommandState.ACKNOWLEDGED)) {
            assertThat(cancel(view(turn(state), BUSY, NEXT, STEER)))
                    .isEqualTo("cmd_1: state=cancelled outcome=cancelled/cancelled/stop"
                            + " | cmd_2: state=cancelled outcome=cancelled/cancelled/its turn ended"
                            + " | cmd_9: order.deliverable=true"
                            + " | ses_1: activity.activeRunId=run_2 activity.activeCommandId=cmd_9"
                            + " activity.lastActivityAt=now"
                            + " | " + cancelled("cmd_1", "stop") + " | " + cancelled("cmd_2", "its turn ended"));
            assertThat(cancel(view(turn(state), BUSY, null)))
                    .isEqualTo("cmd_1: state=cancelled outcome=cancelled/cancelled/stop"
                            + " | ses_1: activity.state=terminal activity.activeRunId=none"
                            + " activity.activeCommandId=none activity.outcome=cancelled/cancelled/stop"
                            + " activity.lastActivityAt=now | " + cancelled("cmd_1", "stop"));
        }
    }

    @Test
    void a_cancelled_turn_that_waited_leaves_session_and_active_turn_alone() {
        CommandHead waiting = Turns.waiting("cmd_4", RUN, 4, 3);

        assertThat(cancel(view(waiting, BUSY, NEXT, turn(CommandState.ACKNOWLEDGED), STEER)))
                .isEqualTo("cmd_4: state=cancelled outcome=cancelled/cancelled/stop | " + cancelled("cmd_4", "stop"));
    }

    @Test
    void a_steer_or_interrupt_ends_alone() {
        CommandHead interrupt = Turns.interrupt("cmd_5", 5, CommandState.ACKNOWLEDGED, "cmd_1");
        for (CommandHead command : List.of(SEEN_STEER, interrupt)) {
            CommandView view = view(command, BUSY, turn(CommandState.ACKNOWLEDGED), STEER);

            assertThat(finish(view, COMPLETED.withThread("thread-1", "turn-1")))
                    .isEqualTo(command.id() + ": state=completed outcome=completed | command-terminal[commandId="
                            + command.id() + ", state=completed, terminalStatus=completed, threadId=thread-1,"
                            + " turnId=turn-1]");
            assertThat(cancel(view))
                    .isEqualTo(command.id() + ": state=cancelled outcome=cancelled/cancelled/stop | "
                            + cancelled(command.id(), "stop"));
        }
    }
}

package io.agentrun.rules;

import static io.agentrun.samples.Runs.NOW;
import static io.agentrun.samples.Runs.OTHER_RUN;
import static io.agentrun.samples.Runs.RUN;
import static io.agentrun.samples.Runs.run;
import static org.assertj.core.api.Assertions.assertThat;

import io.agentrun.command.Command;
import io.agentrun.command.CommandOrder;
import io.agentrun.command.CommandState;
import io.agentrun.command.CommandTimes;
import io.agentrun.command.CommandType;
import io.agentrun.command.NewCommand;
import io.agentrun.command.OnBusy;
import io.agentrun.json.JsonObject;
import io.agentrun.samples.Answers;
import io.agentrun.samples.Runs.At;
import io.agentrun.samples.Story;
import io.agentrun.samples.Turns;
import io.agentrun.session.Session;
import io.agentrun.storage.StorageState;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class CommandCreateTest {

    private static final NewCommand TURN = NewCommand.turn(Turns.PAYLOAD);
    private static final NewCommand STEER = NewCommand.steer(Turns.PAYLOAD);
    private static final NewCommand INTERRUPT = NewCommand.interrupt(JsonObject.empty());
    private static final Session BUSY = Turns.running(RUN, "cmd_1");
    private static final Session BUSY_ELSEWHERE = Turns.running(OTHER_RUN, "cmd_1");

    private static String create(TurnLane lane, NewCommand input) {
        List<Object> before = new ArrayList<>();
        before.add(lane.run());
        if (lane.session() != null) {
            before.add(lane.session());
        }
        CommandView active = lane.active();
        if (active != null) {
            before.addAll(active.openCommands());
            before.add(active.command());
            if (active.nextTurn() != null) {
                before.add(active.nextTurn());
            }
        }
        return Story.of(() -> CommandRules.create(lane, input, "cmd_8", "cmd_x", NOW), before.toArray());
    }

    private static CommandView active(
            String runId,
            CommandState state,
            @Nullable Session session,
            @Nullable CommandHead next,
            CommandHead... others) {
        CommandHead turn = Turns.active("cmd_1", runId, state);
        List<CommandHead> open = new ArrayList<>(List.of(turn));
        open.addAll(List.of(others));
        RunHead run = run(runId, At.RUNNING, session == null ? null : session.id(), null);
        return new CommandView(turn, run, open, session, next, 5);
    }

    private static TurnLane lane(@Nullable Session session, @Nullable CommandView active) {
        RunHead run = run(RUN, At.RUNNING, session == null ? null : session.id(), null);
        return new TurnLane(run, session, 5, active);
    }

    @Test
    void a_run_takes_commands_until_it_ends_or_is_asked_to_cancel() {
        String created = "cmd_8: new | command-created[commandId=cmd_8, commandType=turn, deliverable=true]";
        Answers.in(At.class)
                .on("StateConflict (schema-invalid)", At.ASKED, At.ASKED_RUN_OUT)
                .on("AlreadyTerminal (schema-invalid)", At.COMPLETED)
                .on("AlreadyTerminal (backend-failed)", At.FAILED)
                .on("AlreadyTerminal (infra-failed)", At.BLOCKED)
                .on("AlreadyTerminal (cancelled)", At.CANCELLED)
                .otherwise(created)
                .verify(at -> create(new TurnLane(run(at), null, 1, null), TURN));
    }

    @Test
    void a_first_turn_is_deliverable_and_numbered() {
        NewCommand input = TURN.withIdempotencyKey("key-1");
        Change change = CommandRules.create(lane(null, null), input, "cmd_8", "cmd_x", NOW);

        assertThat(change.created().commands())
                .containsExactly(new Command(
                        "cmd_8",
                        RUN,
                        5,
                        CommandType.TURN,
                        Turns.PAYLOAD,
                        CommandState.PENDING,
                        null,
                        new CommandOrder(5, true, null),
                        new io.agentrun.model.Idempotency("key-1", input.contentHash()),
                        new CommandTimes(NOW, NOW, null)));
    }

    @Test
    void a_first_turn_sets_its_session_running_and_gives_it_a_title() {
        Session untitled = Turns.idle().toBuilder().title(null).build();

        Change change = CommandRules.create(lane(untitled, null), TURN, "cmd_8", "cmd_x", NOW);

        assertThat(change.created().commands())
                .singleElement()
                .returns(new CommandOrder(1, true, null), Command::order);
        assertThat(Story.of(() -> change, untitled))
                .isEqualTo("cmd_8: new | ses_1: title=fix the build activity.state=running activity.lastRunId=run_1"
                        + " activity.lastCommandId=cmd_8 activity.activeRunId=run_1 activity.activeCommandId=cmd_8"
                        + " activity.lastActivityAt=now activity.turns=1"
                        + " | command-created[commandId=cmd_8, commandType=turn, deliverable=true]");
    }

    @Test
    void a_turn_after_the_last_one_clears_the_outcome_and_keeps_the_title() {
        assertThat(create(lane(Turns.ended(), null), TURN))
                .isEqualTo("cmd_8: new | ses_1: activity.state=running"
                        + " activity.lastCommandId=cmd_8 activity.activeRunId=run_1 activity.activeCommandId=cmd_8"
                        + " activity.outcome=none activity.lastActivityAt=now activity.turns=2"
                        + " | command-created[commandId=cmd_8, commandType=turn, deliverable=true]");
    }

    @Test
    void a_turn_on_a_busy_session_is_enqueued_and_only_counted() {
        String event = " | command-created[commandId=cmd_8, commandType=turn, deliverable=false]";
        for (CommandState state : List.of(CommandState.PENDING, CommandState.ACKNOWLEDGED)) {
            assertThat(create(lane(BUSY, active(RUN, state, BUSY, null)), TURN))
                    .isEqualTo("cmd_8: new | ses_1: activity.lastCommandId=cmd_8 activity.lastActivityAt=now"
                            + " activity.turns=2" + event);
            assertThat(create(lane(BUSY_ELSEWHERE, active(OTHER_RUN, state, BUSY_ELSEWHERE, null)), TURN))
                    .isEqualTo("cmd_8: new | ses_1: activity.lastRunId=run_1 activity.lastCommandId=cmd_8"
                            + " activity.lastActivityAt=now activity.turns=2" + event);
            assertThat(create(lane(null, active(RUN, state, null, null)), TURN)).isEqualTo("cmd_8: new" + event);
        }
    }

    @Test
    void a_turn_that_rejects_a_busy_session_is_refused_with_the_turn_in_its_way() {
        for (CommandState state : List.of(CommandState.PENDING, CommandState.ACKNOWLEDGED)) {
            assertThat(create(lane(BUSY, active(RUN, state, BUSY, null)), TURN.withOnBusy(OnBusy.REJECT)))
                    .isEqualTo("SessionBusy, retryable (schema-invalid)");
            assertThat(create(lane(null, active(RUN, state, null, null)), TURN.withOnBusy(OnBusy.REJECT)))
                    .isEqualTo("SessionBusy, retryable (schema-invalid)");
        }
        assertThat(create(lane(BUSY, null), TURN.withOnBusy(OnBusy.REJECT))).startsWith("cmd_8: new");
    }

    @Test
    void an_interrupting_turn_takes_the_place_of_a_pending_one() {
        CommandHead steer = Turns.steer("cmd_2", 2, CommandState.PENDING, "cmd_1");
        CommandView active = active(RUN, CommandState.PENDING, BUSY, null, steer);

        assertThat(create(lane(BUSY, active), TURN.withOnBusy(OnBusy.INTERRUPT)))
                .isEqualTo("cmd_1: state=cancelled outcome=cancelled/cancelled/interrupted by a newer turn"
                        + " | cmd_2: state=cancelled outcome=cancelled/cancelled/its turn ended"
                        + " | cmd_8: new"
                        + " | ses_1: activity.lastCommandId=cmd_8 activity.activeCommandId=cmd_8"
                        + " activity.lastActivityAt=now activity.turns=2"
                        + " | command-terminal[commandId=cmd_1, failureKind=cancelled,"
                        + " message=interrupted by a newer turn, state=cancelled, terminalStatus=cancelled]"
                        + " | command-terminal[commandId=cmd_2, failureKind=cancelled, message=its turn ended,"
                        + " state=cancelled, terminalStatus=cancelled]"
                        + " | command-created[commandId=cmd_8, commandType=turn, deliverable=true]");
    }

    @Test
    void an_interrupting_turn_waits_behind_turns_that_waited_before() {
        CommandHead next = Turns.waiting("cmd_7", OTHER_RUN, 1, 2);
        CommandView active = active(RUN, CommandState.PENDING, BUSY, next);

        assertThat(create(lane(BUSY, active), TURN.withOnBusy(OnBusy.INTERRUPT)))
                .isEqualTo("cmd_1: state=cancelled outcome=cancelled/cancelled/interrupted by a newer turn"
                        + " | cmd_7: order.deliverable=true | cmd_8: new"
                        + " | ses_1: activity.lastCommandId=cmd_8 activity.activeRunId=run_2"
                        + " activity.activeCommandId=cmd_7 activity.lastActivityAt=now activity.turns=2"
                        + " | command-terminal[commandId=cmd_1, failureKind=cancelled,"
                        + " message=interrupted by a newer turn, state=cancelled, terminalStatus=cancelled]"
                        + " | command-created[commandId=cmd_8, commandType=turn, deliverable=false]");
    }

    @Test
    void an_interrupting_turn_asks_the_runner_of_an_acknowledged_one_to_stop() {
        NewCommand input = TURN.withOnBusy(OnBusy.INTERRUPT);
        Change here = CommandRules.create(
                lane(BUSY, active(RUN, CommandState.ACKNOWLEDGED, BUSY, null)), input, "cmd_8", "cmd_x", NOW);
        Change elsewhere = CommandRules.create(
                lane(BUSY_ELSEWHERE, active(OTHER_RUN, CommandState.ACKNOWLEDGED, BUSY_ELSEWHERE, null)),
                input,
                "cmd_8",
                "cmd_x",
                NOW);

        assertThat(here.created().commands())
                .extracting(Command::id, Command::runId, Command::seq, Command::type, Command::order)
                .containsExactly(
                        org.assertj.core.groups.Tuple.tuple(
                                "cmd_x", RUN, 5L, CommandType.INTERRUPT, new CommandOrder(0, true, "cmd_1")),
                        org.assertj.core.groups.Tuple.tuple(
                                "cmd_8", RUN, 6L, CommandType.TURN, new CommandOrder(2, false, null)));
        assertThat(elsewhere.created().commands())
                .extracting(Command::id, Command::runId, Command::seq)
                .containsExactly(
                        org.assertj.core.groups.Tuple.tuple("cmd_x", OTHER_RUN, 5L),
                        org.assertj.core.groups.Tuple.tuple("cmd_8", RUN, 5L));
        assertThat(Story.of(() -> elsewhere, BUSY_ELSEWHERE))
                .isEqualTo("cmd_x: new | cmd_8: new | ses_1: activity.lastRunId=run_1 activity.lastCommandId=cmd_8"
                        + " activity.lastActivityAt=now activity.turns=2"
                        + " | run_2 command-created[commandId=cmd_x, commandType=interrupt, deliverable=true]"
                        + " | command-created[commandId=cmd_8, commandType=turn, deliverable=false]");
    }

    @Test
    void an_acknowledged_turn_is_asked_once() {
        String once = "cmd_8: new | ses_1: activity.lastCommandId=cmd_8 activity.lastActivityAt=now"
                + " activity.turns=2 | command-created[commandId=cmd_8, commandType=turn, deliverable=false]";
        for (CommandState state : List.of(CommandState.PENDING, CommandState.ACKNOWLEDGED)) {
            CommandHead open = Turns.interrupt("cmd_3", 3, state, "cmd_1");
            CommandView active = active(RUN, CommandState.ACKNOWLEDGED, BUSY, null, open);

            assertThat(create(lane(BUSY, active), TURN.withOnBusy(OnBusy.INTERRUPT)))
                    .isEqualTo(once);
        }
    }

    @Test
    void an_acknowledged_turn_of_a_run_that_was_asked_to_cancel_gets_no_interrupt() {
        CommandHead turn = Turns.active("cmd_1", OTHER_RUN, CommandState.ACKNOWLEDGED);
        RunHead asked = run(OTHER_RUN, At.ASKED, Turns.SESSION, null);
        CommandView active = new CommandView(turn, asked, List.of(turn), BUSY_ELSEWHERE, null, 5);

        assertThat(create(lane(BUSY_ELSEWHERE, active), TURN.withOnBusy(OnBusy.INTERRUPT)))
                .isEqualTo("cmd_8: new | ses_1: activity.lastRunId=run_1 activity.lastCommandId=cmd_8"
                        + " activity.lastActivityAt=now activity.turns=2"
                        + " | command-created[commandId=cmd_8, commandType=turn, deliverable=false]");
    }

    @Test
    void a_steer_or_interrupt_is_for_the_active_turn_of_its_run_and_leaves_the_session() {
        for (NewCommand input : List.of(STEER, INTERRUPT)) {
            String created = "cmd_8: new | command-created[commandId=cmd_8, commandType="
                    + input.type().wire() + ", deliverable=true]";
            String conflict = "StateConflict (schema-invalid)";
            for (CommandState state : List.of(CommandState.PENDING, CommandState.ACKNOWLEDGED)) {
                TurnLane here = lane(BUSY, active(RUN, state, BUSY, null));
                TurnLane elsewhere = lane(BUSY_ELSEWHERE, active(OTHER_RUN, state, BUSY_ELSEWHERE, null));
                TurnLane alone = lane(null, active(RUN, state, null, null));

                assertThat(create(here, input)).isEqualTo(created);
                assertThat(create(alone, input)).isEqualTo(created);
                assertThat(create(here, input.expecting("cmd_1"))).isEqualTo(created);
                assertThat(create(here, input.expecting("cmd_0"))).isEqualTo(conflict);
                assertThat(create(elsewhere, input)).isEqualTo(conflict);
            }
            assertThat(create(lane(BUSY, null), input)).isEqualTo(conflict);
            assertThat(create(lane(null, null), input)).isEqualTo(conflict);
        }
        assertThat(CommandRules.create(
                                lane(BUSY, active(RUN, CommandState.PENDING, BUSY, null)), STEER, "cmd_8", "x", NOW)
                        .created()
                        .commands())
                .singleElement()
                .returns(new CommandOrder(0, true, "cmd_1"), Command::order)
                .returns(5L, Command::seq);
    }

    @Test
    void storage_that_is_going_or_gone_refuses_turns_and_nothing_else() {
        Answers.in(StorageState.class)
                .on("SessionStorage (session-storage-terminating)", StorageState.EVICTING)
                .on("SessionStorage (session-store-evicted)", StorageState.EVICTED)
                .on("SessionStorage (session-storage-missing)", StorageState.MISSING)
                .otherwise("created")
                .verify(state -> {
                    Session session = Turns.stored(BUSY, state);
                    TurnLane lane = lane(session, active(RUN, CommandState.PENDING, session, null));
                    assertThat(create(lane, STEER)).as(state.wire()).startsWith("cmd_8: new");
                    assertThat(create(lane, INTERRUPT)).as(state.wire()).startsWith("cmd_8: new");
                    String story = create(lane, TURN);
                    return story.startsWith("cmd_8: new") ? "created" : story;
                });
    }
}

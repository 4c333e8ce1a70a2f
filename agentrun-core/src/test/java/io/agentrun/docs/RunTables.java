package io.agentrun.docs;

import static io.agentrun.samples.Runs.EPOCH;
import static io.agentrun.samples.Runs.HOLDER;
import static io.agentrun.samples.Runs.LEASE;
import static io.agentrun.samples.Runs.MAX_STARTS;
import static io.agentrun.samples.Runs.NOW;
import static io.agentrun.samples.Runs.OTHER_RUN;
import static io.agentrun.samples.Runs.RIVAL;
import static io.agentrun.samples.Runs.RUN;
import static io.agentrun.samples.Runs.alone;
import static io.agentrun.samples.Runs.claimBy;
import static io.agentrun.samples.Runs.fence;
import static io.agentrun.samples.Runs.forgedFence;
import static io.agentrun.samples.Runs.oldFence;
import static io.agentrun.samples.Runs.run;

import io.agentrun.command.CommandState;
import io.agentrun.command.NewCommand;
import io.agentrun.command.OnBusy;
import io.agentrun.lease.Fence;
import io.agentrun.model.CancelMode;
import io.agentrun.model.Outcome;
import io.agentrun.model.TurnResult;
import io.agentrun.rules.Change;
import io.agentrun.rules.CommandHead;
import io.agentrun.rules.CommandRules;
import io.agentrun.rules.CommandView;
import io.agentrun.rules.LeaseRules;
import io.agentrun.rules.RunHead;
import io.agentrun.rules.RunRules;
import io.agentrun.rules.RunView;
import io.agentrun.rules.TurnLane;
import io.agentrun.run.RunClaim;
import io.agentrun.run.RunStatus;
import io.agentrun.samples.Runs;
import io.agentrun.samples.Runs.At;
import io.agentrun.samples.Turns;
import io.agentrun.session.Session;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The tables of runs, leases and commands, by asking the rules. */
final class RunTables {

    private static final TurnResult DONE = TurnResult.of(Outcome.completed());

    private RunTables() {}

    static String leases() {
        Table table = new Table(
                "run", "claim by its holder", "claim by another runner", "heartbeat", "release", "recover this epoch");
        for (At at : At.values()) {
            table.row(at.words(), lease(Runs.standing(at)));
            if (at == At.CLAIMED) {
                RunHead ranOut =
                        run(At.RUN_OUT).toBuilder().status(RunStatus.CLAIMED).build();
                RunClaim claim = ranOut.claim();
                RunClaim last = new RunClaim(
                        claim.epoch(),
                        claim.generation(),
                        claim.lease(),
                        claim.attempts().withStarts(MAX_STARTS - 1));
                table.row("claimed, lease run out", lease(alone(ranOut)));
                table.row(
                        "claimed, lease run out, last start",
                        lease(alone(ranOut.toBuilder().claim(last).build())));
                table.row(
                        "claimed, asked to cancel",
                        lease(alone(run(At.ASKED).toBuilder()
                                .status(RunStatus.CLAIMED)
                                .build())));
            }
        }
        return table.toString();
    }

    private static List<String> lease(RunView view) {
        RunHead run = view.run();
        return List.of(
                Cell.run(run, () -> LeaseRules.claim(view, claimBy(HOLDER), MAX_STARTS, NOW)),
                Cell.run(run, () -> LeaseRules.claim(view, claimBy(RIVAL), MAX_STARTS, NOW)),
                beat(run, fence()),
                Cell.run(run, () -> LeaseRules.release(view, fence(), NOW)),
                recovered(view, EPOCH));
    }

    private static String beat(RunHead run, Fence fence) {
        LeaseRules.Beat beat = LeaseRules.heartbeat(run, fence, LEASE, NOW);
        return (beat.next() == null ? "" : "lease extended; ") + "`"
                + beat.signal().name() + "`";
    }

    private static String recovered(RunView view, long epoch) {
        LeaseRules.Recovered recovered = LeaseRules.recover(view, epoch, MAX_STARTS, NOW);
        String word = "`" + recovered.outcome().name() + "`";
        return recovered.change().isEmpty() ? word : Cell.run(view.run(), recovered::change) + "; " + word;
    }

    static String fences() {
        Table table = new Table(
                "run",
                "this epoch, its runner",
                "this epoch, written by hand",
                "an older epoch",
                "heartbeat with either",
                "recover an older epoch");
        for (At at : At.values()) {
            RunHead run = run(at);
            table.row(
                    at.words(),
                    List.of(
                            holds(run, fence()),
                            holds(run, forgedFence()),
                            holds(run, oldFence()),
                            beat(run, oldFence()),
                            recovered(Runs.standing(at), EPOCH - 1)));
        }
        return table.toString();
    }

    private static String holds(RunHead run, Fence fence) {
        String answer = Cell.allowed(() -> LeaseRules.requireHolder(run, fence));
        return answer.equals("allowed") ? "holds" : answer;
    }

    static String ends() {
        Table table = new Table(
                "run",
                "finish (fenced)",
                "finishUnclaimed",
                "cancel, graceful",
                "cancel, forced",
                "new turn, or append by the host");
        for (At at : At.values()) {
            RunHead run = run(at);
            table.row(
                    at.words(),
                    List.of(
                            Cell.run(run, () -> RunRules.finish(alone(run), fence(), DONE, NOW)),
                            Cell.run(run, () -> RunRules.finishUnclaimed(alone(run), Runs.FAILED, NOW)),
                            Cell.run(run, () -> RunRules.cancel(alone(run), "stop", CancelMode.GRACEFUL, NOW)),
                            Cell.run(run, () -> RunRules.cancel(alone(run), "stop", CancelMode.FORCE, NOW)),
                            "turn: " + turn(run) + "; append: " + Cell.allowed(() -> RunRules.requireOpen(run))));
        }
        return table.toString();
    }

    private static String turn(RunHead run) {
        TurnLane lane = new TurnLane(run, null, 1, null);
        return Cell.allowed(() -> CommandRules.create(lane, NewCommand.turn(Turns.PAYLOAD), "cmd_8", "cmd_x", NOW));
    }

    static String commands() {
        Table table = new Table("command", "acknowledge", "finish", "cancel by the host");
        for (CommandState state : CommandState.values()) {
            table.row(state.wire(), ends(Turns.active("cmd_1", RUN, state)));
            if (state == CommandState.PENDING) {
                table.row("pending, waits behind another turn", ends(Turns.waiting("cmd_1", RUN, 1, 2)));
            }
        }
        return table.toString();
    }

    private static List<String> ends(CommandHead command) {
        RunHead run = run(At.CLAIMED);
        List<CommandHead> open = command.state().terminal() ? List.of() : List.of(command);
        CommandView view = new CommandView(command, run, open, null, null, 2);
        return List.of(
                Cell.command(command, () -> CommandRules.acknowledge(command, run, fence(), NOW)),
                Cell.command(command, () -> CommandRules.finish(view, fence(), DONE, NOW)),
                Cell.command(command, () -> CommandRules.cancel(view, "stop", NOW)));
    }

    static String creation() {
        Table table = new Table(
                "the session's active turn",
                "turn, ENQUEUE",
                "turn, REJECT",
                "turn, INTERRUPT",
                "steer or interrupt",
                "steer that expects another turn");
        row(table, "none", null, null);
        for (String runId : List.of(RUN, OTHER_RUN)) {
            for (CommandState state : List.of(CommandState.PENDING, CommandState.ACKNOWLEDGED)) {
                String where = runId.equals(RUN) ? ", of this run" : ", of another run";
                row(table, state.wire() + where, runId, state);
            }
        }
        return table.toString();
    }

    private static void row(Table table, String words, @Nullable String runId, @Nullable CommandState state) {
        List<String> cells = new ArrayList<>();
        NewCommand turn = NewCommand.turn(Turns.PAYLOAD);
        NewCommand steer = NewCommand.steer(Turns.PAYLOAD);
        for (NewCommand input : List.of(
                turn,
                turn.withOnBusy(OnBusy.REJECT),
                turn.withOnBusy(OnBusy.INTERRUPT),
                steer,
                steer.expecting("cmd_0"))) {
            cells.add(created(lane(runId, state), input));
        }
        table.row(words, cells);
    }

    private static TurnLane lane(@Nullable String runId, @Nullable CommandState state) {
        RunHead run = run(RUN, At.RUNNING, Turns.SESSION, null);
        if (runId == null || state == null) {
            return new TurnLane(run, Turns.idle(), 5, null);
        }
        CommandHead active = Turns.active("cmd_1", runId, state);
        Session session = Turns.running(runId, "cmd_1");
        RunHead holder = run(runId, At.RUNNING, Turns.SESSION, null);
        return new TurnLane(run, session, 5, new CommandView(active, holder, List.of(active), session, null, 5));
    }

    /** What becomes of the new command, of the active turn, and what is added for it. */
    private static String created(TurnLane lane, NewCommand input) {
        List<CommandHead> commands = new ArrayList<>();
        try {
            Change change = CommandRules.create(lane, input, "cmd_8", "cmd_x", NOW);
            commands.addAll(change.replaced().commands());
            change.created().commands().forEach(command -> commands.add(CommandHead.of(command)));
        } catch (io.agentrun.error.AgentRunException refusal) {
            return Cell.refused(refusal);
        }
        List<String> words = new ArrayList<>();
        for (CommandHead command : commands) {
            switch (command.id()) {
                case "cmd_8" -> words.add(command.order().deliverable() ? "**deliverable**" : "**waits**");
                case "cmd_x" -> words.add("an interrupt for the active turn");
                default -> words.add("active turn " + command.state().wire());
            }
        }
        return String.join(", ", words);
    }
}

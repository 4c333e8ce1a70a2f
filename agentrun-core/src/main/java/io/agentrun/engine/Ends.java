package io.agentrun.engine;

import io.agentrun.backend.Attempt;
import io.agentrun.backend.Locked;
import io.agentrun.backend.ReadSets.RunEnd;
import io.agentrun.backend.ReadSets.TurnEnd;
import io.agentrun.backend.SharedStep;
import io.agentrun.backend.StoreTx;
import io.agentrun.backend.StoreTx.TurnKey;
import io.agentrun.command.Command;
import io.agentrun.command.FinishedTurn;
import io.agentrun.error.AgentRunException;
import io.agentrun.error.NotFoundException;
import io.agentrun.id.IdSource;
import io.agentrun.lease.Fence;
import io.agentrun.model.TurnResult;
import io.agentrun.rules.Change;
import io.agentrun.rules.CommandHead;
import io.agentrun.rules.CommandRules;
import io.agentrun.rules.RunView;
import io.agentrun.run.Run;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The end of a run, or of a turn and of its run if no other turn waits in it, for one caller or for several who meet. Thread-safe. */
final class Ends {

    /** No command has this id. */
    private static final String NO_TURN = "";

    private final IdSource ids;
    private final Function<Ending, Ended> ends;

    Ends(Context context) {
        this.ids = context.ids();
        this.ends = context.backend().sharing(new Step());
    }

    /** Ends the turn as its runner says, and its run with it if no other turn waits. */
    FinishedTurn turn(Fence fence, String commandId, TurnResult result) {
        Ended ended = ends.apply(new Ending(
                fence.runId(),
                commandId,
                (seen, now) -> CommandRules.finishTurn(
                        seen.view(), CommandHead.of(turn(seen, commandId)), fence, result, now)));
        return ended.turn(commandId);
    }

    /** Writes what the rule decides about the run and everything that its end touches; returns the run as it is then. */
    Run run(String runId, BiFunction<RunView, Instant, Change> rule) {
        return ends.apply(new Ending(runId, NO_TURN, (seen, now) -> rule.apply(seen.view(), now)))
                .run();
    }

    private static Command turn(TurnEnd seen, String commandId) {
        Command turn = seen.turn();
        if (turn == null) {
            throw new NotFoundException("command", commandId);
        }
        return turn;
    }

    /** What ends, and what decides how; the rule may be asked several times. Immutable. */
    private record Ending(String runId, String commandId, BiFunction<TurnEnd, Instant, Change> rule) {}

    /** What has ended. Immutable. */
    private record Ended(Change change, TurnEnd seen) {

        Run run() {
            return Runs.after(change, seen.run());
        }

        FinishedTurn turn(String commandId) {
            Run run = run();
            Command next = seen.next();
            return new FinishedTurn(
                    Commands.after(change, Ends.turn(seen, commandId)),
                    run,
                    run.isTerminal() || next == null ? null : Commands.after(change, next));
        }
    }

    private final class Step implements SharedStep<Ending, Ended> {

        @Override
        public String key(Ending ending) {
            return ending.runId();
        }

        @Override
        public Ended alone(StoreTx tx, Ending ending) {
            TurnEnd seen = seenAlone(tx, ending);
            Change change = ending.rule().apply(seen, tx.now());
            tx.write(change, ids);
            return new Ended(change, seen);
        }

        private static TurnEnd seenAlone(StoreTx tx, Ending ending) {
            String runId = ending.runId();
            if (ending.commandId().equals(NO_TURN)) {
                RunEnd end = tx.lockRunEnd(runId).orThrow("run", runId);
                return new TurnEnd(end.run(), end.view(), null, null);
            }
            return tx.lockTurnEnd(runId, ending.commandId()).orThrow("run", runId);
        }

        @Override
        public List<Attempt<Ended>> together(StoreTx tx, List<Ending> endings) {
            List<Locked<TurnEnd>> seen = tx.lockTurnEnds(endings.stream()
                    .map(ending -> new TurnKey(ending.runId(), ending.commandId()))
                    .toList());
            List<@Nullable Ended> members = new ArrayList<>(endings.size());
            Set<String> touched = new HashSet<>();
            for (int i = 0; i < endings.size(); i++) {
                members.add(member(tx, endings.get(i), seen.get(i).orNull(), touched));
            }
            List<Change> changes =
                    members.stream().filter(Objects::nonNull).map(Ended::change).toList();
            if (!changes.isEmpty()) {
                tx.write(Change.all(changes), ids);
            }
            return members.stream().map(Step::attempt).toList();
        }

        private static Attempt<Ended> attempt(@Nullable Ended member) {
            return member == null ? new Attempt.Contended<>() : Attempt.done(member);
        }

        /** Returns null for one that is not free, is refused, or shares a record with one before it. */
        private static @Nullable Ended member(StoreTx tx, Ending ending, @Nullable TurnEnd seen, Set<String> touched) {
            if (seen == null) {
                return null;
            }
            String sessionId = seen.run().sessionId();
            boolean ownRun = touched.add("run " + seen.run().id());
            boolean ownSession = sessionId == null || touched.add("session " + sessionId);
            try {
                return ownRun && ownSession ? new Ended(ending.rule().apply(seen, tx.now()), seen) : null;
            } catch (AgentRunException e) {
                return null; // Alone, it is told why.
            }
        }
    }
}

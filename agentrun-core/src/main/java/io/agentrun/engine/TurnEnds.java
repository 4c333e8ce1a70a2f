package io.agentrun.engine;

import io.agentrun.backend.Attempt;
import io.agentrun.backend.Locked;
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
import io.agentrun.run.Run;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The end of a turn, and of its run if no other turn waits in it, for one runner or for several who meet. Thread-safe. */
final class TurnEnds implements SharedStep<TurnEnds.Ending, FinishedTurn> {

    private final IdSource ids;

    TurnEnds(IdSource ids) {
        this.ids = ids;
    }

    /** Which turn ends how, as its runner says. Immutable. */
    record Ending(Fence fence, String commandId, TurnResult result) {

        String runId() {
            return fence.runId();
        }
    }

    @Override
    public String key(Ending ending) {
        return ending.runId();
    }

    @Override
    public FinishedTurn alone(StoreTx tx, Ending ending) {
        TurnEnd seen = tx.lockTurnEnd(ending.runId(), ending.commandId()).orThrow("run", ending.runId());
        Command turn = seen.turn();
        if (turn == null) {
            throw new NotFoundException("command", ending.commandId());
        }
        Change change = change(tx, ending, seen, turn);
        tx.write(change, ids);
        return finished(change, seen, turn);
    }

    private static Change change(StoreTx tx, Ending ending, TurnEnd seen, Command turn) {
        return CommandRules.finishTurn(seen.view(), CommandHead.of(turn), ending.fence(), ending.result(), tx.now());
    }

    private static FinishedTurn finished(Change change, TurnEnd seen, Command turn) {
        Run run = Runs.after(change, seen.run());
        Command next = seen.next();
        return new FinishedTurn(
                Commands.after(change, turn),
                run,
                run.isTerminal() || next == null ? null : Commands.after(change, next));
    }

    /** One that ends with others. Immutable. */
    private record Member(Change change, TurnEnd seen, Command turn) {

        FinishedTurn finished() {
            return TurnEnds.finished(change, seen, turn);
        }
    }

    @Override
    public List<Attempt<FinishedTurn>> together(StoreTx tx, List<Ending> endings) {
        List<Locked<TurnEnd>> seen = tx.lockTurnEnds(endings.stream()
                .map(ending -> new TurnKey(ending.runId(), ending.commandId()))
                .toList());
        List<@Nullable Member> members = new ArrayList<>(endings.size());
        Set<String> touched = new HashSet<>();
        for (int i = 0; i < endings.size(); i++) {
            members.add(member(tx, endings.get(i), seen.get(i).orNull(), touched));
        }
        List<Change> changes =
                members.stream().filter(Objects::nonNull).map(Member::change).toList();
        if (!changes.isEmpty()) {
            tx.write(Change.all(changes), ids);
        }
        return members.stream().map(TurnEnds::attempt).toList();
    }

    private static Attempt<FinishedTurn> attempt(@Nullable Member member) {
        return member == null ? new Attempt.Contended<>() : Attempt.done(member.finished());
    }

    /** Returns null for one that is not free, is refused, or shares a record with one before it. */
    private static @Nullable Member member(StoreTx tx, Ending ending, @Nullable TurnEnd seen, Set<String> touched) {
        Command turn = seen == null ? null : seen.turn();
        if (seen == null || turn == null) {
            return null;
        }
        String sessionId = seen.run().sessionId();
        boolean ownRun = touched.add("run " + seen.run().id());
        boolean ownSession = sessionId == null || touched.add("session " + sessionId);
        try {
            return ownRun && ownSession ? new Member(change(tx, ending, seen, turn), seen, turn) : null;
        } catch (AgentRunException e) {
            return null; // Alone, it is told why.
        }
    }
}

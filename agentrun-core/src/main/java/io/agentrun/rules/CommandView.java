package io.agentrun.rules;

import io.agentrun.session.Session;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a rule must see of one command, read under the store's locks. No payload is among it.
 *
 * <p>Immutable.
 *
 * @param run the command's run
 * @param openCommands that run's pending and acknowledged commands, by number (the command among them while it is open)
 * @param session the run's session, if it has one
 * @param nextTurn the open turn with the lowest ordinal in the session (on a run without one: in the run), this command
 *     left out
 * @param nextSeq the number that the run's next command will have
 */
public record CommandView(
        CommandHead command,
        RunHead run,
        List<CommandHead> openCommands,
        @Nullable Session session,
        @Nullable CommandHead nextTurn,
        long nextSeq) {

    public CommandView {
        openCommands = List.copyOf(openCommands);
    }
}

package io.agentrun.rules;

import io.agentrun.question.Question;
import io.agentrun.queue.QueueTask;
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
 * @param questions the run's open questions
 */
public record CommandView(
        CommandHead command,
        RunHead run,
        List<CommandHead> openCommands,
        @Nullable Session session,
        @Nullable CommandHead nextTurn,
        long nextSeq,
        List<Question> questions) {

    public CommandView {
        openCommands = List.copyOf(openCommands);
        questions = List.copyOf(questions);
    }

    /** Makes the view of a command in a run without an open question. */
    public CommandView(
            CommandHead command,
            RunHead run,
            List<CommandHead> openCommands,
            @Nullable Session session,
            @Nullable CommandHead nextTurn,
            long nextSeq) {
        this(command, run, openCommands, session, nextTurn, nextSeq, List.of());
    }

    /** Returns the view of the whole run whose active turn the command is. */
    RunView ofRun(@Nullable QueueTask task) {
        return new RunView(run, openCommands, session, nextTurn, task, questions);
    }
}

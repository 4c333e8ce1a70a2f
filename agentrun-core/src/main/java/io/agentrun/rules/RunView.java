package io.agentrun.rules;

import io.agentrun.question.Question;
import io.agentrun.queue.QueueTask;
import io.agentrun.session.Session;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a rule must see of a run, read under the store's locks. Neither its specification nor a payload is among it.
 *
 * <p>Immutable.
 *
 * @param openCommands the run's pending and acknowledged commands, by number
 * @param session the run's session, if it has one
 * @param nextTurn the open turn with the lowest ordinal among those of the session's <em>other</em> runs
 * @param task the queue task that this run is the latest attempt of, if any
 * @param questions the run's open questions
 */
public record RunView(
        RunHead run,
        List<CommandHead> openCommands,
        @Nullable Session session,
        @Nullable CommandHead nextTurn,
        @Nullable QueueTask task,
        List<Question> questions) {

    public RunView {
        openCommands = List.copyOf(openCommands);
        questions = List.copyOf(questions);
    }

    /** Makes the view of a run without an open question. */
    public RunView(
            RunHead run,
            List<CommandHead> openCommands,
            @Nullable Session session,
            @Nullable CommandHead nextTurn,
            @Nullable QueueTask task) {
        this(run, openCommands, session, nextTurn, task, List.of());
    }

    /** Returns the same view with the run in another state. */
    RunView with(RunHead next) {
        return new RunView(next, openCommands, session, nextTurn, task, questions);
    }
}

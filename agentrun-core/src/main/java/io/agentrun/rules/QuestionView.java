package io.agentrun.rules;

import io.agentrun.question.Question;
import java.util.List;

/**
 * What a rule must see of one question, read under the lock of its run.
 *
 * <p>Immutable.
 *
 * @param run the run in which it was asked
 * @param openCommands that run's pending and acknowledged commands, by number
 * @param nextSeq the number that the run's next command will have
 */
public record QuestionView(Question question, RunHead run, List<CommandHead> openCommands, long nextSeq) {

    public QuestionView {
        openCommands = List.copyOf(openCommands);
    }
}

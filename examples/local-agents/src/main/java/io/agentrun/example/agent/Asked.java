package io.agentrun.example.agent;

import io.agentrun.question.NewQuestion;
import io.agentrun.question.QuestionResult;
import io.agentrun.question.Reply;
import io.agentrun.worker.Turn;
import java.util.Optional;
import java.util.concurrent.CancellationException;

/** What a task asks a person before its command runs: the text in the field {@code ask} of its payload. */
public final class Asked {
    /** The variable that has the answer when the command runs. */
    public static final String ANSWER = "AGENTRUN_ANSWER";

    private Asked() {}

    /**
     * Returns the answer, empty where the task asks nothing. Until it is there the turn is parked: it goes on in any worker, and asks again
     * under the same key, which is then answered at once.
     */
    public static Optional<String> answer(Turn turn) {
        Optional<String> text = turn.command().payload().string("ask");
        return text.map(ask -> answer(turn, NewQuestion.of(ask).withIdempotencyKey("ask")));
    }

    private static String answer(Turn turn, NewQuestion question) {
        try {
            QuestionResult result = turn.ask(question);
            Reply reply = result.reply();
            return reply == null || reply.content() == null
                    ? result.state().wire()
                    : reply.content().string("text").orElse("");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CancellationException("interrupted while it waited for an answer");
        }
    }
}

package io.agentrun.question;

import io.agentrun.check.Require;
import io.agentrun.check.Texts;
import io.agentrun.check.Times;
import io.agentrun.json.AsText;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What became of a question.
 *
 * <p>Immutable.
 *
 * @param reply the answer; given exactly if the question is answered
 * @param answeredBy who answered, as the host said; null for the fallback, and without an answer
 * @param reason why the question was withdrawn, for people; null if it was not
 * @param commandId the command that tells the runner; null where none does: the question ended with its turn or run, the run was asked to
 *     cancel, or it was parked for the question, so that its turn tells
 * @param at when
 */
public record QuestionEnd(
        @Nullable Reply reply,
        @Nullable String answeredBy,
        @Nullable String reason,
        @Nullable String commandId,
        @AsText Instant at) {

    /**
     * Checks the texts.
     *
     * @throws io.agentrun.error.InvalidInputException if one of them breaks its rule, or the time is missing
     */
    public QuestionEnd {
        Texts.idOrNull("answeredBy", answeredBy);
        Texts.messageOrNull("reason", reason);
        Texts.idOrNull("commandId", commandId);
        at = Times.micros(Require.given("at", at));
    }

    /** Tells the length of the reason, not the reason. */
    @Override
    public String toString() {
        return "QuestionEnd[reply=" + reply + ", answeredBy=" + answeredBy + ", reason=" + Texts.size(reason)
                + ", commandId=" + commandId + ", at=" + at + "]";
    }
}

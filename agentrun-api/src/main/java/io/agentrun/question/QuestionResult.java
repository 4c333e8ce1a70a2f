package io.agentrun.question;

import io.agentrun.check.Require;
import io.agentrun.check.Texts;
import io.agentrun.error.InvalidInputException;
import io.agentrun.json.JsonObject;
import org.jspecify.annotations.Nullable;

/**
 * What became of a question, as its runner is told: the payload of a command of the type {@code answer}.
 *
 * <p>Immutable.
 *
 * @param questionId the question
 * @param key the key that the runner asked it with, or null
 * @param state how it ended
 * @param reply the answer; null without one
 * @param answeredBy who answered; null for the fallback, and without an answer
 */
public record QuestionResult(
        String questionId,
        @Nullable String key,
        QuestionState state,
        @Nullable Reply reply,
        @Nullable String answeredBy) {

    /**
     * Checks that nothing is missing.
     *
     * @throws InvalidInputException if a component is missing or breaks its rule, or the question has not ended
     */
    public QuestionResult {
        Texts.id("questionId", questionId);
        Texts.keyOrNull("key", key);
        if (!Require.given("state", state).terminal()) {
            throw new InvalidInputException("state", "must be an end");
        }
        Texts.idOrNull("answeredBy", answeredBy);
    }

    /**
     * Returns what became of the question.
     *
     * @throws InvalidInputException if it has not ended
     */
    public static QuestionResult of(Question question) {
        QuestionEnd end = question.end();
        return new QuestionResult(
                question.id(),
                question.idempotency() == null ? null : question.idempotency().key(),
                question.state(),
                end == null ? null : end.reply(),
                end == null ? null : end.answeredBy());
    }

    /**
     * Returns what a command of the type {@code answer} tells.
     *
     * @param payload of the command
     * @throws InvalidInputException if it is the payload of something else
     */
    public static QuestionResult parse(JsonObject payload) {
        return Require.given("payload", payload).to(QuestionResult.class);
    }

    /** Returns this as the payload of a command. */
    public JsonObject asPayload() {
        return JsonObject.fromBean(this);
    }
}

package io.agentrun.question;

import io.agentrun.check.Require;
import io.agentrun.check.Texts;
import io.agentrun.error.InvalidInputException;
import io.agentrun.json.AsText;
import io.agentrun.json.ContentHash;
import io.agentrun.json.JsonObject;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A question that is to be asked.
 *
 * <p>Make one with {@link #of} and the withers. Immutable.
 *
 * @param content what is asked
 * @param within how long it may be answered, counted from when it is asked: 1 second to 90 days, cut to microseconds; 7 days unless given
 * @param idempotencyKey 1 to 255 characters, unique among the questions of the run, or null for none; an agent that may begin anew gives
 *     one, and gets the question that it has asked before, with its answer
 */
public record NewQuestion(
        QuestionContent content,
        @AsText Duration within,
        @Nullable String idempotencyKey) {

    /** How long a question may be answered unless it says so. */
    public static final Duration WITHIN = Duration.ofDays(7);

    private static final Duration SHORTEST = Duration.ofSeconds(1);
    private static final Duration LONGEST = Duration.ofDays(90);

    /**
     * Checks everything but what depends on a store's limits.
     *
     * @throws InvalidInputException if the content is missing, the time is missing, shorter than 1 second or longer than 90 days, or the
     *     key breaks its rule
     */
    public NewQuestion {
        Require.given("content", content);
        Duration given = Require.given("within", within);
        if (given.compareTo(SHORTEST) < 0 || given.compareTo(LONGEST) > 0) {
            throw new InvalidInputException("within", "must be from 1 second to 90 days");
        }
        within = given.truncatedTo(ChronoUnit.MICROS);
        Texts.keyOrNull("idempotencyKey", idempotencyKey);
    }

    /** Returns the question that this text asks, to be answered by any content within 7 days. */
    public static NewQuestion of(String text) {
        return new NewQuestion(QuestionContent.of(text), WITHIN, null);
    }

    /** Returns the same question with these options. */
    public NewQuestion withOptions(List<QuestionOption> options) {
        return with(new QuestionContent(
                content.text(), options, content.schema(), content.audience(), content.fallback(), content.metadata()));
    }

    /** Returns the same question with a JSON schema of the answer's content, null for none. */
    public NewQuestion withSchema(@Nullable JsonObject schema) {
        return with(new QuestionContent(
                content.text(), content.options(), schema, content.audience(), content.fallback(), content.metadata()));
    }

    /** Returns the same question for these people, null for anybody. */
    public NewQuestion withAudience(@Nullable String audience) {
        return with(new QuestionContent(
                content.text(), content.options(), content.schema(), audience, content.fallback(), content.metadata()));
    }

    /** Returns the same question with what counts as the answer when the time is over, null for none. */
    public NewQuestion withFallback(@Nullable Reply fallback) {
        return with(new QuestionContent(
                content.text(), content.options(), content.schema(), content.audience(), fallback, content.metadata()));
    }

    /** Returns the same question with the runner's own data. */
    public NewQuestion withMetadata(JsonObject metadata) {
        return with(new QuestionContent(
                content.text(), content.options(), content.schema(), content.audience(), content.fallback(), metadata));
    }

    /** Returns the same question with this time to be answered. */
    public NewQuestion withWithin(Duration value) {
        return new NewQuestion(content, value, idempotencyKey);
    }

    /** Returns the same question with an idempotency key, null for none. */
    public NewQuestion withIdempotencyKey(@Nullable String value) {
        return new NewQuestion(content, within, value);
    }

    /** Returns the same question with other content, of the same time and key. */
    public NewQuestion with(QuestionContent other) {
        return new NewQuestion(other, within, idempotencyKey);
    }

    /** Returns the hash of the content and the time: equal for inputs that an idempotency key treats as the same. */
    public String contentHash() {
        return ContentHash.of(JsonObject.of(
                "kind", "question",
                "content", JsonObject.fromBean(content).toMap(),
                "within", within.toString()));
    }
}

package io.agentrun.question;

import com.fasterxml.jackson.annotation.JsonIgnore;
import io.agentrun.check.Require;
import io.agentrun.check.Texts;
import io.agentrun.error.InvalidInputException;
import io.agentrun.json.JsonObject;
import org.jspecify.annotations.Nullable;

/**
 * What is answered: one of the options, a JSON object, both (an option with a remark), or neither: the person declines to answer. It is
 * kept word for word, because it is what the agent works with.
 *
 * <p>Immutable.
 *
 * @param optionId one of the question's options, or null
 * @param content what the question's schema describes, at most 32 KiB, or null
 */
public record Reply(@Nullable String optionId, @Nullable JsonObject content) {

    /** The most bytes of the content: what becomes of all questions that a run waits for is delivered together. */
    public static final int MAX_BYTES = 32 * 1024;

    private static final Reply DECLINED = new Reply(null, null);

    /**
     * Checks the id and the size.
     *
     * @throws InvalidInputException if the id breaks the rule for ids, or the content is too large
     */
    public Reply {
        Texts.idOrNull("optionId", optionId);
        if (content != null && content.sizeInBytes() > MAX_BYTES) {
            throw new InvalidInputException("content", "must not be larger than " + MAX_BYTES + " bytes");
        }
    }

    /** Returns the answer with one of the options. */
    public static Reply option(String optionId) {
        return new Reply(Texts.id("optionId", optionId), null);
    }

    /** Returns the answer with a JSON object. */
    public static Reply content(JsonObject content) {
        return new Reply(null, Require.given("content", content));
    }

    /** Returns the answer {@code {"text": …}}: what a person has written, with 0 to 16384 characters. */
    public static Reply text(String text) {
        return content(JsonObject.of("text", Texts.message("text", text)));
    }

    /** Returns the answer that there will be none: the person was asked, and declines. */
    public static Reply declined() {
        return DECLINED;
    }

    /** Returns the same answer with a JSON object beside it, null for none. */
    public Reply withContent(@Nullable JsonObject value) {
        return new Reply(optionId, value);
    }

    /** Returns whether the person declines to answer. */
    @JsonIgnore
    public boolean isDeclined() {
        return optionId == null && content == null;
    }

    /** Tells the option, not the content. */
    @Override
    public String toString() {
        return "Reply[optionId=" + optionId + ", content=" + (content == null ? "null" : "given") + "]";
    }
}

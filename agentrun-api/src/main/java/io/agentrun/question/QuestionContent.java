package io.agentrun.question;

import io.agentrun.check.Require;
import io.agentrun.check.Texts;
import io.agentrun.error.InvalidInputException;
import io.agentrun.json.JsonObject;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What is asked. The text, the titles and descriptions of the options and the metadata pass through the store's redactor; the schema and
 * the fallback are kept word for word.
 *
 * <p>Immutable.
 *
 * @param text the question, for a person: 1 to 16384 characters
 * @param options what may be answered: 0 to 100; with any, an answer names one of them or is declined
 * @param schema a JSON schema of the answer's content, for the page that asks, or null; the store does not check answers against it
 * @param audience for whom the question is, in the host's words, such as a role or a user: 1 to 200 characters, or null for anybody
 * @param fallback what counts as the answer when the time is over; null for none: the question is then {@code expired}
 * @param metadata the runner's own data, such as the request of its agent's protocol; empty unless given
 */
public record QuestionContent(
        String text,
        List<QuestionOption> options,
        @Nullable JsonObject schema,
        @Nullable String audience,
        @Nullable Reply fallback,
        JsonObject metadata) {

    /** The most options of a question. */
    public static final int MAX_OPTIONS = 100;

    /**
     * Checks the parts, and that the fallback is an answer to this question.
     *
     * @throws InvalidInputException if a part is missing or breaks its rule, two options have one id, there are more than 100, or the
     *     fallback does not fit the options
     */
    public QuestionContent {
        if (Texts.message("text", text).isBlank()) {
            throw new InvalidInputException("text", "must not be blank");
        }
        options = Require.items("options", options);
        Require.between("options", options.size(), 0, MAX_OPTIONS);
        Texts.labelOrNull("audience", audience);
        Require.given("metadata", metadata);
        Set<String> ids = new HashSet<>();
        for (QuestionOption option : options) {
            if (!ids.add(option.id())) {
                throw new InvalidInputException("options.id", "must be given once");
            }
        }
        if (fallback != null) {
            requireFitting("fallback", fallback, ids);
        }
    }

    /** Returns the question that this text asks, to be answered by any content. */
    public static QuestionContent of(String text) {
        return new QuestionContent(text, List.of(), null, null, null, JsonObject.empty());
    }

    /**
     * Refuses what is no answer to this question.
     *
     * @param field the name of the reply, for the exception
     * @throws InvalidInputException if it names no option of a question that has some, or one that the question has not
     */
    public void requireFitting(String field, Reply reply) {
        Set<String> ids = new HashSet<>();
        options.forEach(option -> ids.add(option.id()));
        requireFitting(field, reply, ids);
    }

    private static void requireFitting(String field, Reply reply, Set<String> ids) {
        String option = reply.optionId();
        if (option == null ? !ids.isEmpty() && !reply.isDeclined() : !ids.contains(option)) {
            throw new InvalidInputException(field, "must name one of the question's options");
        }
    }

    /** Tells the length of the text, not the text. */
    @Override
    public String toString() {
        return "QuestionContent[text=" + Texts.size(text) + ", options=" + options + ", audience=" + audience + "]";
    }
}

package io.agentrun.question;

import io.agentrun.check.Texts;
import org.jspecify.annotations.Nullable;

/**
 * One of the answers that a question offers. The title and the description pass through the store's redactor.
 *
 * <p>Immutable.
 *
 * @param id what is answered: 1 to 200 characters, unique in the question
 * @param title what a person reads: 1 to 500 characters
 * @param kind what sort of answer it is, in the words of the agent's protocol, such as {@code allow_once}: 1 to 200 characters, or null
 * @param description more for the person: 0 to 16384 characters, or null
 */
public record QuestionOption(
        String id,
        String title,
        @Nullable String kind,
        @Nullable String description) {

    /**
     * Checks the texts.
     *
     * @throws io.agentrun.error.InvalidInputException if one of them breaks its rule
     */
    public QuestionOption {
        Texts.id("options.id", id);
        Texts.title("options.title", title);
        Texts.labelOrNull("options.kind", kind);
        Texts.messageOrNull("options.description", description);
    }

    /** Returns an option without kind and description. */
    public static QuestionOption of(String id, String title) {
        return new QuestionOption(id, title, null, null);
    }

    /** Returns the same option of this kind. */
    public QuestionOption withKind(@Nullable String value) {
        return new QuestionOption(id, title, value, description);
    }

    /** Returns the same option with another title and description; for the redactor. */
    public QuestionOption withTexts(String otherTitle, @Nullable String otherDescription) {
        return new QuestionOption(id, otherTitle, kind, otherDescription);
    }

    /** Tells the id and the kind, not the texts. */
    @Override
    public String toString() {
        return "QuestionOption[id=" + id + ", kind=" + kind + "]";
    }
}

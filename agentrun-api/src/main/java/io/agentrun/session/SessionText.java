package io.agentrun.session;

import com.fasterxml.jackson.annotation.JsonValue;
import io.agentrun.check.Texts;
import org.jspecify.annotations.Nullable;

/**
 * What a session remembers in words, and can be made to forget.
 *
 * <p>Immutable.
 */
public enum SessionText {
    /** The agent's id of the thread, which the next turn would resume. */
    THREAD("thread"),
    /** The host's id of the conversation. */
    CONVERSATION("conversation"),
    /** The line for people; the next turn gives a new one. */
    TITLE("title");

    private final String wire;

    SessionText(String wire) {
        this.wire = wire;
    }

    /** The string in JSON. */
    @JsonValue
    public String wire() {
        return wire;
    }

    /** Returns what the session remembers of this, or null. */
    public @Nullable String of(Session session) {
        return switch (this) {
            case THREAD -> session.thread().threadId();
            case CONVERSATION -> session.thread().conversationId();
            case TITLE -> session.title();
        };
    }

    /**
     * Returns the constant with the given wire string.
     *
     * @param field the name of the field that the text came from, for the exception
     * @throws io.agentrun.error.InvalidInputException if the text is null or no constant has it
     */
    public static SessionText fromWire(String field, String wire) {
        return Texts.wire(field, wire, values(), SessionText::wire);
    }
}

package io.agentrun.json;

import io.agentrun.error.InvalidInputException;
import io.agentrun.error.StoreUnavailableException;
import io.agentrun.error.StoreUnavailableException.Reason;
import org.jspecify.annotations.Nullable;

/**
 * The text of a {@link JsonObject} that a store has kept; read on first use.
 *
 * <p>Thread-safe.
 */
final class StoredText implements JsonSource {

    // A String, or the JsonContent read from it, which replaces the text so that both are not held. Set without a lock:
    // both are immutable, and threads that read the text at the same time get equal contents. The first value is seen
    // by
    // every thread because JsonObject holds this object in a final field.
    private Object textOrContent;

    StoredText(String text) {
        this.textOrContent = text;
    }

    /** Returns the text, or null once it was read. */
    @Nullable
    String unread() {
        return textOrContent instanceof String text ? text : null;
    }

    @Override
    public JsonContent content() {
        Object known = textOrContent;
        if (known instanceof JsonContent content) {
            return content;
        }
        JsonContent content = read((String) known);
        textOrContent = content;
        return content;
    }

    @Override
    public int sizeAtMost() {
        Object known = textOrContent;
        // A character is at most three bytes, and no stored text is shorter than the canonical one.
        return known instanceof JsonContent content ? content.bytes : 3 * ((String) known).length();
    }

    private static JsonContent read(String text) {
        try {
            return JacksonBridge.parse(Intake.ofStored(), text).content();
        } catch (InvalidInputException e) {
            // Its message says where, and quotes no value.
            throw new StoreUnavailableException(Reason.CORRUPT, "a stored JSON object cannot be read", e);
        }
    }
}

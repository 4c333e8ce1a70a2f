package io.agentrun.h2;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.agentrun.error.StoreUnavailableException;
import io.agentrun.error.StoreUnavailableException.Reason;

/**
 * Records as JSON and back. Not by {@code JsonObject}: a record of several objects may be larger and deeper than one of
 * them may be.
 */
final class Documents {

    private static final ObjectMapper MAPPER = new ObjectMapper();

    private Documents() {}

    static String of(Object document) {
        try {
            return MAPPER.writeValueAsString(document);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("every record can be written as JSON", e);
        }
    }

    static <T> T read(Class<T> type, String text) {
        try {
            return MAPPER.readValue(text, type);
        } catch (JsonProcessingException e) {
            // Its message quotes the text.
            String what = "a stored " + type.getSimpleName() + " cannot be read back";
            throw new StoreUnavailableException(Reason.CORRUPT, what, null);
        }
    }
}

package io.agentrun.console;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.JsonNode;
import io.agentrun.AgentRunStore;
import io.agentrun.check.Require;
import io.agentrun.check.Texts;
import io.agentrun.error.InvalidInputException;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * A request for data or for an action, by somebody who may make it, and its checked input. Not thread-safe: one thread at a time.
 *
 * @param store the view of what may be seen
 */
record Call(AgentRunStore store, Access access, ConsoleExchange exchange, JsonNode body) {

    /** The most records in one answer. */
    static final int MAX_LIMIT = 100;

    private static final int MAX_PARAMETER = 2_000;
    private static final int MAX_BODY = 64 * 1024;
    private static final int DEFAULT_LIMIT = 25;

    /** Reads the body of a POST: a JSON object of at most 64 KiB. */
    static JsonNode body(ConsoleExchange exchange) throws IOException, Refusal {
        byte[] bytes = exchange.body().readNBytes(MAX_BODY + 1);
        if (bytes.length > MAX_BODY) {
            throw new Refusal(413, "too-large", "the body must not have more than " + MAX_BODY + " bytes");
        }
        try {
            JsonNode read = Json.MAPPER.readTree(bytes);
            if (read.isObject()) {
                return read;
            }
        } catch (JacksonException e) {
            throw new InvalidInputException("body", "must be JSON");
        }
        throw new InvalidInputException("body", "must be a JSON object");
    }

    /** Returns the parameter, or null; empty text is none. */
    @Nullable
    String optional(String name) {
        String value = exchange.parameter(name);
        if (value == null || value.isEmpty()) {
            return null;
        }
        if (value.length() > MAX_PARAMETER) {
            throw new InvalidInputException(name, "must not have more than " + MAX_PARAMETER + " characters");
        }
        return value;
    }

    /** Returns the id that the parameter is. */
    String id() {
        return Texts.id("id", Require.given("id", optional("id")));
    }

    int limit() {
        String value = optional("limit");
        return value == null ? DEFAULT_LIMIT : (int) number("limit", value, 1, MAX_LIMIT);
    }

    /** Returns the number after which to read; 0 unless given. */
    long after() {
        String value = optional("after");
        return value == null ? 0 : number("after", value, 0, Long.MAX_VALUE);
    }

    private static long number(String name, String value, long least, long most) {
        try {
            return Require.between(name, Long.parseLong(value), least, most);
        } catch (NumberFormatException e) {
            throw new InvalidInputException(name, "must be a number");
        }
    }

    /** Returns the text of the body, which must be given. */
    String text(String name) {
        return Require.given(name, optionalText(name));
    }

    /** Returns the text of the body, or null. */
    @Nullable
    String optionalText(String name) {
        JsonNode value = body.get(name);
        if (value == null || value.isNull()) {
            return null;
        }
        if (!value.isTextual()) {
            throw new InvalidInputException(name, "must be text");
        }
        return value.textValue();
    }

    /**
     * Refuses what the access does not allow.
     *
     * @throws Refusal with status 403 if it does not
     */
    void require(Action action) throws Refusal {
        if (!access.allows(action)) {
            throw new Refusal(403, "not-allowed", access.who() + " may not do that: " + action.wire());
        }
    }
}

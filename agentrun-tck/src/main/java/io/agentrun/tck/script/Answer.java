package io.agentrun.tck.script;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.agentrun.error.AgentRunException;
import io.agentrun.json.JsonObject;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What a store answered: a value, or an exception with all that it says but its message, as JSON.
 *
 * @param tree one member: {@code value}, {@code thrown}, or {@code crashed} for an exception that no store may throw
 */
record Answer(JsonNode tree) {

    /** The member of an answer that is wrong whatever the other store says. */
    static final String CRASHED = "crashed";

    private static final ObjectMapper JSON = new ObjectMapper();

    static Answer of(Supplier<@Nullable Object> call) {
        ObjectNode tree = JsonNodeFactory.instance.objectNode();
        try {
            Object value = call.get();
            tree.set("value", JSON.valueToTree(value instanceof Optional<?> option ? option.orElse(null) : value));
        } catch (AgentRunException refusal) {
            ObjectNode thrown = tree.putObject("thrown");
            thrown.put("type", refusal.getClass().getSimpleName());
            thrown.put("failureKind", refusal.failureKind().wire());
            thrown.put("httpStatus", refusal.httpStatus());
            thrown.put("retryable", refusal.retryable());
            thrown.set("details", JsonObject.from(refusal.details()).toJsonNode());
        } catch (RuntimeException crash) {
            tree.put(CRASHED, String.valueOf(crash));
        }
        return new Answer(tree);
    }

    @Override
    public String toString() {
        return tree.toString();
    }
}

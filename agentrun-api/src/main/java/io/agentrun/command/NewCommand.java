package io.agentrun.command;

import io.agentrun.check.Require;
import io.agentrun.check.Texts;
import io.agentrun.error.InvalidInputException;
import io.agentrun.json.ContentHash;
import io.agentrun.json.JsonObject;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A command that is to be created.
 *
 * <p>Make one with {@link #turn}, {@link #steer} or {@link #interrupt}, and the withers. Immutable.
 *
 * @param type what it asks for
 * @param payload the host's own data for the runner; the text {@code prompt} of a session's first turn becomes its title
 * @param onBusy what becomes of a turn while another is open; {@code ENQUEUE} unless given, and always for the other types
 * @param expectedCommandId the turn that a steer or interrupt is for: if another turn is active, it is refused; null for
 *     whichever is active
 * @param idempotencyKey 1 to 255 characters, unique within the run, or null for none
 */
public record NewCommand(
        CommandType type,
        JsonObject payload,
        OnBusy onBusy,
        @Nullable String expectedCommandId,
        @Nullable String idempotencyKey) {

    /**
     * Checks everything but what depends on a store's limits.
     *
     * @throws InvalidInputException if type, payload or {@code onBusy} are missing, the type is {@code answer}, an id or key breaks its
     *     rule, a turn names an expected turn, or a steer or interrupt has an {@code onBusy} other than {@code ENQUEUE}
     */
    public NewCommand {
        Require.given("type", type);
        Require.given("payload", payload);
        Require.given("onBusy", onBusy);
        Texts.idOrNull("expectedCommandId", expectedCommandId);
        Texts.keyOrNull("idempotencyKey", idempotencyKey);
        if (type == CommandType.ANSWER) {
            throw new InvalidInputException("type", "must not be answer, which the store creates itself");
        }
        if (!type.boundToTurn() && expectedCommandId != null) {
            throw new InvalidInputException("expectedCommandId", "must not be given with a turn");
        }
        if (type.boundToTurn() && onBusy != OnBusy.ENQUEUE) {
            throw new InvalidInputException("onBusy", "must be given with a turn only");
        }
    }

    /** Returns a turn that waits while another is open. */
    public static NewCommand turn(JsonObject payload) {
        return new NewCommand(CommandType.TURN, payload, OnBusy.ENQUEUE, null, null);
    }

    /** Returns a steer: more input for whichever turn is active. */
    public static NewCommand steer(JsonObject payload) {
        return new NewCommand(CommandType.STEER, payload, OnBusy.ENQUEUE, null, null);
    }

    /** Returns an interrupt: the end of whichever turn is active. */
    public static NewCommand interrupt(JsonObject payload) {
        return new NewCommand(CommandType.INTERRUPT, payload, OnBusy.ENQUEUE, null, null);
    }

    /** Returns the same turn with another answer to the question what becomes of it while another is open. */
    public NewCommand withOnBusy(OnBusy value) {
        return new NewCommand(type, payload, value, expectedCommandId, idempotencyKey);
    }

    /** Returns the same steer or interrupt for this turn only; null for whichever is active. */
    public NewCommand expecting(@Nullable String commandId) {
        return new NewCommand(type, payload, onBusy, commandId, idempotencyKey);
    }

    /** Returns the same command with an idempotency key, null for none. */
    public NewCommand withIdempotencyKey(@Nullable String value) {
        return new NewCommand(type, payload, onBusy, expectedCommandId, value);
    }

    /**
     * Returns the hash of type, payload and expected turn: equal for inputs that an idempotency key treats as the same. How
     * the turn is to meet another one ({@code onBusy}) is not part of it.
     */
    public String contentHash() {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("kind", "command");
        map.put("type", type.wire());
        map.put("payload", payload.toMap());
        if (expectedCommandId != null) {
            map.put("expectedCommandId", expectedCommandId);
        }
        return ContentHash.of(JsonObject.from(map));
    }
}

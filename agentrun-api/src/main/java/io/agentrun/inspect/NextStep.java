package io.agentrun.inspect;

import com.fasterxml.jackson.annotation.JsonValue;
import io.agentrun.check.Texts;

/**
 * What moves a record next.
 *
 * <p>Immutable.
 */
public enum NextStep {
    /** Nothing: it has ended. */
    NONE("none"),
    /** Time passes; then it is due. */
    TIME("time"),
    /** The turn before it ends. */
    TURN_END("turn-end"),
    /** A worker takes it, or a host dispatches it. */
    DISPATCH("dispatch"),
    /** An attempt that counts towards a limit ends, or its start is so long ago that it no longer counts; or the limit is changed. */
    LIMIT("limit"),
    /** A runner claims it. */
    CLAIM("claim"),
    /** The runner that holds it goes on, ends it or gives it back; or its lease runs out. */
    RUNNER("runner"),
    /** The runner that held it extends its lease after all, or somebody recovers it. */
    RECOVERY("recovery"),
    /** The host that runs the attempt itself reports about it. */
    REPORT("report"),
    /** Somebody answers the questions that it waits for, or takes them back; or their time is over. */
    ANSWER("answer"),
    /** A new turn is created. */
    NEW_TURN("new-turn"),
    /** The upkeep of the store ends it. */
    UPKEEP("upkeep"),
    /** A storage collector ends the eviction of its volume. */
    EVICTION("eviction"),
    /** A host provisions a new volume. */
    PROVISION("provision");

    private final String wire;

    NextStep(String wire) {
        this.wire = wire;
    }

    /** Returns the string in JSON. */
    @JsonValue
    public String wire() {
        return wire;
    }

    /**
     * Returns the constant with the given wire string.
     *
     * @param field the name of the field that the text came from, for the exception
     * @throws io.agentrun.error.InvalidInputException if the text is null or no constant has it
     */
    public static NextStep fromWire(String field, String wire) {
        return Texts.wire(field, wire, values(), NextStep::wire);
    }
}

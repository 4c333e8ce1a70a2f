package io.agentrun.schedule;

import com.fasterxml.jackson.annotation.JsonValue;
import io.agentrun.check.Texts;
import org.jspecify.annotations.Nullable;

/**
 * Whether a schedule makes tasks.
 *
 * <p>Immutable.
 */
public enum ScheduleState {
    /** It makes the task of its next occurrence ahead. */
    ACTIVE("active"),
    /** It makes none until it is resumed. */
    PAUSED("paused"),
    /** Its rule has no further occurrence. */
    OVER("over");

    private final String wire;

    ScheduleState(String wire) {
        this.wire = wire;
    }

    /** Returns the string in JSON and in databases. */
    @JsonValue
    public String wire() {
        return wire;
    }

    /**
     * Returns the constant with the given wire string.
     *
     * @throws io.agentrun.error.InvalidInputException naming {@code field} when there is none, or none is given
     */
    public static ScheduleState fromWire(String field, @Nullable String wire) {
        return Texts.wire(field, wire, values(), ScheduleState::wire);
    }
}

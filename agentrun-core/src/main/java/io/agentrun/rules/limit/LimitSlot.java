package io.agentrun.rules.limit;

import io.agentrun.check.Require;
import io.agentrun.check.Times;
import io.agentrun.json.AsText;
import io.agentrun.limit.LimitKey;
import io.agentrun.limit.LimitKind;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * One of the attempts that a limit allows for one value. Slots are numbered from 1 without a gap; a limit of n uses the numbers up to n.
 *
 * <p>Immutable.
 *
 * @param value the key of one value
 * @param takenAt when an attempt took it last; null if none ever did
 * @param runId the run of the attempt that has it, of a limit of what runs at once; null if none has it, and of a limit of starts
 */
public record LimitSlot(
        LimitKey value,
        LimitKind kind,
        int number,
        @AsText @Nullable Instant takenAt,
        @Nullable String runId) {

    /**
     * Checks that nothing is missing.
     *
     * @throws io.agentrun.error.InvalidInputException if a component is missing or the number is below 1
     */
    public LimitSlot {
        Require.given("value", value);
        Require.given("kind", kind);
        Require.between("number", number, 1, Integer.MAX_VALUE);
        takenAt = Times.microsOrNull(takenAt);
    }

    /** Returns the slot without an attempt; of a limit of starts it is the same: what has begun stays counted. */
    public LimitSlot freed() {
        return new LimitSlot(value, kind, number, takenAt, null);
    }
}

package io.agentrun.session;

import io.agentrun.check.Require;
import io.agentrun.check.Times;
import io.agentrun.error.InvalidInputException;
import io.agentrun.json.AsText;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * When a session's volume may be taken: at a time, or never.
 *
 * <p>Immutable.
 *
 * @param at the time, null for never
 */
public record Expiry(@AsText @Nullable Instant at) {

    /**
     * Checks and copies what is given.
     *
     * @throws InvalidInputException when a component is missing or out of the bounds stated above
     */
    public Expiry {
        at = Times.requireInRangeOrNull("at", at);
    }

    /**
     * Returns the expiry at the given time.
     *
     * @throws InvalidInputException when the time is missing or out of the years 1 to 9999
     */
    public static Expiry at(Instant at) {
        return new Expiry(Require.given("at", at));
    }

    /** Returns the expiry of a session that is kept until somebody deletes it. */
    public static Expiry never() {
        return new Expiry(null);
    }
}

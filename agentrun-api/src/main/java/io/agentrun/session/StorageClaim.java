package io.agentrun.session;

import io.agentrun.check.Require;
import io.agentrun.check.Times;
import io.agentrun.error.InvalidInputException;
import io.agentrun.json.AsText;
import java.time.Instant;

/**
 * A session whose volume one collector may take away until its lease ends.
 *
 * <p>Immutable.
 *
 * @param session the session as it was when it was claimed
 * @param collectorId who holds the lease
 * @param until when the lease ends; another collector may claim the session from then on
 */
public record StorageClaim(
        Session session, String collectorId, @AsText Instant until) {

    /**
     * Checks and copies what is given.
     *
     * @throws InvalidInputException when a component is missing or out of the bounds stated above
     */
    public StorageClaim {
        session = Require.given("session", session);
        collectorId = Require.given("collectorId", collectorId);
        until = Times.micros(Require.given("until", until));
    }
}

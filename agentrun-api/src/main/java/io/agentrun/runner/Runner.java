package io.agentrun.runner;

import io.agentrun.check.Require;
import io.agentrun.check.Times;
import io.agentrun.error.InvalidInputException;
import io.agentrun.json.AsText;
import java.time.Instant;

/**
 * A runner as it announced itself last.
 *
 * <p>Immutable.
 *
 * @param id the runner's id, chosen by the runner or by the store
 * @param info what it said about itself
 * @param registeredAt when it announced itself for the first time
 * @param heartbeatAt when it announced itself last; a heartbeat of a lease does not change it
 */
public record Runner(
        String id,
        RunnerInfo info,
        @AsText Instant registeredAt,
        @AsText Instant heartbeatAt) {

    /**
     * Checks and copies what is given.
     *
     * @throws InvalidInputException when a component is missing or out of the bounds stated above
     */
    public Runner {
        id = Require.given("id", id);
        info = Require.given("info", info);
        registeredAt = Times.micros(Require.given("registeredAt", registeredAt));
        heartbeatAt = Times.micros(Require.given("heartbeatAt", heartbeatAt));
    }
}

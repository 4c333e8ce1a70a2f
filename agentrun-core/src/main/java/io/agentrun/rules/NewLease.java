package io.agentrun.rules;

import io.agentrun.check.Require;
import java.time.Duration;

/**
 * What a claim asks for.
 *
 * <p>Immutable.
 *
 * @param runnerId the runner that is to hold the run
 * @param length how long, from the time of the step
 * @param tokenHash the hash of the token that was drawn for the claim
 */
public record NewLease(String runnerId, Duration length, String tokenHash) {

    public NewLease {
        Require.given("runnerId", runnerId);
        Require.given("lease", length);
        Require.given("tokenHash", tokenHash);
    }
}

package io.agentrun.k8s.job;

import io.agentrun.check.Require;
import io.agentrun.error.InvalidInputException;
import io.agentrun.json.AsText;
import java.time.Duration;
import java.util.List;

/**
 * What a {@link JobWatch} did in one look.
 *
 * <p>Immutable.
 *
 * @param next after what time the next look is worth its while
 * @param calls how many calls to the cluster it took
 * @param problems what could not be asked, for people; empty when everything could
 */
public record Look(@AsText Duration next, int calls, List<String> problems) {

    /**
     * Checks and copies what is given.
     *
     * @throws InvalidInputException when a component is missing
     */
    public Look {
        next = Require.given("next", next);
        problems = Require.items("problems", problems);
    }
}

package io.agentrun.runner;

import io.agentrun.check.Require;
import io.agentrun.check.Texts;
import io.agentrun.error.InvalidInputException;
import org.jspecify.annotations.Nullable;

/**
 * A runner's announcement. Without an id the store makes one.
 *
 * <p>Immutable.
 *
 * @param id the runner's own id, or null for a new one with the prefix {@code runner_}
 * @param info what the runner says about itself
 */
public record NewRunner(@Nullable String id, RunnerInfo info) {

    /**
     * Checks and copies what is given.
     *
     * @throws InvalidInputException when a component is missing or out of the bounds stated above
     */
    public NewRunner {
        id = Texts.idOrNull("id", id);
        info = Require.given("info", info);
    }

    /**
     * Returns the announcement of a runner that has chosen its id.
     *
     * @throws InvalidInputException when the id is not one of 1 to 200 plain characters
     */
    public static NewRunner of(String id, RunnerInfo info) {
        return new NewRunner(Require.given("id", id), info);
    }

    /**
     * Returns the announcement of a runner that takes whatever id the store makes.
     *
     * @throws InvalidInputException when the description is missing
     */
    public static NewRunner withoutId(RunnerInfo info) {
        return new NewRunner(null, info);
    }
}

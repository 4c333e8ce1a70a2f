package io.agentrun.runner;

import io.agentrun.check.Require;
import io.agentrun.check.Texts;
import io.agentrun.error.InvalidInputException;
import org.jspecify.annotations.Nullable;

/**
 * Which Jobs of a run are asked for.
 *
 * <p>Immutable.
 *
 * @param runId the run
 * @param commandId only Jobs of this command, or null for those of the whole run
 */
public record JobQuery(String runId, @Nullable String commandId) {

    /**
     * Checks and copies what is given.
     *
     * @throws InvalidInputException when a component is missing or out of the bounds stated above
     */
    public JobQuery {
        runId = Texts.id("runId", runId);
        commandId = Texts.idOrNull("commandId", commandId);
    }

    /**
     * Returns the query for every Job of the run.
     *
     * @throws InvalidInputException when the id is not one of 1 to 200 plain characters
     */
    public static JobQuery ofRun(String runId) {
        return new JobQuery(runId, null);
    }

    /**
     * Returns the query for the Jobs of one command.
     *
     * @throws InvalidInputException when an id is not one of 1 to 200 plain characters
     */
    public static JobQuery ofCommand(String runId, String commandId) {
        return new JobQuery(runId, Require.given("commandId", commandId));
    }
}

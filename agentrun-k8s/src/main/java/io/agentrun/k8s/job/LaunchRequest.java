package io.agentrun.k8s.job;

import io.agentrun.check.Require;
import io.agentrun.check.Texts;
import io.agentrun.error.InvalidInputException;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * For what a Job is to be started. Make one with {@link #of}.
 *
 * <p>Immutable.
 *
 * @param runId the run
 * @param commandId the command, of that run, that it is started for
 * @param attemptId the host's name of this attempt; another attempt is another Job, and so is the same one of a run that
 *     was released or recovered
 * @param runnerId the id that the runner in the Job claims with
 * @param managerUrl the address under which it reaches the host (1..500 characters)
 * @param sourceCommit the commit that it runs (1..200 characters)
 * @param env variables beside the template's, and before them
 * @param idempotencyKey the key under which the Job is remembered, or null for one made of command, attempt and generation
 */
public record LaunchRequest(
        String runId,
        String commandId,
        String attemptId,
        String runnerId,
        String managerUrl,
        String sourceCommit,
        Map<String, EnvValue> env,
        @Nullable String idempotencyKey) {

    /**
     * Checks and copies what is given.
     *
     * @throws InvalidInputException naming the component that is missing or not of its shape
     */
    public LaunchRequest {
        runId = Texts.id("runId", runId);
        commandId = Texts.id("commandId", commandId);
        attemptId = Texts.id("attemptId", attemptId);
        runnerId = Texts.id("runnerId", runnerId);
        managerUrl = Texts.title("managerUrl", managerUrl);
        sourceCommit = Texts.label("sourceCommit", sourceCommit);
        env = EnvValue.checked(Require.given("env", env));
        idempotencyKey = Texts.keyOrNull("idempotencyKey", idempotencyKey);
    }

    /** Returns the request for the first attempt at a command, by a runner whose id is made of both. */
    public static LaunchRequest of(String runId, String commandId, String managerUrl, String sourceCommit) {
        String attempt = "attempt-1";
        return new LaunchRequest(
                runId, commandId, attempt, "job/" + commandId, managerUrl, sourceCommit, Map.of(), null);
    }

    /** Returns the same request for another attempt, by another runner. */
    public LaunchRequest withAttempt(String attempt, String runner) {
        return new LaunchRequest(runId, commandId, attempt, runner, managerUrl, sourceCommit, env, idempotencyKey);
    }

    /** Returns the same request with other variables. */
    public LaunchRequest withEnv(Map<String, EnvValue> value) {
        return new LaunchRequest(
                runId, commandId, attemptId, runnerId, managerUrl, sourceCommit, value, idempotencyKey);
    }

    /** Returns the same request under another key. */
    public LaunchRequest withIdempotencyKey(@Nullable String value) {
        return new LaunchRequest(runId, commandId, attemptId, runnerId, managerUrl, sourceCommit, env, value);
    }
}

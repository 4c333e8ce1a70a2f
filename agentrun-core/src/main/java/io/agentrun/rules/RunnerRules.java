package io.agentrun.rules;

import io.agentrun.error.NotFoundException;
import io.agentrun.runner.Backend;
import io.agentrun.runner.NewBackend;
import io.agentrun.runner.NewRunner;
import io.agentrun.runner.NewRunnerJob;
import io.agentrun.runner.Runner;
import io.agentrun.runner.RunnerJob;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * The records of runners, of the jobs that were started for them, and of backends. They have no states: each rule makes
 * the record to store.
 *
 * <p>Pure functions. Thread-safe.
 */
public final class RunnerRules {

    private RunnerRules() {}

    /**
     * Returns the runner as it registers now; its first registration is remembered (J-1).
     *
     * @param runnerId the id that the input names, or a new one
     * @param stored the runner as stored under the id, {@code null} if it is new
     */
    public static Runner register(NewRunner input, String runnerId, @Nullable Runner stored, Instant now) {
        return new Runner(runnerId, input.info(), stored == null ? now : stored.registeredAt(), now);
    }

    /**
     * Refuses a command of another run (J-2).
     *
     * @throws NotFoundException naming the command, if it is not one of the run's
     */
    public static void requireOwn(String runId, CommandHead command) {
        if (!command.runId().equals(runId)) {
            throw new NotFoundException("command", command.id());
        }
    }

    /**
     * Returns a new job of the run (J-2). The caller has checked {@link #requireOwn} and that the key, if there is one, is
     * new.
     *
     * @throws io.agentrun.error.AlreadyTerminalException if the run has ended
     */
    public static RunnerJob job(NewRunnerJob input, RunHead run, String jobId, Instant now) {
        RunRules.requireOpen(run);
        return new RunnerJob(
                jobId,
                run.id(),
                input.commandId(),
                input.attemptId(),
                input.runnerId(),
                input.placement(),
                input.result(),
                Keys.of(input.idempotencyKey(), input::contentHash),
                now,
                now);
    }

    /** Returns the backend as described, which replaces what was known of its profile (J-3). */
    public static Backend backend(NewBackend input, Instant now) {
        return new Backend(input.profile(), input.capabilities(), input.capacity(), input.health(), now);
    }
}

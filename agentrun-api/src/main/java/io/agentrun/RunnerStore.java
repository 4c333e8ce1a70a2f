package io.agentrun;

import io.agentrun.error.AlreadyTerminalException;
import io.agentrun.error.IdempotencyConflictException;
import io.agentrun.error.InvalidInputException;
import io.agentrun.error.NotFoundException;
import io.agentrun.error.StoreClosedException;
import io.agentrun.error.StoreUnavailableException;
import io.agentrun.model.BackendProfile;
import io.agentrun.runner.Backend;
import io.agentrun.runner.JobQuery;
import io.agentrun.runner.NewBackend;
import io.agentrun.runner.NewRunner;
import io.agentrun.runner.NewRunnerJob;
import io.agentrun.runner.Runner;
import io.agentrun.runner.RunnerJob;
import java.util.List;
import java.util.Optional;

/**
 * Runners, the Jobs that were started for runs, and backends.
 *
 * <p>Every method may also throw {@link StoreClosedException} once the store is closed, and
 * {@link StoreUnavailableException} when it cannot be reached or used; a null argument is an
 * {@link InvalidInputException} that names it.
 *
 * <p>Thread-safe.
 */
public interface RunnerStore {
    /**
     * Registers the runner with what it says about itself now; a runner of that id that was known before is
     * overwritten. When it announced itself for the first time is kept, {@link Runner#heartbeatAt()} becomes now. The
     * metadata pass through the store's redactor first. Without an id each call makes another runner.
     *
     * <p>Neither a run nor a lease is needed, and none is changed.
     *
     * @throws InvalidInputException when a metadata object is larger than the store allows (1 MiB unless set otherwise)
     */
    Runner register(NewRunner runner);

    /**
     * Returns the runner of that id, or nothing when none announced itself by it.
     *
     * @throws InvalidInputException when the id is not one of 1 to 200 plain characters
     */
    Optional<Runner> find(String runnerId);

    /**
     * Stores the Job of a run. With an idempotency key, a second call with the same key for the same run and
     * equal content returns the first record and changes nothing, also after the run has ended; without a key every
     * call adds a record.
     *
     * @throws InvalidInputException when the result is larger than the store allows (1 MiB unless set otherwise)
     * @throws NotFoundException when there is no such run, or no such command in that run
     * @throws IdempotencyConflictException when the key was used in this run with other content
     * @throws AlreadyTerminalException when the run has ended and the key is not known
     */
    RunnerJob saveJob(NewRunnerJob job);

    /**
     * Returns the Job that was saved under the key for the run, or nothing when there is none, or no such run.
     *
     * @throws InvalidInputException when the run id is not one of 1 to 200 plain characters or the key not one of 1 to
     *     255
     */
    Optional<RunnerJob> findJob(String runId, String idempotencyKey);

    /**
     * Returns the Jobs of the run, or of one of its commands, oldest first, then by id; all of them, in one answer.
     *
     * @throws NotFoundException when there is no such run, or the command named is not one of that run
     */
    List<RunnerJob> listJobs(JobQuery query);

    /**
     * Returns every Job of the run, as {@link #listJobs(JobQuery)} does.
     *
     * @throws InvalidInputException when the id is not one of 1 to 200 plain characters
     * @throws NotFoundException when there is no such run
     */
    default List<RunnerJob> listJobs(String runId) {
        return listJobs(JobQuery.ofRun(runId));
    }

    /**
     * Returns every known backend, by the wire string of its profile. A store begins with {@link BackendProfile#CODEX},
     * {@link BackendProfile#DEEPSEEK} and {@link BackendProfile#MINIMAX_M3}.
     */
    List<Backend> backends();

    /**
     * Stores the backend as described; what was known of the same profile is replaced as a whole. A run may name a
     * profile that is not known here.
     *
     * @throws InvalidInputException when one of the objects is larger than the store allows (1 MiB unless set
     *     otherwise)
     */
    Backend saveBackend(NewBackend backend);
}

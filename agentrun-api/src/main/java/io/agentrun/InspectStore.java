package io.agentrun;

import io.agentrun.inspect.Bounds;
import io.agentrun.inspect.Diagnosis;
import io.agentrun.inspect.Explanation;

/**
 * Tells an operator why work does not move, and whether what is stored is sound. Every answer is computed from the records by the rules that move them; nothing is
 * locked, kept or changed.
 *
 * <p>An explanation is of one moment: the records are read until two looks in a row agree, at most four times. While a chain of records
 * moves faster than that, it is what the last look saw. Each look reads at most four records and the open commands of a run,
 * however long the history is.
 *
 * <p>Thread-safe.
 */
public interface InspectStore {

    /**
     * Explains a queue task: whether it waits for its time, its session or a worker; where it runs, what holds its run.
     *
     * @throws io.agentrun.error.InvalidInputException if the id breaks the rule for ids
     * @throws io.agentrun.error.NotFoundException if there is no such task
     */
    Explanation task(String taskId);

    /**
     * Explains a run: whether it waits for a turn of another run or for a runner, or who holds it and until when.
     *
     * @throws io.agentrun.error.InvalidInputException if the id breaks the rule for ids
     * @throws io.agentrun.error.NotFoundException if there is no such run
     */
    Explanation run(String runId);

    /**
     * Explains a command: which turn it waits behind, or what holds its run.
     *
     * @throws io.agentrun.error.InvalidInputException if the id breaks the rule for ids
     * @throws io.agentrun.error.NotFoundException if there is no such command
     */
    Explanation command(String commandId);

    /**
     * Explains a session: what holds its active turn, or why it takes no new one.
     *
     * @throws io.agentrun.error.InvalidInputException if the id breaks the rule for ids
     * @throws io.agentrun.error.NotFoundException if there is no such session
     */
    Explanation session(String sessionId);

    /**
     * Examines the store within {@link Bounds#DEFAULTS}; see {@link #doctor(Bounds)}.
     *
     * @throws io.agentrun.error.TenantPolicyException in a tenant view: an examination is of the whole store
     */
    default Diagnosis doctor() {
        return doctor(Bounds.DEFAULTS);
    }

    /**
     * Examines the store for what must never be in one: numbers with a gap, two active turns in a session, open commands of an ended
     * run, a task that runs on nothing, records that cannot be read, and the like. It reads page by page, changes nothing, holds no
     * lock, and may be used while others work: what looks wrong is read again until two readings agree, and only then it is a finding.
     * It makes about four calls for each run, three for each session and two for each task, so that it takes seconds where there are
     * thousands of records. A listener of the store hears of the examination alone.
     *
     * @throws io.agentrun.error.InvalidInputException if the bounds are null, or their page is larger than the store's largest
     * @throws io.agentrun.error.TenantPolicyException in a tenant view: an examination is of the whole store
     */
    Diagnosis doctor(Bounds bounds);
}

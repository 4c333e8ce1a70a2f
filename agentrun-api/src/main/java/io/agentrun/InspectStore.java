package io.agentrun;

import io.agentrun.inspect.Explanation;

/**
 * Tells an operator why work does not move. Every answer is computed from the records by the rules that move them; nothing is
 * locked, kept or changed.
 *
 * <p>An answer is of one moment: the records are read until two looks in a row agree, at most four times. While a chain of records
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
}

package io.agentrun.worker;

import io.agentrun.check.Require;
import io.agentrun.model.TurnResult;

/**
 * What works on a turn.
 *
 * <p>Thread-safe: it is called for several turns at once, each on a thread of its own.
 */
@FunctionalInterface
public interface Agent {

    /**
     * Works on the turn, and returns how it ended. The thread is interrupted a while after the turn was asked to end
     * ({@link Turn#cancelled()}): on a cancel, an interrupt command, a lost lease and the close of the worker. What it returns after a
     * lost lease or a close counts for nothing.
     *
     * @throws Exception ends the turn as {@code failed} with {@code backend-failed}, or as {@code cancelled} if that was asked for
     */
    TurnResult run(Turn turn) throws Exception;

    /**
     * Returns whether the agent can go on with a turn in another process, from {@link Turn#resumed} and what it has stored itself. Only then
     * {@link Turn#ask} parks a run; a worker whose agent cannot ends a turn that was parked as {@code blocked}, and never begins it anew.
     * False unless overridden; the answer never changes.
     */
    default boolean resumes() {
        return false;
    }

    /**
     * Returns the same agent, which can go on with turns that were parked.
     *
     * @throws io.agentrun.error.InvalidInputException if it is null
     */
    static Agent resuming(Agent agent) {
        Agent given = Require.given("agent", agent);
        return new Agent() {
            @Override
            public TurnResult run(Turn turn) throws Exception {
                return given.run(turn);
            }

            @Override
            public boolean resumes() {
                return true;
            }
        };
    }
}

package io.agentrun.worker;

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
}

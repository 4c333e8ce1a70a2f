package io.agentrun.tck.simulation;

/** Unwinds a thread of a machine that was killed. */
final class Killed extends Error {
    private static final long serialVersionUID = 1L;

    Killed() {
        super("the machine was killed", null, false, false);
    }
}

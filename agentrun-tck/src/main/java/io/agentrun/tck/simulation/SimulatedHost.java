package io.agentrun.tck.simulation;

/**
 * The program that is tested: takes tasks, works on their turns, and finishes them.
 *
 * <p>Thread-safe: it is started on several machines.
 */
@FunctionalInterface
public interface SimulatedHost {

    /**
     * Starts the host on a machine. It must do everything through what the machine gives: its store, its scheduler and its executor,
     * and wait by nothing else than these and {@link Machine#sleep}. It may return or go on for ever. A machine that is killed begins
     * anew as another one.
     *
     * @throws Exception ends the simulation: the host is broken
     */
    void start(Machine machine) throws Exception;
}

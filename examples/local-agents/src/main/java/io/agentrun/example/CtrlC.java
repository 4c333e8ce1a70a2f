package io.agentrun.example;

import io.agentrun.AgentRunStore;

/**
 * Ctrl-C, turned into a graceful stop: workers give their runs back before the JVM ends.
 *
 * <p>In Maven's JVM the class loader of the program is closed once {@code main} returns; so {@code main} ends by
 * {@code System.exit} then, which waits for this hook.
 *
 * <p>Thread-safe.
 */
final class CtrlC implements AutoCloseable {
    private final Thread hook;

    private CtrlC(Thread hook) {
        this.hook = hook;
    }

    /** From now on until it is closed, the end of the JVM stops the agents and closes the store. */
    static CtrlC stops(LocalAgents agents, AgentRunStore store) {
        Thread hook = new Thread(
                () -> {
                    agents.stop();
                    store.close();
                },
                "ctrl-c");
        Runtime.getRuntime().addShutdownHook(hook);
        return new CtrlC(hook);
    }

    @Override
    public void close() {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException alreadyShuttingDown) {
            // Then the hook is at work, and it is right.
        }
    }
}

package io.agentrun.spring;

/**
 * The end of the console's streams, so that no operator's browser keeps the web server from ending.
 *
 * <p>Thread-safe.
 */
final class ConsoleLifecycle extends Stoppable {

    private final ConsoleServlet servlet;

    ConsoleLifecycle(ConsoleServlet servlet) {
        this.servlet = servlet;
    }

    @Override
    void begin() {
        // It is ready as soon as it is made.
    }

    @Override
    void end() {
        servlet.end();
    }
}

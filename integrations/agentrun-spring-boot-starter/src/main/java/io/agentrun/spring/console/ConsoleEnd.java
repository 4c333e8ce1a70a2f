package io.agentrun.spring.console;

import org.springframework.context.ApplicationListener;
import org.springframework.context.event.ContextClosedEvent;

/**
 * Ends the console's streams when the host begins to end, so that no operator's browser keeps the web server from ending.
 *
 * <p>Thread-safe.
 */
final class ConsoleEnd implements ApplicationListener<ContextClosedEvent> {

    private final ConsoleServlet servlet;

    ConsoleEnd(ConsoleServlet servlet) {
        this.servlet = servlet;
    }

    @Override
    public void onApplicationEvent(ContextClosedEvent event) {
        servlet.end();
    }
}

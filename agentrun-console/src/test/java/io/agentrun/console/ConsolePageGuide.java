package io.agentrun.console;

import io.agentrun.AgentRunStore;
import io.agentrun.model.TenantScope;
import java.io.IOException;

/** The Java program of the page about the console. */
final class ConsolePageGuide {

    private ConsolePageGuide() {}

    static void shown(AgentRunStore store) throws IOException {
        // guide begins
        try (ConsoleServer console = ConsoleServer.start(store, Access.everything("ann", TenantScope.all()))) {
            System.out.println("open " + console.address());
            System.in.read();
        }
        // guide ends
    }
}

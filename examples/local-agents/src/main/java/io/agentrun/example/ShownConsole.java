package io.agentrun.example;

import io.agentrun.AgentRunStore;
import io.agentrun.console.Access;
import io.agentrun.console.ConsoleServer;
import io.agentrun.model.TenantScope;
import java.io.PrintStream;
import org.jspecify.annotations.Nullable;

/**
 * The console beside the agents, if it was asked for: for the person at this machine, who may do everything in it.
 *
 * <p>Not thread-safe: one thread at a time.
 */
final class ShownConsole implements AutoCloseable {

    private final @Nullable ConsoleServer server;
    private final PrintStream out;

    private ShownConsole(@Nullable ConsoleServer server, PrintStream out) {
        this.server = server;
        this.out = out;
    }

    /** Starts it and prints its address, with the token that it needs; does nothing if it was not asked for. */
    static ShownConsole of(Options options, AgentRunStore store, PrintStream out) {
        if (!options.console()) {
            return new ShownConsole(null, out);
        }
        ConsoleServer server = ConsoleServer.start(store, Access.everything("local", TenantScope.all()));
        out.println("console: " + server.address());
        return new ShownConsole(server, out);
    }

    /** Returns the code; with a console only once the agents were told to stop, so that it can be looked at. */
    int stayAfter(int code, LocalAgents agents) {
        if (server == null || code == LocalAgents.STOPPED) {
            return code;
        }
        out.println("all tasks have ended; the console stays until Ctrl-C");
        agents.awaitStop();
        return LocalAgents.STOPPED;
    }

    @Override
    public void close() {
        if (server != null) {
            server.close();
        }
    }
}

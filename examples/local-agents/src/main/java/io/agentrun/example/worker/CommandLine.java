package io.agentrun.example.worker;

import io.agentrun.model.Outcome;
import io.agentrun.worker.process.AgentProcess;
import io.agentrun.worker.stream.TextStream;
import io.agentrun.worker.time.Scheduler;
import java.io.File;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;

/**
 * A command line at work, in place of an agent.
 *
 * <p>Thread-safe.
 */
final class CommandLine implements Agent {
    /**
     * Ctrl-C reaches every process of the terminal. What we started shall end by our word, so that its run is given back
     * and not reported as failed; and what ignores a signal hands that on to its children.
     */
    private static final String SHIELD = "trap '' INT; exec sh -c \"$1\"";

    private static final Duration GRACE = Duration.ofSeconds(3);

    private final AgentProcess process;

    private CommandLine(AgentProcess process) {
        this.process = process;
    }

    /** Starts the command in a POSIX shell, with the directory of the JDK at the end of its PATH. */
    static CommandLine start(String command, Map<String, String> environment, Scheduler scheduler) throws IOException {
        ProcessBuilder builder = new ProcessBuilder("sh", "-c", SHIELD, "sh", command);
        builder.redirectErrorStream(true).redirectInput(Redirect.from(new File("/dev/null")));
        String jdk = Path.of(System.getProperty("java.home"), "bin").toString();
        builder.environment().merge("PATH", jdk, (path, last) -> path + File.pathSeparator + last);
        builder.environment().putAll(environment);
        return new CommandLine(AgentProcess.start(builder, scheduler));
    }

    @Override
    public void write(TextStream output) throws IOException, InterruptedException {
        process.output(output);
        process.await();
    }

    @Override
    public Outcome outcome() throws IOException, InterruptedException {
        return process.await().outcome();
    }

    /** Asks the process and its descendants to end, and ends them after three seconds if they have not. */
    @Override
    public boolean terminate() {
        return process.end(GRACE);
    }

    @Override
    public void kill() {
        process.kill();
    }

    @Override
    public void close() {
        process.close();
    }
}

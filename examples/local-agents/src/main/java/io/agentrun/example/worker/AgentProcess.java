package io.agentrun.example.worker;

import io.agentrun.error.FailureKind;
import io.agentrun.model.Outcome;
import java.io.File;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * A command line at work, in place of an agent.
 *
 * <p>Thread-safe.
 */
final class AgentProcess implements Agent {
    /**
     * Ctrl-C reaches every process of the terminal. What we started shall end by our word, so that its run is given back
     * and not reported as failed; and what ignores a signal hands that on to its children.
     */
    private static final String SHIELD = "trap '' INT; exec sh -c \"$1\"";

    private static final Executor AFTER_GRACE = CompletableFuture.delayedExecutor(3, TimeUnit.SECONDS);

    private final Process process;
    private final OutputLines output;

    private AgentProcess(Process process) {
        this.process = process;
        this.output = new OutputLines(process.getInputStream());
    }

    /** Starts the command in a POSIX shell, with the directory of the JDK at the end of its PATH. */
    static AgentProcess start(String command, Map<String, String> environment) throws IOException {
        ProcessBuilder builder = new ProcessBuilder("sh", "-c", SHIELD, "sh", command);
        builder.redirectErrorStream(true).redirectInput(Redirect.from(new File("/dev/null")));
        String jdk = Path.of(System.getProperty("java.home"), "bin").toString();
        builder.environment().merge("PATH", jdk, (path, last) -> path + File.pathSeparator + last);
        builder.environment().putAll(environment);
        return new AgentProcess(builder.start());
    }

    @Override
    public List<String> nextLines() throws InterruptedException {
        return output.next(process::isAlive);
    }

    @Override
    public Outcome outcome() throws InterruptedException {
        int exitCode = process.waitFor();
        return exitCode == 0
                ? Outcome.completed()
                : Outcome.failed(FailureKind.BACKEND_FAILED, "exit code " + exitCode);
    }

    /** Asks the process and its descendants to end, and ends them after three seconds if they have not. */
    @Override
    public boolean terminate() {
        if (!process.isAlive()) {
            return false;
        }
        List<ProcessHandle> family = family();
        family.forEach(ProcessHandle::destroy);
        AFTER_GRACE.execute(() -> family.forEach(ProcessHandle::destroyForcibly));
        return true;
    }

    /** Ends the process and its descendants at once. */
    @Override
    public void kill() {
        family().forEach(ProcessHandle::destroyForcibly);
    }

    /** Looked up while it lives: once a parent is gone, its children are nobody's. */
    private List<ProcessHandle> family() {
        return Stream.concat(Stream.of(process.toHandle()), process.descendants())
                .toList();
    }

    /** Ends whatever is left of it. */
    @Override
    public void close() {
        kill();
        output.close();
    }
}

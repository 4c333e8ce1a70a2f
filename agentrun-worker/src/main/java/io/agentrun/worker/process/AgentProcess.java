package io.agentrun.worker.process;

import io.agentrun.check.Require;
import io.agentrun.error.InvalidInputException;
import io.agentrun.worker.stream.LineReceiver;
import io.agentrun.worker.stream.OutputText;
import io.agentrun.worker.stream.TextStream;
import io.agentrun.worker.time.Scheduler;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * A process of this machine that works as an agent: its output goes into a run, and it can be ended with all that it started.
 *
 * <p>Descendants are found by their parents. One whose parent has ended before the agent was asked to end is nobody's, and
 * is not found.
 *
 * <p>Thread-safe.
 */
public final class AgentProcess implements AutoCloseable {

    private final Process process;
    private final Scheduler scheduler;

    private final Object lock = new Object();
    private final List<ProcessOutput> outputs = new ArrayList<>();

    /** Whom the agent was seen to have started, itself among them. */
    private final Set<ProcessHandle> family = new LinkedHashSet<>();

    private AgentProcess(Process process, Scheduler scheduler) {
        this.process = process;
        this.scheduler = scheduler;
    }

    /**
     * Starts the process that the builder describes.
     *
     * @param scheduler what waits for a grace period, and tells how long output has been silent
     * @throws IOException if the process cannot be started
     * @throws InvalidInputException if a parameter is null
     */
    public static AgentProcess start(ProcessBuilder builder, Scheduler scheduler) throws IOException {
        Require.given("scheduler", scheduler);
        return new AgentProcess(Require.given("builder", builder).start(), scheduler);
    }

    /** The process itself, to write to its input. */
    public Process process() {
        return process;
    }

    /** Begins to write the lines of the process's standard output; {@link #await} returns when that is done. */
    public void output(TextStream to) {
        pump(process.getInputStream(), Require.given("to", to)::copy);
    }

    /** Does with the standard error stream what {@link #output} does. Whoever leaves it unread redirects it. */
    public void errorOutput(TextStream to) {
        pump(process.getErrorStream(), Require.given("to", to)::copy);
    }

    /**
     * Begins to pass the lines of the process's standard output on, one after the other, on a thread of its own;
     * {@link #await} returns when that is done, and throws what the receiver has thrown. The process is killed then.
     *
     * @param text how output becomes lines, and how long one may be
     */
    public void lines(OutputText text, LineReceiver to) {
        Require.given("text", text);
        Require.given("to", to);
        pump(process.getInputStream(), in -> text.read(in, to));
    }

    private void pump(InputStream from, ProcessOutput.Reader to) {
        String name = "agent-output-" + process.pid();
        ProcessOutput output = new ProcessOutput(name, from, to, scheduler, this::kill);
        synchronized (lock) {
            outputs.add(output);
        }
        output.start();
    }

    /**
     * Waits until the process has ended and its output is written to the stream: until all who write to it have closed it, or, for
     * those that the process left behind in the background, until they are silent for half a second.
     *
     * @throws io.agentrun.error.AgentRunException what ended the writer of the output; the process was killed then
     * @throws IOException if the output could not be read
     * @throws InterruptedException if the thread is interrupted while it waits; the process goes on
     */
    public ProcessExit await() throws IOException, InterruptedException {
        int code = process.waitFor();
        List<ProcessOutput> all;
        synchronized (lock) {
            all = List.copyOf(outputs);
        }
        for (ProcessOutput output : all) {
            output.await();
        }
        return new ProcessExit(code);
    }

    /**
     * Asks the process and its descendants to end, by SIGTERM, and kills those that have not when the grace period is over.
     * Returns at once.
     *
     * @return false if the process had ended by itself; then nothing is done
     * @throws InvalidInputException if the time is null or negative
     */
    public boolean end(Duration grace) {
        if (Require.given("grace", grace).isNegative()) {
            throw new InvalidInputException("grace", "must not be negative");
        }
        if (!process.isAlive()) {
            return false;
        }
        look().forEach(ProcessHandle::destroy);
        scheduler.schedule(grace, this::kill);
        return true;
    }

    /** Kills the process and its descendants, also those that were seen before and have lost their parent since. */
    public void kill() {
        look().forEach(ProcessHandle::destroyForcibly);
    }

    /** Looks whom the agent has started by now, and returns whom of them all is alive. */
    private List<ProcessHandle> look() {
        synchronized (lock) {
            List<ProcessHandle> known = Stream.concat(Stream.of(process.toHandle()), family.stream())
                    .toList();
            known.forEach(member -> {
                family.add(member);
                member.descendants().forEach(family::add);
            });
            family.removeIf(member -> !member.isAlive());
            return List.copyOf(family);
        }
    }

    /** Kills what is left of the agent, and reads no more. A second call does nothing. */
    @Override
    public void close() {
        kill();
        synchronized (lock) {
            outputs.forEach(ProcessOutput::stop);
        }
    }
}

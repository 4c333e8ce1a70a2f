package io.agentrun.example.agent;

import io.agentrun.worker.Agent;
import io.agentrun.worker.ProcessAgent;
import io.agentrun.worker.Turn;
import java.io.File;
import java.io.IOException;
import java.nio.file.Path;

/** Command lines in a POSIX shell, in place of an agent. */
public final class CommandLines {
    private CommandLines() {}

    /** The agent that runs the {@code command} of each task, with the directory of the JDK at the end of its PATH, once what it asks is answered. */
    public static Agent agent() {
        return Agent.resuming(ProcessAgent.of(CommandLines::process));
    }

    private static ProcessBuilder process(Turn turn) throws IOException {
        ProcessBuilder builder = Shielded.process(
                "sh", "-c", turn.command().payload().string("command").orElse(""));
        builder.redirectErrorStream(true);
        Asked.answer(turn).ifPresent(answer -> builder.environment().put(Asked.ANSWER, answer));
        String jdk = Path.of(System.getProperty("java.home"), "bin").toString();
        builder.environment().merge("PATH", jdk, (path, last) -> path + File.pathSeparator + last);
        builder.environment().put("AGENTRUN_RUN_ID", turn.run().id());
        builder.environment()
                .put("AGENTRUN_SCRATCH", Scratch.of(turn.task().id()).toString());
        return builder;
    }
}

package io.agentrun.worker;

import io.agentrun.AgentRunStore;
import io.agentrun.command.Command;
import io.agentrun.model.BackendProfile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Set;

/** The programs of the guide, as they stand there. */
final class WorkerGuide {

    private WorkerGuide() {}

    // guide begins
    static AgentWorker start(AgentRunStore store) {
        return AgentWorker.builder(store, "codex-host")
                .queue("fixes")
                .backends(Set.of(BackendProfile.CODEX))
                .slots(8)
                .agent(turn -> {
                    Process codex = turn.start(new ProcessBuilder("codex", "exec", turn.prompt()));
                    turn.onSteer(steer -> write(codex, steer));
                    turn.output(codex.getInputStream());
                    return turn.exit(codex);
                })
                .start();
    }
    // guide ends

    private static void write(Process process, Command steer) {
        try {
            process.getOutputStream()
                    .write((steer.payload().string("prompt").orElse("") + "\n").getBytes(StandardCharsets.UTF_8));
            process.getOutputStream().flush();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}

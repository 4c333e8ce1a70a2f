package io.agentrun.h2;

import io.agentrun.AgentRunStore;
import io.agentrun.event.EventPage;
import io.agentrun.lease.RunLease;
import io.agentrun.model.Outcome;
import io.agentrun.model.TurnResult;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** A JVM of its own that opens a store and does what it is told; closing it ends the process. */
final class OtherProcess implements AutoCloseable {

    private final Process process;
    private final BufferedReader lines;

    private OtherProcess(Process process) {
        this.process = process;
        this.lines = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    }

    static OtherProcess with(Path path, String... task) throws IOException {
        List<String> command = new java.util.ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                OtherProcess.class.getName(),
                path.toString()));
        command.addAll(List.of(task));
        return new OtherProcess(new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start());
    }

    /** The next line that the process has printed, or null after its end. */
    String line() throws IOException {
        return lines.readLine();
    }

    @Override
    public void close() throws IOException, InterruptedException {
        process.getOutputStream().close();
        process.waitFor();
    }

    /** PATH alone: keeps it open until its input ends. PATH work RUN: claims the run, and ends it when it is told to. */
    public static void main(String[] args) throws IOException {
        H2AgentRunStore.Options options = H2AgentRunStore.onFile(Path.of(args[0]));
        if (args[1].equals("alone")) {
            try (AgentRunStore store = options.open()) {
                System.out.println("open");
                System.in.read();
            }
            return;
        }
        try (AgentRunStore store = options.shared().open()) {
            String runId = args[2];
            RunLease lease = store.leases().claim(runId, "elsewhere", Duration.ofHours(1));
            System.out.println(lease.run().updatedAt());
            EventPage page = store.events().await(runId, 2, 10, Duration.ofMinutes(1));
            System.out.println(page.items().get(0).type().wire());
            store.runs().finish(lease.fence(), TurnResult.of(Outcome.completed()));
            System.in.read();
        }
    }
}

package io.agentrun.memory;

import io.agentrun.error.StoreUnavailableException;
import io.agentrun.event.EventType;
import io.agentrun.event.NewEvent;
import io.agentrun.json.JsonObject;
import io.agentrun.model.BackendProfile;
import io.agentrun.model.Owner;
import io.agentrun.model.RunSpec;
import io.agentrun.run.NewRun;
import java.io.IOException;
import java.nio.file.Path;

/** A process that may write only so much, and then more: prints what its file store said. */
final class FullDiskProcess {

    private static final NewEvent EVENT =
            new NewEvent(EventType.ASSISTANT_MESSAGE, JsonObject.of("text", "x".repeat(4_000)));

    private FullDiskProcess() {}

    public static void main(String[] arguments) throws IOException {
        try (InMemoryAgentRunStore store = InMemoryAgentRunStore.open(Path.of(arguments[0]))) {
            RunSpec spec = RunSpec.of(BackendProfile.CODEX);
            String runId = store.runs()
                    .create(NewRun.builder(new Owner("acme", "web"), spec).build())
                    .id();
            System.out.println(runId);
            int acknowledged = 0;
            try {
                while (true) {
                    store.events().appendUnfenced(runId, EVENT);
                    acknowledged++;
                }
            } catch (StoreUnavailableException full) {
                System.out.println(acknowledged);
                System.out.println(full.reason() + " " + full.retryable());
            }
            System.out.println(store.health().reachable() + " " + refusesToRead(store, runId));
            String pid = Long.toString(ProcessHandle.current().pid());
            new ProcessBuilder("prlimit", "--pid", pid, "--fsize=unlimited")
                    .start()
                    .onExit()
                    .join();
            System.out.println(store.health().reachable());
            System.out.println(store.events().appendUnfenced(runId, EVENT).seq());
        }
    }

    /** Nobody may read what a crash could still take back. */
    private static boolean refusesToRead(InMemoryAgentRunStore store, String runId) {
        try {
            store.events().list(runId, 0, 1);
            return false;
        } catch (StoreUnavailableException e) {
            return true;
        }
    }
}

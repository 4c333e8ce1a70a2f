package io.agentrun.h2;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentrun.AgentRunStore;
import io.agentrun.model.BackendProfile;
import io.agentrun.model.Owner;
import io.agentrun.model.RunSpec;
import io.agentrun.run.NewRun;
import java.nio.file.Path;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Threads that are interrupted while they read and write, as a worker's is when it is closed. */
class H2InterruptTest {

    private static final int RUNS = 300;

    @TempDir
    Path directory;

    @Test
    void an_interrupt_closes_the_database_for_nobody() throws Exception {
        Path path = directory.resolve("store");
        try (AgentRunStore store = H2AgentRunStore.onFile(path).open()) {
            FutureTask<String> task = new FutureTask<>(() -> create(store));
            Thread caller = new Thread(task);

            caller.start();
            while (!task.isDone()) {
                caller.interrupt();
                Thread.onSpinWait();
            }

            assertThat(store.runs().get(task.get()).isTerminal()).isFalse();
            assertThat(store.health().reachable()).isTrue();
        }
    }

    private static String create(AgentRunStore store) {
        String last = "";
        for (int i = 0; i < RUNS; i++) {
            last = store.runs()
                    .create(NewRun.builder(new Owner("t", "p"), RunSpec.of(BackendProfile.CODEX))
                            .build())
                    .id();
        }
        return last;
    }
}

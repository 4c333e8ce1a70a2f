package io.agentrun.memory;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentrun.event.EventType;
import io.agentrun.event.NewEvent;
import io.agentrun.json.JsonObject;
import io.agentrun.model.BackendProfile;
import io.agentrun.model.Outcome;
import io.agentrun.model.Owner;
import io.agentrun.model.RunSpec;
import io.agentrun.run.NewRun;
import io.agentrun.run.PurgeRequest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How large the file of a store gets, and stays. */
class FileSizeTest {

    private static final long MEGABYTE = 1 << 20;

    @TempDir
    Path directory;

    @Test
    void a_purge_gives_back_the_space_of_what_it_deleted() throws Exception {
        Path file = directory.resolve("state");
        try (InMemoryAgentRunStore store =
                InMemoryAgentRunStore.builder().withoutSync().open(file)) {
            String kept = fill(store, 1);
            String purged = fill(store, 30);
            store.runs().finishUnclaimed(purged, Outcome.completed());
            long before = Files.size(file);

            store.runs().purge(PurgeRequest.olderThan(Duration.ZERO));

            assertThat(before).isGreaterThan(30 * MEGABYTE);
            assertThat(Files.size(file)).isLessThan(3 * MEGABYTE);
            assertThat(store.events().list(kept, 0, 500).items()).hasSize(11);
        }
        try (InMemoryAgentRunStore store = InMemoryAgentRunStore.open(file)) {
            assertThat(store.contents()).hasSize(3 + 1 + 11);
        }
    }

    /** Returns a run with ten events for each of the given megabytes. */
    private static String fill(InMemoryAgentRunStore store, int megabytes) {
        RunSpec spec = RunSpec.of(BackendProfile.CODEX);
        String runId = store.runs()
                .create(NewRun.builder(new Owner("acme", "web"), spec).build())
                .id();
        NewEvent event =
                new NewEvent(EventType.ASSISTANT_MESSAGE, JsonObject.of("text", "x".repeat((int) MEGABYTE / 10)));
        List<NewEvent> events = Collections.nCopies(10, event);
        for (int i = 0; i < megabytes; i++) {
            store.events().appendUnfenced(runId, events);
        }
        return runId;
    }
}

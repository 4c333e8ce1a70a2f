package io.agentrun.memory;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentrun.model.BackendProfile;
import io.agentrun.model.ChangePage;
import io.agentrun.model.Owner;
import io.agentrun.model.RunSpec;
import io.agentrun.model.TenantScope;
import io.agentrun.queue.NewQueueTask;
import io.agentrun.queue.QueueTask;
import io.agentrun.session.Session;
import io.agentrun.session.SessionUpsert;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A file that an older copy of it has replaced. */
class RestoredFileTest {

    private static final Owner OWNER = new Owner("acme", "web");
    private static final TenantScope ALL = TenantScope.all();

    @TempDir
    Path directory;

    private static void session(InMemoryAgentRunStore store, String id) {
        store.sessions()
                .upsert(SessionUpsert.builder(id, OWNER, BackendProfile.CODEX).build());
    }

    private static void task(InMemoryAgentRunStore store, String title) {
        store.queue()
                .create(NewQueueTask.builder(OWNER, "q", title, RunSpec.of(BackendProfile.CODEX))
                        .build());
    }

    @Test
    void a_reader_from_after_the_copy_begins_anew_rather_than_miss_anything() throws Exception {
        Path file = directory.resolve("state");
        Path copy = directory.resolve("copy");
        String sessions;
        String tasks;
        try (InMemoryAgentRunStore store = InMemoryAgentRunStore.open(file)) {
            session(store, "first");
            task(store, "first");
        }
        Files.copy(file, copy);
        try (InMemoryAgentRunStore store = InMemoryAgentRunStore.open(file)) {
            session(store, "lost");
            task(store, "lost");
            sessions = store.sessions().changes(ALL, null, 10).cursor();
            tasks = store.queue().changes(ALL, null, 10).cursor();
        }
        try (InMemoryAgentRunStore store = InMemoryAgentRunStore.open(copy)) {
            ChangePage<Session> changed = store.sessions().changes(ALL, sessions, 10);
            ChangePage<QueueTask> added = store.queue().changes(ALL, tasks, 10);
            ChangePage<Session> next = store.sessions().changes(ALL, changed.cursor(), 10);

            assertThat(changed.items()).extracting(Session::id).containsExactly("first");
            assertThat(changed.restarted()).isTrue();
            assertThat(added.items()).extracting(QueueTask::title).containsExactly("first");
            assertThat(added.restarted()).isTrue();
            assertThat(next.items()).isEmpty();
            assertThat(next.restarted()).isFalse();
        }
    }
}

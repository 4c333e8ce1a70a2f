package io.agentrun.h2;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentrun.AgentRunStore;
import io.agentrun.backend.Cursors;
import io.agentrun.event.EventPage;
import io.agentrun.event.EventType;
import io.agentrun.event.NewEvent;
import io.agentrun.json.JsonObject;
import io.agentrun.model.BackendProfile;
import io.agentrun.model.ChangePage;
import io.agentrun.model.Owner;
import io.agentrun.model.RunSpec;
import io.agentrun.model.TenantScope;
import io.agentrun.run.NewRun;
import io.agentrun.run.Run;
import io.agentrun.run.RunStatus;
import io.agentrun.session.Session;
import io.agentrun.session.SessionUpsert;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Stores on files: two processes on one, and one after another. */
class H2SharedTest {

    @TempDir
    Path directory;

    @Test
    void two_processes_share_a_file_its_time_and_its_news() throws Exception {
        Path path = directory.resolve("shared");
        try (H2AgentRunStore store = H2AgentRunStore.onFile(path).shared().open()) {
            Run run = store.runs().create(run());
            Instant stopped = Instant.parse("2031-01-01T00:00:00Z");
            H2Fixture.stopTime(store, stopped);

            try (OtherProcess other = OtherProcess.with(path, "work", run.id())) {
                assertThat(other.line()).isEqualTo(stopped.toString());
                store.events().appendUnfenced(run.id(), new NewEvent(EventType.DIFF, JsonObject.empty()));
                assertThat(other.line()).isEqualTo("diff");

                EventPage end = store.events().await(run.id(), 3, 10, Duration.ofMinutes(1));

                assertThat(end.ended()).isTrue();
                assertThat(store.runs().get(run.id()).status()).isEqualTo(RunStatus.COMPLETED);
            }
        }
    }

    /** A cursor of a file that an older copy has replaced: its version was not given in this one. */
    @Test
    void a_cursor_from_ahead_begins_anew_rather_than_miss_anything() {
        TenantScope all = TenantScope.all();
        String ahead = Cursors.encode("session-changes", all.fingerprint(), List.of(Cursors.key(1_000)));
        try (AgentRunStore store =
                H2AgentRunStore.onFile(directory.resolve("restored")).open()) {
            Session session = store.sessions()
                    .upsert(SessionUpsert.builder("s", new Owner("acme", "web"), BackendProfile.CODEX)
                            .build());

            ChangePage<Session> page = store.sessions().changes(all, ahead, 10);

            assertThat(page.items()).containsExactly(session);
            assertThat(page.restarted()).isTrue();
            assertThat(store.sessions().changes(all, page.cursor(), 10).restarted())
                    .isFalse();
        }
    }

    @Test
    void written_data_are_there_at_the_next_start() {
        Path path = directory.resolve("lasting");
        Run run;
        try (AgentRunStore store = H2AgentRunStore.onFile(path).open()) {
            run = store.runs().create(run());
        }

        try (AgentRunStore store = H2AgentRunStore.onFile(path).open()) {
            assertThat(store.runs().get(run.id())).isEqualTo(run);
            assertThat(store.events().list(run.id(), 0, 10).items()).hasSize(1);
        }
        assertThat(directory.resolve("lasting.mv.db")).exists();
    }

    private static NewRun run() {
        return NewRun.builder(new Owner("t", "p"), RunSpec.of(BackendProfile.CODEX))
                .build();
    }
}

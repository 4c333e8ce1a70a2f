package io.agentrun.backend;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentrun.json.JsonObject;
import io.agentrun.model.BackendProfile;
import io.agentrun.model.Owner;
import io.agentrun.model.RunSpec;
import io.agentrun.run.NewRun;
import io.agentrun.run.SessionRef;
import java.util.List;
import org.junit.jupiter.api.Test;

class PageBytesTest {

    private static final JsonObject LARGE = JsonObject.of("text", "x".repeat(10_000));

    private static NewRun run(RunSpec spec, SessionRef session) {
        return NewRun.builder(new Owner("t", "p"), spec).session(session).build();
    }

    @Test
    void a_new_run_has_the_bytes_of_its_spec_and_of_its_session() {
        RunSpec plain = RunSpec.of(BackendProfile.CODEX);
        RunSpec large = RunSpec.builder(BackendProfile.CODEX)
                .workspaceRef(LARGE)
                .executionPolicy(LARGE)
                .resourceBundleRef(LARGE)
                .traceSink(LARGE)
                .build();
        SessionRef session = SessionRef.of("session");

        assertThat(PageBytes.NEW_RUNS.atMost(run(plain, session))).isLessThan(100);
        assertThat(PageBytes.NEW_RUNS.atMost(run(plain, session.withMetadata(LARGE))))
                .isBetween(10_000L, 40_000L);
        assertThat(PageBytes.NEW_RUNS.atMost(run(large, session))).isBetween(40_000L, 160_000L);
    }

    /** A backend that was asked for ten may have stopped behind the record with which a page is too large. */
    @Test
    void records_are_the_last_ones_if_neither_their_number_nor_their_bytes_have_ended_them() {
        JsonObject part = JsonObject.of("text", "x".repeat(PageBytes.MOST * 2 / 5));
        NewRun small = run(RunSpec.of(BackendProfile.CODEX), null);
        NewRun large =
                run(RunSpec.builder(BackendProfile.CODEX).workspaceRef(part).build(), null);

        assertThat(PageBytes.NEW_RUNS.areLast(List.of(), 10)).isTrue();
        assertThat(PageBytes.NEW_RUNS.areLast(List.of(small, small), 10)).isTrue();
        assertThat(PageBytes.NEW_RUNS.areLast(List.of(small, small), 2)).isFalse();
        assertThat(PageBytes.NEW_RUNS.areLast(List.of(large, large), 10)).isTrue();
        assertThat(PageBytes.NEW_RUNS.areLast(List.of(large, large, large), 10)).isFalse();
    }
}

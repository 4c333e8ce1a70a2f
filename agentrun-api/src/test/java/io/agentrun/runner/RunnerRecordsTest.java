package io.agentrun.runner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.agentrun.error.InvalidInputException;
import io.agentrun.json.JsonObject;
import io.agentrun.model.BackendProfile;
import java.time.Instant;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

class RunnerRecordsTest {

    private static final JobPlacement PLACEMENT =
            new JobPlacement("agents", "run-1.a", "http://manager:8080", "image:1", "abc", null);

    @Test
    void a_job_is_placed_under_names_that_a_cluster_takes() {
        assertThat(PLACEMENT.serviceAccountName()).isNull();

        for (String bad : List.of("", "A", "-a", "a-", "a_b", "a.b", "a/b", "ä", "a ", "a".repeat(64))) {
            assertRefused("namespace", () -> new JobPlacement(bad, "j", "http://m", "i", "c", null));
        }
        for (String bad : List.of("", "A", ".a", "a.", "a..b", "a.-b", "a/../b", "a\n", "a".repeat(254))) {
            assertRefused("jobName", () -> new JobPlacement("n", bad, "http://m", "i", "c", null));
            assertRefused("serviceAccountName", () -> new JobPlacement("n", "j", "http://m", "i", "c", bad));
        }
        assertThat(new JobPlacement("a".repeat(63), "a".repeat(253), "http://m", "i", "c", "sa").namespace())
                .hasSize(63);
    }

    @Test
    void what_is_missing_is_named_and_never_a_null_pointer() {
        assertRefused("namespace", () -> new JobPlacement(null, "j", "http://m", "i", "c", null));
        assertRefused("jobName", () -> new JobPlacement("n", null, "http://m", "i", "c", null));
        assertRefused("managerUrl", () -> new JobPlacement("n", "j", null, "i", "c", null));
        assertRefused("image", () -> new JobPlacement("n", "j", "http://m", null, "c", null));
        assertRefused("sourceCommit", () -> new JobPlacement("n", "j", "http://m", "i", null, null));
        assertRefused("info", () -> new NewRunner("runner-1", null));
        assertRefused("id", () -> NewRunner.of(null, RunnerInfo.unknown()));
        assertRefused("metadata", () -> new RunnerInfo(null, null, null, null, null, null));
        assertRefused("profile", () -> NewBackend.of(null));
        assertRefused("capacity", () -> NewBackend.of(BackendProfile.CODEX).withCapacity(null));
        assertRefused("runId", () -> JobQuery.ofRun(null));
        assertRefused("commandId", () -> JobQuery.ofCommand("run_1", null));
        assertRefused("attemptId", () -> NewRunnerJob.builder("run_1", "cmd_1").build());
    }

    @Test
    void the_content_hash_of_a_job_knows_every_field_but_the_key() {
        NewRunnerJob job = job().build();

        assertThat(job().idempotencyKey("k").build().contentHash()).isEqualTo(job.contentHash());
        assertThat(List.of(
                        job().runId("run_2").build(),
                        job().commandId("cmd_2").build(),
                        job().attemptId("a2").build(),
                        job().runnerId("runner_2").build(),
                        job().result(JsonObject.of("a", 1)).build(),
                        job().placement(new JobPlacement("b", "run-1.a", "http://manager:8080", "image:1", "abc", null))
                                .build(),
                        job().placement(new JobPlacement(
                                        "agents", "run-1.a", "http://manager:8080", "image:1", "abc", "sa"))
                                .build()))
                .extracting(NewRunnerJob::contentHash)
                .doesNotHaveDuplicates()
                .doesNotContain(job.contentHash());
    }

    @Test
    void a_builder_begins_with_what_the_record_holds() {
        RunnerInfo info = RunnerInfo.builder()
                .runId("run_1")
                .backendProfile(BackendProfile.CODEX)
                .placement("laptop")
                .build();
        Instant now = Instant.parse("2026-01-01T00:00:00.123456789Z");
        RunnerJob stored =
                new RunnerJob("rjob_1", "run_1", "cmd_1", "a", "r", PLACEMENT, JsonObject.empty(), null, now, now);

        assertThat(info.toBuilder().build()).isEqualTo(info);
        assertThat(stored.toBuilder().build()).isEqualTo(stored);
        assertThat(stored.createdAt()).isEqualTo(Instant.parse("2026-01-01T00:00:00.123456Z"));
        assertThat(job().build().toBuilder().build()).isEqualTo(job().build());
    }

    @Test
    void a_runner_is_plain_json() throws Exception {
        Instant now = Instant.parse("2026-01-01T00:00:00.123456Z");
        Runner runner = new Runner("runner_1", RunnerInfo.unknown(), now, now);

        String json = new ObjectMapper().writeValueAsString(runner);

        assertThat(json).isEqualTo("""
                {"id":"runner_1","info":{"runId":null,"attemptId":null,"backendProfile":null,"placement":null,\
                "sourceCommit":null,"metadata":{}},"registeredAt":"2026-01-01T00:00:00.123456Z",\
                "heartbeatAt":"2026-01-01T00:00:00.123456Z"}""");
    }

    private static NewRunnerJob.Builder job() {
        return NewRunnerJob.builder("run_1", "cmd_1")
                .attemptId("a1")
                .runnerId("runner_1")
                .placement(PLACEMENT);
    }

    private static void assertRefused(String field, ThrowingCallable call) {
        assertThatExceptionOfType(InvalidInputException.class)
                .isThrownBy(call)
                .matches(e -> e.field().equals(field), "names " + field);
    }
}

package io.agentrun.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.agentrun.error.InvalidInputException;
import io.agentrun.json.JsonObject;
import io.agentrun.model.BackendProfile;
import io.agentrun.model.CancelRequest;
import io.agentrun.model.Idempotency;
import io.agentrun.model.Outcome;
import io.agentrun.model.Owner;
import io.agentrun.model.RunSpec;
import io.agentrun.model.TenantScope;
import io.agentrun.model.TerminalStatus;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

class RunRecordsTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Owner OWNER = new Owner("t", "p");
    private static final RunSpec SPEC = RunSpec.of(BackendProfile.CODEX);
    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00.000001Z");

    @Test
    void statuses_go_to_wire_strings_and_back_and_unknown_ones_are_refused() {
        for (RunStatus status : RunStatus.values()) {
            assertThat(RunStatus.fromWire("status", status.wire())).isSameAs(status);
        }
        for (String unknown : new String[] {null, "", "Pending", "lost"}) {
            assertRefused("status", () -> RunStatus.fromWire("status", unknown));
        }
    }

    @Test
    void every_end_is_a_terminal_status_and_no_other_status_is() {
        for (TerminalStatus end : TerminalStatus.values()) {
            assertThat(RunStatus.of(end).wire()).isEqualTo(end.wire());
            assertThat(RunStatus.of(end).terminal()).isTrue();
        }
        assertThat(List.of(RunStatus.values()).stream().filter(RunStatus::terminal))
                .hasSize(4);
        assertThat(List.of(RunStatus.values()).stream().filter(RunStatus::leased))
                .containsExactly(RunStatus.CLAIMED, RunStatus.RUNNING);
    }

    @Test
    void a_run_is_plain_json_and_comes_back_equal() throws Exception {
        Run run = leased();

        String text = JSON.writeValueAsString(run);

        JsonNode tree = JSON.readTree(text);
        assertThat(tree.propertyStream().map(Map.Entry::getKey))
                .containsExactly(
                        "id",
                        "owner",
                        "spec",
                        "sessionId",
                        "taskId",
                        "status",
                        "outcome",
                        "claim",
                        "claimLimit",
                        "cancelRequest",
                        "idempotency",
                        "createdAt",
                        "updatedAt",
                        "startedAt",
                        "deadlines",
                        "openQuestions",
                        "parkedEpoch",
                        "endedAt");
        assertThat(tree.path("startedAt").isNull()).isTrue();
        assertThat(tree.path("endedAt").isNull()).isTrue();
        assertThat(tree.path("status").textValue()).isEqualTo("running");
        assertThat(tree.path("createdAt").textValue()).isEqualTo("2026-01-01T00:00:00.000001Z");
        assertThat(tree.path("spec").path("backendProfile").textValue()).isEqualTo("codex");
        assertThat(tree.path("claim").toString())
                .isEqualTo("{\"epoch\":3,\"generation\":1,\"lease\":{\"runnerId\":\"runner_1\",\"epoch\":3,"
                        + "\"expiresAt\":\"2026-01-01T00:01:00.000001Z\"},\"attempts\":{\"current\":2,\"max\":5,"
                        + "\"starts\":0}}");
        assertThat(JSON.readValue(text, Run.class)).isEqualTo(run);
    }

    @Test
    void an_ended_run_is_plain_json_and_comes_back_equal() throws Exception {
        Run run = leased().toBuilder()
                .status(RunStatus.CANCELLED)
                .outcome(Outcome.cancelled("enough"))
                .claim(new RunClaim(3, 1, null, new RunAttempts(2, 5, 0)))
                .startedAt(NOW)
                .updatedAt(NOW.plusSeconds(1))
                .build();

        String text = JSON.writeValueAsString(run);

        assertThat(JSON.readTree(text).path("startedAt").textValue()).isEqualTo("2026-01-01T00:00:00.000001Z");
        assertThat(JSON.readTree(text).path("endedAt").textValue()).isEqualTo("2026-01-01T00:00:01.000001Z");
        assertThat(run.endedAt()).isEqualTo(run.updatedAt());

        assertThat(JSON.readTree(text).path("outcome").toString())
                .isEqualTo("{\"status\":\"cancelled\",\"failureKind\":\"cancelled\",\"message\":\"enough\"}");
        assertThat(JSON.readValue(text, Run.class)).isEqualTo(run);
        assertThat(run.isTerminal()).isTrue();
        assertThat(run.lease()).isEmpty();
    }

    @Test
    void a_run_that_an_earlier_version_has_written_has_no_start() throws Exception {
        String before = JSON.writeValueAsString(leased())
                .replace(
                        ",\"startedAt\":null,\"deadlines\":null,\"openQuestions\":0,\"parkedEpoch\":0,\"endedAt\":null",
                        "");

        assertThat(before).doesNotContain("startedAt").doesNotContain("endedAt");
        assertThat(JSON.readValue(before, Run.class)).isEqualTo(leased());
    }

    @Test
    void a_builder_begins_with_what_the_run_holds() {
        Run run = leased();

        assertThat(run.toBuilder().build()).isEqualTo(run);
        assertThat(run.epoch()).isEqualTo(3);
        assertThat(run.lease()).isPresent();
        assertRefused("createdAt", () -> Run.builder("run_1", OWNER, SPEC).build());
    }

    @Test
    void times_of_a_run_are_cut_to_microseconds() {
        Run run =
                Run.builder("run_1", OWNER, SPEC).createdAt(NOW.plusNanos(999)).build();

        assertThat(run.createdAt()).isEqualTo(NOW);
        assertThat(run.updatedAt()).isEqualTo(NOW);
        assertThat(new Lease("r", 1, NOW.plusNanos(1)).expiresAt()).isEqualTo(NOW);
    }

    @Test
    void a_lease_has_run_out_at_its_very_expiry() {
        Lease lease = new Lease("r", 1, NOW);

        assertThat(lease.aliveAt(NOW.minusNanos(1))).isTrue();
        assertThat(lease.aliveAt(NOW)).isFalse();
    }

    @Test
    void claims_epochs_and_attempts_fit_together() {
        assertThat(RunClaim.none(3)).isEqualTo(new RunClaim(0, 0, null, new RunAttempts(1, 3, 0)));
        assertThat(new RunAttempts(1, 2, 0).next()).isEqualTo(new RunAttempts(2, 2, 0));
        assertThat(new RunAttempts(1, 2, 0).exhausted()).isFalse();
        assertThat(new RunAttempts(2, 2, 0).exhausted()).isTrue();
        assertRefused("attempt", () -> new RunAttempts(2, 2, 0).next());
        assertRefused("attempt", () -> new RunAttempts(0, 2, 0));
        assertRefused("maxAttempts", () -> new RunAttempts(1, 101, 0));
        assertRefused("epoch", () -> new RunClaim(-1, 0, null, RunAttempts.first(1)));
        assertRefused("generation", () -> new RunClaim(1, -1, null, RunAttempts.first(1)));
        assertRefused("starts", () -> new RunAttempts(1, 1, -1));
        assertThat(new RunAttempts(2, 3, 1).withStarts(2)).isEqualTo(new RunAttempts(2, 3, 2));
        assertRefused("lease", () -> new RunClaim(2, 0, new Lease("r", 1, NOW), RunAttempts.first(1)));
        assertRefused("epoch", () -> new Lease("r", 0, NOW));
    }

    @Test
    void a_new_run_names_what_is_wrong_with_it() {
        assertRefused("owner", () -> NewRun.builder(null, SPEC).build());
        assertRefused("spec", () -> NewRun.builder(OWNER, null).build());
        assertRefused(
                "maxAttempts", () -> NewRun.builder(OWNER, SPEC).maxAttempts(0).build());
        assertRefused(
                "maxAttempts",
                () -> NewRun.builder(OWNER, SPEC).maxAttempts(101).build());
        assertRefused(
                "idempotencyKey",
                () -> NewRun.builder(OWNER, SPEC).idempotencyKey(" k").build());
        assertRefused("sessionId", () -> SessionRef.of("a\u0000"));
        assertRefused("metadata", () -> SessionRef.of("s").withMetadata(null));
        assertRefused("expiresAt", () -> SessionRef.of("s").withExpiresAt(Instant.MAX));
        assertRefused("threadId", () -> SessionRef.of("s").withThreadId(""));
        assertRefused("conversationId", () -> SessionRef.of("s").withConversationId(""));
    }

    @Test
    void the_content_of_a_new_run_is_everything_but_its_key() {
        NewRun base = NewRun.builder(OWNER, SPEC).session(SessionRef.of("s")).build();
        NewRun keyed = NewRun.builder(OWNER, SPEC)
                .session(SessionRef.of("s"))
                .idempotencyKey("k")
                .build();
        List<NewRun> others = List.of(
                NewRun.builder(new Owner("t", "q"), SPEC)
                        .session(SessionRef.of("s"))
                        .build(),
                NewRun.builder(OWNER, RunSpec.of(BackendProfile.DEEPSEEK))
                        .session(SessionRef.of("s"))
                        .build(),
                NewRun.builder(OWNER, SPEC).build(),
                NewRun.builder(OWNER, SPEC)
                        .session(SessionRef.of("s").withMetadata(JsonObject.of("a", 1)))
                        .build(),
                NewRun.builder(OWNER, SPEC)
                        .session(SessionRef.of("s").withExpiresAt(NOW))
                        .build(),
                NewRun.builder(OWNER, SPEC)
                        .session(SessionRef.of("s"))
                        .maxAttempts(2)
                        .build());

        assertThat(keyed.contentHash()).isEqualTo(base.contentHash());
        assertThat(others).allSatisfy(other -> assertThat(other.contentHash()).isNotEqualTo(base.contentHash()));
        assertThat(others.stream().map(NewRun::contentHash).distinct()).hasSize(others.size());
    }

    @Test
    void queries_begin_at_the_first_fifty_and_name_what_is_wrong_with_them() {
        RunQuery query = RunQuery.in(TenantScope.all())
                .withStatus(RunStatus.FAILED)
                .withSessionId("s")
                .withBackendProfile(BackendProfile.CODEX)
                .withCursor("c")
                .withLimit(7);

        assertThat(query)
                .isEqualTo(new RunQuery(TenantScope.all(), RunStatus.FAILED, "s", BackendProfile.CODEX, "c", 7));
        assertThat(RunQuery.in(TenantScope.all()).limit()).isEqualTo(50);
        assertRefused("scope", () -> RunQuery.in(null));
        assertRefused("limit", () -> query.withLimit(0));
        assertRefused("cursor", () -> query.withCursor(""));
        assertRefused("sessionId", () -> query.withSessionId(" "));
    }

    @Test
    void a_purge_has_an_age_and_a_limit() {
        assertThat(PurgeRequest.olderThan(Duration.ZERO).limit()).isEqualTo(1_000);
        assertRefused("olderThan", () -> PurgeRequest.olderThan(Duration.ofNanos(-1)));
        assertRefused("olderThan", () -> PurgeRequest.olderThan(Duration.ofDays(36_501)));
        assertRefused("limit", () -> new PurgeRequest(TenantScope.all(), Duration.ZERO, 1_001));
        assertRefused("limit", () -> new PurgeRequest(TenantScope.all(), Duration.ZERO, 0));
        assertRefused("scope", () -> new PurgeRequest(null, Duration.ZERO, 1));
    }

    private static Run leased() {
        return Run.builder("run_1", OWNER, SPEC)
                .sessionId("s")
                .taskId("qt_1")
                .status(RunStatus.RUNNING)
                .claim(new RunClaim(3, 1, new Lease("runner_1", 3, NOW.plusSeconds(60)), new RunAttempts(2, 5, 0)))
                .cancelRequest(new CancelRequest("enough", NOW))
                .idempotency(new Idempotency("k", "v1:abc"))
                .createdAt(NOW)
                .updatedAt(NOW.plusSeconds(1))
                .build();
    }

    private static void assertRefused(String field, ThrowingCallable call) {
        assertThatExceptionOfType(InvalidInputException.class)
                .isThrownBy(call)
                .satisfies(e -> assertThat(e.field()).isEqualTo(field));
    }
}

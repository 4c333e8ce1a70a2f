package io.agentrun.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.agentrun.StoreHealth;
import io.agentrun.check.Require;
import io.agentrun.error.FailureKind;
import io.agentrun.error.InvalidInputException;
import io.agentrun.json.JsonObject;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

class SharedValuesTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    @Test
    void closed_sets_go_to_wire_strings_and_back_and_refuse_unknown_ones() {
        for (TerminalStatus status : TerminalStatus.values()) {
            assertThat(TerminalStatus.fromWire("status", status.wire())).isSameAs(status);
        }
        for (CancelMode mode : CancelMode.values()) {
            assertThat(CancelMode.fromWire("mode", mode.wire())).isSameAs(mode);
        }
        for (String unknown : new String[] {null, "", "COMPLETED", "completed ", "done"}) {
            assertRefused("status", () -> TerminalStatus.fromWire("status", unknown));
            assertRefused("mode", () -> CancelMode.fromWire("mode", unknown));
        }
    }

    @Test
    void open_sets_keep_unknown_strings_and_are_strings_in_json() throws Exception {
        assertThat(FailureKind.of("infra-failed")).isEqualTo(FailureKind.INFRA_FAILED);
        assertThat(BackendProfile.of("minimax-m3")).isEqualTo(BackendProfile.MINIMAX_M3);
        assertThat(JSON.writeValueAsString(FailureKind.of("out-of-tokens"))).isEqualTo("\"out-of-tokens\"");
        assertThat(JSON.readValue("\"out-of-tokens\"", FailureKind.class)).isEqualTo(FailureKind.of("out-of-tokens"));
        assertThat(JSON.readValue("\"mine\"", BackendProfile.class)).isEqualTo(BackendProfile.of("mine"));
        assertRefused("failureKind", () -> FailureKind.of(" "));
        assertRefused("backendProfile", () -> BackendProfile.of(null));
    }

    @Test
    void an_owner_has_a_tenant_and_a_project() {
        assertRefused("tenantId", () -> new Owner(null, "p"));
        assertRefused("projectId", () -> new Owner("t", ""));
    }

    @Test
    void a_scope_includes_everybody_one_tenant_or_one_project() {
        Owner owner = new Owner("t", "p");

        assertThat(TenantScope.all().includes(owner)).isTrue();
        assertThat(TenantScope.tenant("t").includes(owner)).isTrue();
        assertThat(TenantScope.project("t", "p").includes(owner)).isTrue();
        assertThat(TenantScope.tenant("u").includes(owner)).isFalse();
        assertThat(TenantScope.project("t", "q").includes(owner)).isFalse();
        assertThat(TenantScope.project("u", "p").includes(owner)).isFalse();
    }

    @Test
    void a_null_tenant_or_project_never_widens_a_scope() {
        assertRefused("tenantId", () -> TenantScope.tenant(null));
        assertRefused("projectId", () -> TenantScope.project("t", null));
        assertRefused("tenantId", () -> new TenantScope(null, "p"));
    }

    @Test
    void a_completed_outcome_has_no_failure_kind_and_a_cancelled_one_always_has() {
        assertThat(Outcome.completed()).isEqualTo(new Outcome(TerminalStatus.COMPLETED, null, null));
        assertThat(new Outcome(TerminalStatus.CANCELLED, null, "why")).isEqualTo(Outcome.cancelled("why"));
        assertThat(Outcome.cancelled("why").failureKind()).isEqualTo(FailureKind.CANCELLED);
        assertThat(new Outcome(TerminalStatus.CANCELLED, FailureKind.RUNNER_LOST, null).failureKind())
                .isEqualTo(FailureKind.RUNNER_LOST);
        assertThat(Outcome.blocked(FailureKind.BACKEND_FAILED, "m")
                        .withMessage(null)
                        .message())
                .isNull();
        assertRefused("status", () -> new Outcome(null, null, null));
        assertRefused("failureKind", () -> new Outcome(TerminalStatus.COMPLETED, FailureKind.CANCELLED, null));
        assertRefused("failureKind", () -> Outcome.failed(null, "m"));
        assertRefused("message", () -> Outcome.cancelled("\u0000"));
        assertRefused("outcome", () -> TurnResult.of(null));
        assertRefused("threadId", () -> TurnResult.of(Outcome.completed()).withThread(" ", null));
    }

    @Test
    void a_spec_has_defaults_and_goes_through_its_builder_and_json_unchanged() throws Exception {
        RunSpec least = RunSpec.of(BackendProfile.DEEPSEEK);
        RunSpec most = RunSpec.builder(BackendProfile.CODEX)
                .providerId("azure")
                .workspaceRef(JsonObject.of("repo", "r"))
                .executionPolicy(JsonObject.of("network", false))
                .resourceBundleRef(JsonObject.of("bundle", 1))
                .traceSink(JsonObject.of("url", "u"))
                .build();

        assertThat(least)
                .isEqualTo(new RunSpec(
                        BackendProfile.DEEPSEEK, "default", JsonObject.empty(), JsonObject.empty(), null, null));
        assertThat(most.toBuilder().build()).isEqualTo(most);
        assertThat(JSON.readValue(JSON.writeValueAsString(most), RunSpec.class)).isEqualTo(most);
        assertThat(JSON.readTree(JSON.writeValueAsString(most)))
                .isEqualTo(JSON.readTree(most.asJson().toJson()));
        assertRefused("backendProfile", () -> RunSpec.of(null));
        assertRefused(
                "providerId",
                () -> RunSpec.builder(BackendProfile.CODEX).providerId("").build());
        assertRefused(
                "workspaceRef",
                () -> RunSpec.builder(BackendProfile.CODEX).workspaceRef(null).build());
    }

    @Test
    void pages_copy_their_items_and_say_how_to_go_on() throws Exception {
        List<String> items = new ArrayList<>(List.of("a"));
        Page<String> page = new Page<>(items, "c");
        ChangePage<String> changes = new ChangePage<>(items, "c", false, true);
        items.add("b");

        assertThat(page.items()).containsExactly("a");
        assertThat(page.hasNext()).isTrue();
        assertThat(new Page<>(items, null).hasNext()).isFalse();
        assertThat(changes.items()).containsExactly("a");
        assertThat(JSON.writeValueAsString(page)).isEqualTo("{\"items\":[\"a\"],\"nextCursor\":\"c\"}");
        assertThat(JSON.writeValueAsString(changes))
                .isEqualTo("{\"items\":[\"a\"],\"cursor\":\"c\",\"more\":false,\"restarted\":true}");
        assertRefused("items", () -> new Page<>(null, null));
        assertRefused("cursor", () -> new ChangePage<>(List.of(), null, false, false));
    }

    @Test
    void times_of_records_are_cut_and_are_iso_text_in_json() throws Exception {
        Instant at = Instant.parse("2026-01-01T00:00:00.123456789Z");
        ReadMark mark = new ReadMark("s", "alice", 7, at);

        String json = JSON.writeValueAsString(mark);

        assertThat(json)
                .isEqualTo("{\"subjectId\":\"s\",\"readerId\":\"alice\",\"version\":7,"
                        + "\"readAt\":\"2026-01-01T00:00:00.123456Z\"}");
        assertThat(JSON.readValue(json, ReadMark.class)).isEqualTo(mark);
        assertThat(JSON.readValue(JSON.writeValueAsString(Limits.DEFAULTS), Limits.class))
                .isEqualTo(Limits.DEFAULTS);
        assertThat(new CancelRequest("", at).requestedAt()).isEqualTo(Instant.parse("2026-01-01T00:00:00.123456Z"));
        assertRefused("version", () -> new ReadMark("s", "alice", -1, at));
        assertRefused("requestedAt", () -> new CancelRequest("why", Instant.MAX));
        assertRefused("reason", () -> new CancelRequest(null, at));
    }

    @Test
    void a_store_is_ready_exactly_if_nothing_is_wrong_with_it() {
        assertThat(StoreHealth.ready("memory", null).ready()).isTrue();
        assertThat(StoreHealth.unreachable("postgres", "down").failureKind()).isEqualTo(FailureKind.INFRA_FAILED);
        assertRefused("ready", () -> new StoreHealth("memory", true, true, false, null, null, null));
        assertRefused("failureKind", () -> new StoreHealth("memory", false, true, false, null, null, "m"));
    }

    @Test
    void lists_of_input_hold_no_null() {
        assertRefused("events[]", () -> Require.items("events", Arrays.asList("a", null)));
        assertRefused("events", () -> Require.items("events", null));
        assertThat(Require.between("n", 3, 3, 3)).isEqualTo(3);
        assertRefused("n", () -> Require.between("n", 4L, 1, 3));
    }

    private static void assertRefused(String field, ThrowingCallable call) {
        assertThatExceptionOfType(InvalidInputException.class)
                .isThrownBy(call)
                .satisfies(e -> assertThat(e.field()).isEqualTo(field))
                .withMessageStartingWith(field + " ");
    }
}

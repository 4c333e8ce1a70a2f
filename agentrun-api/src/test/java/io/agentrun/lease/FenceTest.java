package io.agentrun.lease;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.agentrun.error.InvalidInputException;
import io.agentrun.json.Redactor;
import io.agentrun.model.BackendProfile;
import io.agentrun.model.Owner;
import io.agentrun.model.RunSpec;
import io.agentrun.run.Run;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

class FenceTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final FenceToken TOKEN = FenceToken.random();

    private final Fence fence = new Fence("run_1", "runner-\u00e4 1", 7, TOKEN);

    @Test
    void a_fence_names_run_runner_and_epoch_and_needs_a_token() {
        assertRefused("runId", () -> new Fence(null, "r", 1, TOKEN));
        assertRefused("runnerId", () -> new Fence("run_1", "", 1, TOKEN));
        assertRefused("epoch", () -> new Fence("run_1", "r", 0, TOKEN));
        assertRefused("token", () -> new Fence("run_1", "r", 1, null));
    }

    @Test
    void fences_are_equal_by_run_runner_epoch_and_token() {
        assertThat(fence)
                .isEqualTo(new Fence("run_1", "runner-\u00e4 1", 7, TOKEN))
                .hasSameHashCodeAs(fence);
        assertThat(fence)
                .isNotEqualTo(new Fence("run_2", "runner-\u00e4 1", 7, TOKEN))
                .isNotEqualTo(new Fence("run_1", "runner-b", 7, TOKEN))
                .isNotEqualTo(new Fence("run_1", "runner-\u00e4 1", 8, TOKEN))
                .isNotEqualTo(new Fence("run_1", "runner-\u00e4 1", 7, FenceToken.random()));
    }

    @Test
    void the_wire_form_comes_back_as_the_same_fence() {
        String longest = "\ud83d\ude00".repeat(100);
        for (Fence any : List.of(fence, new Fence(longest, longest, Long.MAX_VALUE, FenceToken.random()))) {
            String wire = any.wire();

            assertThat(wire).matches("arfence1_[A-Za-z0-9_-]{30,2190}");
            assertThat(Fence.parse(wire)).isEqualTo(any);
            assertThat(Fence.parse(wire).tokenHash()).isEqualTo(any.tokenHash());
        }
    }

    @Test
    void what_is_no_wire_form_is_refused_without_being_repeated() {
        String wire = fence.wire();
        assertRefused("fence", () -> Fence.parse(null));
        for (String bad : List.of(
                "",
                "arfence1_",
                "arfence1_!!!",
                wire.substring(1),
                wire.substring(0, wire.length() - 2),
                wire + "AAAA",
                "arfence2_" + wire.substring(9),
                "arfence1_" + "A".repeat(40))) {
            assertThatExceptionOfType(InvalidInputException.class)
                    .as(bad)
                    .isThrownBy(() -> Fence.parse(bad))
                    .satisfies(e -> {
                        assertThat(e.field()).isEqualTo("fence");
                        assertThat(String.valueOf(e.getMessage())).doesNotContain(wire.substring(9, 30));
                        assertThat(e.getCause()).isNull();
                    });
        }
    }

    @Test
    void neither_text_nor_json_shows_the_token_and_json_is_no_way_in() throws Exception {
        Run run = Run.builder("run_1", new Owner("t", "p"), RunSpec.of(BackendProfile.CODEX))
                .createdAt(Instant.EPOCH)
                .build();
        RunLease lease = new RunLease(fence, Instant.EPOCH, run);

        String json = JSON.writeValueAsString(lease);

        assertThat(JSON.readTree(json).path("fence").toString())
                .isEqualTo("{\"runId\":\"run_1\",\"runnerId\":\"runner-\u00e4 1\",\"epoch\":7}");
        for (String shown : List.of(json, lease.toString(), fence.toString(), TOKEN.toString())) {
            assertThat(shown).doesNotContain(fence.wire().substring(9, 30)).doesNotContain(fence.tokenHash());
        }
        assertThatExceptionOfType(JsonProcessingException.class).isThrownBy(() -> JSON.readValue(json, RunLease.class));
        assertThatExceptionOfType(JsonProcessingException.class).isThrownBy(() -> JSON.writeValueAsString(TOKEN));
    }

    @Test
    void the_standard_redactor_knows_the_wire_form() {
        String printed = "AGENT_ENV: fence is " + fence.wire() + " and so on";

        assertThat(Redactor.standard().redact(printed))
                .doesNotContain(fence.wire().substring(9))
                .contains("and so on");
    }

    @Test
    void tokens_are_never_the_same_and_their_hash_is_a_sha_256() {
        Set<FenceToken> tokens = new HashSet<>();
        for (int i = 0; i < 1_000; i++) {
            tokens.add(FenceToken.random());
        }

        assertThat(tokens).hasSize(1_000).allMatch(token -> token.hash().matches("[0-9a-f]{64}"));
        assertThat(TOKEN.hashOf(List.of("ab", "c"))).isNotEqualTo(TOKEN.hashOf(List.of("a", "bc")));
        assertThat(TOKEN.hashOf(List.of("ab"))).isNotEqualTo(FenceToken.random().hashOf(List.of("ab")));
    }

    private static void assertRefused(String field, ThrowingCallable call) {
        assertThatExceptionOfType(InvalidInputException.class)
                .isThrownBy(call)
                .satisfies(e -> assertThat(e.field()).isEqualTo(field));
    }
}

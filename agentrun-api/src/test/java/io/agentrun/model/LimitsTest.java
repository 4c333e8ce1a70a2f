package io.agentrun.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.agentrun.error.InvalidInputException;
import io.agentrun.json.JsonObject;
import java.time.Duration;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

class LimitsTest {
    private static final Limits LIMITS = Limits.DEFAULTS;

    @Test
    void the_defaults_are_the_documented_ones() {
        assertThat(LIMITS)
                .isEqualTo(new Limits(
                        1_048_576, 1_000, 500, Duration.ofMillis(100), Duration.ofHours(24), Duration.ofHours(1), 3));
        assertThat(Limits.builder().build()).isEqualTo(LIMITS);
    }

    @Test
    void a_builder_changes_what_it_is_told_to_and_keeps_the_rest() {
        Limits small = Limits.builder()
                .maxPayloadBytes(10)
                .maxBatchEvents(2)
                .maxPage(60)
                .minLease(Duration.ofMillis(1))
                .maxLease(Duration.ofSeconds(1))
                .maxWait(Duration.ZERO)
                .maxStarts(7)
                .build();

        assertThat(small)
                .isEqualTo(new Limits(10, 2, 60, Duration.ofMillis(1), Duration.ofSeconds(1), Duration.ZERO, 7));
        assertThat(small.toBuilder().build()).isEqualTo(small);
    }

    @Test
    void limits_that_do_not_fit_together_are_refused() {
        assertRefused(
                "maxPayloadBytes", () -> Limits.builder().maxPayloadBytes(0).build());
        assertRefused("maxBatchEvents", () -> Limits.builder().maxBatchEvents(0).build());
        assertRefused("maxPage", () -> Limits.builder().maxPage(49).build());
        assertRefused("minLease", () -> Limits.builder().minLease(Duration.ZERO).build());
        assertRefused(
                "maxLease",
                () -> Limits.builder()
                        .minLease(Duration.ofSeconds(2))
                        .maxLease(Duration.ofSeconds(1))
                        .build());
        assertRefused(
                "maxWait", () -> Limits.builder().maxWait(Duration.ofMillis(-1)).build());
    }

    @Test
    void leases_pages_waits_and_batches_are_allowed_up_to_their_bounds_and_refused_beyond() {
        assertThat(LIMITS.lease("lease", Duration.ofMillis(100))).isEqualTo(Duration.ofMillis(100));
        assertThat(LIMITS.lease("lease", Duration.ofHours(24))).isEqualTo(Duration.ofHours(24));
        assertRefused("lease", () -> LIMITS.lease("lease", null));
        assertRefused(
                "lease", () -> LIMITS.lease("lease", Duration.ofMillis(100).minusNanos(1)));
        assertRefused("lease", () -> LIMITS.lease("lease", Duration.ofHours(24).plusNanos(1)));
        assertRefused("lease", () -> LIMITS.lease("lease", Duration.ofSeconds(-1)));

        assertThat(LIMITS.page("limit", 1)).isEqualTo(1);
        assertThat(LIMITS.page("limit", 500)).isEqualTo(500);
        assertRefused("limit", () -> LIMITS.page("limit", 0));
        assertRefused("limit", () -> LIMITS.page("limit", 501));

        assertThat(LIMITS.wait("timeout", Duration.ZERO)).isEqualTo(Duration.ZERO);
        assertThat(LIMITS.wait("timeout", Duration.ofHours(1))).isEqualTo(Duration.ofHours(1));
        assertRefused("timeout", () -> LIMITS.wait("timeout", null));
        assertRefused("timeout", () -> LIMITS.wait("timeout", Duration.ofNanos(-1)));
        assertRefused(
                "timeout", () -> LIMITS.wait("timeout", Duration.ofHours(1).plusNanos(1)));

        assertThat(LIMITS.batch("events", 1_000)).isEqualTo(1_000);
        assertRefused("events", () -> LIMITS.batch("events", 0));
        assertRefused("events", () -> LIMITS.batch("events", 1_001));
    }

    @Test
    void a_payload_is_measured_in_bytes_of_its_utf_8_text() {
        // {"k":""} is eight bytes; each case adds exactly six
        Limits limits = Limits.builder().maxPayloadBytes(14).build();
        for (String fits : new String[] {"aaaaaa", "üüü", "€€", "\uD83D\uDE00aa"}) {
            JsonObject payload = JsonObject.of("k", fits);

            assertThat(limits.payload("payload", payload)).isSameAs(payload);
            assertRefused("payload", () -> limits.payload("payload", JsonObject.of("k", fits + "a")));
        }
        assertRefused("payload", () -> limits.payload("payload", null));
        assertThat(limits.payloadOrNull("payload", null)).isNull();
    }

    @Test
    void every_json_object_of_a_spec_is_measured() {
        Limits limits = Limits.builder().maxPayloadBytes(14).build();
        JsonObject large = JsonObject.of("key", "0123456789");
        RunSpec.Builder spec = RunSpec.builder(BackendProfile.CODEX);

        assertThat(limits.spec(spec.build())).isEqualTo(spec.build());
        assertRefused("spec", () -> limits.spec(null));
        assertRefused(
                "workspaceRef",
                () -> limits.spec(RunSpec.builder(BackendProfile.CODEX)
                        .workspaceRef(large)
                        .build()));
        assertRefused(
                "executionPolicy",
                () -> limits.spec(RunSpec.builder(BackendProfile.CODEX)
                        .executionPolicy(large)
                        .build()));
        assertRefused(
                "resourceBundleRef",
                () -> limits.spec(RunSpec.builder(BackendProfile.CODEX)
                        .resourceBundleRef(large)
                        .build()));
        assertRefused(
                "traceSink",
                () -> limits.spec(
                        RunSpec.builder(BackendProfile.CODEX).traceSink(large).build()));
    }

    private static void assertRefused(String field, ThrowingCallable call) {
        assertThatExceptionOfType(InvalidInputException.class)
                .isThrownBy(call)
                .satisfies(e -> assertThat(e.field()).isEqualTo(field));
    }
}

package io.agentrun.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.agentrun.error.InvalidInputException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

class StorageRecordsTest {

    @Test
    void wire_strings_go_both_ways() {
        for (StorageState state : StorageState.values()) {
            assertThat(StorageState.fromWire("state", state.wire())).isSameAs(state);
        }
        for (StorageKind kind : StorageKind.values()) {
            assertThat(StorageKind.fromWire("kind", kind.wire())).isSameAs(kind);
        }
        for (EvictionCause cause : EvictionCause.values()) {
            assertThat(EvictionCause.fromWire("cause", cause.wire())).isSameAs(cause);
        }
        assertThat(StorageState.values())
                .extracting(StorageState::wire)
                .containsExactly("none", "provisioning", "ready", "evicting", "evicted", "missing");
    }

    @Test
    void unknown_wire_strings_are_refused() {
        for (String unknown : new String[] {"", "READY", "ready ", "gone", null}) {
            assertRefused("state", () -> StorageState.fromWire("state", unknown));
            assertRefused("kind", () -> StorageKind.fromWire("kind", unknown));
            assertRefused("cause", () -> EvictionCause.fromWire("cause", unknown));
        }
    }

    @Test
    void the_kind_follows_from_the_state() {
        assertThat(StorageState.values())
                .extracting(StorageState::kind)
                .containsExactly(
                        StorageKind.NONE,
                        StorageKind.PVC,
                        StorageKind.PVC,
                        StorageKind.PVC,
                        StorageKind.EVICTED,
                        StorageKind.PVC);
        assertThat(StorageState.values())
                .filteredOn(StorageState::refusesWork)
                .containsExactly(StorageState.EVICTING, StorageState.EVICTED, StorageState.MISSING);
    }

    @Test
    void a_refresh_is_checked() {
        String sha256 = "0123456789abcdef".repeat(4);
        StorageRefresh refresh = StorageRefresh.builder("s")
                .sizeBytes(0L)
                .filesCount(Long.MAX_VALUE)
                .sha256(sha256)
                .rolloutSubdir("a/b")
                .pvcPhase("Bound")
                .build();

        assertThat(refresh.toBuilder().build()).isEqualTo(refresh);
        assertRefused("sessionId", () -> StorageRefresh.builder(null).build());
        assertRefused("sizeBytes", () -> refresh.toBuilder().sizeBytes(-1L).build());
        assertRefused("filesCount", () -> refresh.toBuilder().filesCount(-1L).build());
        assertRefused("pvcPhase", () -> refresh.toBuilder().pvcPhase("").build());
        for (String bad : List.of("", "abc", sha256.toUpperCase(java.util.Locale.ROOT), sha256 + "0")) {
            assertRefused("sha256", () -> refresh.toBuilder().sha256(bad).build());
        }
        for (String bad : List.of("", "/", "/etc", "..", "a/../b", "a//b", "a/", ".", "./a", "a\\b", "a\u0000")) {
            assertRefused(
                    "rolloutSubdir",
                    () -> refresh.toBuilder().rolloutSubdir(bad).build());
        }
    }

    @Test
    void an_intent_has_names_that_a_cluster_takes() {
        assertThat(new StorageIntent("s", "agents", "session-1").pvcName()).isEqualTo("session-1");
        assertThat(new StorageIntent("s", "agents", "session-1").namespaceUid()).isNull();
        assertRefused("sessionId", () -> new StorageIntent("", "agents", "p"));
        assertRefused("namespaceUid", () -> new StorageIntent("s", "agents", "", "p"));
        assertRefused("namespaceUid", () -> new StorageIntent("s", "agents", "u\u0000", "p"));
        assertRefused("namespace", () -> new StorageIntent("s", "a.b", "p"));
        assertRefused("namespace", () -> new StorageIntent("s", null, "p"));
        assertRefused("pvcName", () -> new StorageIntent("s", "agents", "P"));
        assertRefused("pvcName", () -> new StorageIntent("s", "agents", "p/../q"));
        assertRefused("pvcName", () -> new StorageIntent("s", "agents", null));
    }

    @Test
    void a_confirmation_and_a_claim_are_checked() {
        assertRefused("generation", () -> StorageReady.of("s", 0, "uid"));
        assertRefused("pvcUid", () -> StorageReady.of("s", 1, null));
        assertRefused("pvcPhase", () -> new StorageReady("s", 1, "uid", " "));
        assertThat(StorageClaimRequest.by("gc", Duration.ofMinutes(1)).limit()).isEqualTo(50);
        assertRefused("collectorId", () -> StorageClaimRequest.by(null, Duration.ofMinutes(1)));
        assertRefused("lease", () -> StorageClaimRequest.by("gc", null));
        assertRefused("lease", () -> StorageClaimRequest.by("gc", Duration.ZERO));
        assertRefused("lease", () -> StorageClaimRequest.by("gc", Duration.ofSeconds(-1)));
        assertRefused(
                "limit",
                () -> StorageClaimRequest.by("gc", Duration.ofMinutes(1)).withLimit(0));
        assertRefused(
                "scope",
                () -> StorageClaimRequest.by("gc", Duration.ofMinutes(1)).withScope(null));
    }

    @Test
    void storage_is_plain_json_without_what_is_derived() throws Exception {
        Instant now = Instant.parse("2026-01-01T00:00:00Z");
        SessionStorage storage = SessionStorage.none().toBuilder()
                .state(StorageState.READY)
                .generation(1)
                .pvc(PvcRef.named("agents", "s-1").withNamespaceUid("n-1").withUid("u-1"))
                .updatedAt(now)
                .build();

        String json = new ObjectMapper().writeValueAsString(storage);

        assertThat(storage.kind()).isEqualTo(StorageKind.PVC);
        assertThat(json).isEqualTo("""
                {"state":"ready","generation":1,"pvc":{"namespace":"agents","namespaceUid":"n-1","name":"s-1","uid":"u-1",\
                "phase":null},\
                "contents":{"sizeBytes":null,"filesCount":null,"sha256":null,"rolloutSubdir":"sessions"},\
                "updatedAt":"2026-01-01T00:00:00Z","evictedAt":null}""");
    }

    @Test
    void emptied_contents_keep_their_directory() {
        StorageContents contents = new StorageContents(1L, 2L, "00", "work");

        assertThat(contents.emptied()).isEqualTo(new StorageContents(null, null, null, "work"));
    }

    private static void assertRefused(String field, ThrowingCallable call) {
        assertThatExceptionOfType(InvalidInputException.class)
                .isThrownBy(call)
                .matches(e -> e.field().equals(field), "names " + field);
    }
}

package io.agentrun.lease;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.agentrun.LeaseStore;
import io.agentrun.error.InvalidInputException;
import io.agentrun.error.NotFoundException;
import io.agentrun.model.BackendProfile;
import io.agentrun.model.CancelRequest;
import io.agentrun.model.ItemAnswer;
import io.agentrun.model.Owner;
import io.agentrun.model.RunSpec;
import io.agentrun.model.TenantScope;
import io.agentrun.run.Run;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

class LeaseRecordsTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
    private static final Duration MINUTE = Duration.ofMinutes(1);

    @Test
    void signals_and_outcomes_go_to_wire_strings_and_back_and_unknown_ones_are_refused() {
        for (LeaseSignal signal : LeaseSignal.values()) {
            assertThat(LeaseSignal.fromWire("signal", signal.wire())).isSameAs(signal);
        }
        for (RecoveryOutcome outcome : RecoveryOutcome.values()) {
            assertThat(RecoveryOutcome.fromWire("outcome", outcome.wire())).isSameAs(outcome);
        }
        for (String unknown : new String[] {null, "", "LEASE_LOST", "lease_lost"}) {
            assertRefused("signal", () -> LeaseSignal.fromWire("signal", unknown));
            assertRefused("outcome", () -> RecoveryOutcome.fromWire("outcome", unknown));
        }
    }

    @Test
    void a_claim_request_names_what_is_wrong_with_it() {
        ClaimRequest request = ClaimRequest.by("r", MINUTE);

        assertRefused("runnerId", () -> ClaimRequest.by(" ", MINUTE));
        assertRefused("lease", () -> ClaimRequest.by("r", null));
        assertRefused("lease", () -> ClaimRequest.by("r", Duration.ZERO));
        assertRefused("lease", () -> ClaimRequest.by("r", MINUTE.negated()));
        assertRefused("scope", () -> request.withScope(null));
        assertRefused("backendProfiles", () -> request.withBackendProfiles(null));
        assertRefused(
                "backendProfiles",
                () -> request.withBackendProfiles(new HashSet<>(Arrays.asList(BackendProfile.CODEX, null))));
        assertRefused("providerId", () -> request.withProviderId(""));
        assertRefused("limit", () -> ExpiredQuery.in(TenantScope.all()).withLimit(0));
        assertRefused("scope", () -> ExpiredQuery.in(null));
    }

    @Test
    void a_claim_request_accepts_what_fits_all_of_its_filters() {
        Run codex = run("run_1", RunSpec.of(BackendProfile.CODEX));
        ClaimRequest any = ClaimRequest.by("r", MINUTE);

        assertThat(any.accepts(codex)).isTrue();
        assertThat(any.withBackendProfiles(Set.of(BackendProfile.CODEX, BackendProfile.DEEPSEEK))
                        .accepts(codex))
                .isTrue();
        assertThat(any.withBackendProfile(BackendProfile.DEEPSEEK).accepts(codex))
                .isFalse();
        assertThat(any.withProviderId("default").accepts(codex)).isTrue();
        assertThat(any.withProviderId("other").accepts(codex)).isFalse();
        assertThat(any.withScope(TenantScope.project("t", "p")).accepts(codex)).isTrue();
        assertThat(any.withScope(TenantScope.tenant("u")).accepts(codex)).isFalse();
    }

    @Test
    void the_profiles_of_a_claim_request_are_a_copy() {
        Set<BackendProfile> profiles = new HashSet<>(Set.of(BackendProfile.CODEX));
        ClaimRequest request = ClaimRequest.by("r", MINUTE).withBackendProfiles(profiles);

        profiles.clear();

        assertThat(request.backendProfiles()).containsExactly(BackendProfile.CODEX);
    }

    @Test
    void heartbeats_and_leases_are_plain_json_and_come_back_equal() throws Exception {
        Heartbeat beat = new Heartbeat(LeaseSignal.CANCEL_REQUESTED, NOW, true, new CancelRequest("why", NOW));
        ExpiredLease lease = new ExpiredLease("r", 1, NOW, run("run_1", RunSpec.of(BackendProfile.CODEX)));
        ClaimRequest request = ClaimRequest.by("r", MINUTE).withBackendProfile(BackendProfile.CODEX);

        String text = JSON.writeValueAsString(beat);

        assertThat(text)
                .isEqualTo("{\"signal\":\"cancel-requested\",\"expiresAt\":\"2026-01-01T00:00:00Z\","
                        + "\"commandsWaiting\":true,"
                        + "\"cancelRequest\":{\"reason\":\"why\",\"requestedAt\":\"2026-01-01T00:00:00Z\"}}");
        assertThat(JSON.readValue(text, Heartbeat.class)).isEqualTo(beat);
        assertThat(JSON.readValue(JSON.writeValueAsString(lease), ExpiredLease.class))
                .isEqualTo(lease);
        assertThat(JSON.readTree(JSON.writeValueAsString(request)).path("lease").textValue())
                .isEqualTo("PT1M");
        assertThat(JSON.readValue(JSON.writeValueAsString(request), ClaimRequest.class))
                .isEqualTo(request);
    }

    @Test
    void until_when_a_lease_is_held_is_of_this_process_alone() throws Exception {
        Fence fence = new Fence("run_1", "r", 1, FenceToken.random());
        Run run = run("run_1", RunSpec.of(BackendProfile.CODEX));
        RunLease lease = new RunLease(fence, NOW, run, 4_711L);
        Heartbeat beat = new Heartbeat(LeaseSignal.CONTINUE, NOW, true, null).withHeldUntilNanos(4_711L);

        Heartbeat parsed = JSON.readValue(JSON.writeValueAsString(beat), Heartbeat.class);
        Heartbeat sent = JSON.readValue(
                JSON.writeValueAsString(beat).replace("{", "{\"heldUntilNanos\":4711,"), Heartbeat.class);

        assertThat(lease.heldUntilNanos()).isEqualTo(4_711);
        assertThat(new RunLease(fence, NOW, run).heldUntilNanos()).isNull();
        assertThat(lease).isEqualTo(new RunLease(fence, NOW, run)).hasSameHashCodeAs(new RunLease(fence, NOW, run));
        assertThat(beat).isEqualTo(beat.withHeldUntilNanos(null)).hasSameHashCodeAs(beat.withHeldUntilNanos(1L));
        assertThat(parsed).isEqualTo(beat);
        assertThat(parsed.heldUntilNanos()).isNull();
        assertThat(sent.heldUntilNanos()).isNull();
        for (String shown : List.of(
                JSON.writeValueAsString(lease),
                JSON.writeValueAsString(beat),
                lease.toString(),
                beat.toString(),
                fence.wire())) {
            assertThat(shown).doesNotContain("4711").doesNotContain("heldUntil");
        }
        assertThat(lease).isNotEqualTo(new RunLease(fence, NOW.plusSeconds(1), run, 4_711L));
        assertThat(beat).isNotEqualTo(new Heartbeat(LeaseSignal.CONTINUE, NOW, false, null, 4_711L));
    }

    @Test
    void recovering_what_expired_leaves_out_what_needed_nothing_or_was_purged() {
        List<Recovery> done = new ThreeExpired().recoverExpired(ExpiredQuery.in(TenantScope.all()));

        assertThat(done).extracting(Recovery::runId).containsExactly("requeued");
    }

    private static Run run(String id, RunSpec spec) {
        return Run.builder(id, new Owner("t", "p"), spec).createdAt(NOW).build();
    }

    /** Three expired leases: of a run to requeue, of one that came back to life, and of one that is gone. */
    private static final class ThreeExpired implements LeaseStore {
        @Override
        public List<ExpiredLease> listExpired(ExpiredQuery query) {
            return List.of(expired("gone"), expired("alive"), expired("requeued"));
        }

        @Override
        public Recovery recover(String runId, long epoch) {
            Run run = run(runId, RunSpec.of(BackendProfile.CODEX));
            return switch (runId) {
                case "gone" -> throw new NotFoundException("run", runId);
                case "alive" -> new Recovery(runId, RecoveryOutcome.NOT_NEEDED, run);
                default -> new Recovery(runId, RecoveryOutcome.REQUEUED, run);
            };
        }

        @Override
        public List<Recovery> endUnclaimed(ExpiredQuery query) {
            throw new UnsupportedOperationException();
        }

        private static ExpiredLease expired(String runId) {
            return new ExpiredLease("r", 1, NOW, run(runId, RunSpec.of(BackendProfile.CODEX)));
        }

        @Override
        public RunLease claim(String runId, String runnerId, Duration lease) {
            throw new UnsupportedOperationException();
        }

        @Override
        public Optional<RunLease> claimNext(ClaimRequest request) {
            throw new UnsupportedOperationException();
        }

        @Override
        public Heartbeat heartbeat(Fence fence, Duration lease) {
            throw new UnsupportedOperationException();
        }

        @Override
        public List<ItemAnswer<Heartbeat>> heartbeatAll(List<Fence> fences, Duration lease) {
            throw new UnsupportedOperationException();
        }

        @Override
        public Parking park(Fence fence, List<String> questionIds) {
            throw new UnsupportedOperationException();
        }

        @Override
        public Run release(Fence fence) {
            throw new UnsupportedOperationException();
        }
    }

    private static void assertRefused(String field, ThrowingCallable call) {
        assertThatExceptionOfType(InvalidInputException.class)
                .isThrownBy(call)
                .satisfies(e -> assertThat(e.field()).isEqualTo(field));
    }
}

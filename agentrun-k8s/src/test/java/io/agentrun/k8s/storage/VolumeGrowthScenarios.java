package io.agentrun.k8s.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.agentrun.error.InvalidInputException;
import io.agentrun.error.StateConflictException;
import io.agentrun.k8s.apiserver.Scenario;
import io.agentrun.k8s.kubectl.KubectlException;
import io.agentrun.k8s.kubectl.KubectlException.Reason;
import io.agentrun.k8s.object.ClaimView;
import io.agentrun.k8s.object.ObjectRef;
import io.agentrun.storage.SessionStorageException;
import java.util.Map;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

/** A volume that is to hold more. */
abstract class VolumeGrowthScenarios extends Scenario {

    @Test
    void a_volume_grows_and_stays_what_it_is() {
        VolumeSpec spec = VolumeSpec.builder()
                .labels(Map.of("team", "x"))
                .annotations(Map.of("note", "ünïcode \"quoted\""))
                .build();
        volumes.create(new NewSessionVolume(upsert("s1").build(), spec));
        cluster().bindAtOnce();
        ClaimView before = cluster().claim(claimOf("s1")).orElseThrow();

        ClaimView asked = volumes.resize("s1", "20Gi");

        assertThat(asked.size()).isEqualTo("20Gi");
        assertThat(asked.capacity()).isEqualTo("10Gi");
        ClaimView grown = cluster().claim(claimOf("s1")).orElseThrow();
        assertThat(grown.capacity()).isEqualTo("20Gi");
        assertThat(grown.meta().uid()).isEqualTo(before.meta().uid());
        assertThat(grown.meta().labels()).isEqualTo(before.meta().labels()).containsEntry("team", "x");
        assertThat(grown.meta().annotations()).containsEntry("note", "ünïcode \"quoted\"");
        assertThat(grown.accessModes()).isEqualTo(before.accessModes());
        assertThat(grown.storageClass()).isEqualTo(before.storageClass());
        long calls = processes();
        assertThat(volumes.resize("s1", "20480Mi")).isEqualTo(grown);
        // The namespace and the claim.
        assertThat(processes() - calls).isEqualTo(2);
        assertThat(updates()).isEqualTo(1);
    }

    private long updates() {
        return cluster().calls().stream()
                .filter(call -> call.verb().equals("update"))
                .count();
    }

    @Test
    void a_volume_that_cannot_grow_says_why() {
        create("s1");
        assertReason(Reason.INVALID, () -> volumes.resize("s1", "20Gi"));
        cluster().bindAtOnce();
        assertReason(Reason.INVALID, () -> volumes.resize("s1", "5Gi"));
        cluster().fixSizes();
        assertReason(Reason.FORBIDDEN, () -> volumes.resize("s1", "20Gi"));
        assertThat(cluster().claim(claimOf("s1")).orElseThrow().size()).isEqualTo("10Gi");
        assertThatThrownBy(() -> volumes.resize("s1", "0"))
                .isInstanceOfSatisfying(
                        InvalidInputException.class, e -> assertThat(e.field()).isEqualTo("size"));
        cluster().deny("update persistentvolumeclaims");
        assertReason(Reason.FORBIDDEN, () -> volumes.resize("s1", "20Gi"));
    }

    @Test
    void only_the_sessions_own_volume_grows() {
        create("s1");
        cluster().bindAtOnce();
        ObjectRef claim = claimOf("s1");
        cluster().replaceClaim(claim, names.claimLabels("s1", 1));
        assertThatThrownBy(() -> volumes.resize("s1", "20Gi")).isInstanceOfSatisfying(KubectlException.class, e -> {
            assertThat(e.reason()).isEqualTo(Reason.CONFLICT);
        });
        assertThat(cluster().claim(claim).orElseThrow().size()).isEqualTo("1Gi");
        cluster().loseClaim(claim);
        assertReason(Reason.NOT_FOUND, () -> volumes.resize("s1", "20Gi"));
        cluster().addNamespace("default");
        assertReason(Reason.CONFLICT, () -> volumes.resize("s1", "20Gi"));
    }

    @Test
    void a_session_without_a_volume_has_none_to_grow() {
        store.sessions().upsert(upsert("s1").build());
        assertThatThrownBy(() -> volumes.resize("s1", "20Gi"))
                .isInstanceOfSatisfying(
                        StateConflictException.class,
                        e -> assertThat(e.retryable()).isFalse());
        planned("s2");
        assertThatThrownBy(() -> volumes.resize("s2", "20Gi"))
                .isInstanceOfSatisfying(
                        StateConflictException.class,
                        e -> assertThat(e.retryable()).isTrue());
        create("s3");
        volumes.delete("s3");
        assertThatThrownBy(() -> volumes.resize("s3", "20Gi")).isInstanceOf(SessionStorageException.class);
        assertThat(updates()).isZero();
    }

    private static void assertReason(Reason reason, ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        KubectlException.class, e -> assertThat(e.reason()).isEqualTo(reason));
    }
}

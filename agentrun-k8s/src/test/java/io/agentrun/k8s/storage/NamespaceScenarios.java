package io.agentrun.k8s.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import io.agentrun.error.StateConflictException;
import io.agentrun.k8s.apiserver.Scenario;
import io.agentrun.k8s.apiserver.TestJobs;
import io.agentrun.k8s.kubectl.KubectlException;
import io.agentrun.k8s.kubectl.KubectlException.Reason;
import io.agentrun.k8s.kubectl.memory.Fault;
import io.agentrun.k8s.object.ObjectRef;
import io.agentrun.k8s.storage.Eviction.Outcome;
import io.agentrun.storage.EvictionCause;
import io.agentrun.storage.StorageIntent;
import io.agentrun.storage.StorageReady;
import io.agentrun.storage.StorageState;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** Another cluster, or a namespace that was made anew, never passes for the one that a volume was made in. */
abstract class NamespaceScenarios extends Scenario {

    private static final String ELSEWHERE = "11111111-1111-4111-8111-111111111111";

    private String namespaceUid() {
        return kubectl().findNamespace("default").orElseThrow().uid();
    }

    private SessionVolumes restarted() {
        return new SessionVolumes(store, kubectl(), options);
    }

    private void assertRefused(SessionVolumes service, String sessionId) {
        assertThatThrownBy(() -> service.delete(sessionId)).isInstanceOfSatisfying(KubectlException.class, e -> {
            assertThat(e.reason()).isEqualTo(Reason.CONFLICT);
            assertThat(e.retryable()).isFalse();
            assertThat(e).hasMessageContaining("right cluster");
        });
        assertThat(storage(sessionId).state()).isEqualTo(StorageState.EVICTING);
    }

    /** A volume as the original manager left it: ready, without the uid of its namespace. */
    private void adopt(String sessionId) {
        store.sessions().upsert(upsert(sessionId).build());
        String name = claimName(sessionId);
        store.storage().provision(new StorageIntent(sessionId, "default", name));
        cluster().replaceClaim(claimOf(sessionId), names.claimLabels(sessionId, 1));
        String uid = cluster().claim(claimOf(sessionId)).orElseThrow().meta().uid();
        store.storage().ready(StorageReady.of(sessionId, 1, uid));
    }

    @Test
    void the_uid_of_the_namespace_is_remembered_with_the_volume_and_stays_after_its_eviction() {
        create("s1");
        String uid = namespaceUid();
        assertThat(Objects.requireNonNull(storage("s1").pvc()).namespaceUid()).isEqualTo(uid);

        assertThat(restarted().delete("s1").outcome()).isEqualTo(Outcome.EVICTED);

        assertThat(Objects.requireNonNull(storage("s1").pvc()).namespaceUid()).isEqualTo(uid);
    }

    @Test
    void after_a_restart_another_cluster_never_passes_for_an_evicted_volume() {
        create("s1");
        cluster().addNamespace("default");

        assertRefused(restarted(), "s1");
        assertThat(gc("a").sweep().count(Outcome.CLUSTER_FAILED)).isEqualTo(1);

        assertThat(storage("s1").state()).isEqualTo(StorageState.EVICTING);
        cluster().removeNamespace("default");
        assertThatThrownBy(() -> restarted().delete("s1"))
                .isInstanceOfSatisfying(
                        KubectlException.class, e -> assertThat(e.reason()).isEqualTo(Reason.NOT_FOUND));
    }

    @Test
    void a_sweep_of_an_expired_session_begins_nothing_in_another_cluster() {
        createExpired("s1");
        cluster().addNamespace("default");

        SweepReport report = gc("a").sweep();

        assertThat(report.count(Outcome.CLUSTER_FAILED)).isEqualTo(1);
        assertThat(report.evictions().get(0).detail()).contains("right cluster");
        assertThat(storage("s1").state()).isEqualTo(StorageState.READY);
    }

    @Test
    void each_session_is_compared_with_its_own_namespace() {
        createExpired("before");
        cluster().addNamespace("default");
        volumes = restarted();
        createExpired("after");

        SweepReport report = gc("a").sweep();

        assertThat(report.evictions())
                .extracting(Eviction::sessionId, Eviction::outcome)
                .containsExactlyInAnyOrder(tuple("before", Outcome.CLUSTER_FAILED), tuple("after", Outcome.EVICTED));
        assertThat(storage("before").state()).isEqualTo(StorageState.READY);
    }

    @Test
    void without_a_remembered_uid_the_first_one_that_is_seen_counts() {
        adopt("s1");
        adopt("s2");
        store.storage().beginEviction("s1", 1, EvictionCause.REQUESTED);
        assertThat(volumes.delete("s2").outcome()).isEqualTo(Outcome.EVICTED);
        cluster().addNamespace("default");

        assertRefused(volumes, "s1");
    }

    @Test
    void a_configured_uid_counts_beside_the_remembered_one() {
        create("s1");
        adopt("s2");
        SessionVolumes wrong = new SessionVolumes(store, kubectl(), options.withNamespaceUid("default", ELSEWHERE));
        SessionVolumes right =
                new SessionVolumes(store, kubectl(), options.withNamespaceUid("default", namespaceUid()));

        assertRefused(wrong, "s1");
        assertRefused(wrong, "s2");
        assertThatThrownBy(() -> wrong.create(NewSessionVolume.of(upsert("s3").build())))
                .isInstanceOf(KubectlException.class);

        assertThat(storage("s3").state()).isEqualTo(StorageState.NONE);
        assertThat(right.delete("s1").outcome()).isEqualTo(Outcome.EVICTED);
        assertThat(right.delete("s2").outcome()).isEqualTo(Outcome.EVICTED);
    }

    @Test
    void a_create_that_was_begun_in_one_cluster_is_not_ended_in_another() {
        cluster().inject(Fault.before("create persistentvolumeclaims", Reason.UNAVAILABLE));
        assertThatThrownBy(() -> create("s1")).isInstanceOf(KubectlException.class);
        assertThat(storage("s1").state()).isEqualTo(StorageState.PROVISIONING);
        cluster().addNamespace("default");

        assertThatThrownBy(() ->
                        restarted().create(NewSessionVolume.of(upsert("s1").build())))
                .isInstanceOf(StateConflictException.class);

        assertThat(cluster().claims()).isEmpty();
    }

    @Test
    void a_namespace_that_was_gone_is_looked_at_again() {
        create("s1");
        cluster().removeNamespace("default");
        assertThatThrownBy(() -> create("s2"))
                .isInstanceOfSatisfying(
                        KubectlException.class, e -> assertThat(e.reason()).isEqualTo(Reason.NOT_FOUND));
        cluster().addNamespace("default");

        create("s3");

        assertThat(Objects.requireNonNull(storage("s3").pvc()).namespaceUid()).isEqualTo(namespaceUid());
        assertThat(volumes.delete("s3").outcome()).isEqualTo(Outcome.EVICTED);
    }

    @Test
    void without_a_namespace_no_volume_is_begun() {
        cluster().removeNamespace("default");

        assertThatThrownBy(() -> create("s1"))
                .isInstanceOfSatisfying(
                        KubectlException.class, e -> assertThat(e.reason()).isEqualTo(Reason.NOT_FOUND));

        assertThat(storage("s1").state()).isEqualTo(StorageState.NONE);
    }

    @Test
    void in_another_cluster_no_job_with_the_labels_of_the_session_is_deleted() {
        create("s1");
        cluster().addNamespace("default");
        kubectl()
                .createJob(TestJobs.manifest(
                        new ObjectRef("default", "job-1"),
                        names.sessionLabels("s1"),
                        claimOf("s1").name()));

        assertRefused(restarted(), "s1");

        assertThat(cluster().jobs()).hasSize(1);
    }
}

package io.agentrun.k8s.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.agentrun.error.InvalidInputException;
import io.agentrun.error.SessionBusyException;
import io.agentrun.error.StateConflictException;
import io.agentrun.k8s.InstanceNames;
import io.agentrun.k8s.apiserver.Scenario;
import io.agentrun.k8s.kubectl.KubectlException;
import io.agentrun.k8s.kubectl.KubectlException.Reason;
import io.agentrun.k8s.kubectl.memory.Fault;
import io.agentrun.k8s.object.AccessMode;
import io.agentrun.k8s.object.ClaimView;
import io.agentrun.k8s.object.ObjectRef;
import io.agentrun.k8s.storage.Eviction.Outcome;
import io.agentrun.k8s.storage.VolumeSummary.Sight;
import io.agentrun.session.Session;
import io.agentrun.storage.SessionStorageException;
import io.agentrun.storage.StorageRefresh;
import io.agentrun.storage.StorageState;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** The life of a session's volume, call by call. */
abstract class SessionVolumesScenarios extends Scenario {

    private static final ObjectRef POD = new ObjectRef("default", "somebody");

    private String uid(String sessionId) {
        return Objects.requireNonNull(
                Objects.requireNonNull(storage(sessionId).pvc()).uid());
    }

    @Test
    void a_session_and_its_claim_are_created_together() {
        Session session = create("s1");

        ClaimView claim = cluster().claim(claimOf("s1")).orElseThrow();
        assertThat(session.storage().state()).isEqualTo(StorageState.READY);
        assertThat(session.storage().generation()).isEqualTo(1);
        assertThat(uid("s1")).isEqualTo(claim.meta().uid());
        assertThat(claim.size()).isEqualTo("10Gi");
        assertThat(claim.meta().labels()).isEqualTo(names.claimLabels("s1", 1));
        // The namespace, once, and the claim.
        assertThat(processes()).isEqualTo(2);
        create("s2");
        assertThat(processes()).isEqualTo(3);
    }

    @Test
    void a_second_create_asks_the_cluster_nothing() {
        Session first = create("s1");

        Session second = create("s1");

        assertThat(second).isEqualTo(first);
        assertThat(processes()).isEqualTo(2);
    }

    @Test
    void a_session_may_ask_for_another_volume_than_the_defaults() {
        cluster().addNamespace("other");
        VolumeSpec spec = VolumeSpec.builder()
                .namespace("other")
                .size("500Mi")
                .storageClass("fast-ssd")
                .accessModes(List.of(AccessMode.READ_WRITE_MANY))
                .labels(Map.of("team", "x"))
                .annotations(Map.of("note", "for the demo"))
                .build();

        volumes.create(new NewSessionVolume(upsert("s1").build(), spec));

        ClaimView claim = cluster().claim(claimOf("s1")).orElseThrow();
        assertThat(claim.meta().ref().namespace()).isEqualTo("other");
        assertThat(claim.size()).isEqualTo("500Mi");
        assertThat(claim.storageClass()).isEqualTo("fast-ssd");
        assertThat(claim.accessModes()).containsExactly("ReadWriteMany");
        assertThat(claim.meta().labels()).containsEntry("team", "x");
        assertThat(claim.meta().annotations()).containsEntry("note", "for the demo");
        assertThatThrownBy(() -> volumes.create(new NewSessionVolume(
                        upsert("s1").build(),
                        VolumeSpec.builder().namespace("default").build())))
                .isInstanceOf(StateConflictException.class);
    }

    @Test
    void ids_that_are_no_names_become_names() {
        for (String id : List.of("--all", "../../secrets/x", "-o=json", "ÄÖÜ 漢字", "a".repeat(200), "A.B_C")) {
            Session session = create(id);

            assertThat(session.storage().state()).as(id).isEqualTo(StorageState.READY);
            assertThat(claimOf(id).name()).matches("agentrun-[a-z0-9-]+-g1").hasSizeLessThanOrEqualTo(63);
        }
        assertThat(cluster().claims()).hasSize(6);
    }

    @Test
    void ids_that_no_store_takes_are_refused_with_their_field_and_nothing_is_asked() {
        for (String id : List.of("a\nb", "a\u0000b", "a".repeat(300), "")) {
            assertThatThrownBy(() -> create(id))
                    .isInstanceOfSatisfying(
                            InvalidInputException.class,
                            e -> assertThat(e.field()).isEqualTo("sessionId"));
            assertThatThrownBy(() -> volumes.delete(id))
                    .isInstanceOfSatisfying(
                            InvalidInputException.class,
                            e -> assertThat(e.field()).isEqualTo("sessionId"));
        }
        assertThat(processes()).isZero();
    }

    @Test
    void an_answer_that_was_lost_is_found_by_a_look() {
        cluster().inject(Fault.after("create persistentvolumeclaims", Reason.UNAVAILABLE));

        Session session = create("s1");

        assertThat(session.storage().state()).isEqualTo(StorageState.READY);
        assertThat(cluster().claims()).hasSize(1);
        assertThat(processes()).isEqualTo(3);
    }

    @Test
    void a_claim_of_that_name_that_is_not_the_sessions_is_left_alone() {
        cluster().replaceClaim(planned("s1"), Map.of("app", "database"));

        assertThatThrownBy(() -> create("s1")).isInstanceOfSatisfying(KubectlException.class, e -> {
            assertThat(e.reason()).isEqualTo(Reason.ALREADY_EXISTS);
            assertThat(e.retryable()).isFalse();
        });
        assertThat(storage("s1").state()).isEqualTo(StorageState.PROVISIONING);
        assertThat(cluster().claim(planned("s1")).orElseThrow().meta().labels()).containsEntry("app", "database");
    }

    @Test
    void a_claim_that_is_on_its_way_out_is_not_taken() {
        cluster().slowDeletions();
        cluster().replaceClaim(planned("s1"), names.claimLabels("s1", 1));
        String uid = cluster().claim(planned("s1")).orElseThrow().meta().uid();
        kubectl().deleteClaim(planned("s1"), uid);

        assertThatThrownBy(() -> create("s1"))
                .isInstanceOfSatisfying(
                        SessionStorageException.class,
                        e -> assertThat(e.failureKind().wire()).isEqualTo("session-storage-terminating"));

        cluster().finishDeletions();
        assertThat(create("s1").storage().state()).isEqualTo(StorageState.READY);
    }

    @Test
    void a_refused_claim_leaves_the_intent_and_the_next_call_tries_again() {
        cluster().quota("default", 0);
        assertThatThrownBy(() -> create("s1"))
                .isInstanceOfSatisfying(
                        KubectlException.class, e -> assertThat(e.reason()).isEqualTo(Reason.QUOTA_EXCEEDED));
        assertThat(storage("s1").state()).isEqualTo(StorageState.PROVISIONING);

        cluster().quota("default", 1);

        assertThat(create("s1").storage().state()).isEqualTo(StorageState.READY);
    }

    @Test
    void what_kubernetes_would_refuse_is_refused_before_with_its_field() {
        record Bad(String field, Runnable call) {}
        List<Bad> all = List.of(
                new Bad("size", () -> VolumeSpec.builder().size("10 GB").build()),
                new Bad("size", () -> VolumeSpec.builder().size("0").build()),
                new Bad("size", () -> VolumeSpec.builder().size("-1Gi").build()),
                new Bad(
                        "namespace",
                        () -> VolumeSpec.builder().namespace("../x").build()),
                new Bad(
                        "storageClass",
                        () -> VolumeSpec.builder().storageClass("Fast").build()),
                new Bad(
                        "accessModes",
                        () -> VolumeSpec.builder().accessModes(List.of()).build()),
                new Bad(
                        "labels",
                        () -> VolumeSpec.builder().labels(Map.of("a", "b c")).build()),
                new Bad(
                        "labels",
                        () -> VolumeSpec.builder().labels(Map.of("-a", "b")).build()),
                new Bad(
                        "labels",
                        () -> VolumeSpec.builder()
                                .labels(Map.of(InstanceNames.SESSION, "b"))
                                .build()),
                new Bad(
                        "annotations",
                        () -> VolumeSpec.builder()
                                .annotations(Map.of("a/b/c", "d"))
                                .build()),
                new Bad("instanceId", () -> InstanceNames.of("a b")),
                new Bad("namespace", () -> SessionVolumeOptions.of("i", "N")));

        for (Bad bad : all) {
            assertThatThrownBy(bad.call()::run)
                    .isInstanceOfSatisfying(
                            InvalidInputException.class,
                            e -> assertThat(e.field()).isEqualTo(bad.field()));
        }
        assertThat(processes()).isZero();
    }

    @Test
    void a_summary_says_what_store_and_cluster_know() {
        store.sessions().upsert(upsert("bare").build());
        create("s1");
        create("s2");
        ObjectRef claim = claimOf("s1");

        assertThat(volumes.summary("bare").sight()).isEqualTo(Sight.NOT_ASKED);
        assertThat(volumes.summary("s1").sight()).isEqualTo(Sight.PRESENT);
        cluster().loseClaim(claim);
        assertThat(volumes.summary("s1").sight()).isEqualTo(Sight.ABSENT);
        cluster().replaceClaim(claim, names.claimLabels("s1", 1));
        assertThat(volumes.summary("s1").sight()).isEqualTo(Sight.FOREIGN);
        cluster().slowDeletions();
        kubectl().deleteClaim(claimOf("s2"), uid("s2"));
        assertThat(volumes.summary("s2").sight()).isEqualTo(Sight.TERMINATING);
        cluster().inject(Fault.before("get persistentvolumeclaims", Reason.UNAVAILABLE));
        assertThat(volumes.summary("s2").sight()).isEqualTo(Sight.UNKNOWN);
        assertThat(storage("s1").state()).isEqualTo(StorageState.READY);
    }

    @Test
    void a_refresh_changes_what_it_mentions() {
        create("s1");
        volumes.refresh(StorageRefresh.builder("s1")
                .sizeBytes(10L)
                .filesCount(2L)
                .sha256("a".repeat(64))
                .build());

        Session session =
                volumes.refresh(StorageRefresh.builder("s1").sizeBytes(11L).build());

        assertThat(session.storage().contents().sizeBytes()).isEqualTo(11);
        assertThat(session.storage().contents().filesCount()).isEqualTo(2);
        assertThat(session.storage().contents().sha256()).isEqualTo("a".repeat(64));
        assertThat(processes()).isEqualTo(2);
    }

    @Test
    void a_deleted_volume_is_evicted_and_a_later_one_is_another() {
        create("s1");
        ObjectRef first = claimOf("s1");

        Eviction eviction = volumes.delete("s1");
        Eviction again = volumes.delete("s1");

        assertThat(eviction.outcome()).isEqualTo(Outcome.EVICTED);
        assertThat(again.outcome()).isEqualTo(Outcome.EVICTED);
        assertThat(storage("s1").state()).isEqualTo(StorageState.EVICTED);
        assertThat(cluster().claims()).isEmpty();
        Session next = create("s1");
        assertThat(next.storage().generation()).isEqualTo(2);
        assertThat(claimOf("s1")).isNotEqualTo(first);
    }

    @Test
    void a_volume_in_use_is_not_deleted() {
        create("s1");
        run("s1");
        long before = processes();

        assertThatThrownBy(() -> volumes.delete("s1")).isInstanceOf(SessionBusyException.class);
        assertThatThrownBy(() -> volumes.delete("unknown")).isInstanceOf(RuntimeException.class);

        assertThat(storage("s1").state()).isEqualTo(StorageState.READY);
        assertThat(processes()).isEqualTo(before);
    }

    @Test
    void a_claim_that_somebodys_pod_mounts_stays_until_the_pod_is_gone() {
        create("s1");
        ownPod(POD, claimOf("s1"));
        cluster().finishPod(POD);

        Eviction pinned = volumes.delete("s1");
        assertThat(pinned.outcome()).isEqualTo(Outcome.POD_IN_USE);
        assertThat(pinned.detail()).contains("somebody");
        assertThat(cluster().claim(claimOf("s1")).orElseThrow().meta().terminating())
                .isFalse();

        cluster().removePod(POD);
        assertThat(volumes.delete("s1").outcome()).isEqualTo(Outcome.EVICTED);
    }

    @Test
    void a_slow_deletion_is_ended_by_a_later_call() {
        create("s1");
        cluster().slowDeletions();

        assertThat(volumes.delete("s1").outcome()).isEqualTo(Outcome.TERMINATING);
        assertThat(storage("s1").state()).isEqualTo(StorageState.EVICTING);
        assertThatThrownBy(() -> run("s1")).isInstanceOf(SessionStorageException.class);
        assertThatThrownBy(() -> create("s1")).isInstanceOf(SessionStorageException.class);

        cluster().finishDeletions();
        assertThat(volumes.delete("s1").outcome()).isEqualTo(Outcome.EVICTED);
    }

    @Test
    void a_claim_under_another_uid_is_left_alone_and_the_session_is_missing() {
        create("s1");
        cluster().replaceClaim(claimOf("s1"), names.claimLabels("s1", 1));

        assertThat(volumes.delete("s1").outcome()).isEqualTo(Outcome.FOREIGN_CLAIM);

        assertThat(storage("s1").state()).isEqualTo(StorageState.MISSING);
        assertThat(cluster().claims())
                .singleElement()
                .satisfies(claim -> assertThat(claim.meta().terminating()).isFalse());
    }

    @Test
    void a_claim_of_that_name_with_the_labels_of_another_session_or_generation_is_left_alone() {
        for (Map<String, String> labels : List.of(names.claimLabels("s2", 1), names.claimLabels("s1", 2))) {
            cluster().replaceClaim(planned("s1"), labels);

            assertThatThrownBy(() -> create("s1"))
                    .isInstanceOfSatisfying(
                            KubectlException.class, e -> assertThat(e.reason()).isEqualTo(Reason.ALREADY_EXISTS));

            assertThat(storage("s1").state()).isEqualTo(StorageState.PROVISIONING);
        }
    }
}

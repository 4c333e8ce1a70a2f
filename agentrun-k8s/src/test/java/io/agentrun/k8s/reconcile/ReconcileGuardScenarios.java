package io.agentrun.k8s.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentrun.k8s.InstanceNames;
import io.agentrun.k8s.apiserver.Scenario;
import io.agentrun.k8s.kubectl.KubectlHandler;
import io.agentrun.k8s.object.ClaimView;
import io.agentrun.k8s.object.ObjectMeta;
import io.agentrun.k8s.object.ObjectPage;
import io.agentrun.k8s.object.ObjectRef;
import io.agentrun.k8s.reconcile.Finding.Action;
import io.agentrun.k8s.reconcile.Finding.Kind;
import io.agentrun.k8s.reconcile.Finding.Result;
import io.agentrun.k8s.reconcile.ReconcileOptions.Orphans;
import io.agentrun.storage.EvictionCause;
import io.agentrun.storage.StorageIntent;
import io.agentrun.storage.StorageState;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What the reconciler leaves alone: what others own or use, and what has changed since it was compared. */
abstract class ReconcileGuardScenarios extends Scenario {

    private static final ObjectRef STRAY = new ObjectRef("default", "stray");

    private ReconcileReport apply(KubectlHandler kubectl) {
        ReconcileOptions deleting = ReconcileOptions.defaults().withClock(clock).withOrphans(Orphans.DELETE);
        return new StorageReconciler(store, kubectl, options, deleting).apply();
    }

    private Finding only(ReconcileReport report) {
        assertThat(report.problems()).isEmpty();
        assertThat(report.findings()).hasSize(1);
        return report.findings().get(0);
    }

    private void later() {
        clock.advance(HOUR.multipliedBy(2));
    }

    @Test
    void a_claim_of_another_instance_without_a_session_here_is_reported_and_stays() {
        cluster().replaceClaim(STRAY, InstanceNames.of("other").claimLabels("unknown", 1));
        later();

        assertThat(only(apply(kubectl())).kind()).isEqualTo(Kind.OTHER_INSTANCE);

        assertThat(cluster().claim(STRAY)).isPresent();
    }

    @Test
    void a_claim_without_the_session_s_labels_does_not_confirm_an_intent() {
        cluster().replaceClaim(planned("s1"), Map.of("app", "database"));
        later();

        Finding found = only(apply(kubectl()));

        assertThat(found.kind()).isEqualTo(Kind.NAME_TAKEN);
        assertThat(found.action()).isEqualTo(Action.NONE);
        assertThat(storage("s1").state()).isEqualTo(StorageState.PROVISIONING);
    }

    @Test
    void a_claim_that_appears_after_the_list_was_read_is_not_lost() {
        createExpired("s1");
        ObjectRef claim = claimOf("s1");
        KubectlHandler stale = kubectlAnswering("listClaims", page -> new ObjectPage<>(List.of(), null, List.of()));

        assertThat(apply(stale).findings()).isEmpty();

        assertThat(storage("s1").state()).isEqualTo(StorageState.READY);
        assertThat(cluster().claim(claim)).isPresent();
    }

    @Test
    void an_orphan_that_a_pod_mounts_is_named_with_the_pod_and_stays() {
        cluster().replaceClaim(STRAY, names.claimLabels("unknown", 1));
        ownPod(new ObjectRef("default", "busy"), STRAY);
        later();

        Finding found = only(apply(kubectl()));

        assertThat(found.kind()).isEqualTo(Kind.CLAIM_WITHOUT_ROW);
        assertThat(found.detail()).contains("pod busy mounts it");
        assertThat(cluster().claim(STRAY).orElseThrow().meta().terminating()).isFalse();
    }

    @Test
    void a_claim_of_another_generation_under_the_name_of_an_evicted_volume_stays() {
        ObjectRef name = planned("s1");
        volumes.delete("s1");
        assertThat(storage("s1").state()).isEqualTo(StorageState.EVICTED);
        cluster().replaceClaim(name, names.claimLabels("s1", 2));
        later();

        assertThat(apply(kubectl()).findings()).isEmpty();

        assertThat(cluster().claim(name)).isPresent();
    }

    @Test
    void when_one_namespace_cannot_be_read_no_claim_of_another_one_is_an_orphan() {
        cluster().replaceClaim(STRAY, names.claimLabels("unknown", 1));
        store.sessions().upsert(upsert("s1").build());
        store.storage().provision(new StorageIntent("s1", "elsewhere", claimName("s1")));
        later();

        ReconcileReport report = apply(kubectl());

        assertThat(report.problems()).hasSize(1);
        assertThat(report.findings()).isEmpty();
        assertThat(cluster().claim(STRAY)).isPresent();
    }

    @Test
    void sessions_beyond_the_first_page_are_compared_too() {
        for (int i = 0; i < 500; i++) {
            store.sessions().upsert(upsert("bare" + i).build());
        }
        create("s1");
        cluster().loseClaim(claimOf("s1"));

        assertThat(only(apply(kubectl())).sessionId()).isEqualTo("s1");
    }

    @Test
    void a_namespace_with_another_uid_than_the_configured_one_is_not_compared() {
        create("s1");
        cluster().loseClaim(claimOf("s1"));

        ReconcileReport report = new StorageReconciler(
                        store,
                        kubectl(),
                        options.withNamespaceUid("default", "11111111-1111-4111-8111-111111111111"),
                        ReconcileOptions.defaults().withClock(clock))
                .apply();

        assertThat(report.problems()).singleElement().asString().contains("right cluster");
        assertThat(report.findings()).isEmpty();
        assertThat(storage("s1").state()).isEqualTo(StorageState.READY);
    }

    @Test
    void a_session_whose_eviction_begins_meanwhile_is_not_marked_missing() {
        create("s1");
        cluster().loseClaim(claimOf("s1"));
        KubectlHandler overtaken =
                kubectlAfter("findClaim", () -> store.storage().beginEviction("s1", 1, EvictionCause.REQUESTED));

        assertThat(only(apply(overtaken)).result()).isEqualTo(Result.CHANGED_MEANWHILE);

        assertThat(storage("s1").state()).isEqualTo(StorageState.EVICTING);
    }

    @Test
    void a_claim_that_another_cluster_does_not_have_is_not_lost() {
        create("s1");
        cluster().loseClaim(claimOf("s1"));
        KubectlHandler switched = kubectlAfter("findClaim", () -> cluster().addNamespace("default"));

        assertThat(only(apply(switched)).result()).isEqualTo(Result.CHANGED_MEANWHILE);

        assertThat(storage("s1").state()).isEqualTo(StorageState.READY);
    }

    @Test
    void a_claim_that_is_on_its_way_out_confirms_no_intent() {
        ObjectRef claim = planned("s1");
        cluster().replaceClaim(claim, names.claimLabels("s1", 1));
        cluster().slowDeletions();
        kubectl().deleteClaim(claim, cluster().claim(claim).orElseThrow().meta().uid());
        later();

        assertThat(only(apply(kubectl())).result()).isEqualTo(Result.CHANGED_MEANWHILE);

        assertThat(storage("s1").state()).isEqualTo(StorageState.PROVISIONING);
    }

    @Test
    void a_claim_whose_session_changes_meanwhile_is_not_deleted() {
        create("first");
        cluster().loseClaim(claimOf("first"));
        ObjectRef late = planned("s1");
        volumes.delete("s1");
        cluster().replaceClaim(late, names.claimLabels("s1", 1));
        later();
        KubectlHandler overtaken = kubectlAfter(
                "findClaim", () -> store.storage().provision(new StorageIntent("s1", "default", claimName("other"))));

        ReconcileReport report = apply(overtaken);

        assertThat(report.findings())
                .filteredOn(found -> "s1".equals(found.sessionId()))
                .singleElement()
                .satisfies(found -> {
                    assertThat(found.kind()).isEqualTo(Kind.EVICTED_BUT_THERE);
                    assertThat(found.result()).isEqualTo(Result.CHANGED_MEANWHILE);
                });
        assertThat(cluster().claim(late)).isPresent();
    }

    @Test
    void an_orphan_that_is_given_other_labels_meanwhile_is_not_deleted() {
        cluster().replaceClaim(STRAY, names.claimLabels("unknown", 1));
        later();
        KubectlHandler relabelled = kubectlAnswering(
                "findClaim",
                answer -> ((Optional<?>) answer)
                        .map(ClaimView.class::cast)
                        .map(claim -> withLabels(claim, Map.of("app", "database"))));

        assertThat(only(apply(relabelled)).result()).isEqualTo(Result.CHANGED_MEANWHILE);

        assertThat(cluster().claim(STRAY)).isPresent();
    }

    private static ClaimView withLabels(ClaimView claim, Map<String, String> labels) {
        ObjectMeta meta = claim.meta();
        return new ClaimView(
                new ObjectMeta(
                        meta.ref(),
                        meta.uid(),
                        meta.resourceVersion(),
                        meta.createdAt(),
                        meta.deletedAt(),
                        labels,
                        meta.annotations()),
                claim.phase(),
                claim.size(),
                claim.capacity(),
                claim.storageClass(),
                claim.accessModes());
    }
}

package io.agentrun.k8s.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import io.agentrun.AgentRunStore;
import io.agentrun.k8s.apiserver.AdoptedRows;
import io.agentrun.k8s.apiserver.Scenario;
import io.agentrun.k8s.kubectl.KubectlException;
import io.agentrun.k8s.kubectl.KubectlException.Reason;
import io.agentrun.k8s.object.ObjectRef;
import io.agentrun.k8s.reconcile.Finding;
import io.agentrun.k8s.reconcile.ReconcileOptions;
import io.agentrun.k8s.reconcile.ReconcileReport;
import io.agentrun.k8s.reconcile.ResumeCheck;
import io.agentrun.k8s.reconcile.ResumeQuery;
import io.agentrun.k8s.reconcile.ResumeVerdict;
import io.agentrun.k8s.reconcile.StorageReconciler;
import io.agentrun.k8s.storage.Eviction.Outcome;
import io.agentrun.k8s.storage.VolumeSummary.Sight;
import io.agentrun.session.Expiry;
import io.agentrun.session.SessionUpsert;
import io.agentrun.storage.EvictionCause;
import io.agentrun.storage.StorageIntent;
import io.agentrun.storage.StorageReady;
import io.agentrun.storage.StorageState;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Volumes that the original manager made: no uid in the row, no label of ours on the claim. */
abstract class AdoptedVolumeScenarios extends Scenario {

    private static final ObjectRef CLAIM = new ObjectRef("default", "session-abc");

    private final AdoptedRows rows = new AdoptedRows();

    /** A session with such a volume, which has expired. */
    private AgentRunStore adopt(Map<String, String> labels) {
        store.sessions()
                .upsert(SessionUpsert.builder("s1", OWNER, CODEX)
                        .threadId("thread-1")
                        .expiry(Expiry.at(clock.instant().minusSeconds(1)))
                        .build());
        store.storage().provision(new StorageIntent("s1", CLAIM.namespace(), CLAIM.name()));
        cluster().replaceClaim(CLAIM, labels);
        String uid = cluster().claim(CLAIM).orElseThrow().meta().uid();
        store.storage().ready(StorageReady.of("s1", 1, uid));
        AgentRunStore adopted = rows.over(store);
        volumes = new SessionVolumes(adopted, kubectl(), options);
        return adopted;
    }

    private StorageGc collector(AgentRunStore adopted) {
        return new StorageGc(
                adopted,
                kubectl(),
                options,
                StorageGcOptions.builder().collectorId("a").clock(clock).build());
    }

    private ReconcileReport reconcile(AgentRunStore adopted) {
        return new StorageReconciler(
                        adopted, kubectl(), options, ReconcileOptions.defaults().withClock(clock))
                .apply();
    }

    @Test
    void an_adopted_volume_is_present_and_its_session_can_be_resumed() {
        AgentRunStore adopted = adopt(Map.of("app", "manager"));

        assertThat(volumes.summary("s1").sight()).isEqualTo(Sight.PRESENT);
        assertThat(new ResumeCheck(adopted, kubectl())
                        .check(ResumeQuery.of("s1", CODEX))
                        .status())
                .isEqualTo(ResumeVerdict.Status.READY);
        assertThat(rows.learnt()).isEmpty();
    }

    @Test
    void the_reconciler_stores_and_reports_the_uid_of_an_adopted_volume() {
        AgentRunStore adopted = adopt(Map.of());

        ReconcileReport report = reconcile(adopted);

        assertThat(report.findings()).singleElement().satisfies(found -> {
            assertThat(found.kind()).isEqualTo(Finding.Kind.ADOPTED);
            assertThat(found.result()).isEqualTo(Finding.Result.DONE);
            assertThat(found.claim()).isEqualTo(CLAIM);
        });
        assertThat(rows.learnt()).containsExactly("s1");
        assertThat(reconcile(adopted).findings()).isEmpty();
        assertThat(storage("s1").state()).isEqualTo(StorageState.READY);
    }

    @Test
    void an_expired_adopted_volume_is_collected_by_its_uid() {
        AgentRunStore adopted = adopt(Map.of());

        assertThat(collector(adopted).sweep().count(Outcome.EVICTED)).isEqualTo(1);

        assertThat(rows.learnt()).containsExactly("s1");
        assertThat(cluster().claims()).isEmpty();
        assertThat(storage("s1").state()).isEqualTo(StorageState.EVICTED);
    }

    @Test
    void an_adopted_volume_is_deleted_also_if_its_eviction_began_before_its_uid_was_known() {
        adopt(Map.of());
        store.storage().beginEviction("s1", 1, EvictionCause.REQUESTED);

        assertThat(volumes.delete("s1").outcome()).isEqualTo(Outcome.EVICTED);

        assertThat(rows.learnt()).isEmpty();
        assertThat(cluster().claims()).isEmpty();
    }

    @Test
    void an_adopted_volume_grows_once_its_uid_is_learnt() {
        adopt(Map.of());

        assertThat(volumes.resize("s1", "2Gi").size()).isEqualTo("2Gi");

        assertThat(rows.learnt()).containsExactly("s1");
    }

    @Test
    void a_claim_of_an_adopted_volumes_name_that_agentrun_made_does_not_grow() {
        adopt(names.claimLabels("s2", 1));

        assertThatThrownBy(() -> volumes.resize("s1", "2Gi"))
                .isInstanceOfSatisfying(
                        KubectlException.class, e -> assertThat(e.reason()).isEqualTo(Reason.NOT_FOUND));
        assertThat(cluster().claim(CLAIM).orElseThrow().size()).isEqualTo("1Gi");
    }

    @Test
    void deleting_it_learns_its_uid_first() {
        adopt(Map.of());

        assertThat(volumes.delete("s1").outcome()).isEqualTo(Outcome.EVICTED);

        assertThat(rows.learnt()).containsExactly("s1");
    }

    @Test
    void a_claim_of_that_name_that_agentrun_made_is_not_the_one() {
        AgentRunStore adopted = adopt(names.claimLabels("another", 1));

        assertThat(volumes.summary("s1").sight()).isEqualTo(Sight.FOREIGN);
        assertThat(new ResumeCheck(adopted, kubectl())
                        .check(ResumeQuery.of("s1", CODEX))
                        .status())
                .isEqualTo(ResumeVerdict.Status.MISSING);
        assertThat(reconcile(adopted).findings()).extracting(Finding::kind).contains(Finding.Kind.NAME_TAKEN);
        assertThat(volumes.delete("s1").outcome()).isEqualTo(Outcome.FOREIGN_CLAIM);
        assertThat(rows.learnt()).isEmpty();
        assertThat(cluster().claims()).hasSize(1);
    }

    @Test
    void a_claim_that_is_gone_is_missing() {
        AgentRunStore adopted = adopt(Map.of());
        cluster().loseClaim(CLAIM);

        assertThat(reconcile(adopted).findings())
                .extracting(Finding::kind, Finding::result)
                .containsExactly(tuple(Finding.Kind.CLAIM_LOST, Finding.Result.DONE));
        assertThat(storage("s1").state()).isEqualTo(StorageState.MISSING);
    }
}

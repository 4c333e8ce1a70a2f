package io.agentrun.k8s.reconcile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.agentrun.k8s.InstanceNames;
import io.agentrun.k8s.apiserver.Scenario;
import io.agentrun.k8s.kubectl.KubectlException.Reason;
import io.agentrun.k8s.kubectl.memory.Fault;
import io.agentrun.k8s.object.ClaimView;
import io.agentrun.k8s.object.ObjectRef;
import io.agentrun.k8s.reconcile.Finding.Action;
import io.agentrun.k8s.reconcile.Finding.Kind;
import io.agentrun.k8s.reconcile.Finding.Result;
import io.agentrun.k8s.reconcile.ReconcileOptions.Orphans;
import io.agentrun.k8s.reconcile.ResumeVerdict.Status;
import io.agentrun.model.BackendProfile;
import io.agentrun.session.SessionUpsert;
import io.agentrun.storage.StorageIntent;
import io.agentrun.storage.StorageRefresh;
import io.agentrun.storage.StorageState;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** Store and cluster compared, in both directions; and the check before a resume. */
abstract class ReconcilerScenarios extends Scenario {

    private static final ObjectRef STRAY = new ObjectRef("default", "stray");

    private ReconcileOptions careful() {
        return ReconcileOptions.defaults().withClock(clock);
    }

    private StorageReconciler reconciler(ReconcileOptions how) {
        return new StorageReconciler(store, kubectl(), options, how);
    }

    private Finding mended(ReconcileOptions how, Kind kind, Action action) {
        ReconcileReport dry = reconciler(how).dryRun();
        assertThat(dry.problems()).isEmpty();
        assertThat(dry.findings()).singleElement().satisfies(found -> {
            assertThat(found.kind()).isEqualTo(kind);
            assertThat(found.action()).isEqualTo(action);
            assertThat(found.result()).isEqualTo(Result.NOTHING);
        });
        assertThat(reconciler(how).dryRun()).isEqualTo(dry);
        return reconciler(how).apply().findings().get(0);
    }

    @Test
    void nothing_differs_where_nothing_went_wrong() {
        create("s1");
        create("s2");
        store.sessions().upsert(upsert("bare").build());

        ReconcileReport report = reconciler(careful()).apply();

        assertThat(report.findings()).isEmpty();
        assertThat(report.problems()).isEmpty();
    }

    @Test
    void a_lost_claim_makes_its_session_missing() {
        create("s1");
        cluster().loseClaim(claimOf("s1"));

        Finding done = mended(careful(), Kind.CLAIM_LOST, Action.MARK_MISSING);

        assertThat(done.result()).isEqualTo(Result.DONE);
        assertThat(storage("s1").state()).isEqualTo(StorageState.MISSING);
        assertThat(reconciler(careful()).dryRun().findings()).isEmpty();
    }

    @Test
    void a_claim_under_another_uid_makes_its_session_missing_and_is_left_alone() {
        create("s1");
        cluster().replaceClaim(claimOf("s1"), names.claimLabels("s1", 1));

        assertThat(mended(careful(), Kind.UID_CHANGED, Action.MARK_MISSING).result())
                .isEqualTo(Result.DONE);

        assertThat(storage("s1").state()).isEqualTo(StorageState.MISSING);
        assertThat(cluster().claims()).hasSize(1);
        assertThat(reconciler(careful()).dryRun().findings()).isEmpty();
    }

    @Test
    void a_claim_that_nobody_confirmed_is_confirmed_after_the_grace() {
        store.sessions().upsert(upsert("s1").build());
        String name = claimName("s1");
        store.storage().provision(new StorageIntent("s1", "default", name));
        cluster().replaceClaim(new ObjectRef("default", name), names.claimLabels("s1", 1));
        assertThat(reconciler(careful()).apply().findings()).isEmpty();
        clock.advance(HOUR.multipliedBy(2));

        assertThat(mended(careful(), Kind.NOT_CONFIRMED, Action.MARK_READY).result())
                .isEqualTo(Result.DONE);

        ClaimView claim = cluster().claims().get(0);
        assertThat(storage("s1").state()).isEqualTo(StorageState.READY);
        assertThat(Objects.requireNonNull(storage("s1").pvc()).uid())
                .isEqualTo(claim.meta().uid());
    }

    @Test
    void in_another_cluster_nothing_is_said_of_a_claim_and_nothing_changes() {
        create("s1");
        create("s2");
        ObjectRef claim = claimOf("s1");
        cluster().addNamespace("default");
        cluster().replaceClaim(claim, names.claimLabels("s1", 1));
        clock.advance(HOUR.multipliedBy(2));

        ReconcileReport report =
                reconciler(careful().withOrphans(Orphans.DELETE)).apply();

        assertThat(report.findings())
                .extracting(Finding::sessionId, Finding::kind, Finding::result)
                .containsExactlyInAnyOrder(
                        tuple("s1", Kind.NAMESPACE_CHANGED, Result.NOTHING),
                        tuple("s2", Kind.NAMESPACE_CHANGED, Result.NOTHING));
        assertThat(storage("s1").state()).isEqualTo(StorageState.READY);
        assertThat(cluster().claim(claim)).isPresent();
    }

    @Test
    void an_intent_without_a_claim_is_reported() {
        store.sessions().upsert(upsert("s1").build());
        store.storage().provision(new StorageIntent("s1", "default", claimName("s1")));
        clock.advance(HOUR.multipliedBy(2));

        assertThat(mended(careful(), Kind.NEVER_CREATED, Action.NONE).result()).isEqualTo(Result.NOTHING);

        assertThat(storage("s1").state()).isEqualTo(StorageState.PROVISIONING);
    }

    @Test
    void a_claim_without_a_row_is_deleted_only_if_that_was_asked_for_and_it_is_old() {
        cluster().replaceClaim(STRAY, names.claimLabels("unknown", 1));
        ReconcileOptions deleting = careful().withOrphans(Orphans.DELETE);
        assertThat(mended(deleting, Kind.CLAIM_WITHOUT_ROW, Action.NONE).detail())
                .contains("younger");
        clock.advance(HOUR.multipliedBy(2));
        assertThat(mended(careful(), Kind.CLAIM_WITHOUT_ROW, Action.NONE).result())
                .isEqualTo(Result.NOTHING);
        assertThat(mended(deleting.withMaxDeletions(0), Kind.CLAIM_WITHOUT_ROW, Action.DELETE_CLAIM)
                        .result())
                .isEqualTo(Result.OVER_LIMIT);
        assertThat(cluster().claim(STRAY)).isPresent();

        assertThat(mended(deleting, Kind.CLAIM_WITHOUT_ROW, Action.DELETE_CLAIM).result())
                .isEqualTo(Result.DONE);

        assertThat(cluster().claim(STRAY)).isEmpty();
    }

    @Test
    void claims_of_others_are_never_touched() {
        cluster().replaceClaim(STRAY, InstanceNames.of("other").claimLabels("s1", 1));
        cluster().replaceClaim(new ObjectRef("default", "database"), Map.of("app", "postgres"));
        create("s1");
        clock.advance(HOUR.multipliedBy(2));

        Finding found = mended(careful().withOrphans(Orphans.DELETE), Kind.OTHER_INSTANCE, Action.NONE);

        assertThat(found.detail()).contains("other");
        assertThat(cluster().claims()).hasSize(3);
    }

    @Test
    void a_claim_that_came_late_after_its_eviction_is_deleted() {
        create("s1");
        ObjectRef ref = claimOf("s1");
        volumes.delete("s1");
        assertThat(storage("s1").state()).isEqualTo(StorageState.EVICTED);
        // The same volume again: a creation that was under way when the session was evicted.
        store.sessions().upsert(upsert("s2").build());
        store.storage().provision(new StorageIntent("s2", "default", claimName("s2")));
        volumes.delete("s2");
        ObjectRef late = claimOf("s2");
        cluster().replaceClaim(late, names.claimLabels("s2", 1));
        clock.advance(HOUR.multipliedBy(2));

        assertThat(mended(careful(), Kind.EVICTED_BUT_THERE, Action.DELETE_CLAIM)
                        .result())
                .isEqualTo(Result.DONE);

        assertThat(cluster().claim(late)).isEmpty();
        assertThat(cluster().claim(ref)).isEmpty();
    }

    @Test
    void a_claim_of_an_earlier_generation_is_an_orphan() {
        create("s1");
        ObjectRef first = claimOf("s1");
        String uid = cluster().claim(first).orElseThrow().meta().uid();
        store.storage().markMissing("s1", 1);
        assertThat(mended(careful(), Kind.FOUND_AGAIN, Action.NONE).result()).isEqualTo(Result.NOTHING);
        create("s1");
        clock.advance(HOUR.multipliedBy(2));

        assertThat(mended(careful().withOrphans(Orphans.DELETE), Kind.STALE_CLAIM, Action.DELETE_CLAIM)
                        .result())
                .isEqualTo(Result.DONE);

        assertThat(cluster().claims())
                .singleElement()
                .satisfies(claim -> assertThat(claim.meta().uid()).isNotEqualTo(uid));
    }

    @Test
    void a_pod_that_has_ended_and_pins_a_claim_is_named() {
        createExpired("s1");
        ObjectRef pod = new ObjectRef("default", "ended");
        ownPod(pod, claimOf("s1"));
        cluster().finishPod(pod);
        gc("a").sweep();

        Finding found = mended(careful(), Kind.PINNED_BY_FINISHED_POD, Action.NONE);

        assertThat(found.detail()).contains("pod ended");
    }

    @Test
    void an_open_eviction_is_left_to_the_collector_and_an_outside_deletion_is_reported() {
        createExpired("s1");
        cluster().slowDeletions();
        gc("a").sweep();
        assertThat(mended(careful(), Kind.EVICTION_OPEN, Action.LEAVE_TO_GC).result())
                .isEqualTo(Result.NOTHING);
        cluster().finishDeletions();
        gc("a").sweep();

        create("s2");
        cluster().slowDeletions();
        kubectl()
                .deleteClaim(
                        claimOf("s2"),
                        cluster().claim(claimOf("s2")).orElseThrow().meta().uid());
        assertThat(mended(careful(), Kind.DELETED_OUTSIDE, Action.NONE).sessionId())
                .isEqualTo("s2");
    }

    @Test
    void what_could_not_be_read_is_in_no_finding() {
        create("s1");
        clock.advance(HOUR.multipliedBy(2));
        cluster().loseClaim(claimOf("s1"));
        for (String permission : new String[] {"get namespaces", "list persistentvolumeclaims", "list pods"}) {
            cluster().inject(Fault.before(permission, Reason.UNAVAILABLE));

            ReconcileReport report =
                    reconciler(careful().withOrphans(Orphans.DELETE)).apply();

            assertThat(report.findings()).isEmpty();
            assertThat(report.problems()).hasSize(1);
        }
        cluster().removeNamespace("default");
        assertThat(reconciler(careful()).apply().problems()).hasSize(1);
        assertThat(storage("s1").state()).isEqualTo(StorageState.READY);
    }

    private Status resume(ResumeQuery query) {
        return new ResumeCheck(store, kubectl()).check(query).status();
    }

    private void thread(String sessionId) {
        SessionUpsert session = upsert(sessionId).threadId("thread-1").build();
        store.sessions().upsert(session);
    }

    @Test
    void a_session_with_its_thread_and_its_volume_can_be_resumed() {
        create("s1");
        ResumeQuery query = ResumeQuery.of("s1", CODEX);
        assertThat(resume(query)).isEqualTo(Status.NO_THREAD);
        thread("s1");
        volumes.refresh(StorageRefresh.builder("s1").sha256("a".repeat(64)).build());

        assertThat(resume(query)).isEqualTo(Status.READY);
        assertThat(resume(query.withThreadId("thread-1").withGeneration(1L).withSha256("a".repeat(64))))
                .isEqualTo(Status.READY);
        assertThat(resume(query.withThreadId("thread-2"))).isEqualTo(Status.NO_THREAD);
        assertThat(resume(query.withGeneration(2L))).isEqualTo(Status.GENERATION_MISMATCH);
        assertThat(resume(query.withSha256("b".repeat(64)))).isEqualTo(Status.DIGEST_MISMATCH);
        assertThat(resume(ResumeQuery.of("s1", BackendProfile.DEEPSEEK))).isEqualTo(Status.PROFILE_MISMATCH);
    }

    @Test
    void a_session_whose_volume_is_not_what_it_was_cannot_be_resumed() {
        ResumeQuery query = ResumeQuery.of("s1", CODEX);
        store.sessions().upsert(upsert("s1").threadId("thread-1").build());
        long before = processes();
        assertThat(resume(query)).isEqualTo(Status.NO_VOLUME);
        store.storage().provision(new StorageIntent("s1", "default", claimName("s1")));
        assertThat(resume(query)).isEqualTo(Status.NOT_READY);
        assertThat(processes()).isEqualTo(before);
        create("s1");
        cluster().inject(Fault.before("get persistentvolumeclaims", Reason.UNAVAILABLE));
        assertThat(resume(query)).isEqualTo(Status.UNKNOWN);
        cluster().slowDeletions();
        kubectl()
                .deleteClaim(
                        claimOf("s1"),
                        cluster().claim(claimOf("s1")).orElseThrow().meta().uid());
        assertThat(resume(query)).isEqualTo(Status.TERMINATING);
        cluster().finishDeletions();
        assertThat(resume(query)).isEqualTo(Status.MISSING);
        cluster().replaceClaim(claimOf("s1"), names.claimLabels("s1", 1));
        assertThat(resume(query)).isEqualTo(Status.MISSING);

        volumes.delete("s1");
        assertThat(resume(query)).isEqualTo(Status.MISSING);
        create("s1");
        assertThat(resume(query)).isEqualTo(Status.GENERATION_MISMATCH);
        volumes.delete("s1");
        assertThat(resume(query)).isEqualTo(Status.EVICTED);
        create("s1");
        ownPod(STRAY, claimOf("s1"));
        volumes.delete("s1");
        assertThat(resume(query)).isEqualTo(Status.TERMINATING);
    }
}

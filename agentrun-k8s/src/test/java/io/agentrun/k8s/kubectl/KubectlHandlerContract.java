package io.agentrun.k8s.kubectl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.agentrun.error.InvalidInputException;
import io.agentrun.k8s.apiserver.Cluster;
import io.agentrun.k8s.apiserver.TestJobs;
import io.agentrun.k8s.kubectl.KubectlException.Reason;
import io.agentrun.k8s.kubectl.memory.Fault;
import io.agentrun.k8s.log.LogQuery;
import io.agentrun.k8s.log.LogSink;
import io.agentrun.k8s.object.AccessMode;
import io.agentrun.k8s.object.ClaimManifest;
import io.agentrun.k8s.object.ClaimView;
import io.agentrun.k8s.object.JobManifest;
import io.agentrun.k8s.object.JobView;
import io.agentrun.k8s.object.ObjectPage;
import io.agentrun.k8s.object.ObjectRef;
import io.agentrun.k8s.object.PodView;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What every handler does, whatever it talks to. */
abstract class KubectlHandlerContract {

    private static final ObjectRef A = new ObjectRef("default", "claim-a");
    private static final String OTHER_UID = "00000000-0000-4000-8000-000000000000";

    private Cluster given;
    private KubectlHandler kubectl;

    abstract Cluster newCluster();

    @BeforeEach
    void start() {
        given = newCluster();
        kubectl = given.kubectl();
    }

    @AfterEach
    void stop() {
        given.close();
    }

    private static ClaimManifest claim(ObjectRef ref) {
        return new ClaimManifest(
                ref,
                Map.of("app", "x", "agentrun.io/instance", "i"),
                Map.of("note", "two words, ünïcode"),
                "10Gi",
                "fast",
                List.of(AccessMode.READ_WRITE_ONCE));
    }

    static JobManifest job(ObjectRef ref, String claim) {
        return TestJobs.manifest(ref, Map.of("app", "x"), claim);
    }

    private static void assertReason(Reason reason, ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        KubectlException.class, e -> assertThat(e.reason()).isEqualTo(reason));
    }

    @Test
    void a_claim_that_was_created_is_found_as_it_was_asked_for() {
        ClaimView created = kubectl.createClaim(claim(A));

        ClaimView found = kubectl.findClaim(A).orElseThrow();
        // Not the version: controllers write on a claim as soon as it is there.
        assertThat(found.meta().ref()).isEqualTo(A);
        assertThat(found.meta().uid()).isEqualTo(created.meta().uid()).isNotBlank();
        assertThat(created.size()).isEqualTo("10Gi");
        assertThat(found.meta().terminating()).isFalse();
        assertThat(found.meta().labels()).containsEntry("app", "x").containsEntry("agentrun.io/instance", "i");
        assertThat(found.meta().annotations()).containsEntry("note", "two words, ünïcode");
        assertThat(found.phase()).isEqualTo("Pending");
        assertThat(found.size()).isEqualTo("10Gi");
        assertThat(found.storageClass()).isEqualTo("fast");
        assertThat(found.accessModes()).containsExactly("ReadWriteOnce");
    }

    @Test
    void a_claim_that_exists_is_not_created_again() {
        kubectl.createClaim(claim(A));

        assertReason(Reason.ALREADY_EXISTS, () -> kubectl.createClaim(claim(A)));
    }

    @Test
    void what_does_not_exist_is_an_empty_answer_and_cannot_be_deleted() {
        ObjectRef elsewhere = new ObjectRef("nowhere", "claim-a");

        assertThat(kubectl.findClaim(A)).isEmpty();
        assertThat(kubectl.findClaim(elsewhere)).isEmpty();
        assertThat(kubectl.findJob(A)).isEmpty();
        assertThat(kubectl.findNamespace("nowhere")).isEmpty();
        assertReason(Reason.NOT_FOUND, () -> kubectl.deleteClaim(A, OTHER_UID));
        assertReason(Reason.NOT_FOUND, () -> kubectl.deleteJob(A, OTHER_UID));
        assertReason(Reason.NOT_FOUND, () -> kubectl.createClaim(claim(elsewhere)));
        assertReason(Reason.NOT_FOUND, () -> kubectl.readLog(LogQuery.of(A, "runner"), line -> LogSink.Next.GO_ON));
    }

    @Test
    void a_claim_is_deleted_by_its_uid_alone() {
        String uid = kubectl.createClaim(claim(A)).meta().uid();

        assertReason(Reason.CONFLICT, () -> kubectl.deleteClaim(A, OTHER_UID));
        assertThat(kubectl.findClaim(A)).isPresent();

        kubectl.deleteClaim(A, uid);
        assertThat(kubectl.findClaim(A)).isEmpty();
    }

    @Test
    void a_claim_of_the_same_name_has_another_uid() {
        String first = kubectl.createClaim(claim(A)).meta().uid();
        kubectl.deleteClaim(A, first);

        String second = kubectl.createClaim(claim(A)).meta().uid();

        assertThat(second).isNotEqualTo(first);
        assertReason(Reason.CONFLICT, () -> kubectl.deleteClaim(A, first));
    }

    @Test
    void a_claim_that_a_finished_pod_mounts_stays_with_a_deletion_time() {
        ObjectRef pod = new ObjectRef("default", "pod-a");
        String uid = kubectl.createClaim(claim(A)).meta().uid();
        given.cluster().addPod(pod, Set.of("claim-a"));
        given.cluster().finishPod(pod);

        kubectl.deleteClaim(A, uid);
        kubectl.deleteClaim(A, uid);

        ClaimView pinned = kubectl.findClaim(A).orElseThrow();
        assertThat(pinned.meta().terminating()).isTrue();
        assertThat(pinned.phase()).isEqualTo("Bound");
        assertThatThrownBy(() -> kubectl.createClaim(claim(A))).isInstanceOfSatisfying(KubectlException.class, e -> {
            assertThat(e.reason()).isEqualTo(Reason.ALREADY_EXISTS);
            assertThat(e).hasMessageContaining("object is being deleted");
        });

        given.cluster().removePod(pod);
        assertThat(kubectl.findClaim(A)).isEmpty();
    }

    @Test
    void a_list_is_cut_into_pages_and_chosen_by_labels() {
        for (int i = 0; i < 7; i++) {
            kubectl.createClaim(claim(new ObjectRef("default", "claim-" + i)));
        }
        ListQuery query = ListQuery.in("default").withLabels(Map.of("app", "x")).withLimit(3);

        List<String> names = new ArrayList<>();
        ObjectPage<ClaimView> page = kubectl.listClaims(query);
        assertThat(page.items()).hasSize(3);
        assertThat(page.nextCursor()).isNotNull();
        names.addAll(query.all(kubectl::listClaims).items().stream()
                .map(claim -> claim.meta().ref().name())
                .toList());

        assertThat(names).containsExactly("claim-0", "claim-1", "claim-2", "claim-3", "claim-4", "claim-5", "claim-6");
        assertThat(kubectl.listClaims(query.withLabels(Map.of("app", "y"))).items())
                .isEmpty();
        assertThat(kubectl.listClaims(ListQuery.in("nowhere")).items()).isEmpty();
    }

    @Test
    void a_cursor_that_has_become_too_old_is_a_conflict() {
        given.cluster().inject(Fault.before("list persistentvolumeclaims", Reason.CONFLICT));

        assertReason(
                Reason.CONFLICT,
                () -> kubectl.listClaims(ListQuery.in("default").withCursor("abc")));
    }

    @Test
    void a_pod_names_its_claims_and_its_job() {
        kubectl.createClaim(claim(A));
        JobView job = kubectl.createJob(job(new ObjectRef("default", "job-a"), "claim-a"));

        List<PodView> pods = kubectl.listPods(ListQuery.in("default").withLabels(Map.of("app", "x")))
                .items();

        assertThat(pods).singleElement().satisfies(pod -> {
            assertThat(pod.claims()).containsExactly("claim-a");
            assertThat(pod.ownerUid()).isEqualTo(job.meta().uid());
            assertThat(pod.phase()).isEqualTo("Pending");
        });
        assertThat(kubectl.findClaim(A).orElseThrow().phase()).isEqualTo("Bound");
    }

    @Test
    void a_job_goes_from_active_to_its_end() {
        ObjectRef good = new ObjectRef("default", "job-good");
        ObjectRef bad = new ObjectRef("default", "job-bad");
        JobView created = kubectl.createJob(job(good, "claim-a"));
        kubectl.createJob(job(bad, "claim-a"));

        assertThat(created.state()).isEqualTo(JobView.State.PENDING);
        assertThat(kubectl.findJob(good).orElseThrow().state()).isEqualTo(JobView.State.ACTIVE);
        given.cluster().completeJob(good);
        given.cluster().failJob(bad);

        assertThat(kubectl.findJob(good).orElseThrow().state()).isEqualTo(JobView.State.SUCCEEDED);
        JobView failed = kubectl.findJob(bad).orElseThrow();
        assertThat(failed.state()).isEqualTo(JobView.State.FAILED);
        assertThat(failed.failureReason()).isEqualTo("BackoffLimitExceeded");
        assertThat(kubectl.listJobs(ListQuery.in("default")).items()).hasSize(2);
        assertReason(Reason.ALREADY_EXISTS, () -> kubectl.createJob(job(good, "claim-a")));
    }

    @Test
    void a_deleted_job_takes_its_pods_along() {
        ObjectRef ref = new ObjectRef("default", "job-a");
        JobView job = kubectl.createJob(job(ref, "claim-a"));

        assertReason(Reason.CONFLICT, () -> kubectl.deleteJob(ref, OTHER_UID));
        kubectl.deleteJob(ref, job.meta().uid());

        assertThat(kubectl.findJob(ref)).isEmpty();
        assertThat(kubectl.listPods(ListQuery.in("default")).items()).isEmpty();
    }

    @Test
    void a_namespace_is_known_by_its_uid() {
        String first = kubectl.findNamespace("default").orElseThrow().uid();

        given.cluster().addNamespace("default");

        assertThat(kubectl.findNamespace("default").orElseThrow().uid()).isNotEqualTo(first);
    }

    @Test
    void a_used_up_quota_is_told_from_other_refusals() {
        given.cluster().quota("default", 1);
        kubectl.createClaim(claim(A));

        assertThatThrownBy(() -> kubectl.createClaim(claim(new ObjectRef("default", "claim-b"))))
                .isInstanceOfSatisfying(KubectlException.class, e -> {
                    assertThat(e.reason()).isEqualTo(Reason.QUOTA_EXCEEDED);
                    assertThat(e.retryable()).isTrue();
                    assertThat(e).hasMessageContaining("exceeded quota: q");
                });
    }

    @Test
    void refusals_have_their_reasons() {
        for (Reason reason : List.of(
                Reason.FORBIDDEN,
                Reason.INVALID,
                Reason.UNAUTHORIZED,
                Reason.THROTTLED,
                Reason.UNAVAILABLE,
                Reason.TIMEOUT,
                Reason.QUOTA_EXCEEDED,
                Reason.UNKNOWN)) {
            given.cluster().inject(Fault.before("create persistentvolumeclaims", reason));

            assertThatThrownBy(() -> kubectl.createClaim(claim(A)))
                    .isInstanceOfSatisfying(KubectlException.class, e -> {
                        assertThat(e.reason()).isEqualTo(reason);
                        assertThat(e.operation()).isEqualTo("create persistentvolumeclaims default/claim-a");
                        assertThat(e.details()).containsEntry("reason", reason.wire());
                    });
            assertThat(given.cluster().claims()).isEmpty();
        }
    }

    @Test
    void an_answer_that_is_lost_leaves_the_outcome_open() {
        given.cluster().inject(Fault.after("create persistentvolumeclaims", Reason.UNAVAILABLE));

        assertThatThrownBy(() -> kubectl.createClaim(claim(A))).isInstanceOfSatisfying(KubectlException.class, e -> {
            assertThat(e.outcomeUnknown()).isTrue();
            assertThat(e.retryable()).isTrue();
        });
        assertThat(kubectl.findClaim(A)).isPresent();
    }

    @Test
    void a_probe_names_what_is_missing() {
        ClusterProbe good = kubectl.probe("default");
        given.cluster().deny("create jobs.batch");
        given.cluster().deny("get pods/log");
        ClusterProbe bad = kubectl.probe("default");

        assertThat(good.ready()).isTrue();
        assertThat(good.clientVersion()).isNotBlank();
        assertThat(good.serverVersion()).isNotBlank();
        assertThat(good.namespaceUid())
                .isEqualTo(kubectl.findNamespace("default").orElseThrow().uid());
        assertThat(bad.ready()).isFalse();
        assertThat(bad.missing()).containsExactlyInAnyOrder("create jobs.batch", "get pods/log");
        assertThat(kubectl.probe("nowhere").problems()).isNotEmpty();
    }

    @Test
    void one_call_is_one_process() {
        long before = given.processes();

        String uid = kubectl.createClaim(claim(A)).meta().uid();
        assertThat(given.processes() - before).isEqualTo(1);
        kubectl.findClaim(A);
        assertThat(given.processes() - before).isEqualTo(2);
        kubectl.deleteClaim(A, uid);
        assertThat(given.processes() - before).isEqualTo(3);
        assertThat(given.cluster().calls()).hasSize(3);
    }

    @Test
    @SuppressWarnings("NullAway") // What a caller without a null check does.
    void nothing_is_asked_for_input_that_is_missing_or_bad() {
        assertThatThrownBy(() -> kubectl.createClaim(null)).isInstanceOf(InvalidInputException.class);
        assertThatThrownBy(() -> kubectl.findClaim(null)).isInstanceOf(InvalidInputException.class);
        assertThatThrownBy(() -> kubectl.listClaims(null)).isInstanceOf(InvalidInputException.class);
        assertThatThrownBy(() -> kubectl.deleteClaim(A, "--all")).isInstanceOf(InvalidInputException.class);
        assertThatThrownBy(() -> kubectl.deleteJob(null, OTHER_UID)).isInstanceOf(InvalidInputException.class);
        assertThatThrownBy(() -> kubectl.findNamespace("../../x")).isInstanceOf(InvalidInputException.class);
        assertThatThrownBy(() -> kubectl.readLog(null, line -> LogSink.Next.GO_ON))
                .isInstanceOf(InvalidInputException.class);
        assertThatThrownBy(() -> kubectl.listEvents("default", "--all")).isInstanceOf(InvalidInputException.class);
        assertThatThrownBy(() -> kubectl.probe("a b")).isInstanceOf(InvalidInputException.class);

        assertThat(given.cluster().calls()).isEmpty();
        assertThat(given.processes()).isZero();
    }
}

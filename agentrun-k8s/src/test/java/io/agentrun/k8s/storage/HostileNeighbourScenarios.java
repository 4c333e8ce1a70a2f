package io.agentrun.k8s.storage;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentrun.k8s.apiserver.Scenario;
import io.agentrun.k8s.job.JobTemplate;
import io.agentrun.k8s.job.LaunchRequest;
import io.agentrun.k8s.job.Rescue;
import io.agentrun.k8s.job.RunnerContainer;
import io.agentrun.k8s.job.RunnerJobLauncher;
import io.agentrun.k8s.job.RunnerRescue;
import io.agentrun.k8s.object.ObjectRef;
import io.agentrun.k8s.reconcile.ReconcileOptions;
import io.agentrun.k8s.reconcile.ReconcileReport;
import io.agentrun.k8s.reconcile.StorageReconciler;
import io.agentrun.k8s.storage.Eviction.Outcome;
import io.agentrun.lease.ExpiredQuery;
import io.agentrun.model.TenantScope;
import io.agentrun.run.Run;
import io.agentrun.runner.RunnerJob;
import io.agentrun.storage.StorageIntent;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Somebody else may create pods, Jobs and claims in the namespace. */
abstract class HostileNeighbourScenarios extends Scenario {

    private static final ObjectRef POD = new ObjectRef("default", "hostile");
    private static final String OTHER_UID = "00000000-0000-4000-8000-000000000000";

    private RunnerJobLauncher launcher() {
        JobTemplate template = JobTemplate.builder(
                        "default",
                        RunnerContainer.builder("registry.example/runner:1").build())
                .build();
        return new RunnerJobLauncher(store, kubectl(), names, template, clock);
    }

    private Run expiredRun() {
        Run run = run("s1");
        LaunchRequest request = LaunchRequest.of(run.id(), turn(run).id(), "https://host.example", "abc");
        RunnerJob job = launcher().launch(request);
        store.leases().claim(run.id(), request.runnerId(), Duration.ofMinutes(1));
        clock.advance(Duration.ofMinutes(2));
        cluster().failJob(new ObjectRef("default", job.placement().jobName()));
        return run;
    }

    private List<Rescue> rescue() {
        return new RunnerRescue(store, kubectl(), names, "default", clock).rescue(ExpiredQuery.in(TenantScope.all()));
    }

    @Test
    void a_pod_with_the_labels_of_a_run_does_not_keep_it_from_being_rescued() {
        Run run = expiredRun();
        cluster().addPod(POD, names.runLabels(run.id()), Set.of(), null);
        cluster().startPod(POD);
        cluster().addPod(new ObjectRef("default", "other"), names.runLabels(run.id()), Set.of(), OTHER_UID);

        assertThat(rescue()).extracting(Rescue::outcome).containsExactly(Rescue.Outcome.RECOVERED);
    }

    @Test
    void a_pod_of_the_runs_own_job_does() {
        Run run = expiredRun();
        String uid = cluster().jobs().get(0).meta().uid();
        cluster().addPod(POD, names.runLabels(run.id()), Set.of(), uid);

        assertThat(rescue()).extracting(Rescue::outcome).containsExactly(Rescue.Outcome.WAITING_FOR_POD);
    }

    @Test
    void a_pod_of_the_run_that_is_too_large_to_be_read_does_and_another_one_does_not() {
        Run run = expiredRun();
        String job = store.runners().listJobs(run.id()).get(0).placement().jobName();
        ObjectRef large = new ObjectRef("default", "large");
        cluster().addPod(large, names.labels(), Set.of(), null);
        cluster().oversize(large);
        ObjectRef own = new ObjectRef("default", job + "-abcde");
        cluster().addPod(own, names.labels(), Set.of(), null);
        cluster().oversize(own);

        assertThat(rescue()).singleElement().satisfies(rescue -> {
            assertThat(rescue.outcome()).isEqualTo(Rescue.Outcome.WAITING_FOR_POD);
            assertThat(rescue.detail()).contains(own.name());
        });
        cluster().removePod(own);
        assertThat(rescue()).extracting(Rescue::outcome).containsExactly(Rescue.Outcome.RECOVERED);
    }

    @Test
    void the_log_of_a_pod_with_the_labels_of_a_run_is_not_taken_for_the_runners() {
        Run run = run("s1");
        RunnerJob job = launcher().launch(LaunchRequest.of(run.id(), turn(run).id(), "https://host.example", "abc"));
        cluster().startJob(new ObjectRef("default", job.placement().jobName()));
        ObjectRef pod = cluster().pods().get(0).meta().ref();
        cluster().log(pod, "of the runner\n");
        clock.advance(Duration.ofSeconds(5));
        cluster().addPod(POD, names.runLabels(run.id()), Set.of(), null);
        cluster().startPod(POD);
        cluster().log(POD, "of somebody\n");

        assertThat(launcher().logs(job, 10)).contains("of the runner\n");
    }

    @Test
    void a_claim_that_was_made_ahead_with_all_labels_of_a_session_is_not_taken() {
        ObjectRef ahead = new ObjectRef("default", claimName("s1"));
        cluster().replaceClaim(ahead, names.claimLabels("s1", 1));
        String uid = cluster().claim(ahead).orElseThrow().meta().uid();

        create("s1");
        create("s2");

        assertThat(claimOf("s1")).isNotEqualTo(ahead);
        assertThat(cluster().claim(claimOf("s1")).orElseThrow().meta().uid()).isNotEqualTo(uid);
        assertThat(claimOf("s1").name()).matches("agentrun-s1-[0-9a-f]{24}-g1").hasSizeLessThan(64);
        assertThat(claimOf("s1").name().substring(12, 36))
                .isNotEqualTo(claimOf("s2").name().substring(12, 36));
    }

    @Test
    void an_object_that_is_too_large_keeps_no_other_one_from_being_reconciled() {
        create("s1");
        create("s2");
        create("s3");
        cluster().loseClaim(claimOf("s1"));
        cluster().oversize(claimOf("s2"));

        ReconcileReport report = new StorageReconciler(
                        store, kubectl(), options, ReconcileOptions.defaults().withClock(clock))
                .apply();

        assertThat(report.findings())
                .singleElement()
                .satisfies(found -> assertThat(found.sessionId()).isEqualTo("s1"));
        assertThat(report.problems())
                .singleElement()
                .asString()
                .contains(claimOf("s2").name());
    }

    @Test
    void a_job_that_is_too_large_keeps_no_session_from_being_collected() {
        createExpired("s1");
        Run run = run("s2");
        launcher().launch(LaunchRequest.of(run.id(), turn(run).id(), "https://host.example", "abc"));
        cluster().oversize(cluster().jobs().get(0).meta().ref());

        SweepReport report = gc("a").sweep();

        assertThat(report.count(Outcome.EVICTED)).isEqualTo(1);
        assertThat(report.problems()).singleElement().asString().contains("Job default/");
    }

    @Test
    void other_peoples_pods_are_not_asked_for_and_one_of_ours_that_is_too_large_keeps_no_one_waiting() {
        createExpired("s1");
        ObjectRef large = new ObjectRef("default", "large");
        cluster().addPod(large, names.labels(), Set.of(), null);
        cluster().oversize(large);
        cluster().addPod(POD, Set.of());
        cluster().oversize(POD);

        SweepReport report = gc("a").sweep();

        assertThat(report.count(Outcome.EVICTED)).isEqualTo(1);
        assertThat(report.problems()).singleElement().asString().contains("pod default/large");
        assertThat(report.sawEverything()).isFalse();
    }

    @Test
    void a_claim_that_took_the_name_of_an_intent_is_not_deleted_with_the_session() {
        store.sessions().upsert(upsert("s1").build());
        String namespace = kubectl().findNamespace("default").orElseThrow().uid();
        store.storage().provision(new StorageIntent("s1", "default", namespace, claimName("s1")));
        ObjectRef taken = claimOf("s1");
        cluster().replaceClaim(taken, Map.of("app", "database"));

        assertThat(volumes.delete("s1").outcome()).isEqualTo(Outcome.FOREIGN_CLAIM);

        assertThat(cluster().claim(taken).orElseThrow().meta().terminating()).isFalse();
    }
}

package io.agentrun.k8s.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.agentrun.k8s.apiserver.Scenario;
import io.agentrun.k8s.apiserver.TestJobs;
import io.agentrun.k8s.kubectl.KubectlException;
import io.agentrun.k8s.kubectl.KubectlException.Reason;
import io.agentrun.k8s.object.JobManifest;
import io.agentrun.k8s.object.JobView;
import io.agentrun.k8s.object.ObjectMeta;
import io.agentrun.k8s.object.ObjectRef;
import io.agentrun.run.Run;
import io.agentrun.runner.RunnerJob;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Which Job of the cluster is the one of a launch, and which of its pods counts. */
abstract class LaunchedJobScenarios extends Scenario {

    private final JobTemplate template = JobTemplate.builder(
                    "default",
                    RunnerContainer.builder("registry.example/runner:1").build())
            .build();

    private Run run;
    private LaunchRequest request;

    @BeforeEach
    void begin() {
        run = run("s1");
        request = LaunchRequest.of(run.id(), turn(run).id(), "https://host.example", "abc123");
    }

    private RunnerJobLauncher launcher() {
        return new RunnerJobLauncher(store, kubectl(), names, template, clock);
    }

    private JobManifest manifest() {
        return new Manifests(names, template).job(run, request, null);
    }

    private static ObjectRef ref(RunnerJob job) {
        return new ObjectRef(job.placement().namespace(), job.placement().jobName());
    }

    private static void assertNotAdopted(RunnerJobLauncher launcher, LaunchRequest request) {
        assertThatThrownBy(() -> launcher.launch(request))
                .isInstanceOfSatisfying(
                        KubectlException.class, e -> assertThat(e.reason()).isEqualTo(Reason.ALREADY_EXISTS));
    }

    @Test
    void a_job_that_is_there_already_is_adopted_with_all_labels_of_the_attempt_only() {
        ObjectRef ref = manifest().ref();
        for (Map<String, String> labels : List.of(Map.of("app", "other"), names.runLabels(run.id()))) {
            JobView foreign = direct().createJob(TestJobs.manifest(ref, labels, "claim-a"));

            assertNotAdopted(launcher(), request);

            assertThat(store.runners().listJobs(run.id())).isEmpty();
            assertThat(cluster().jobs())
                    .extracting(job -> job.meta().uid())
                    .containsExactly(foreign.meta().uid());
            cluster().removeJob(ref);
        }
        JobView own = direct().createJob(manifest());

        assertThat(launcher().launch(request).result().string(RunnerJobLauncher.UID))
                .contains(own.meta().uid());
    }

    @Test
    void a_job_of_the_attempt_that_is_on_its_way_out_is_not_adopted() {
        direct().createJob(manifest());
        RunnerJobLauncher launcher = new RunnerJobLauncher(
                store,
                kubectlAnswering("findJob", answer -> ((Optional<?>) answer).map(found -> doomed((JobView) found))),
                names,
                template,
                clock);

        assertNotAdopted(launcher, request);

        assertThat(store.runners().listJobs(run.id())).isEmpty();
    }

    private JobView doomed(JobView job) {
        ObjectMeta meta = job.meta();
        return new JobView(
                new ObjectMeta(
                        meta.ref(),
                        meta.uid(),
                        meta.resourceVersion(),
                        meta.createdAt(),
                        clock.instant(),
                        meta.labels(),
                        meta.annotations()),
                JobView.State.ENDING,
                job.failure(),
                job.activePods(),
                job.endingPods(),
                job.deadlineAt());
    }

    @Test
    void another_job_of_the_name_is_neither_shown_nor_stopped() {
        RunnerJob job = launcher().launch(request);
        cluster().removeJob(ref(job));
        JobView other = direct().createJob(manifest());
        cluster().startJob(ref(job));
        cluster().log(cluster().pods().get(0).meta().ref(), "of the other one\n");

        assertThat(launcher().status(job).state()).isEqualTo(RunnerJobStatus.State.GONE);
        assertThat(launcher().logs(job, 10)).isEmpty();
        launcher().stop(job);

        assertThat(cluster().jobs())
                .extracting(view -> view.meta().uid())
                .containsExactly(other.meta().uid());
    }

    @Test
    void the_newest_pod_of_a_job_counts_whatever_the_names_are() {
        RunnerJob job = launcher().launch(request);
        cluster().startJob(ref(job));
        cluster().log(cluster().pods().get(0).meta().ref(), "first\n");
        String uid = job.result().string(RunnerJobLauncher.UID).orElseThrow();
        for (String name : List.of("0-second", "z-third")) {
            clock.advance(Duration.ofSeconds(10));
            ObjectRef pod = new ObjectRef("default", name);
            cluster().addPod(pod, names.runLabels(run.id()), Set.of(), uid);
            cluster().startPod(pod);
            cluster().log(pod, name + "\n");

            assertThat(launcher().logs(job, 10)).contains(name + "\n");
        }
    }
}

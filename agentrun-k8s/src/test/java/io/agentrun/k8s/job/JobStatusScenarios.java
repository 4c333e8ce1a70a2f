package io.agentrun.k8s.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.agentrun.error.FailureKind;
import io.agentrun.k8s.apiserver.Scenario;
import io.agentrun.k8s.kubectl.KubectlException.Reason;
import io.agentrun.k8s.kubectl.memory.Fault;
import io.agentrun.k8s.object.ClaimView;
import io.agentrun.k8s.object.ConditionView;
import io.agentrun.k8s.object.ContainerView;
import io.agentrun.k8s.object.EventView;
import io.agentrun.k8s.object.ObjectRef;
import io.agentrun.k8s.object.PodState;
import io.agentrun.run.Run;
import io.agentrun.runner.RunnerJob;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The status of a Job: where it stands, how it ended, and what keeps it from starting. */
abstract class JobStatusScenarios extends Scenario {

    private static final String QUOTA = "pods \"x-\" is forbidden: exceeded quota: pods, requested: pods=1";

    private RunnerJobLauncher launcher;

    @BeforeEach
    void begin() {
        JobTemplate template = JobTemplate.builder(
                        "default",
                        RunnerContainer.builder("registry.example/runner:1").build())
                .build();
        launcher = new RunnerJobLauncher(store, kubectl(), names, template, clock);
    }

    private RunnerJob launch() {
        Run run = run("s1");
        return launcher.launch(LaunchRequest.of(run.id(), turn(run).id(), "https://host.example", "abc"));
    }

    private static ObjectRef ref(RunnerJob job) {
        return new ObjectRef(job.placement().namespace(), job.placement().jobName());
    }

    private ObjectRef pod() {
        return cluster().pods().get(0).meta().ref();
    }

    private JobTrouble trouble(RunnerJob job) {
        return Objects.requireNonNull(launcher.status(job).trouble());
    }

    private JobEnd end(RunnerJob job) {
        return Objects.requireNonNull(launcher.status(job).end());
    }

    private static PodState waiting(@Nullable String reason, String message) {
        return new PodState(
                "Pending",
                "node-1",
                List.of(),
                List.of(new ContainerView("runner", ContainerView.State.WAITING, reason, message, null)));
    }

    @Test
    void a_job_without_a_pod_is_a_trouble_after_a_few_seconds_in_the_words_of_its_event() {
        cluster().refusePods(QUOTA);
        RunnerJob job = launch();
        assertThat(launcher.status(job).state()).isEqualTo(RunnerJobStatus.State.PENDING);
        assertThat(launcher.status(job).trouble()).isNull();
        clock.advance(Duration.ofSeconds(6));

        JobTrouble trouble = trouble(job);

        assertThat(trouble.kind()).isEqualTo(JobTrouble.Kind.NO_POD);
        assertThat(trouble.reason()).isEqualTo("FailedCreate");
        assertThat(trouble.words()).contains("exceeded quota: pods");
        assertThat(trouble.kind().advice()).contains("quotas");
        cluster().deny("list events");
        assertThat(trouble(job)).isEqualTo(new JobTrouble(JobTrouble.Kind.NO_POD, null, null));
        cluster().allowPods();
        assertThat(launcher.status(job).state()).isEqualTo(RunnerJobStatus.State.ACTIVE);
        assertThat(launcher.status(job).trouble()).isNull();
    }

    @Test
    void the_reason_why_a_container_does_not_start_is_reported() {
        RunnerJob job = launch();
        cluster().podState(pod(), waiting("ImagePullBackOff", "Back-off pulling image"));
        assertThat(trouble(job))
                .isEqualTo(new JobTrouble(JobTrouble.Kind.IMAGE, "ImagePullBackOff", "Back-off pulling image"));
        cluster().podState(pod(), waiting("CreateContainerConfigError", "secret \"keys\" not found"));
        assertThat(trouble(job).kind()).isEqualTo(JobTrouble.Kind.CONFIG);
        assertThat(trouble(job).words()).isEqualTo("secret \"keys\" not found");
        cluster().podState(pod(), waiting("ContainerCreating", ""));
        assertThat(launcher.status(job).trouble()).isNull();
        cluster()
                .event(
                        cluster().pods().get(0).meta().uid(),
                        new EventView("Warning", "FailedMount", "MountVolume.SetUp failed", clock.instant()));
        clock.advance(Duration.ofMinutes(3));
        cluster()
                .event(
                        cluster().pods().get(0).meta().uid(),
                        new EventView("Normal", "FailedMount", "mounted after all", clock.instant()));
        assertThat(trouble(job))
                .isEqualTo(new JobTrouble(JobTrouble.Kind.SLOW_START, "FailedMount", "MountVolume.SetUp failed"));
        cluster()
                .podState(
                        pod(),
                        new PodState(
                                "Pending",
                                null,
                                List.of(new ConditionView(
                                        "PodScheduled", "False", "Unschedulable", "0/3 nodes are available")),
                                List.of()));
        assertThat(trouble(job))
                .isEqualTo(new JobTrouble(JobTrouble.Kind.UNSCHEDULABLE, "Unschedulable", "0/3 nodes are available"));
        assertThat(launcher.status(job).decided()).isFalse();
    }

    @Test
    void an_exit_code_a_lack_of_memory_and_a_drained_node_are_told_apart() {
        RunnerJob job = launch();
        cluster().startJob(ref(job));
        cluster().endPod(pod(), 3, "Error");
        assertThat(end(job)).isEqualTo(new JobEnd(JobEnd.Cause.EXITED, 3, "Error"));
        cluster().endPod(pod(), 137, "OOMKilled");
        assertThat(end(job)).isEqualTo(new JobEnd(JobEnd.Cause.OUT_OF_MEMORY, 137, "OOMKilled"));
        assertThat(end(job).failureKind()).isEqualTo(FailureKind.BACKEND_FAILED);
        cluster().drainPod(pod());
        assertThat(end(job).cause()).isEqualTo(JobEnd.Cause.DISRUPTED);
        assertThat(end(job).failureKind()).isEqualTo(FailureKind.INFRA_FAILED);
        assertThat(end(job).words()).contains("evicting");
    }

    @Test
    void a_job_is_about_to_end_before_it_has_ended() {
        RunnerJob job = launch();
        cluster().startJob(ref(job));
        cluster().endPod(pod(), 0, "Completed");

        RunnerJobStatus ending = launcher.status(job);
        RunnerJobStatus ended = launcher.status(job);

        assertThat(List.of(ending.state(), ended.state()))
                .isSubsetOf(RunnerJobStatus.State.ENDING, RunnerJobStatus.State.SUCCEEDED)
                .endsWith(RunnerJobStatus.State.SUCCEEDED);
        assertThat(ended.decided()).isTrue();
        assertThat(end(job).succeeded()).isTrue();
    }

    @Test
    void a_job_past_its_deadline_is_decided_while_its_pod_is_on_a_silent_node() {
        RunnerJob job = launch();
        cluster().startJob(ref(job));
        cluster().slowDeletions();
        cluster().exceedDeadline(ref(job));

        RunnerJobStatus status = launcher.status(job);
        assertThat(status.state()).isEqualTo(RunnerJobStatus.State.ENDING);
        assertThat(status.decided()).isTrue();
        assertThat(status.trouble()).isNull();
        assertThat(end(job).cause()).isEqualTo(JobEnd.Cause.DEADLINE);
        // Half a minute after the end of the pod's grace of half a minute.
        clock.advance(Duration.ofSeconds(59));
        assertThat(launcher.status(job).trouble()).isNull();
        clock.advance(Duration.ofSeconds(2));
        assertThat(trouble(job).kind()).isEqualTo(JobTrouble.Kind.NODE_SILENT);
        cluster().finishDeletions();
        launcher.status(job);
        assertThat(launcher.status(job).state()).isEqualTo(RunnerJobStatus.State.FAILED);
        assertThat(end(job).cause()).isEqualTo(JobEnd.Cause.DEADLINE);
        assertThat(launcher.logs(job, 10)).isEmpty();
    }

    @Test
    void a_runner_that_takes_too_long_is_ended_by_its_node_and_its_log_stays() {
        RunnerJob job = launch();
        cluster().startJob(ref(job));
        cluster().log(pod(), "the last line\n");
        clock.advance(Duration.ofHours(1).minusSeconds(46));
        assertThat(launcher.status(job).state()).isEqualTo(RunnerJobStatus.State.ACTIVE);
        // The grace of 30 seconds and 15 more before the Job's own deadline.
        clock.advance(Duration.ofSeconds(1));
        launcher.status(job);

        RunnerJobStatus status = launcher.status(job);

        assertThat(status.state()).isEqualTo(RunnerJobStatus.State.FAILED);
        assertThat(end(job)).isEqualTo(new JobEnd(JobEnd.Cause.DEADLINE, 143, "DeadlineExceeded"));
        assertThat(launcher.logs(job, 10)).contains("the last line\n");
        clock.advance(Duration.ofMinutes(2));
        assertThat(launcher.logs(job, 10)).contains("the last line\n");
    }

    @Test
    void a_pod_that_had_to_leave_an_old_node_is_disrupted_by_its_own_reason() {
        RunnerJob job = launch();
        cluster().startJob(ref(job));
        for (String reason : List.of("Evicted", "Preempting", "Shutdown", "NodeShutdown", "Terminated", "NodeLost")) {
            cluster().podState(pod(), PodState.of("Failed", "node-1").withReason(reason));
            launcher.status(job);
            launcher.status(job);

            assertThat(end(job)).as(reason).isEqualTo(new JobEnd(JobEnd.Cause.DISRUPTED, null, reason));
        }
        cluster().podState(pod(), PodState.of("Failed", "node-1").withReason("OutOfcpu"));
        assertThat(end(job).cause()).isEqualTo(JobEnd.Cause.UNKNOWN);
    }

    @Test
    void a_claim_that_cannot_be_made_is_told_in_the_words_of_its_event() {
        create("s1");
        cluster().takeNoPods();
        RunnerJob job = launch();
        ClaimView claim = cluster().claims().get(0);
        PodState unscheduled = new PodState(
                "Pending",
                null,
                List.of(new ConditionView("PodScheduled", "False", "Unschedulable", "unbound claims")),
                List.of());
        cluster().podState(pod(), unscheduled);
        assertThat(trouble(job))
                .isEqualTo(new JobTrouble(JobTrouble.Kind.UNSCHEDULABLE, "Unschedulable", "unbound claims"));
        String words = "storageclass.storage.k8s.io \"nope\" not found";
        cluster().event(claim.meta().uid(), new EventView("Warning", "ProvisioningFailed", words, clock.instant()));

        assertThat(trouble(job)).isEqualTo(new JobTrouble(JobTrouble.Kind.UNSCHEDULABLE, "ProvisioningFailed", words));
        // Neither scheduled nor refused: a class that waits for the first pod, and a provisioner that fails.
        cluster().podState(pod(), PodState.of("Pending", null));
        clock.advance(Duration.ofMinutes(3));
        assertThat(trouble(job)).isEqualTo(new JobTrouble(JobTrouble.Kind.SLOW_START, "ProvisioningFailed", words));
        cluster().bindAtOnce();
        // The volume was made after all.
        assertThat(trouble(job)).isEqualTo(new JobTrouble(JobTrouble.Kind.SLOW_START, null, null));
        cluster().deny("list events");
        assertThat(trouble(job)).isEqualTo(new JobTrouble(JobTrouble.Kind.SLOW_START, null, null));
    }

    @Test
    void a_pod_that_is_deleted_by_somebody_is_ending_and_then_failed_without_an_exit_code() {
        RunnerJob job = launch();
        cluster().startJob(ref(job));
        cluster().removePod(pod());
        launcher.status(job);

        assertThat(launcher.status(job).state()).isEqualTo(RunnerJobStatus.State.FAILED);
        assertThat(end(job).cause()).isEqualTo(JobEnd.Cause.UNKNOWN);
        assertThat(end(job).exitCode()).isNull();
    }

    @Test
    void a_failure_to_list_events_is_not_hidden_unless_it_is_forbidden() {
        cluster().refusePods(QUOTA);
        RunnerJob job = launch();
        clock.advance(Duration.ofSeconds(6));
        cluster().inject(Fault.before("list events", Reason.UNAVAILABLE));

        assertThatThrownBy(() -> launcher.status(job)).hasMessageContaining("unavailable");
    }

    @Test
    void an_ended_job_goes_with_its_time_to_live() {
        RunnerJob job = launch();
        cluster().completeJob(ref(job));
        clock.advance(Duration.ofMinutes(9));
        assertThat(launcher.status(job).state()).isEqualTo(RunnerJobStatus.State.SUCCEEDED);
        clock.advance(Duration.ofMinutes(2));

        assertThat(launcher.status(job).state()).isEqualTo(RunnerJobStatus.State.GONE);
        assertThat(launcher.status(job).decided()).isTrue();
    }

    @Test
    void a_pod_that_has_run_for_long_is_no_trouble() {
        RunnerJob job = launch();
        cluster().startJob(ref(job));
        clock.advance(Duration.ofMinutes(3));

        assertThat(launcher.status(job).state()).isEqualTo(RunnerJobStatus.State.ACTIVE);
        assertThat(launcher.status(job).trouble()).isNull();
    }

    @Test
    void of_several_events_the_newest_explains_a_trouble() {
        RunnerJob job = launch();
        String pod = cluster().pods().get(0).meta().uid();
        clock.advance(Duration.ofMinutes(3));
        Instant now = clock.instant();
        for (int secondsAgo : List.of(40, 10, 70)) {
            cluster()
                    .event(
                            pod,
                            new EventView(
                                    "Warning", "FailedMount", secondsAgo + " s ago", now.minusSeconds(secondsAgo)));
        }

        assertThat(trouble(job)).isEqualTo(new JobTrouble(JobTrouble.Kind.SLOW_START, "FailedMount", "10 s ago"));
    }
}

package io.agentrun.k8s.job;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentrun.k8s.job.JobWatch.Look;
import io.agentrun.k8s.kubectl.KubectlException.Reason;
import io.agentrun.k8s.kubectl.memory.Fault;
import io.agentrun.k8s.log.LogPosition;
import io.agentrun.k8s.object.ObjectRef;
import io.agentrun.runner.RunnerJob;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** The last lines of a pod, the words for what keeps one from starting, and the outcome after both. */
abstract class JobWatchEndScenarios extends WatchedJobs {

    @Test
    void an_outcome_does_not_wait_for_ever_for_a_log_that_cannot_be_read() {
        RunnerJob job = launch("s1");
        RecordingObserver observer = new RecordingObserver();
        watch.add(job, null, observer);
        cluster().startJob(ref(job));
        cluster().completeJob(ref(job));
        cluster().inject(Fault.before("get pods/log", Reason.UNAVAILABLE).always());
        look();
        assertThat(observer.statuses).isEmpty();
        assertThat(watch.size()).isEqualTo(1);
        clock.advance(Duration.ofMinutes(2));

        look();

        assertThat(observer.last().state()).isEqualTo(RunnerJobStatus.State.SUCCEEDED);
        assertThat(observer.missing).isEqualTo(1);
        assertThat(watch.size()).isZero();
    }

    @Test
    void a_job_past_its_deadline_on_a_silent_node_ends_for_its_host() {
        RunnerJob job = launch("s1");
        RecordingObserver observer = new RecordingObserver();
        watch.add(job, null, observer);
        cluster().startJob(ref(job));
        cluster().slowDeletions();
        look();
        clock.advance(Duration.ofHours(1));
        look();
        assertThat(observer.last().state()).isEqualTo(RunnerJobStatus.State.ACTIVE);
        // The grace of the pod, and ten seconds for its last lines.
        clock.advance(Duration.ofSeconds(38));

        look();

        assertThat(observer.last().state()).isEqualTo(RunnerJobStatus.State.ENDING);
        assertThat(Objects.requireNonNull(observer.last().end()).cause()).isEqualTo(JobEnd.Cause.DEADLINE);
        assertThat(watch.size()).isZero();
    }

    @Test
    void what_a_runner_writes_while_it_is_asked_to_end_is_read_before_the_outcome() {
        RunnerJob job = launch("s1");
        RecordingObserver observer = new RecordingObserver();
        watch.add(job, null, observer);
        cluster().startJob(ref(job));
        cluster().log(podOf(job), "working\n");
        look();
        cluster().slowDeletions();
        cluster().exceedDeadline(ref(job));
        look();
        cluster().log(podOf(job), "working\nsaving\n");
        look();
        cluster().log(podOf(job), "working\nsaving\nbye");
        cluster().endPod(podOf(job), 143, "Error");

        look();

        assertThat(observer.lines).containsExactly("working", "saving", "bye");
        assertThat(Objects.requireNonNull(observer.last().end()).cause()).isEqualTo(JobEnd.Cause.DEADLINE);
        assertThat(observer.linesBeforeEnd).isEqualTo(3);
        assertThat(observer.missing).isZero();
        assertThat(watch.size()).isZero();
    }

    @Test
    void a_pod_that_goes_with_a_log_that_was_not_read_to_its_end_is_told() {
        RunnerJob job = launch("s1");
        RunnerJob never = launch("s2");
        RecordingObserver observer = new RecordingObserver();
        RecordingObserver other = new RecordingObserver();
        watch.add(job, null, observer);
        watch.add(never, null, other);
        cluster().startJob(ref(job));
        cluster().log(podOf(job), "one\n");
        look();
        cluster().removeJob(ref(job));
        cluster().removeJob(ref(never));

        look();

        assertThat(observer.last().state()).isEqualTo(RunnerJobStatus.State.GONE);
        assertThat(observer.missing).isEqualTo(1);
        assertThat(other.last().state()).isEqualTo(RunnerJobStatus.State.GONE);
        // Its runner never started.
        assertThat(other.missing).isZero();
    }

    @Test
    void a_watch_that_goes_on_where_another_one_was_misses_what_is_gone_too() {
        RunnerJob job = launch("s1");
        cluster().removeJob(ref(job));
        RecordingObserver observer = new RecordingObserver();
        Instant read = clock.instant();
        watch.add(job, new LogPosition(read, 1, read, read), observer);

        look();

        assertThat(observer.missing).isEqualTo(1);
    }

    @Test
    void the_log_of_the_next_pod_begins_at_its_beginning() {
        RunnerJob job = launch("s1");
        RecordingObserver observer = new RecordingObserver();
        watch.add(job, null, observer);
        cluster().startJob(ref(job));
        cluster().log(podOf(job), "one\n");
        look();
        String uid = job.result().string(RunnerJobLauncher.UID).orElseThrow();
        ObjectRef second = new ObjectRef("default", "second");
        cluster().addPod(second, names.runLabels(job.runId()), Set.of(), uid);
        cluster().startPod(second);
        // The clock of its node is behind that of the first one's: times of two logs say nothing of each other.
        clock.advance(Duration.ofSeconds(-30));
        cluster().log(second, "of the second\n");
        clock.advance(Duration.ofSeconds(30));

        look();

        assertThat(observer.lines).containsExactly("one", "of the second");
        // What the first one wrote last may be lost; that is told once.
        assertThat(observer.missing).isEqualTo(1);
        cluster().log(second, "of the second\nmore\n");
        look();
        look();
        assertThat(observer.lines).containsExactly("one", "of the second", "more");
        assertThat(observer.missing).isEqualTo(1);
    }

    @Test
    void what_keeps_a_job_from_starting_has_the_words_of_its_event_and_is_asked_for_seldom() {
        String quota = "pods is forbidden: exceeded quota: pods";
        cluster().refusePods(quota);
        RunnerJob job = launch("s1");
        RecordingObserver observer = new RecordingObserver();
        watch.add(job, null, observer);
        clock.advance(Duration.ofSeconds(10));
        // Pods, Jobs, Events.
        assertThat(look().calls()).isEqualTo(3);

        assertThat(observer.last().trouble())
                .isEqualTo(new JobTrouble(JobTrouble.Kind.NO_POD, "FailedCreate", "Error creating: " + quota));
        for (int i = 0; i < 14; i++) {
            assertThat(look().calls()).isEqualTo(2);
        }
        assertThat(look().calls()).isEqualTo(3);
        assertThat(observer.statuses).hasSize(1);
        cluster().inject(Fault.before("list events", Reason.UNAVAILABLE).always());
        clock.advance(Duration.ofSeconds(30));
        assertThat(look().problems()).singleElement().asString().contains("unavailable");
        assertThat(look().problems()).isEmpty();
        assertThat(observer.statuses).hasSize(1);
        cluster().allowPods();
        look();
        look();
        assertThat(observer.last().trouble()).isNull();
    }

    @Test
    void many_jobs_without_a_pod_do_not_ask_for_more_events_than_logs_would_cost() {
        cluster().refusePods("quota");
        for (int i = 0; i < 20; i++) {
            watch.add(launch("s" + i), null, new RecordingObserver());
        }
        clock.advance(Duration.ofSeconds(10));

        Look first = look();

        // Two lists, and what the credit of a first look allows.
        assertThat(first.calls()).isLessThanOrEqualTo(3);
    }

    @Test
    void of_two_pods_of_a_job_the_newer_one_is_read() {
        RunnerJob job = launch("s1");
        RecordingObserver observer = new RecordingObserver();
        watch.add(job, null, observer);
        cluster().startJob(ref(job));
        cluster().log(podOf(job), "of the older one\n");
        String uid = job.result().string(RunnerJobLauncher.UID).orElseThrow();
        // The names say nothing about the age: one is before, one behind the name of the first pod.
        for (String name : List.of("0-second", "z-third")) {
            clock.advance(Duration.ofSeconds(10));
            ObjectRef pod = new ObjectRef("default", name);
            cluster().addPod(pod, names.runLabels(job.runId()), Set.of(), uid);
            cluster().startPod(pod);
            cluster().log(pod, name + "\n");
        }

        look();

        assertThat(observer.lines).containsExactly("z-third");
    }
}

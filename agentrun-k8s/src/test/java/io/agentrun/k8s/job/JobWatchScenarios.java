package io.agentrun.k8s.job;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentrun.k8s.apiserver.Scenario;
import io.agentrun.k8s.kubectl.KubectlException.Reason;
import io.agentrun.k8s.kubectl.memory.Fault;
import io.agentrun.k8s.log.LogLine;
import io.agentrun.k8s.object.ObjectRef;
import io.agentrun.k8s.object.PodState;
import io.agentrun.run.Run;
import io.agentrun.runner.RunnerJob;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Many Jobs, few calls, every line once. */
abstract class JobWatchScenarios extends Scenario {

    private RunnerJobLauncher launcher;
    private JobWatch watch;

    /** Records what it is told. */
    private static final class RecordingObserver implements JobObserver {
        private final List<String> lines = new ArrayList<>();
        private final List<RunnerJobStatus> statuses = new ArrayList<>();
        private int linesBeforeEnd;
        private int missing;

        @Override
        public Next take(LogLine line) {
            lines.add(line.text());
            return Next.GO_ON;
        }

        @Override
        public void status(RunnerJobStatus status) {
            statuses.add(status);
            if (status.decided()) {
                linesBeforeEnd = lines.size();
            }
        }

        @Override
        public void linesMissing() {
            missing++;
        }

        RunnerJobStatus last() {
            return statuses.get(statuses.size() - 1);
        }
    }

    @BeforeEach
    void begin() {
        JobTemplate template = JobTemplate.builder(
                        "default",
                        RunnerContainer.builder("registry.example/runner:1").build())
                .build();
        // What is counted is the watch: Jobs are made without a process each.
        launcher = new RunnerJobLauncher(store, direct(), names, template, clock);
        watch = new JobWatch(kubectl(), names, "default");
    }

    private RunnerJob launch(String session) {
        Run run = run(session);
        return launcher.launch(LaunchRequest.of(run.id(), turn(run).id(), "https://host.example", "abc"));
    }

    private static ObjectRef ref(RunnerJob job) {
        return new ObjectRef(job.placement().namespace(), job.placement().jobName());
    }

    private ObjectRef podOf(RunnerJob job) {
        String uid = job.result().string(RunnerJobLauncher.UID).orElseThrow();
        return cluster().pods().stream()
                .filter(pod -> uid.equals(pod.ownerUid()))
                .findFirst()
                .orElseThrow()
                .meta()
                .ref();
    }

    private Look look() {
        clock.advance(Duration.ofSeconds(2));
        return watch.look(clock.instant());
    }

    @Test
    void a_job_is_followed_from_its_pod_to_its_last_line() {
        RunnerJob job = launch("s1");
        RecordingObserver observer = new RecordingObserver();
        watch.add(job, null, observer);
        assertThat(look().calls()).isEqualTo(1);
        assertThat(observer.last().state()).isEqualTo(RunnerJobStatus.State.ACTIVE);
        cluster().startJob(ref(job));
        cluster().log(podOf(job), "one\n");
        look();
        cluster().log(podOf(job), "one\ntwo\nthree without an end");
        cluster().completeJob(ref(job));

        look();

        assertThat(observer.lines).containsExactly("one", "two", "three without an end");
        assertThat(observer.last().end()).isEqualTo(new JobEnd(JobEnd.Cause.COMPLETED, 0, null));
        assertThat(observer.linesBeforeEnd).isEqualTo(3);
        assertThat(observer.statuses).hasSize(2);
        assertThat(watch.size()).isZero();
        assertThat(look().calls()).isZero();
    }

    @Test
    void an_outage_ends_nothing_and_the_log_goes_on_where_it_was() {
        RunnerJob job = launch("s1");
        RecordingObserver observer = new RecordingObserver();
        watch.add(job, null, observer);
        cluster().startJob(ref(job));
        cluster().log(podOf(job), "one\n");
        look();
        cluster().log(podOf(job), "one\ntwo\n");
        for (String permission : List.of("get pods/log", "list pods")) {
            cluster().inject(Fault.before(permission, Reason.UNAVAILABLE));

            Look failed = look();

            assertThat(failed.problems()).singleElement().asString().contains("unavailable");
            assertThat(observer.last().state()).isEqualTo(RunnerJobStatus.State.ACTIVE);
        }
        look();

        assertThat(observer.lines).containsExactly("one", "two");
        assertThat(cluster().jobs()).hasSize(1);
        assertThat(watch.size()).isEqualTo(1);
    }

    @Test
    void a_job_that_could_not_be_listed_is_not_gone() {
        RunnerJob job = launch("s1");
        RecordingObserver observer = new RecordingObserver();
        watch.add(job, null, observer);
        cluster().removePod(podOf(job));
        cluster().oversize(ref(job));

        Look look = look();

        assertThat(look.problems()).singleElement().asString().contains(ref(job).name());
        assertThat(observer.statuses).isEmpty();
        assertThat(watch.size()).isEqualTo(1);
    }

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
    void a_job_that_is_gone_is_told_once() {
        RunnerJob job = launch("s1");
        RecordingObserver observer = new RecordingObserver();
        watch.add(job, null, observer);
        cluster().removeJob(ref(job));

        look();
        look();

        assertThat(observer.statuses).extracting(RunnerJobStatus::state).containsExactly(RunnerJobStatus.State.GONE);
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

        assertThat(observer.last().state()).isEqualTo(RunnerJobStatus.State.ENDING);
        assertThat(Objects.requireNonNull(observer.last().end()).cause()).isEqualTo(JobEnd.Cause.DEADLINE);
        assertThat(watch.size()).isZero();
    }

    @Test
    void a_quiet_log_is_read_less_and_less_often_and_a_rotated_one_is_told() {
        RunnerJob job = launch("s1");
        RecordingObserver observer = new RecordingObserver();
        watch.add(job, null, observer);
        cluster().startJob(ref(job));
        cluster().log(podOf(job), "one\ntwo\n");
        look();
        int logs = 0;
        for (int i = 0; i < 30; i++) {
            logs += look().calls() - 1;
        }
        assertThat(logs).isBetween(3, 8);
        cluster().log(podOf(job), "one\ntwo\nthree\nfour\n");
        cluster().rotateLog(podOf(job), 3);
        clock.advance(Duration.ofSeconds(40));
        look();

        assertThat(observer.lines).containsExactly("one", "two", "four");
        assertThat(observer.missing).isEqualTo(1);
    }

    @Test
    void fifty_chatty_jobs_cost_at_most_a_tenth_of_a_call_a_second_each() {
        List<RunnerJob> jobs = new ArrayList<>();
        List<RecordingObserver> ears = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            jobs.add(launch("s" + i));
            ears.add(new RecordingObserver());
            watch.add(jobs.get(i), null, ears.get(i));
            cluster().startJob(ref(jobs.get(i)));
        }
        long before = processes();
        int looks = 30;
        StringBuilder log = new StringBuilder();
        for (int i = 0; i < looks; i++) {
            log.append("line ").append(i).append('\n');
            jobs.forEach(job -> cluster().log(podOf(job), log.toString()));
            look();
        }

        double perSecondAndJob = (processes() - before) / (looks * 2.0) / 50;
        assertThat(perSecondAndJob).isLessThan(0.11);
        assertThat(ears).allSatisfy(observer -> assertThat(observer.lines).hasSizeGreaterThan(looks / 3));
    }

    @Test
    void a_pod_that_nobody_takes_is_told_without_a_log() {
        RunnerJob job = launch("s1");
        RecordingObserver observer = new RecordingObserver();
        watch.add(job, null, observer);
        cluster().podState(podOf(job), PodState.of("Pending", null));

        assertThat(look().calls()).isEqualTo(1);
        assertThat(observer.lines).isEmpty();
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

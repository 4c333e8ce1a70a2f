package io.agentrun.k8s.job;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentrun.k8s.job.JobWatch.Look;
import io.agentrun.k8s.kubectl.KubectlException.Reason;
import io.agentrun.k8s.kubectl.memory.Fault;
import io.agentrun.k8s.object.PodState;
import io.agentrun.runner.RunnerJob;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Many Jobs, few calls, every line once. */
abstract class JobWatchScenarios extends WatchedJobs {

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
}

package io.agentrun.k8s.job;

import io.agentrun.k8s.apiserver.Scenario;
import io.agentrun.k8s.job.JobWatch.Look;
import io.agentrun.k8s.log.LogLine;
import io.agentrun.k8s.object.ObjectRef;
import io.agentrun.run.Run;
import io.agentrun.runner.RunnerJob;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;

/** Jobs under watch, and an observer that writes down what it hears. */
abstract class WatchedJobs extends Scenario {

    private RunnerJobLauncher launcher;
    JobWatch watch;

    /** Records what it is told. */
    static final class RecordingObserver implements JobObserver {
        final List<String> lines = new ArrayList<>();
        final List<RunnerJobStatus> statuses = new ArrayList<>();
        int linesBeforeEnd;
        int missing;

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

    RunnerJob launch(String session) {
        Run run = run(session);
        return launcher.launch(LaunchRequest.of(run.id(), turn(run).id(), "https://host.example", "abc"));
    }

    static ObjectRef ref(RunnerJob job) {
        return new ObjectRef(job.placement().namespace(), job.placement().jobName());
    }

    ObjectRef podOf(RunnerJob job) {
        String uid = job.result().string(RunnerJobLauncher.UID).orElseThrow();
        return cluster().pods().stream()
                .filter(pod -> uid.equals(pod.ownerUid()))
                .findFirst()
                .orElseThrow()
                .meta()
                .ref();
    }

    Look look() {
        clock.advance(Duration.ofSeconds(2));
        return watch.look(clock.instant());
    }
}

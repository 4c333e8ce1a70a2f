package io.agentrun.example.kubernetes;

import io.agentrun.error.FailureKind;
import io.agentrun.example.worker.Agent;
import io.agentrun.k8s.job.JobEnd;
import io.agentrun.k8s.job.RunnerJobLauncher;
import io.agentrun.k8s.job.RunnerJobStatus;
import io.agentrun.k8s.job.RunnerJobStatus.State;
import io.agentrun.k8s.kubectl.KubectlException;
import io.agentrun.k8s.log.LogEnd;
import io.agentrun.k8s.log.LogLine;
import io.agentrun.k8s.log.LogPosition;
import io.agentrun.k8s.log.LogSink;
import io.agentrun.model.Outcome;
import io.agentrun.runner.RunnerJob;
import io.agentrun.worker.stream.TextStream;
import java.util.ArrayDeque;
import java.util.Locale;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A Job in the cluster, looked at once a second: its state, and its log from where the last look ended.
 *
 * <p>A cluster that cannot be asked for a while is asked again; the lease, kept alive meanwhile, is the worker's matter.
 * Thread-safe; one thread takes the lines.
 */
final class JobAgent implements Agent {
    private static final long LOOK_MILLIS = 1_000;
    private static final int MAX_LINES = 2_000;

    private final RunnerJobLauncher launcher;
    private final RunnerJob job;
    private final ArrayDeque<String> lines = new ArrayDeque<>();
    private volatile @Nullable LogPosition position;
    private final CountDownLatch stopAsked = new CountDownLatch(1);
    private volatile @Nullable RunnerJobStatus end;

    JobAgent(RunnerJobLauncher launcher, RunnerJob job) {
        this.launcher = launcher;
        this.job = job;
    }

    @Override
    public void write(TextStream output) throws InterruptedException {
        while (end == null) {
            try {
                look();
            } catch (KubectlException e) {
                if (!e.retryable()) {
                    throw e;
                }
            }
            boolean quiet = lines.isEmpty();
            while (!lines.isEmpty()) {
                output.line(lines.remove());
            }
            if (quiet && end == null) {
                stopAsked.await(LOOK_MILLIS, TimeUnit.MILLISECONDS);
            }
        }
    }

    private void look() {
        if (stopAsked.getCount() == 0) {
            launcher.stop(job);
            end = launcher.status(job);
            return;
        }
        RunnerJobStatus status = launcher.status(job);
        boolean started = status.state() != State.PENDING && status.state() != State.GONE;
        // After the state: what a Job that has ended wrote is all there.
        boolean all = !started
                || launcher.readLog(job, position, this::take)
                        .map(read -> read.rest() == LogEnd.Rest.NONE)
                        .orElse(true);
        if (status.decided() && all) {
            end = status;
        }
    }

    private LogSink.Next take(LogLine line) {
        lines.add(line.text());
        position = line.position();
        return lines.size() < MAX_LINES ? LogSink.Next.GO_ON : LogSink.Next.STOP;
    }

    @Override
    public Outcome outcome() {
        RunnerJobStatus status = end;
        JobEnd how = status == null ? null : status.end();
        String name = job.placement().jobName();
        if (how == null) {
            return Outcome.failed(FailureKind.INFRA_FAILED, "Job " + name + " is gone");
        }
        if (how.succeeded()) {
            return Outcome.completed();
        }
        String words = how.words() == null ? "" : ": " + how.words();
        return Outcome.failed(
                how.failureKind(),
                "Job " + name + " failed, "
                        + how.cause().name().toLowerCase(Locale.ROOT).replace('_', ' ') + words);
    }

    @Override
    public boolean terminate() {
        // Before it is asked to stop: the thread that asks the cluster may see the end at once.
        boolean running = end == null;
        stopAsked.countDown();
        return running;
    }

    @Override
    public void kill() {
        terminate();
    }

    /** A Job that has ended stays for its time to live, so that people may read its log. */
    @Override
    public void close() {
        if (end != null) {
            return;
        }
        try {
            launcher.stop(job);
        } catch (KubectlException e) {
            // Whoever recovers the run stops it, or its deadline does.
            System.err.println("Job " + job.placement().jobName() + " may still run: " + e.getMessage());
        }
    }
}

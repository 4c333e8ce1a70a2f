package io.agentrun.example.kubernetes;

import io.agentrun.error.FailureKind;
import io.agentrun.example.worker.Agent;
import io.agentrun.k8s.job.RunnerJobLauncher;
import io.agentrun.k8s.job.RunnerJobStatus;
import io.agentrun.k8s.job.RunnerJobStatus.State;
import io.agentrun.k8s.kubectl.KubectlException;
import io.agentrun.k8s.kubectl.KubectlException.Reason;
import io.agentrun.model.Outcome;
import io.agentrun.runner.RunnerJob;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A Job in the cluster, looked at once a second: its state, and what is new at the end of its log.
 *
 * <p>A cluster that cannot be asked for a while is asked again; the lease, kept alive meanwhile, is the worker's matter.
 * Thread-safe; one thread takes the lines.
 */
final class JobAgent implements Agent {
    private static final long LOOK_MILLIS = 1_000;
    private static final int MAX_BATCH = 200;

    private final RunnerJobLauncher launcher;
    private final RunnerJob job;
    private final LogTail log = new LogTail();
    private final Deque<String> lines = new ArrayDeque<>();
    private final CountDownLatch stopAsked = new CountDownLatch(1);
    private volatile @Nullable RunnerJobStatus end;

    JobAgent(RunnerJobLauncher launcher, RunnerJob job) {
        this.launcher = launcher;
        this.job = job;
    }

    @Override
    public List<String> nextLines() throws InterruptedException {
        while (lines.isEmpty() && end == null) {
            try {
                look();
            } catch (KubectlException e) {
                if (!e.retryable()) {
                    throw e;
                }
            }
            if (lines.isEmpty() && end == null) {
                stopAsked.await(LOOK_MILLIS, TimeUnit.MILLISECONDS);
            }
        }
        List<String> batch = new ArrayList<>();
        while (!lines.isEmpty() && batch.size() < MAX_BATCH) {
            batch.add(lines.remove());
        }
        return batch;
    }

    private void look() {
        if (stopAsked.getCount() == 0) {
            launcher.stop(job);
            end = launcher.status(job);
            return;
        }
        RunnerJobStatus status = launcher.status(job);
        boolean over = status.state() != State.PENDING && status.state() != State.ACTIVE;
        if (status.state() != State.PENDING) {
            // After the state: what a Job that has ended wrote is all there.
            lines.addAll(log.fresh(text(), over));
        }
        if (over) {
            end = status;
        }
    }

    private String text() {
        try {
            return launcher.logs(job, LogTail.LINES).orElse("");
        } catch (KubectlException e) {
            if (e.reason() == Reason.INVALID || e.reason() == Reason.NOT_FOUND) {
                // The container has not started yet, or its pod is gone.
                return "";
            }
            throw e;
        }
    }

    @Override
    public Outcome outcome() {
        RunnerJobStatus status = end;
        State state = status == null ? State.GONE : status.state();
        String name = job.placement().jobName();
        return switch (state) {
            case SUCCEEDED -> Outcome.completed();
            case FAILED ->
                Outcome.failed(
                        FailureKind.BACKEND_FAILED, "Job " + name + " failed" + (status == null ? "" : reason(status)));
            case GONE, PENDING, ACTIVE -> Outcome.failed(FailureKind.INFRA_FAILED, "Job " + name + " is gone");
        };
    }

    private static String reason(RunnerJobStatus status) {
        return status.reason() == null ? "" : ": " + status.reason();
    }

    @Override
    public boolean terminate() {
        stopAsked.countDown();
        return end == null;
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

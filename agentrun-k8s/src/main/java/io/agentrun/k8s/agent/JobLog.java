package io.agentrun.k8s.agent;

import io.agentrun.k8s.job.RunnerJobLauncher;
import io.agentrun.k8s.job.RunnerJobStatus;
import io.agentrun.k8s.job.RunnerJobStatus.State;
import io.agentrun.k8s.log.LogEnd;
import io.agentrun.k8s.log.LogLine;
import io.agentrun.k8s.log.LogPosition;
import io.agentrun.k8s.log.LogSink;
import io.agentrun.runner.RunnerJob;
import io.agentrun.worker.stream.TextStream;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * Copies a Job's log, each time from where the last copy ended; it holds at most 2,000 lines.
 *
 * <p>Not thread-safe: one thread at a time.
 */
final class JobLog {

    private static final int MAX_LINES = 2_000;

    private final RunnerJobLauncher launcher;
    private final RunnerJob job;
    private final TextStream to;
    private final ArrayDeque<String> lines = new ArrayDeque<>();
    private @Nullable LogPosition position;

    JobLog(RunnerJobLauncher launcher, RunnerJob job, TextStream to) {
        this.launcher = launcher;
        this.job = job;
        this.to = to;
    }

    /** Copies what there is by now, up to a bound, and returns whether more can be copied at once. */
    boolean copy(RunnerJobStatus status) throws InterruptedException {
        boolean started = status.state() != State.PENDING && status.state() != State.GONE;
        boolean all = true;
        try {
            all = !started
                    || launcher.readLog(job, position, this::take)
                            .map(read -> read.rest() == LogEnd.Rest.NONE)
                            .orElse(true);
        } finally {
            while (!lines.isEmpty()) {
                to.line(lines.remove());
            }
        }
        return !all;
    }

    private LogSink.Next take(LogLine line) {
        lines.add(line.text());
        position = line.position();
        return lines.size() < MAX_LINES ? LogSink.Next.GO_ON : LogSink.Next.STOP;
    }
}

package io.agentrun.k8s.agent;

import io.agentrun.k8s.job.JobObserver;
import io.agentrun.k8s.job.JobTrouble;
import io.agentrun.k8s.job.RunnerJobStatus;
import io.agentrun.k8s.log.LogLine;
import java.util.concurrent.LinkedBlockingDeque;
import org.jspecify.annotations.Nullable;

/**
 * What a turn hears of its Job, in order, from the thread that watches all Jobs: that thread never waits for a turn. Of a log
 * that is read faster than it is stored, at most 2,000 lines are held; the rest stays in the cluster.
 *
 * <p>Thread-safe.
 */
final class JobNews implements JobObserver {

    private static final int MAX_LINES = 2_000;

    /** What was heard. */
    enum Kind {
        /** A line of the log, or a piece of one. */
        LINE,
        /** Lines may be missing here. */
        LINES_MISSING,
        /** Something keeps the Job from starting or ending. */
        TROUBLE,
        /** The outcome of the Job is certain, and its log was read. */
        DECIDED,
        /** The turn was asked to end. */
        STOP
    }

    /** One thing that was heard, with the line or the status that goes with it. */
    record News(Kind kind, @Nullable LogLine line, @Nullable RunnerJobStatus status) {}

    private final LinkedBlockingDeque<News> news = new LinkedBlockingDeque<>();
    private JobTrouble.@Nullable Kind told;

    @Override
    public Next take(LogLine line) {
        news.add(new News(Kind.LINE, line, null));
        return news.size() < MAX_LINES ? Next.GO_ON : Next.STOP;
    }

    @Override
    public void status(RunnerJobStatus status) {
        JobTrouble trouble = status.trouble();
        if (status.decided()) {
            news.add(new News(Kind.DECIDED, null, status));
        } else if (trouble != null && trouble.kind() != told) {
            told = trouble.kind();
            news.add(new News(Kind.TROUBLE, null, status));
        }
    }

    @Override
    public void linesMissing() {
        news.add(new News(Kind.LINES_MISSING, null, null));
    }

    /** Hears, before all else that waits, that the turn was asked to end. */
    void stop() {
        news.addFirst(new News(Kind.STOP, null, null));
    }

    /** Waits for what comes next. */
    News next() throws InterruptedException {
        return news.take();
    }
}

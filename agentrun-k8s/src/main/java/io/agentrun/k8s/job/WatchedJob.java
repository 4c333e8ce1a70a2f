package io.agentrun.k8s.job;

import io.agentrun.k8s.log.LogPosition;
import io.agentrun.k8s.object.ContainerView;
import io.agentrun.k8s.object.ObjectRef;
import io.agentrun.k8s.object.PodView;
import io.agentrun.runner.RunnerJob;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * One Job under watch: what was last said of it, how far its log was read, and when its log is read next.
 *
 * <p>Not thread-safe: one thread at a time.
 */
final class WatchedJob {

    static final Duration SHORTEST = Duration.ofSeconds(1);
    static final Duration LONGEST = Duration.ofSeconds(30);

    /** How long the outcome of a Job waits for a log that cannot be read. */
    private static final Duration OUTCOME_WAITS = Duration.ofMinutes(2);

    final RunnerJob job;
    final ObjectRef ref;
    final JobObserver observer;

    @Nullable
    LogPosition position;

    @Nullable
    RunnerJobStatus said;

    /** Whether the runner of the pod whose log is read was seen to have started. */
    boolean started;

    /** Whether the log was read to its end after the runner had ended. */
    boolean logComplete;

    final Words words = new Words();

    private @Nullable String podUid;

    private Duration pause = SHORTEST;
    private Instant logDue = Instant.MIN;
    private @Nullable Instant decidedAt;

    WatchedJob(RunnerJob job, JobObserver observer, @Nullable LogPosition position) {
        this.job = job;
        this.ref = new ObjectRef(job.placement().namespace(), job.placement().jobName());
        this.observer = observer;
        this.position = position;
        this.started = position != null;
    }

    /** Notes the pod whose log is read: that of another pod is read from its beginning. */
    void follow(PodView pod) {
        String uid = pod.meta().uid();
        if (podUid != null && !podUid.equals(uid)) {
            missIfIncomplete();
            position = null;
            started = false;
            logComplete = false;
            logDue = Instant.MIN;
        }
        podUid = uid;
        started = started
                || pod.state()
                        .container(Manifests.CONTAINER)
                        .map(container -> container.state() != ContainerView.State.WAITING)
                        .orElse(false);
    }

    /** Says that lines may be missing, if the log of a runner that has started was not read to its end. */
    void missIfIncomplete() {
        if (started && !logComplete) {
            observer.linesMissing();
        }
    }

    @Nullable
    String uid() {
        return job.result().string(RunnerJobLauncher.UID).orElse(null);
    }

    boolean logDue(Instant now) {
        return !logDue.isAfter(now);
    }

    Instant logDue() {
        return logDue;
    }

    /** Notes that the log was read: the next time is sooner when there was something new, later when there was not. */
    void logRead(Instant now, boolean fresh, boolean rest) {
        Duration next = fresh ? pause.dividedBy(2) : pause.multipliedBy(2);
        pause = next.compareTo(SHORTEST) < 0 ? SHORTEST : next.compareTo(LONGEST) > 0 ? LONGEST : next;
        logDue = rest ? now : now.plus(pause);
    }

    void logFailed(Instant now) {
        logDue = now.plus(pause);
    }

    /** Returns whether the outcome has waited long enough for the rest of the log. */
    boolean outcomeDue(Instant now) {
        if (decidedAt == null) {
            decidedAt = now;
        }
        return !decidedAt.plus(OUTCOME_WAITS).isAfter(now);
    }

    void say(RunnerJobStatus status) {
        if (!status.equals(said)) {
            observer.status(status);
            said = status;
        }
    }

    /**
     * What Events said of the trouble of one Job under watch, and when they are asked again.
     *
     * <p>Not thread-safe: one thread at a time.
     */
    static final class Words {

        private static final Duration ASK_EVERY = Duration.ofSeconds(30);

        private JobTrouble.@Nullable Kind kind;
        private @Nullable JobTrouble trouble;
        private Instant next = Instant.MIN;

        /** Returns whether Events are to be asked about a trouble of this kind. */
        boolean due(JobTrouble.Kind wanted, Instant now) {
            return wanted != kind || !next.isAfter(now);
        }

        /** Notes what Events made of the trouble, which is the trouble itself where they said nothing. */
        void found(JobTrouble before, RunnerJobStatus explained, Instant now) {
            notFound(before.kind(), now);
            trouble = before.equals(explained.trouble()) ? null : explained.trouble();
        }

        /** Notes that nothing could be asked about a trouble of this kind; what was known of it stays. */
        void notFound(JobTrouble.Kind wanted, Instant now) {
            if (wanted != kind) {
                trouble = null;
            }
            kind = wanted;
            next = now.plus(ASK_EVERY);
        }

        /** Returns the status with the words that are known of its trouble. */
        RunnerJobStatus in(RunnerJobStatus status, JobTrouble now) {
            boolean known = trouble != null && now.kind() == kind;
            return known ? new RunnerJobStatus(status.job(), status.state(), status.end(), trouble) : status;
        }
    }
}

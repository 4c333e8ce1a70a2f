package io.agentrun.k8s.job;

import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What Events said of the trouble of one Job under watch, and when they are asked again.
 *
 * <p>Not thread-safe: one thread at a time.
 */
final class Words {

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

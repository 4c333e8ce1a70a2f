package io.agentrun.backend;

import io.agentrun.json.AsText;
import io.agentrun.limit.Limit;
import io.agentrun.limit.LimitKey;
import io.agentrun.limit.LimitKind;
import io.agentrun.model.ReadMark;
import io.agentrun.runner.Backend;
import io.agentrun.runner.Runner;
import io.agentrun.runner.RunnerJob;
import io.agentrun.schedule.Schedule;
import io.agentrun.schedule.ScheduleKey;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A record that has no transitions: it is written as it is, and replaces the one of the same identity.
 *
 * <p>Immutable.
 */
public sealed interface Entry {

    /** A runner; its identity is its id. */
    record OfRunner(Runner runner) implements Entry {}

    /** A runner job; always new. */
    record OfJob(RunnerJob job) implements Entry {}

    /** A backend; its identity is its profile. */
    record OfBackend(Backend backend) implements Entry {}

    /** How far a reader has read; its identity is the kind, the subject and the reader. */
    record OfMark(MarkKind kind, ReadMark mark) implements Entry {}

    /** A collector's lease on a session's storage; its identity is the session. One that ends at once is given back. */
    record OfCollector(CollectorLease lease) implements Entry {}

    /** A limit of the queue; its identity is its key and its kind. Null takes it away. */
    record OfLimit(LimitKey key, LimitKind kind, @Nullable Limit limit) implements Entry {}

    /**
     * A schedule; its identity is its key.
     *
     * @param isNew whether the step has found none of the key: if there is one all the same, the step has lost a race
     */
    record OfSchedule(Schedule schedule, boolean isNew) implements Entry {}

    /** That there is no schedule of the key any more. */
    record NoSchedule(ScheduleKey key) implements Entry {}

    /** What is marked as read. */
    enum MarkKind {
        SESSION,
        TASK
    }

    /** That a collector works on a session's storage, and until when. Immutable. */
    record CollectorLease(
            String sessionId, String collectorId, @AsText Instant until) {}
}

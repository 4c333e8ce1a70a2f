package io.agentrun.rules;

import io.agentrun.error.FailureKind;
import io.agentrun.model.CancelMode;
import io.agentrun.model.CancelRequest;
import io.agentrun.model.Deadlines;
import io.agentrun.model.Outcome;
import io.agentrun.model.TerminalStatus;
import io.agentrun.model.TurnResult;
import io.agentrun.queue.QueueTask;
import io.agentrun.queue.TaskState;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * By when tasks and runs must have begun and ended: when a record is next to be judged, and what becomes of it then.
 *
 * <p>What nobody works on ends at once. What a runner holds is asked to cancel, and is ended by force when its grace is over. A task ends
 * cancelled and is not tried again; a run ends failed, which spends its task's attempt.
 *
 * <p>Pure functions. Thread-safe.
 */
public final class DeadlineRules {

    /** The reason of a request that the end of the time makes. */
    static final String ENDED = "its deadline is over";

    private static final String NOT_BEGUN = "it had not begun by its deadline";
    private static final String NOT_ENDED = "it had not ended by its deadline";

    private DeadlineRules() {}

    /** Returns the deadlines of a run that begins now: the longest time that it may take counts from now. */
    static @Nullable Deadlines ofRun(@Nullable Deadlines given, Instant now) {
        Duration within = given == null ? null : given.within();
        if (given == null || within == null) {
            return given;
        }
        Instant until = now.plus(within);
        Instant endBy = given.endBy();
        Instant beginBy = given.beginBy();
        Instant end = endBy == null || until.isBefore(endBy) ? until : endBy;
        Instant begin = beginBy != null && beginBy.isAfter(end) ? end : beginBy;
        return new Deadlines(begin, end, null, given.grace());
    }

    /** Returns the deadlines of the run of an attempt: the longest time that it may take, and nothing else of the task's. */
    static @Nullable Deadlines ofAttempt(@Nullable Deadlines ofTask) {
        return ofTask == null || ofTask.within() == null
                ? null
                : new Deadlines(null, null, ofTask.within(), ofTask.grace());
    }

    /** Returns the deadlines of a task that is tried again without new ones: no time that may be over. */
    static @Nullable Deadlines again(@Nullable Deadlines before) {
        return ofAttempt(before);
    }

    /** Returns when the task is to be judged next; null for never. */
    public static @Nullable Instant nextAt(QueueTask task) {
        Deadlines deadlines = task.deadlines();
        if (deadlines == null || task.state().terminal()) {
            return null;
        }
        Instant end = deadlines.endBy();
        if (task.state() == TaskState.PENDING) {
            return task.latestAttempt() == null ? earlier(deadlines.beginBy(), end) : end;
        }
        return end == null ? null : judgedAt(end, deadlines.grace(), task.cancelRequest());
    }

    /** Returns when the run is to be judged next; null for never. */
    public static @Nullable Instant nextAt(RunHead run) {
        Deadlines deadlines = run.deadlines();
        if (deadlines == null || run.isTerminal()) {
            return null;
        }
        Instant end = deadlines.endBy();
        if (!run.status().leased()) {
            return run.epoch() == 0 ? earlier(deadlines.beginBy(), end) : end;
        }
        return end == null ? null : judgedAt(end, deadlines.grace(), run.cancelRequest());
    }

    private static @Nullable Instant earlier(@Nullable Instant a, @Nullable Instant b) {
        return a == null || (b != null && b.isBefore(a)) ? b : a;
    }

    /** The grace counts from the request that the deadline made, or from the deadline if another request was first. */
    private static Instant judgedAt(Instant end, Duration grace, @Nullable CancelRequest request) {
        if (request == null) {
            return end;
        }
        Instant asked = request.requestedAt();
        return (asked.isAfter(end) ? asked : end).plus(grace);
    }

    /** Returns whether the time of what is pending is over, so that nothing of it is begun any more. */
    public static boolean over(QueueTask task, Instant now) {
        return isOver(nextAt(task), now);
    }

    private static boolean isOver(@Nullable Instant at, Instant now) {
        return at != null && !at.isAfter(now);
    }

    /**
     * Returns the task cancelled, or asked to be, because its time is over; empty if that is not so.
     *
     * @param run the view of the task's run, if the task is running on one
     */
    public static Change task(QueueTask task, @Nullable RunView run, Instant now) {
        if (!isOver(nextAt(task), now)) {
            return Change.none();
        }
        if (task.state() == TaskState.RUNNING && run != null && !run.run().isTerminal()) {
            CancelMode mode = task.cancelRequest() == null ? CancelMode.GRACEFUL : CancelMode.FORCE;
            return QueueRules.cancel(task, run, ENDED, mode, now);
        }
        return Change.builder()
                .put(QueueRules.ended(task, new CancelRequest(ENDED, now), cancelled(task, now), now))
                .build();
    }

    private static Outcome cancelled(QueueTask task, Instant now) {
        Deadlines deadlines = task.deadlines();
        Instant end = deadlines == null ? null : deadlines.endBy();
        return Outcome.overdue(isOver(end, now) ? NOT_ENDED : NOT_BEGUN);
    }

    /** Returns how a task ends whose run has ended so: as a deadline says, if that is what asked for the end. */
    static Outcome ofTask(QueueTask task, Outcome outcome) {
        return outcome.status() == TerminalStatus.CANCELLED && made(task.cancelRequest(), task.deadlines())
                ? Outcome.overdue(NOT_ENDED)
                : outcome;
    }

    /**
     * Returns the run failed, or asked to cancel, because its time is over. A run that is not to be judged yet is written as it is, so
     * that its store notes when it is.
     */
    public static Change run(RunView view, Instant now) {
        RunHead run = view.run();
        if (run.isTerminal()) {
            return Change.none();
        }
        if (!isOver(nextAt(run), now)) {
            return Change.of(run);
        }
        CancelRequest request = run.cancelRequest();
        if (run.status().leased() && request == null) {
            return RunRules.cancel(view, ENDED, CancelMode.GRACEFUL, now);
        }
        Outcome outcome = request != null && !made(request, run.deadlines())
                ? Outcome.cancelled(request.reason())
                : Outcome.failed(FailureKind.DEADLINE_EXCEEDED, begins(run, now) ? NOT_BEGUN : NOT_ENDED);
        return RunRules.end(view, TurnResult.of(outcome), RunRules.Ending.NEW_EPOCH, now);
    }

    /** Returns whether it is the begin, and not the end, whose time is over. */
    private static boolean begins(RunHead run, Instant now) {
        Deadlines deadlines = run.deadlines();
        return deadlines == null || !isOver(deadlines.endBy(), now);
    }

    /** Returns how a run ends that is ended so: failed, if its deadline asked for it and it obeys. */
    static Outcome ofRun(RunHead run, Outcome outcome) {
        return outcome.status() == TerminalStatus.CANCELLED && made(run.cancelRequest(), run.deadlines())
                ? Outcome.failed(FailureKind.DEADLINE_EXCEEDED, NOT_ENDED)
                : outcome;
    }

    /** Returns whether the deadline made the request: by its reason, and not before its time. */
    private static boolean made(@Nullable CancelRequest request, @Nullable Deadlines deadlines) {
        Instant end = deadlines == null ? null : deadlines.endBy();
        return request != null
                && end != null
                && request.reason().equals(ENDED)
                && !request.requestedAt().isBefore(end);
    }
}

package io.agentrun.rules;

import io.agentrun.command.NewCommand;
import io.agentrun.error.AgentRunException;
import io.agentrun.error.AlreadyTerminalException;
import io.agentrun.error.FailureKind;
import io.agentrun.error.StateConflictException;
import io.agentrun.error.TenantPolicyException;
import io.agentrun.model.CancelMode;
import io.agentrun.model.CancelRequest;
import io.agentrun.model.Outcome;
import io.agentrun.model.TerminalStatus;
import io.agentrun.queue.AttemptReport;
import io.agentrun.queue.NewQueueTask;
import io.agentrun.queue.QueueTask;
import io.agentrun.queue.TaskAttempt;
import io.agentrun.queue.TaskContent;
import io.agentrun.queue.TaskState;
import io.agentrun.run.ClaimLimit;
import io.agentrun.run.NewRun;
import io.agentrun.run.SessionRef;
import io.agentrun.session.Session;
import io.agentrun.storage.SessionStorageException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The transitions of a queue task: created, dispatched, moved by its run or its host, cancelled.
 *
 * <p>Pure functions. Thread-safe.
 */
public final class QueueRules {

    /** How many attempts in a row may end because nobody claims their run; the last of them blocks the task. */
    static final int MOST_UNCLAIMED = 3;

    private QueueRules() {}

    /** A task to create, with the id that it gets. Immutable. */
    public record Draft(String taskId, NewQueueTask input) {}

    /** Returns a pending task. */
    public static Change create(NewQueueTask input, String taskId, Instant now) {
        return create(List.of(new Draft(taskId, input)), now);
    }

    /** Returns pending tasks, in their order. */
    public static Change create(List<Draft> drafts, Instant now) {
        return Change.ofNew(drafts.stream()
                .map(draft -> pending(draft.input(), draft.taskId(), now))
                .toList());
    }

    private static QueueTask pending(NewQueueTask input, String taskId, Instant now) {
        return QueueTask.builder(taskId, input.owner(), input.place(), input.title(), input.spec())
                .content(input.content())
                .retry(input.retry())
                .state(TaskState.PENDING)
                .notBefore(input.notBefore())
                .idempotency(Keys.of(input.idempotencyKey(), input::contentHash))
                .version(0)
                .createdAt(now)
                .updatedAt(now)
                .replaceKey(input.replaceKey())
                .deadlines(input.deadlines())
                .build();
    }

    /** Returns whether the task may be dispatched now, apart from its session. */
    public static boolean due(QueueTask task, Instant now) {
        Instant notBefore = task.notBefore();
        return task.state() == TaskState.PENDING && (notBefore == null || !notBefore.isAfter(now));
    }

    /** Returns whether the task may be dispatched now: it is {@link #due}, and none of its deadlines is over. */
    public static boolean dispatchable(QueueTask task, Instant now) {
        return due(task, now) && !DeadlineRules.over(task, now);
    }

    /** The ids that a dispatch gives away. */
    public record DispatchIds(String runId, String commandId) {}

    /**
     * Returns the task running, with its run, its turn and its session; or the task blocked, if its session refuses it
     * . The caller has checked {@link #due} and that no turn of the session is open, under the locks.
     *
     * @param session the session that the task names, as stored; {@code null} if it names none or the store has none
     * @param claimWithin within which time the run must be claimed (L-10), or {@code null} for any
     * @return the change; its new records are the run, the turn and, where it is opened, the session; it has no new record if
     *     the task was blocked
     */
    public static Change dispatch(
            QueueTask task, @Nullable Session session, DispatchIds ids, @Nullable Duration claimWithin, Instant now) {
        TaskContent content = task.content();
        NewRun input = NewRun.builder(task.owner(), task.spec())
                .session(content.session())
                .deadlines(DeadlineRules.ofAttempt(task.deadlines()))
                .build();
        Change opened;
        try {
            opened = RunRules.dispatched(input, session, ids.runId(), task.id(), claimWithin, now);
        } catch (TenantPolicyException | SessionStorageException refusal) {
            return Change.builder().put(refused(task, refusal, now)).build();
        }
        SessionRef ref = content.session();
        Session next = ref == null ? null : opened.session(ref.sessionId()).orElse(null);
        RunHead run = RunHead.of(opened.created().runs().get(0));
        Change turn = CommandRules.create(
                new TurnLane(run, next, 1, null),
                NewCommand.turn(content.payload()),
                ids.commandId(),
                ids.commandId(),
                now);
        QueueTask running = task.toBuilder()
                .state(TaskState.RUNNING)
                .latestAttempt(next(task, TaskAttempt.dispatched(number(task) + 1, run.id(), ids.commandId(), now)))
                .updatedAt(now)
                .build();
        return Change.builder().then(opened).then(turn).put(running).build();
    }

    /**
     * Returns the task dispatched as {@link #dispatch} does it, and its run leased to the runner; or the task blocked.
     *
     * @param session as for {@link #dispatch}
     * @param claimWithin as for {@link #dispatch}; it begins to count if the lease ends and no turn was begun
     */
    public static Change take(
            QueueTask task,
            @Nullable Session session,
            DispatchIds ids,
            @Nullable Duration claimWithin,
            NewLease lease,
            int maxStarts,
            Instant now) {
        Change dispatched = dispatch(task, session, ids, claimWithin, now);
        if (dispatched.created().runs().isEmpty()) {
            return dispatched;
        }
        RunHead run = RunHead.of(dispatched.created().runs().get(0));
        Change claimed = LeaseRules.claim(new RunView(run, List.of(), null, null, null), lease, maxStarts, now);
        return Change.all(List.of(dispatched, claimed));
    }

    private static QueueTask refused(QueueTask task, AgentRunException refusal, Instant now) {
        return task.toBuilder()
                .state(TaskState.BLOCKED)
                .outcome(Outcome.blocked(refusal.failureKind(), refusal.getMessage()))
                .updatedAt(now)
                .build();
    }

    /** Returns whether the run is the attempt that the task is waiting for. */
    static boolean isAttempt(QueueTask task, RunHead run) {
        TaskAttempt attempt = task.latestAttempt();
        return task.state() == TaskState.RUNNING && attempt != null && run.id().equals(attempt.runId());
    }

    /** Returns the task after its run, in the change that ends the run. */
    static QueueTask runEnded(QueueTask task, RunHead run, Outcome outcome, Instant now) {
        TaskAttempt attempt = task.latestAttempt();
        if (attempt == null) {
            return task;
        }
        TaskAttempt ended = attempt.ended(outcome, now).withUnclaimed(attempt.unclaimed(), inRow(attempt, run));
        return attemptEnded(task, ended, outcome, now);
    }

    /**
     * Returns the task after its run, in the change that ends the run because nobody has claimed it: the attempt is not spent.
     */
    static QueueTask runUnclaimed(QueueTask task, RunHead run, Outcome outcome, Instant now) {
        TaskAttempt attempt = task.latestAttempt();
        if (attempt == null) {
            return task;
        }
        int inRow = inRow(attempt, run) + 1;
        QueueTask.Builder next = task.toBuilder()
                .latestAttempt(attempt.ended(outcome, now).withUnclaimed(attempt.unclaimed() + 1, inRow))
                .updatedAt(now);
        CancelRequest request = task.cancelRequest();
        if (request != null) {
            return next.state(TaskState.CANCELLED)
                    .outcome(DeadlineRules.ofTask(task, Outcome.cancelled(request.reason())))
                    .build();
        }
        if (inRow >= MOST_UNCLAIMED) {
            return next.state(TaskState.BLOCKED)
                    .outcome(Outcome.blocked(
                            FailureKind.UNCLAIMED, "nobody has claimed the runs of its last " + inRow + " attempts"))
                    .build();
        }
        Duration delay = task.retry().delay();
        ClaimLimit limit = run.claimLimit();
        Duration within = limit == null ? Duration.ZERO : limit.within();
        return next.state(TaskState.PENDING)
                .notBefore(now.plus(delay.compareTo(within) > 0 ? delay : within))
                .build();
    }

    /** Returns how many attempts before this one had no claim: a claim of this one's run is known by its epoch. */
    private static int inRow(TaskAttempt attempt, RunHead run) {
        return run.epoch() > 0 ? 0 : attempt.unclaimedInRow();
    }

    /** Returns the attempt with what is counted over all attempts of the task. */
    private static TaskAttempt next(QueueTask task, TaskAttempt attempt) {
        TaskAttempt latest = task.latestAttempt();
        return latest == null
                ? attempt
                : attempt.withUnclaimed(latest.unclaimed(), latest.unclaimedInRow())
                        .withSpentBefore(latest.spentBefore());
    }

    private static QueueTask attemptEnded(QueueTask task, TaskAttempt attempt, Outcome outcome, Instant now) {
        QueueTask.Builder next = task.toBuilder().latestAttempt(attempt).updatedAt(now);
        CancelRequest request = task.cancelRequest();
        if (outcome.status() == TerminalStatus.FAILED && request != null) {
            return next.state(TaskState.CANCELLED)
                    .outcome(DeadlineRules.ofTask(task, Outcome.cancelled(request.reason())))
                    .build();
        }
        if (outcome.status() == TerminalStatus.FAILED
                && attempt.number() - attempt.unclaimed() - attempt.spentBefore()
                        < task.retry().maxAttempts()) {
            return next.state(TaskState.PENDING)
                    .notBefore(now.plus(task.retry().delay()))
                    .build();
        }
        return next.state(TaskState.of(outcome.status()))
                .outcome(DeadlineRules.ofTask(task, outcome))
                .build();
    }

    /**
     * Returns the task as the host reports of an attempt that it dispatched itself; empty if that is known.
     *
     * @throws AlreadyTerminalException if the task has ended otherwise
     * @throws StateConflictException if the store dispatched the running attempt, or if the report names another attempt
     *     than the one that is due or running
     */
    public static Change report(QueueTask task, AttemptReport report, Instant now) {
        TaskAttempt latest = task.latestAttempt();
        TaskAttempt reported = latest != null && names(report, latest) ? latest : null;
        if (reported != null && reported.outcome() != null) {
            if (TaskState.of(reported.outcome().status()) == report.state()) {
                return Change.none();
            }
        }
        requireOpen(task);
        return report.state() == TaskState.RUNNING
                ? started(task, report, reported, now)
                : ended(task, report, reported, now);
    }

    private static boolean names(AttemptReport report, TaskAttempt attempt) {
        return attempt.number() == report.attempt() && report.attemptId().equals(attempt.attemptId());
    }

    private static Change started(QueueTask task, AttemptReport report, @Nullable TaskAttempt reported, Instant now) {
        if (task.state() == TaskState.PENDING && report.attempt() == number(task) + 1) {
            return running(task, report, reported(task, report, now), now);
        }
        if (task.state() == TaskState.RUNNING && reported != null) {
            TaskAttempt updated = reported.withDetails(report.details());
            String path = report.sessionPath();
            if (updated.equals(reported)
                    && (path == null || path.equals(task.content().sessionPath()))) {
                return Change.none();
            }
            return running(task, report, updated, now);
        }
        throw outdated(task);
    }

    /** Returns the attempt that the host has begun: nothing has to be claimed. */
    private static TaskAttempt reported(QueueTask task, AttemptReport report, Instant now) {
        TaskAttempt begun =
                next(task, TaskAttempt.reported(report.attempt(), report.attemptId(), report.details(), now));
        return begun.withUnclaimed(begun.unclaimed(), 0);
    }

    private static Change running(QueueTask task, AttemptReport report, TaskAttempt attempt, Instant now) {
        return Change.builder()
                .put(withPath(task, report).toBuilder()
                        .state(TaskState.RUNNING)
                        .latestAttempt(attempt)
                        .updatedAt(now)
                        .build())
                .build();
    }

    private static Change ended(QueueTask task, AttemptReport report, @Nullable TaskAttempt reported, Instant now) {
        Outcome outcome = report.outcome();
        if (task.state() != TaskState.RUNNING || reported == null || outcome == null) {
            throw outdated(task);
        }
        TaskAttempt attempt = reported.withDetails(report.details()).ended(outcome, now);
        return Change.builder()
                .put(attemptEnded(withPath(task, report), attempt, outcome, now))
                .build();
    }

    private static QueueTask withPath(QueueTask task, AttemptReport report) {
        String path = report.sessionPath();
        return path == null
                ? task
                : task.toBuilder().content(task.content().withSessionPath(path)).build();
    }

    /**
     * Returns the task cancelled, with its run; or, while a runner holds the run, asked to. Empty if it has ended.
     *
     * @param run the view of the task's run, if the task is running on one
     */
    public static Change cancel(QueueTask task, @Nullable RunView run, String reason, CancelMode mode, Instant now) {
        if (task.state().terminal()) {
            return Change.none();
        }
        if (run == null || run.run().isTerminal()) {
            return Change.builder().put(cancelled(task, reason, now)).build();
        }
        QueueTask asked = task.cancelRequest() != null
                ? task
                : task.toBuilder()
                        .cancelRequest(new CancelRequest(reason, now))
                        .updatedAt(now)
                        .build();
        RunView view =
                new RunView(run.run(), run.openCommands(), run.session(), run.nextTurn(), asked, run.questions());
        Change change = RunRules.cancel(view, reason, mode, now);
        if (change.isEmpty() && asked.equals(task)) {
            return Change.none();
        }
        return Change.builder().put(asked).then(change).build();
    }

    private static QueueTask cancelled(QueueTask task, String reason, Instant now) {
        return ended(task, new CancelRequest(reason, now), Outcome.cancelled(reason), now);
    }

    /** Returns the task ended without a run, with its attempt. */
    static QueueTask ended(QueueTask task, CancelRequest request, Outcome outcome, Instant now) {
        QueueTask.Builder next = task.toBuilder()
                .state(TaskState.of(outcome.status()))
                .outcome(outcome)
                .updatedAt(now);
        if (task.cancelRequest() == null) {
            next.cancelRequest(request);
        }
        TaskAttempt attempt = task.latestAttempt();
        if (attempt != null && attempt.outcome() == null) {
            next.latestAttempt(attempt.ended(outcome, now));
        }
        return next.build();
    }

    private static void requireOpen(QueueTask task) {
        Outcome outcome = task.outcome();
        if (outcome != null) {
            throw new AlreadyTerminalException(
                    "queue task", task.id(), task.state().wire(), outcome.failureKind());
        }
    }

    private static StateConflictException outdated(QueueTask task) {
        return new StateConflictException(
                "queue task", task.id(), task.state().wire(), "the report is not of the attempt that is due", false);
    }

    private static int number(QueueTask task) {
        TaskAttempt attempt = task.latestAttempt();
        return attempt == null ? 0 : attempt.number();
    }
}

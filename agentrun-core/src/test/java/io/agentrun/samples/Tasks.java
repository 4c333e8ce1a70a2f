package io.agentrun.samples;

import io.agentrun.json.JsonObject;
import io.agentrun.model.CancelRequest;
import io.agentrun.model.Outcome;
import io.agentrun.queue.QueueTask;
import io.agentrun.queue.RetryPolicy;
import io.agentrun.queue.TaskAttempt;
import io.agentrun.queue.TaskContent;
import io.agentrun.queue.TaskPlace;
import io.agentrun.queue.TaskState;
import io.agentrun.run.SessionRef;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Queue tasks in every situation that a rule tells apart. */
public final class Tasks {

    public static final String TASK = "qt_1";
    public static final Duration DELAY = Duration.ofSeconds(90);

    private Tasks() {}

    /** The situations of a task, in the order of its life. */
    public enum At {
        PENDING("pending, never tried"),
        RETRY("pending again after a failed attempt of the host"),
        ON_RUN("running on a run"),
        ON_RUN_ASKED("running on a run, asked to cancel"),
        ON_RUN_LAST("running on a run, last attempt"),
        BY_HOST("running by the host"),
        BY_HOST_LAST("running by the host, last attempt"),
        COMPLETED("completed"),
        FAILED("failed"),
        BLOCKED("blocked"),
        CANCELLED("cancelled");

        private final String words;

        At(String words) {
            this.words = words;
        }

        public String words() {
            return words;
        }

        public boolean terminal() {
            return state().terminal();
        }

        TaskState state() {
            return switch (this) {
                case PENDING, RETRY -> TaskState.PENDING;
                case ON_RUN, ON_RUN_ASKED, ON_RUN_LAST, BY_HOST, BY_HOST_LAST -> TaskState.RUNNING;
                case COMPLETED -> TaskState.COMPLETED;
                case FAILED -> TaskState.FAILED;
                case BLOCKED -> TaskState.BLOCKED;
                case CANCELLED -> TaskState.CANCELLED;
            };
        }
    }

    /** The task {@link #TASK} of two attempts; an attempt of the host is called {@code host-1} or {@code host-2}. */
    public static QueueTask task(At at) {
        return task(at, null);
    }

    public static QueueTask task(At at, @Nullable String sessionId) {
        SessionRef session = sessionId == null ? null : SessionRef.of(sessionId);
        return QueueTask.builder(TASK, Runs.OWNER, TaskPlace.in("builds"), "a task", Runs.SPEC)
                .content(TaskContent.of(Turns.PAYLOAD).withSession(session))
                .retry(RetryPolicy.of(2, DELAY))
                .state(at.state())
                .latestAttempt(attempt(at))
                .outcome(outcome(at))
                .cancelRequest(at == At.ON_RUN_ASKED ? new CancelRequest("first reason", Runs.EARLIER) : null)
                .version(5)
                .createdAt(Runs.EARLIER)
                .updatedAt(Runs.EARLIER)
                .build();
    }

    private static @Nullable Outcome outcome(At at) {
        return switch (at) {
            case PENDING, RETRY, ON_RUN, ON_RUN_ASKED, ON_RUN_LAST, BY_HOST, BY_HOST_LAST -> null;
            case COMPLETED -> Outcome.completed();
            case FAILED -> Runs.FAILED;
            case BLOCKED -> Runs.BLOCKED;
            case CANCELLED -> Runs.CANCELLED;
        };
    }

    private static @Nullable TaskAttempt attempt(At at) {
        return switch (at) {
            case PENDING -> null;
            case RETRY -> byHost(1).ended(Runs.FAILED, Runs.EARLIER);
            case ON_RUN, ON_RUN_ASKED -> TaskAttempt.dispatched(1, Runs.RUN, "cmd_1", Runs.EARLIER);
            case ON_RUN_LAST -> TaskAttempt.dispatched(2, Runs.RUN, "cmd_1", Runs.EARLIER);
            case BY_HOST -> byHost(1);
            case BY_HOST_LAST -> byHost(2);
            case COMPLETED -> byHost(2).ended(Outcome.completed(), Runs.EARLIER);
            case FAILED -> byHost(2).ended(Runs.FAILED, Runs.EARLIER);
            case BLOCKED -> byHost(2).ended(Runs.BLOCKED, Runs.EARLIER);
            case CANCELLED -> byHost(2).ended(Runs.CANCELLED, Runs.EARLIER);
        };
    }

    private static TaskAttempt byHost(int number) {
        return TaskAttempt.reported(number, "host-" + number, JsonObject.empty(), Runs.EARLIER);
    }
}

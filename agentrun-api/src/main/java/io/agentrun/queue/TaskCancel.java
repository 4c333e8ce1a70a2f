package io.agentrun.queue;

import io.agentrun.check.Require;
import io.agentrun.check.Texts;
import io.agentrun.error.InvalidInputException;
import io.agentrun.model.CancelMode;
import io.agentrun.model.Limits;
import io.agentrun.model.TenantScope;
import org.jspecify.annotations.Nullable;

/**
 * Which open tasks to cancel, and how many in one step: first the pending ones, then the running ones, each in the order of a list.
 *
 * <p>Immutable.
 *
 * @param scope whose tasks
 * @param queue only those of this queue, null for any
 * @param lane only those of this lane, null for any
 * @param state only those in this state, pending or running; null for both
 * @param reason why, at most 16,384 characters
 * @param mode how the runs of running tasks are cancelled
 * @param cursor the {@code nextCursor} of the step before, of the same request; null for the first step
 * @param limit how many tasks at most in one step: 1 or more and at most the store's largest page (500 unless set otherwise); 50 unless
 *     given
 */
public record TaskCancel(
        TenantScope scope,
        @Nullable String queue,
        @Nullable String lane,
        @Nullable TaskState state,
        String reason,
        CancelMode mode,
        @Nullable String cursor,
        int limit) {

    /**
     * Checks what is given.
     *
     * @throws InvalidInputException when a component is missing or out of the bounds stated above, or the state is one of an end
     */
    public TaskCancel {
        scope = Require.given("scope", scope);
        queue = Texts.labelOrNull("queue", queue);
        lane = Texts.labelOrNull("lane", lane);
        if (state != null && state.terminal()) {
            throw new InvalidInputException("state", "must be pending or running");
        }
        reason = Texts.message("reason", reason);
        mode = Require.given("mode", mode);
        cursor = Texts.cursorOrNull("cursor", cursor);
        limit = Require.between("limit", limit, 1, Integer.MAX_VALUE);
    }

    /**
     * Returns the request to cancel all open tasks of the scope gracefully, 50 in one step.
     *
     * @throws InvalidInputException when the scope or the reason is missing, or the reason is too long
     */
    public static TaskCancel in(TenantScope scope, String reason) {
        return new TaskCancel(scope, null, null, null, reason, CancelMode.GRACEFUL, null, Limits.DEFAULT_PAGE);
    }

    /** Tells the size of the reason, not what it says. */
    @Override
    public String toString() {
        return "TaskCancel[scope=" + scope + ", queue=" + queue + ", lane=" + lane + ", state=" + state + ", reason="
                + Texts.size(reason) + ", mode=" + mode + ", cursor=" + cursor + ", limit=" + limit + "]";
    }

    /**
     * Returns a copy for the tasks of another scope.
     *
     * @throws InvalidInputException when it is missing
     */
    public TaskCancel withScope(TenantScope scope) {
        return new TaskCancel(scope, queue, lane, state, reason, mode, cursor, limit);
    }

    /**
     * Returns a copy for the tasks of one queue; null for any.
     *
     * @throws InvalidInputException when it is not named by 1 to 200 plain characters
     */
    public TaskCancel withQueue(@Nullable String queue) {
        return new TaskCancel(scope, queue, lane, state, reason, mode, cursor, limit);
    }

    /**
     * Returns a copy for the tasks of one lane; null for any.
     *
     * @throws InvalidInputException when it is not named by 1 to 200 plain characters
     */
    public TaskCancel withLane(@Nullable String lane) {
        return new TaskCancel(scope, queue, lane, state, reason, mode, cursor, limit);
    }

    /**
     * Returns a copy for the tasks in one state, pending or running; null for both.
     *
     * @throws InvalidInputException when it is one of an end
     */
    public TaskCancel withState(@Nullable TaskState state) {
        return new TaskCancel(scope, queue, lane, state, reason, mode, cursor, limit);
    }

    /**
     * Returns a copy with another reason.
     *
     * @throws InvalidInputException when it is missing or longer than 16,384 characters
     */
    public TaskCancel withReason(String reason) {
        return new TaskCancel(scope, queue, lane, state, reason, mode, cursor, limit);
    }

    /**
     * Returns a copy that cancels the runs of running tasks in another way.
     *
     * @throws InvalidInputException when it is missing
     */
    public TaskCancel withMode(CancelMode mode) {
        return new TaskCancel(scope, queue, lane, state, reason, mode, cursor, limit);
    }

    /**
     * Returns a copy that goes on where the step with this {@code nextCursor} ended; null for the first step.
     *
     * @throws InvalidInputException when it is out of its bounds
     */
    public TaskCancel withCursor(@Nullable String cursor) {
        return new TaskCancel(scope, queue, lane, state, reason, mode, cursor, limit);
    }

    /**
     * Returns a copy with another number of tasks in one step.
     *
     * @throws InvalidInputException when it is less than 1
     */
    public TaskCancel withLimit(int limit) {
        return new TaskCancel(scope, queue, lane, state, reason, mode, cursor, limit);
    }
}

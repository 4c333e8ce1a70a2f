package io.agentrun.queue;

import io.agentrun.check.Require;
import io.agentrun.check.Texts;
import io.agentrun.check.Times;
import io.agentrun.error.InvalidInputException;
import io.agentrun.json.AsText;
import io.agentrun.json.ContentHash;
import io.agentrun.json.JsonObject;
import io.agentrun.model.Deadlines;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A request to try a task again that has ended.
 *
 * <p>Immutable.
 *
 * @param taskId which task
 * @param policy how often it is tried from now on, and the delay between two attempts; null for the policy that it has
 * @param notBefore before when it is not dispatched, null for at once
 * @param idempotencyKey a key, per task, under which a repeated request finds what the first one did (1..255 characters); null for none
 * @param deadlines by when it must have begun and ended from now on; null for no time but the longest one of an attempt, if it has that
 */
public record TaskRetry(
        String taskId,
        @Nullable RetryPolicy policy,
        @AsText @Nullable Instant notBefore,
        @Nullable String idempotencyKey,
        @Nullable Deadlines deadlines) {

    /**
     * Checks what is given.
     *
     * @throws InvalidInputException when a component is missing or out of the bounds stated above
     */
    public TaskRetry {
        taskId = Texts.id("taskId", taskId);
        notBefore = Times.requireInRangeOrNull("notBefore", notBefore);
        idempotencyKey = Texts.keyOrNull("idempotencyKey", idempotencyKey);
    }

    /**
     * Returns the request to try the task at once, with the policy that it has and without a key.
     *
     * @throws InvalidInputException when the task id is not one of 1 to 200 plain characters
     */
    public static TaskRetry of(String taskId) {
        return new TaskRetry(taskId, null, null, null, null);
    }

    /** Returns the hash of everything that this request asks for, the key aside: equal for equal content. */
    public String contentHash() {
        Map<String, Object> hashed = new LinkedHashMap<>();
        hashed.put("type", "task-retry");
        if (policy != null) {
            hashed.put("policy", List.of(policy.maxAttempts(), policy.delay().toString()));
        }
        if (notBefore != null) {
            hashed.put("notBefore", notBefore.toString());
        }
        if (deadlines != null) {
            hashed.put("deadlines", deadlines.fingerprint());
        }
        return ContentHash.of(JsonObject.from(hashed));
    }

    /**
     * Returns a copy with another policy from now on.
     *
     * @throws InvalidInputException when it is missing
     */
    public TaskRetry withPolicy(RetryPolicy policy) {
        return new TaskRetry(taskId, Require.given("policy", policy), notBefore, idempotencyKey, deadlines);
    }

    /** Returns a copy with another time before which it is not dispatched; null for at once. */
    public TaskRetry withNotBefore(@Nullable Instant notBefore) {
        return new TaskRetry(taskId, policy, notBefore, idempotencyKey, deadlines);
    }

    /**
     * Returns a copy with another key; null for none.
     *
     * @throws InvalidInputException when it is not one of 1 to 255 plain characters
     */
    public TaskRetry withIdempotencyKey(@Nullable String idempotencyKey) {
        return new TaskRetry(taskId, policy, notBefore, idempotencyKey, deadlines);
    }

    /** Returns a copy with other deadlines; null for none but the longest time of an attempt. */
    public TaskRetry withDeadlines(@Nullable Deadlines deadlines) {
        return new TaskRetry(taskId, policy, notBefore, idempotencyKey, deadlines);
    }
}

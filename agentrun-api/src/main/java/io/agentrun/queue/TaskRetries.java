package io.agentrun.queue;

import io.agentrun.check.Require;
import io.agentrun.check.Times;
import io.agentrun.error.InvalidInputException;
import io.agentrun.json.AsText;
import io.agentrun.model.Idempotency;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How often a task was tried again after it had ended.
 *
 * <p>Immutable.
 *
 * @param count how often
 * @param latestAt when it was for the last time
 * @param keys the idempotency keys of the last retries that had one, with the hashes of their content, at most {@value #MAX_KEYS}, the
 *     latest one last
 */
public record TaskRetries(int count, @AsText Instant latestAt, List<Idempotency> keys) {

    /** How many keys are remembered; a repeated request with an older one is a new request. */
    public static final int MAX_KEYS = 20;

    /**
     * Checks and copies what is given.
     *
     * @throws InvalidInputException when a component is missing or out of the bounds stated above
     */
    public TaskRetries {
        Require.between("count", count, 1, Integer.MAX_VALUE);
        latestAt = Times.micros(Require.given("latestAt", latestAt));
        keys = Require.items("keys", keys);
        Require.between("keys", keys.size(), 0, MAX_KEYS);
    }

    /**
     * Returns what it is after one more. Audience: store authors.
     *
     * @param before what it was, null for none
     * @param key the key of the request with the hash of its content, null for none
     */
    public static TaskRetries after(@Nullable TaskRetries before, @Nullable Idempotency key, Instant now) {
        List<Idempotency> keys = new ArrayList<>(before == null ? List.of() : before.keys);
        if (key != null) {
            keys.add(key);
        }
        int tooMany = Math.max(0, keys.size() - MAX_KEYS);
        return new TaskRetries(before == null ? 1 : before.count + 1, now, keys.subList(tooMany, keys.size()));
    }
}

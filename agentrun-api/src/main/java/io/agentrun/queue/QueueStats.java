package io.agentrun.queue;

import io.agentrun.check.Require;
import io.agentrun.check.Times;
import io.agentrun.error.InvalidInputException;
import io.agentrun.json.AsText;
import java.time.Instant;
import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * How many tasks there are, counted in one snapshot.
 *
 * <p>Immutable.
 *
 * @param scope which tasks were counted
 * @param byState how many in each state; every state is present
 * @param byLane the same per lane, for lanes that have tasks, in their alphabetical order
 * @param due how many are pending and could be dispatched by their time now
 * @param waiting how many of those that are running wait for answers: their run is parked
 * @param oldestPendingAt when the oldest pending task was created, null without one
 * @param generatedAt when this was counted
 */
public record QueueStats(
        QueueScope scope,
        Map<TaskState, Long> byState,
        Map<String, Map<TaskState, Long>> byLane,
        long due,
        long waiting,
        @AsText @Nullable Instant oldestPendingAt,
        @AsText Instant generatedAt) {

    /**
     * Checks and copies what is given.
     *
     * @throws InvalidInputException when a component is missing or out of the bounds stated above
     */
    public QueueStats {
        scope = Require.given("scope", scope);
        byState = counts(Require.given("byState", byState));
        byLane = lanes(Require.given("byLane", byLane));
        oldestPendingAt = Times.microsOrNull(oldestPendingAt);
        generatedAt = Times.micros(Require.given("generatedAt", generatedAt));
    }

    private static Map<TaskState, Long> counts(Map<TaskState, Long> given) {
        Map<TaskState, Long> all = new EnumMap<>(TaskState.class);
        for (TaskState state : TaskState.values()) {
            all.put(state, given.getOrDefault(state, 0L));
        }
        return Collections.unmodifiableMap(all);
    }

    private static Map<String, Map<TaskState, Long>> lanes(Map<String, Map<TaskState, Long>> given) {
        Map<String, Map<TaskState, Long>> sorted = new TreeMap<>();
        given.forEach((lane, states) -> sorted.put(lane, counts(states)));
        return Collections.unmodifiableMap(sorted);
    }
}

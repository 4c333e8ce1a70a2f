package io.agentrun.command;

import io.agentrun.check.Require;
import io.agentrun.check.Times;
import io.agentrun.json.AsText;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * When things happened to a command, by the store's clock.
 *
 * <p>Immutable.
 *
 * @param createdAt when it was created
 * @param updatedAt when it last changed
 * @param acknowledgedAt when the runner took it; null before that, and again after a release or recovery
 */
public record CommandTimes(
        @AsText Instant createdAt,
        @AsText Instant updatedAt,
        @AsText @Nullable Instant acknowledgedAt) {

    public CommandTimes {
        createdAt = Times.micros(Require.given("createdAt", createdAt));
        updatedAt = Times.micros(Require.given("updatedAt", updatedAt));
        acknowledgedAt = Times.microsOrNull(acknowledgedAt);
    }
}

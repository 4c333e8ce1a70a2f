package io.agentrun.k8s.object;

import io.agentrun.check.Require;
import io.agentrun.error.InvalidInputException;
import org.jspecify.annotations.Nullable;

/**
 * An object of a list that could not be read.
 *
 * <p>Immutable.
 *
 * @param name its name, null when not even that could be read
 * @param why what is wrong with it, for people; nothing of what it holds
 */
public record SkippedObject(@Nullable String name, String why) {

    /**
     * Checks what is given.
     *
     * @throws InvalidInputException when {@code why} is missing
     */
    public SkippedObject {
        why = Require.given("why", why);
    }

    /** Returns the name, or a question mark, and the reason. */
    @Override
    public String toString() {
        return (name == null ? "?" : name) + ": " + why;
    }
}

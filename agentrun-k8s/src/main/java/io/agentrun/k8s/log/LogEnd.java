package io.agentrun.k8s.log;

import io.agentrun.check.Require;
import io.agentrun.error.InvalidInputException;
import org.jspecify.annotations.Nullable;

/**
 * How a look at a log ended.
 *
 * <p>Immutable.
 *
 * @param position where the next look goes on; null when no line was ever read
 * @param rest whether the log was read to its end
 * @param continuity whether lines between this look and the last one may be missing
 */
public record LogEnd(@Nullable LogPosition position, Rest rest, Continuity continuity) {

    /** What is left of a log. Immutable. */
    public enum Rest {
        /** Nothing that had been written when it was read. */
        NONE,
        /** The sink wanted no more. */
        LEFT
    }

    /** Whether two looks join. Immutable. */
    public enum Continuity {
        /** This look went on where the last one ended. */
        WHOLE,
        /**
         * The line at which the last look ended is not in the log any more: the node has rotated the file (by default at
         * 10 MiB) between the two looks, and what was written between them before that is lost.
         */
        ROTATED
    }

    /**
     * Checks what is given.
     *
     * @throws InvalidInputException when a component that is not nullable is missing
     */
    public LogEnd {
        rest = Require.given("rest", rest);
        continuity = Require.given("continuity", continuity);
    }
}

package io.agentrun.k8s.log;

import io.agentrun.check.Require;
import io.agentrun.error.InvalidInputException;

/**
 * One line of a container's log, or a piece of a very long one.
 *
 * <p>Immutable.
 *
 * @param position how far the log has been read once this line was taken; for a piece that is not the last of its line,
 *     how far it had been read before the line
 * @param text the text without time and line end, as the container wrote it: not masked, bytes that are no UTF-8 replaced
 * @param part whether the line ends here
 */
public record LogLine(LogPosition position, String text, Part part) {

    /** Whether a line ends with a text. Immutable. */
    public enum Part {
        /** The line ends here. */
        END,
        /** The line is longer than 256 KiB and goes on with the next text. */
        PIECE
    }

    /**
     * Checks what is given.
     *
     * @throws InvalidInputException when a component is missing
     */
    public LogLine {
        position = Require.given("position", position);
        text = Require.given("text", text);
        part = Require.given("part", part);
    }
}

package io.agentrun.k8s.log;

import io.agentrun.check.Require;
import io.agentrun.error.InvalidInputException;
import io.agentrun.json.AsText;
import java.time.Instant;

/**
 * How far a log has been read. The API of Kubernetes can begin a log at a second and no finer, so a position is a second
 * and the number of lines that were read from there on; the time stamps of the first and the last of them tell whether
 * the log still begins with the same lines, or was rotated.
 *
 * <p>A position of 0 lines says only that every line up to {@code last} was read.
 *
 * <p>Immutable.
 *
 * @param since the whole second
 * @param lines how many lines with this or a later time were read, 0 when that is not known
 * @param first the time of the first of these lines
 * @param last the time of the last line that was read
 */
public record LogPosition(
        @AsText Instant since,
        long lines,
        @AsText Instant first,
        @AsText Instant last) {

    /**
     * Checks what is given.
     *
     * @throws InvalidInputException when a component is missing or {@code lines} is negative
     */
    public LogPosition {
        since = Require.given("since", since);
        lines = Require.between("lines", lines, 0, Long.MAX_VALUE);
        first = Require.given("first", first);
        last = Require.given("last", last);
    }
}

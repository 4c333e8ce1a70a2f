package io.agentrun.k8s.kubectl.memory;

import io.agentrun.check.Require;
import io.agentrun.error.InvalidInputException;
import java.time.Instant;
import java.util.List;
import java.util.stream.IntStream;

/**
 * A container's log as it is at a moment.
 *
 * <p>Immutable, if the lists are not changed.
 *
 * @param lines its lines, without their ends
 * @param times when each was written
 * @param tail whether the last line has ended
 */
public record LogText(List<String> lines, List<Instant> times, Tail tail) {

    /** Whether the last line of a log has ended. Immutable. */
    public enum Tail {
        /** It has, or there is none. */
        ENDED,
        /** It has not. */
        OPEN
    }

    /**
     * Checks what is given; the lists are not copied.
     *
     * @throws InvalidInputException when a component is missing or there are not as many times as lines
     */
    public LogText {
        lines = Require.given("lines", lines);
        times = Require.given("times", times);
        tail = Require.given("tail", tail);
        if (lines.size() != times.size()) {
            throw new InvalidInputException("times", "must be as many as lines");
        }
    }

    /** Returns the line as the API server sends it when it is asked for times: time, blank, text, line end. */
    public String stamped(int index) {
        boolean open = tail == Tail.OPEN && index == lines.size() - 1;
        return stamp(times.get(index)) + " " + lines.get(index) + (open ? "" : "\n");
    }

    /** Returns the time as a node writes it, with nine digits of a second. */
    static String stamp(Instant time) {
        String text = time.toString();
        int dot = text.indexOf('.');
        String fraction = dot < 0 ? "" : text.substring(dot + 1, text.length() - 1);
        String second = text.substring(0, dot < 0 ? text.length() - 1 : dot);
        return second + "." + fraction + "0".repeat(9 - fraction.length()) + "Z";
    }

    /** Returns the numbers of the lines that were not written before this time, in the order of the log. */
    public List<Integer> since(Instant time) {
        return IntStream.range(0, lines.size())
                .filter(index -> !times.get(index).isBefore(time))
                .boxed()
                .toList();
    }
}

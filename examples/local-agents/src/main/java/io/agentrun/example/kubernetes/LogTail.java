package io.agentrun.example.kubernetes;

import java.util.ArrayList;
import java.util.List;

/**
 * Tells what is new in a log of which only the end can be read, each time anew.
 *
 * <p>What is longer than {@link #LINES} lines between two looks loses its beginning; a stretch of equal lines that is as
 * long may be taken for what was seen before. Not thread-safe: one thread at a time.
 */
final class LogTail {
    /** How many lines of the end are read. */
    static final int LINES = 2_000;

    private static final int MAX_LINE = 8_000;
    private static final char REPLACEMENT = '\uFFFD';

    private List<String> seen = List.of();

    /**
     * Returns the lines that were not there at the last look, oldest first.
     *
     * @param text the end of the log, of up to {@link #LINES} lines
     * @param over whether nothing follows; until then a last line without its end is left for the next look
     */
    List<String> fresh(String text, boolean over) {
        List<String> now = lines(text, over);
        if (now.isEmpty()) {
            return List.of();
        }
        int known = overlap(now);
        seen = now;
        List<String> fresh = new ArrayList<>();
        for (String line : now.subList(known, now.size())) {
            cut(line, fresh);
        }
        return fresh;
    }

    private static List<String> lines(String text, boolean over) {
        String whole = over ? text : text.substring(0, text.lastIndexOf('\n') + 1);
        // JSON in a store cannot hold NUL.
        return whole.replace('\0', REPLACEMENT).lines().toList();
    }

    /** How many lines at the beginning of the present end of the log are the last ones that were seen. */
    private int overlap(List<String> now) {
        for (int size = Math.min(seen.size(), now.size()); size > 0; size--) {
            if (seen.subList(seen.size() - size, seen.size()).equals(now.subList(0, size))) {
                return size;
            }
        }
        return 0;
    }

    private static void cut(String line, List<String> into) {
        int from = 0;
        do {
            int to = Math.min(from + MAX_LINE, line.length());
            if (to < line.length() && Character.isHighSurrogate(line.charAt(to - 1))) {
                to--;
            }
            into.add(line.substring(from, to));
            from = to;
        } while (from < line.length());
    }
}

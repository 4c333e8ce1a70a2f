package io.agentrun.redact.internal;

import java.util.Arrays;

/** The ranges of a text that hold secrets, in any order. Not thread-safe: one thread at a time. */
public final class Spans {

    private static final long[] NONE = {};

    // Start in the upper half, end in the lower one, so that sorting is by start.
    private long[] ranges = NONE;
    private int count;

    public void add(int start, int end) {
        if (start >= end) {
            return;
        }
        if (count == ranges.length) {
            ranges = Arrays.copyOf(ranges, Math.max(8, count * 2));
        }
        ranges[count++] = (long) start << 32 | end;
    }

    public boolean isEmpty() {
        return count == 0;
    }

    /** Sorts the ranges and joins those that touch or overlap. */
    public Spans merged() {
        Arrays.sort(ranges, 0, count);
        Spans merged = new Spans();
        int start = 0;
        int end = -1;
        for (int i = 0; i < count; i++) {
            if (start(i) > end) {
                merged.add(start, end);
                start = start(i);
                end = end(i);
            } else {
                end = Math.max(end, end(i));
            }
        }
        merged.add(start, end);
        return merged;
    }

    public int count() {
        return count;
    }

    public int start(int index) {
        return (int) (ranges[index] >>> 32);
    }

    public int end(int index) {
        return (int) ranges[index];
    }
}

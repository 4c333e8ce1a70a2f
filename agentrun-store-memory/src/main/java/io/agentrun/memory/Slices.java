package io.agentrun.memory;

import java.util.List;

/** Pages of lists whose items are numbered from 1 without a gap. */
final class Slices {

    private Slices() {}

    /** The items numbered above {@code after}, at most {@code limit} of them. */
    static <T> List<T> after(List<T> items, long after, int limit) {
        int from = (int) Math.min(after, items.size());
        return List.copyOf(items.subList(from, Math.min(items.size() - from, limit) + from));
    }
}

package io.agentrun.benchmark.measure;

import java.util.List;

/** The middle of some numbers. */
public final class Median {

    private Median() {}

    /** The middle one, or the mean of the two in the middle; not a number if there is none. */
    public static double of(List<Double> values) {
        if (values.isEmpty()) {
            return Double.NaN;
        }
        List<Double> sorted = values.stream().sorted().toList();
        int middle = sorted.size() / 2;
        return sorted.size() % 2 == 1 ? sorted.get(middle) : (sorted.get(middle - 1) + sorted.get(middle)) / 2;
    }
}

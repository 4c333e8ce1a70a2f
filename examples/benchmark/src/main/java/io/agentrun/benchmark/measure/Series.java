package io.agentrun.benchmark.measure;

import java.util.ArrayList;
import java.util.List;

/**
 * What one side did in all measured slices.
 *
 * <p>Immutable.
 *
 * @param perSecond what it did in a second, slice by slice
 * @param latencies how long the single calls took, over all slices
 */
public record Series(List<Double> perSecond, Latencies latencies) {

    public Series {
        perSecond = List.copyOf(perSecond);
    }

    /** What it did in a second: the median of its slices. */
    public double rate() {
        return Median.of(perSecond);
    }

    /** How often it did as much as the other side: the median over the rounds, in each of which the two took turns. */
    public double ratioTo(Series other) {
        List<Double> ratios = new ArrayList<>();
        for (int round = 0; round < perSecond.size(); round++) {
            ratios.add(perSecond.get(round) / other.perSecond.get(round));
        }
        return Median.of(ratios);
    }
}

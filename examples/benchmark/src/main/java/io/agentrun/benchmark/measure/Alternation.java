package io.agentrun.benchmark.measure;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.LongSupplier;
import java.util.stream.LongStream;

/**
 * Lets the sides of a comparison take turns, a slice each, so that whatever else the machine does disturbs all of them alike.
 * Every second round goes the other way round.
 */
public final class Alternation {

    private Alternation() {}

    /** Returns what each side did, in the order given, and closes them. */
    public static List<Series> of(Pace pace, List<Contender> contenders) throws SQLException {
        return of(pace, contenders, System::nanoTime);
    }

    static List<Series> of(Pace pace, List<Contender> contenders, LongSupplier nanos) throws SQLException {
        List<Integer> order = new ArrayList<>();
        List<Latencies> latencies = new ArrayList<>();
        List<List<Double>> rates = new ArrayList<>();
        for (int i = 0; i < contenders.size(); i++) {
            order.add(i);
            latencies.add(new Latencies());
            rates.add(new ArrayList<>());
        }
        try {
            warmUp(pace, contenders, order, nanos);
            for (int round = 0; round < pace.rounds(); round++) {
                for (int side : order) {
                    Slice slice = Clients.work(contenders.get(side), pace.slice(), nanos);
                    rates.get(side).add(slice.perSecond());
                    latencies.get(side).addAll(slice.latencies());
                }
                Collections.reverse(order);
            }
        } finally {
            for (Contender contender : contenders) {
                contender.close();
            }
        }
        List<Series> series = new ArrayList<>();
        for (int i = 0; i < contenders.size(); i++) {
            series.add(new Series(rates.get(i), latencies.get(i)));
        }
        return series;
    }

    private static void warmUp(Pace pace, List<Contender> contenders, List<Integer> order, LongSupplier nanos) {
        long[] calls = new long[contenders.size()];
        for (int slices = 0; slices < pace.mostWarmUps(); slices++) {
            if (slices >= pace.leastWarmUps() && LongStream.of(calls).min().orElse(0) >= pace.warmCalls()) {
                break;
            }
            for (int side : order) {
                calls[side] += Clients.work(contenders.get(side), pace.slice(), nanos)
                        .latencies()
                        .size();
            }
            Collections.reverse(order);
        }
    }
}

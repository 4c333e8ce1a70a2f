package io.agentrun.benchmark;

import io.agentrun.AgentRunStore;
import io.agentrun.memory.InMemoryAgentRunStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/**
 * Prints how many whole lives of a run the memory store and the file store do in a second, on one thread: a few rounds to warm
 * up, then the median of the measured ones.
 */
public final class Benchmark {

    private static final int WARM_UP_ROUNDS = 12;
    private static final int ROUNDS = 9;

    private Benchmark() {}

    public static void main(String[] args) throws IOException {
        System.out.printf("%-34s %12s %12s %12s%n", "whole lives, one thread", "median/s", "lowest/s", "highest/s");
        report("memory", measureFresh(10_000));
        Path folder = Files.createTempDirectory("agentrun-benchmark");
        try (AgentRunStore store = InMemoryAgentRunStore.builder().withoutSync().open(folder.resolve("unsynced"))) {
            report("file, left to the system", measure(store, 1_000));
        }
        try (AgentRunStore store = InMemoryAgentRunStore.open(folder.resolve("synced"))) {
            report("file, synced", measure(store, 20));
        }
    }

    /** A new store for each round: what is measured is the work, not the collection of a growing heap. */
    private static double[] measureFresh(int livesPerRound) {
        double[] rates = new double[ROUNDS];
        for (int round = -WARM_UP_ROUNDS; round < ROUNDS; round++) {
            try (AgentRunStore store = InMemoryAgentRunStore.create()) {
                double rate = round(new Life(store, "runner"), round, livesPerRound);
                if (round >= 0) {
                    rates[round] = rate;
                }
            }
        }
        Arrays.sort(rates);
        return rates;
    }

    private static double[] measure(AgentRunStore store, int livesPerRound) {
        Life life = new Life(store, "runner");
        double[] rates = new double[ROUNDS];
        for (int round = -WARM_UP_ROUNDS; round < ROUNDS; round++) {
            double rate = round(life, round, livesPerRound);
            if (round >= 0) {
                rates[round] = rate;
            }
        }
        Arrays.sort(rates);
        return rates;
    }

    private static double round(Life life, int round, int lives) {
        long begin = System.nanoTime();
        for (int i = 0; i < lives; i++) {
            life.live("session-" + round + "-" + i);
        }
        return (double) lives * TimeUnit.SECONDS.toNanos(1) / (System.nanoTime() - begin);
    }

    private static void report(String store, double[] sorted) {
        System.out.printf(
                Locale.ROOT,
                "%-34s %,12.0f %,12.0f %,12.0f%n",
                store,
                sorted[sorted.length / 2],
                sorted[0],
                sorted[sorted.length - 1]);
    }
}

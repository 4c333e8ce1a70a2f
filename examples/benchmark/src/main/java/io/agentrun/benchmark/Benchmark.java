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

    private static final int WARM_UP_ROUNDS = 4;
    private static final int ROUNDS = 7;

    private Benchmark() {}

    public static void main(String[] args) throws IOException {
        System.out.printf("%-34s %12s %12s %12s%n", "whole lives, one thread", "median/s", "lowest/s", "highest/s");
        try (AgentRunStore store = InMemoryAgentRunStore.create()) {
            report("memory", measure(store, 10_000));
        }
        Path folder = Files.createTempDirectory("agentrun-benchmark");
        try (AgentRunStore store = InMemoryAgentRunStore.builder().withoutSync().open(folder.resolve("unsynced"))) {
            report("file, left to the system", measure(store, 1_000));
        }
        try (AgentRunStore store = InMemoryAgentRunStore.open(folder.resolve("synced"))) {
            report("file, synced", measure(store, 20));
        }
    }

    private static double[] measure(AgentRunStore store, int livesPerRound) {
        Life life = new Life(store, "runner");
        double[] rates = new double[ROUNDS];
        for (int round = -WARM_UP_ROUNDS; round < ROUNDS; round++) {
            long begin = System.nanoTime();
            for (int i = 0; i < livesPerRound; i++) {
                life.live("session-" + round + "-" + i);
            }
            long nanos = System.nanoTime() - begin;
            if (round >= 0) {
                rates[round] = (double) livesPerRound * TimeUnit.SECONDS.toNanos(1) / nanos;
            }
        }
        Arrays.sort(rates);
        return rates;
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

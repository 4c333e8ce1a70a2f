package io.agentrun.benchmark.peers;

import io.agentrun.benchmark.Benchmark;
import java.util.List;

/** The benchmark with the scenario of the peers alone; the same options. */
public final class PeersBenchmark {

    private PeersBenchmark() {}

    /** Runs it. */
    public static void main(String[] args) throws Exception {
        Benchmark.run(List.of(new PeersScenario()), args);
    }
}

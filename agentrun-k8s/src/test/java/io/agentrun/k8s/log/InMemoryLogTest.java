package io.agentrun.k8s.log;

import io.agentrun.k8s.apiserver.Cluster;
import java.time.Clock;
import java.util.function.Function;

class InMemoryLogTest extends LogScenarios {

    @Override
    protected Function<Clock, Cluster> clusters() {
        return Cluster::inMemory;
    }
}

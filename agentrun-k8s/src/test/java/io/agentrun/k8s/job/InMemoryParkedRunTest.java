package io.agentrun.k8s.job;

import io.agentrun.k8s.apiserver.Cluster;
import java.time.Clock;
import java.util.function.Function;

class InMemoryParkedRunTest extends ParkedRunScenarios {

    @Override
    protected Function<Clock, Cluster> clusters() {
        return Cluster::inMemory;
    }
}

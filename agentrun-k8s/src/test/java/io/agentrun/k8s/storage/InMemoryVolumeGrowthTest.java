package io.agentrun.k8s.storage;

import io.agentrun.k8s.apiserver.Cluster;
import java.time.Clock;
import java.util.function.Function;

class InMemoryVolumeGrowthTest extends VolumeGrowthScenarios {

    @Override
    protected Function<Clock, Cluster> clusters() {
        return Cluster::inMemory;
    }
}

package io.agentrun.k8s.storage;

import io.agentrun.k8s.apiserver.Cluster;
import java.time.Clock;
import java.util.function.Function;
import org.junit.jupiter.api.Tag;

@Tag("kubectl")
class RealVolumeGrowthTest extends VolumeGrowthScenarios {

    @Override
    protected Function<Clock, Cluster> clusters() {
        return Cluster::real;
    }
}

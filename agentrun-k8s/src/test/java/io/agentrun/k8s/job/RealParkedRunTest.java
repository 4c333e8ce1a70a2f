package io.agentrun.k8s.job;

import io.agentrun.k8s.apiserver.Cluster;
import java.time.Clock;
import java.util.function.Function;
import org.junit.jupiter.api.Tag;

@Tag("kubectl")
class RealParkedRunTest extends ParkedRunScenarios {

    @Override
    protected Function<Clock, Cluster> clusters() {
        return Cluster::real;
    }
}

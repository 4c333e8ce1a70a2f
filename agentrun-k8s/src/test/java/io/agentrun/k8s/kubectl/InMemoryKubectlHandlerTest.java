package io.agentrun.k8s.kubectl;

import io.agentrun.k8s.apiserver.Cluster;
import java.time.Clock;

class InMemoryKubectlHandlerTest extends KubectlHandlerContract {

    @Override
    Cluster newCluster() {
        return Cluster.inMemory(Clock.systemUTC());
    }
}

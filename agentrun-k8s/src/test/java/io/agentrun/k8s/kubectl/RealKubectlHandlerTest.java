package io.agentrun.k8s.kubectl;

import io.agentrun.k8s.apiserver.Cluster;
import java.time.Clock;
import org.junit.jupiter.api.Tag;

/** The contract through the real kubectl, against an API server on loopback. */
@Tag("kubectl")
class RealKubectlHandlerTest extends KubectlHandlerContract {

    @Override
    Cluster newCluster() {
        return Cluster.real(Clock.systemUTC());
    }
}

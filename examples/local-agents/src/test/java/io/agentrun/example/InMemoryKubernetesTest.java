package io.agentrun.example;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.agentrun.json.JsonObject;
import io.agentrun.k8s.kubectl.KubectlHandler;
import io.agentrun.k8s.kubectl.memory.InMemoryCluster;
import io.agentrun.k8s.kubectl.memory.InMemoryKubectlHandler;
import io.agentrun.k8s.object.ObjectRef;
import io.agentrun.memory.InMemoryAgentRunStore;
import org.junit.jupiter.api.Test;

class InMemoryKubernetesTest extends KubernetesRun {
    private final InMemoryKubectlHandler handler = InMemoryKubectlHandler.create();
    private final NotingHandler noting = new NotingHandler(handler);

    @Override
    KubectlHandler kubectl() {
        return noting;
    }

    @Override
    InMemoryCluster cluster() {
        return handler.cluster();
    }

    @Override
    JsonObject manifest(ObjectRef job) {
        return noting.manifest(job);
    }

    @Test
    void a_cluster_that_refuses_is_told_before_anything_is_queued() {
        RunnerOption option = RunnerOption.processes().with("--runner", "kubernetes");
        cluster().deny("create persistentvolumeclaims");
        try (InMemoryAgentRunStore store = InMemoryAgentRunStore.create()) {
            assertThat(option.jobs(store, kubectl()).placement()).isEqualTo("kubernetes");
            cluster().deny("create jobs.batch");

            assertThatThrownBy(() -> option.jobs(store, kubectl()))
                    .isInstanceOf(UsageException.class)
                    .hasMessageContaining("not allowed: create jobs.batch");
        }
    }
}

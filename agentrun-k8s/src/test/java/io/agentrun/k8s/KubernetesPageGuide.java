package io.agentrun.k8s;

import io.agentrun.AgentRunStore;
import io.agentrun.k8s.job.EnvValue;
import io.agentrun.k8s.job.JobTemplate;
import io.agentrun.k8s.job.RunnerContainer;
import io.agentrun.k8s.job.RunnerJobLauncher;
import io.agentrun.k8s.kubectl.ClusterProbe;
import io.agentrun.k8s.kubectl.KubectlHandler;
import io.agentrun.k8s.kubectl.KubectlOptions;
import io.agentrun.k8s.kubectl.ProcessKubectlHandler;
import io.agentrun.k8s.storage.SessionVolumeOptions;
import io.agentrun.k8s.storage.SessionVolumes;
import io.agentrun.k8s.storage.StorageGc;
import io.agentrun.k8s.storage.StorageGcLoop;
import io.agentrun.k8s.storage.StorageGcOptions;
import io.agentrun.k8s.storage.SweepReport;
import java.util.function.Consumer;

/** The Java program of the page about Kubernetes. */
final class KubernetesPageGuide {

    private KubernetesPageGuide() {}

    /** What a host keeps of it. */
    record Wired(SessionVolumes volumes, StorageGcLoop loop, RunnerJobLauncher launcher) {}

    static Wired wired(AgentRunStore store, Consumer<SweepReport> log) {
        // guide begins
        KubectlHandler kubectl = new ProcessKubectlHandler(KubectlOptions.defaults());
        ClusterProbe probe = kubectl.probe("agents"); // versions, permissions, the namespace's uid
        if (!probe.ready()) {
            throw new IllegalStateException(probe.problems() + " missing: " + probe.missing());
        }

        SessionVolumeOptions options = SessionVolumeOptions.of("prod", "agents"); // instance id, namespace
        SessionVolumes volumes = new SessionVolumes(store, kubectl, options);
        StorageGc gc = new StorageGc(store, kubectl, options, StorageGcOptions.defaults());
        StorageGcLoop loop = StorageGcLoop.start(gc, StorageGcLoop.intervalFrom(System.getenv()), log);

        RunnerContainer container = RunnerContainer.builder("registry.example/runner:1")
                .env("OPENAI_API_KEY", EnvValue.fromSecret("model-keys", "openai"))
                .build();
        JobTemplate template = JobTemplate.builder("agents", container).build();
        RunnerJobLauncher launcher = new RunnerJobLauncher(store, kubectl, options.names(), template);
        // guide ends
        return new Wired(volumes, loop, launcher);
    }
}

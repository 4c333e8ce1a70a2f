package io.agentrun.k8s.apiserver;

import io.agentrun.k8s.kubectl.KubectlHandler;
import io.agentrun.k8s.kubectl.KubectlOptions;
import io.agentrun.k8s.kubectl.ProcessKubectlHandler;
import io.agentrun.k8s.kubectl.memory.InMemoryCluster;
import io.agentrun.k8s.kubectl.memory.InMemoryKubectlHandler;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.function.LongSupplier;

/** A cluster and a way to it: what a test that runs in memory and with the real kubectl is written against. */
public final class Cluster implements AutoCloseable {

    private static final String KUBECTL = System.getProperty("agentrun.test.kubectl", "kubectl");

    private final InMemoryKubectlHandler direct;
    private final KubectlHandler kubectl;
    private final LongSupplier processes;
    private final Runnable end;

    private Cluster(InMemoryKubectlHandler direct, KubectlHandler kubectl, LongSupplier processes, Runnable end) {
        this.direct = direct;
        this.kubectl = kubectl;
        this.processes = processes;
        this.end = end;
    }

    /** A cluster that is called directly. */
    public static Cluster inMemory(Clock clock) {
        InMemoryKubectlHandler handler = InMemoryKubectlHandler.with(clock);
        return new Cluster(handler, handler, () -> handler.cluster().calls().size(), () -> {});
    }

    /** A cluster behind an API server on loopback, called through the real kubectl. */
    public static Cluster real(Clock clock) {
        InMemoryKubectlHandler direct = InMemoryKubectlHandler.with(clock);
        ApiServer server = new ApiServer(direct);
        Path home = newHome();
        ProcessKubectlHandler kubectl =
                new ProcessKubectlHandler(options(server, home).build());
        return new Cluster(direct, kubectl, kubectl::processesStarted, server::close);
    }

    public static Path newHome() {
        try {
            // kubectl leaves its cache there, so it belongs to what a clean build throws away.
            return Files.createTempDirectory(Path.of("target").toAbsolutePath(), "kubectl-home");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public static KubectlOptions.Builder options(ApiServer server, Path home) {
        return KubectlOptions.builder()
                .executable(KUBECTL)
                .kubeconfig(server.kubeconfig(home))
                .home(home)
                .deadline(Duration.ofMinutes(1));
    }

    public InMemoryCluster cluster() {
        return direct.cluster();
    }

    /** The cluster without a kubectl in between. */
    public KubectlHandler direct() {
        return direct;
    }

    public KubectlHandler kubectl() {
        return kubectl;
    }

    /** How many calls, or processes, there were so far. */
    public long processes() {
        return processes.getAsLong();
    }

    @Override
    public void close() {
        end.run();
    }
}

package io.agentrun.example;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentrun.json.JsonObject;
import io.agentrun.k8s.apiserver.ApiServer;
import io.agentrun.k8s.apiserver.Cluster;
import io.agentrun.k8s.apiserver.SelfSigned;
import io.agentrun.k8s.kubectl.KubectlHandler;
import io.agentrun.k8s.kubectl.KubectlOptions;
import io.agentrun.k8s.kubectl.ProcessKubectlHandler;
import io.agentrun.k8s.kubectl.memory.InMemoryCluster;
import io.agentrun.k8s.kubectl.memory.InMemoryKubectlHandler;
import io.agentrun.k8s.object.ObjectRef;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The same through the real kubectl, over HTTPS, against an API server on loopback. Compiled in the profile alone. */
@Tag("kubectl")
class RealKubernetesTest extends KubernetesRun {
    private final ApiServer server =
            ApiServer.secured(InMemoryKubectlHandler.create(), SelfSigned.create(), "token-of-the-example");
    private final Path home = Cluster.newHome();
    private final KubectlOptions options = Cluster.options(server, home).build();

    @AfterEach
    void stop() {
        server.close();
    }

    @Override
    KubectlHandler kubectl() {
        return new ProcessKubectlHandler(options);
    }

    @Override
    InMemoryCluster cluster() {
        return server.cluster();
    }

    @Override
    JsonObject manifest(ObjectRef job) {
        return server.requests().stream()
                .filter(request ->
                        request.method().equals("POST") && request.path().endsWith("/jobs"))
                .map(request -> JsonObject.parse(request.body()))
                .filter(body -> body.object("metadata")
                        .flatMap(meta -> meta.string("name"))
                        .filter(job.name()::equals)
                        .isPresent())
                .findFirst()
                .orElseThrow();
    }

    @Test
    void the_program_runs_its_tasks_as_jobs() throws Exception {
        Terminal terminal = new Terminal();
        Path tasks = Files.writeString(directory.resolve("tasks.jsonl"), """
                {"title": "hello", "command": "echo hello from $AGENTRUN_RUN_ID", "session": "s"}
                {"title": "again", "command": "echo again", "session": "s"}
                """);

        int code = Main.run(
                new String[] {
                    "--runner",
                    "kubernetes",
                    "--kubectl",
                    options.executable(),
                    "--kubeconfig",
                    String.valueOf(options.kubeconfig()),
                    "--tasks",
                    tasks.toString(),
                    "--workers",
                    "1"
                },
                terminal.stream(),
                terminal.stream());

        assertThat(terminal.text())
                .contains("| hello from run_")
                .contains("2/2")
                .doesNotContain("token-of-the-example");
        assertThat(code).isZero();
        assertThat(cluster().jobs()).hasSize(2);
    }
}

package io.agentrun.k8s.kubectl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.agentrun.json.JsonObject;
import io.agentrun.k8s.apiserver.ApiServer;
import io.agentrun.k8s.apiserver.Cluster;
import io.agentrun.k8s.kubectl.KubectlException.Reason;
import io.agentrun.k8s.kubectl.memory.Fault;
import io.agentrun.k8s.kubectl.memory.InMemoryKubectlHandler;
import io.agentrun.k8s.object.JobManifest;
import io.agentrun.k8s.object.ObjectRef;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The real kubectl where things are not as they should be. */
@Tag("kubectl")
class RealKubectlFailuresTest {

    private static final ObjectRef A = new ObjectRef("default", "a");
    private static final String CANARY = "canary-7f3a91c2";

    @TempDir
    Path home;

    private final ApiServer server = new ApiServer(InMemoryKubectlHandler.create());

    @AfterEach
    void stop() {
        server.close();
    }

    private ProcessKubectlHandler handler(KubectlOptions.Builder options) {
        return new ProcessKubectlHandler(options.build());
    }

    private static KubectlException failure(Runnable call) {
        return Optional.ofNullable(catchThrowableOfType(KubectlException.class, call::run))
                .orElseThrow();
    }

    @Test
    void a_server_that_accepts_and_never_answers_is_left_at_the_deadline_and_no_process_stays() {
        // Warm, so that the deadline is spent on the call itself.
        handler(Cluster.options(server, home)).findClaim(A);
        server.fallSilent();
        ProcessKubectlHandler hung = handler(Cluster.options(server, home).deadline(Duration.ofSeconds(3)));

        long start = System.nanoTime();
        KubectlException e = failure(() -> hung.findClaim(A));

        assertThat(e.reason()).isEqualTo(Reason.TIMEOUT);
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(10));
        assertThat(ProcessHandle.current()
                        .descendants()
                        .filter(process -> process.info().command().orElse("").contains("kubectl")))
                .isEmpty();
    }

    @Test
    void nobody_is_listening() {
        ProcessKubectlHandler handler = handler(Cluster.options(server, home));
        server.close();

        KubectlException e = failure(() -> handler.findClaim(A));

        assertThat(e.reason()).isEqualTo(Reason.UNAVAILABLE);
        assertThat(e.retryable()).isTrue();
        assertThat(handler.probe("default").problems()).isNotEmpty();
    }

    @Test
    void a_bad_kubeconfig_is_told_from_a_bad_server() throws Exception {
        Path broken = Files.writeString(home.resolve("broken"), "not: [yaml");

        for (KubectlOptions.Builder options : new KubectlOptions.Builder[] {
            Cluster.options(server, home).kubeconfig(broken),
            Cluster.options(server, home).kubeconfig(home.resolve("none")),
            Cluster.options(server, home).context("none")
        }) {
            ProcessKubectlHandler handler = handler(options);

            assertThat(failure(() -> handler.findClaim(A)).reason()).isEqualTo(Reason.UNAUTHORIZED);
            assertThat(handler.probe("default").problems())
                    .anySatisfy(problem -> assertThat(problem).contains("unauthorized"));
        }
    }

    @Test
    void confidential_values_are_passed_by_standard_input_only() {
        JsonObject body = JsonObject.of(
                "apiVersion",
                "batch/v1",
                "kind",
                "Job",
                "metadata",
                Map.of("name", "a", "namespace", "default"),
                "spec",
                Map.of("env", CANARY));
        server.cluster().inject(Fault.before("create jobs.batch", Reason.FORBIDDEN));

        KubectlException e = failure(() -> handler(Cluster.options(server, home))
                .createJob(new JobManifest(A, Map.of(), null, body, Set.of(CANARY))));

        assertThat(e.toString()).doesNotContain(CANARY);
        assertThat(server.requests())
                .filteredOn(request -> request.method().equals("POST"))
                .singleElement()
                .satisfies(request -> {
                    assertThat(request.path()).doesNotContain(CANARY);
                    assertThat(request.body()).contains(CANARY);
                });
    }
}

package io.agentrun.example;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentrun.AgentRunStore;
import io.agentrun.example.kubernetes.KubernetesJobs;
import io.agentrun.json.JsonObject;
import io.agentrun.k8s.InstanceNames;
import io.agentrun.k8s.job.EnvValue;
import io.agentrun.k8s.job.JobTemplate;
import io.agentrun.k8s.job.LaunchRequest;
import io.agentrun.k8s.job.RunnerContainer;
import io.agentrun.k8s.job.RunnerJobLauncher;
import io.agentrun.k8s.kubectl.KubectlHandler;
import io.agentrun.k8s.kubectl.memory.InMemoryCluster;
import io.agentrun.k8s.object.ObjectRef;
import io.agentrun.lease.ClaimRequest;
import io.agentrun.lease.RunLease;
import io.agentrun.memory.InMemoryAgentRunStore;
import io.agentrun.queue.Dispatch;
import io.agentrun.queue.DispatchRequest;
import io.agentrun.queue.QueueTask;
import io.agentrun.queue.TaskState;
import io.agentrun.run.Run;
import io.agentrun.run.RunStatus;
import io.agentrun.runner.RunnerJob;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Whole tasks as Jobs of a cluster; the node's part is played by the test. */
@Timeout(120)
abstract class KubernetesRun {
    private static final Options OPTIONS = Options.defaults()
            .withTail(null)
            .withLease(Duration.ofHours(1))
            .withRunner(RunnerOption.processes().with("--runner", "kubernetes"));

    @TempDir
    Path directory;

    private Kubelet kubelet;

    abstract KubectlHandler kubectl();

    abstract InMemoryCluster cluster();

    /** The manifest that the Job was created with. */
    abstract JsonObject manifest(ObjectRef job);

    @BeforeEach
    void startNode() {
        kubelet = new Kubelet(cluster(), this::manifest);
    }

    @AfterEach
    void stopNode() {
        kubelet.close();
    }

    private Agents agents(AgentRunStore store, String lines) throws IOException {
        return new Agents(store, OPTIONS.runner().jobs(store, kubectl()), directory, lines, OPTIONS);
    }

    @Test
    void a_task_runs_as_a_job_from_the_queue_to_its_end() throws Exception {
        try (AgentRunStore store = InMemoryAgentRunStore.create()) {
            Agents agents = agents(store, """
                    {"title": "one", "command": "echo $(echo first) '$(COMMAND_LINE)'; echo second >&2", "session": "s"}
                    {"title": "two", "command": "seq 500", "session": "s"}
                    {"title": "bad", "command": "echo oh no; exit 3", "attempts": 2}
                    """);

            int code = agents.run();

            assertThat(code).isEqualTo(1);
            Run one = agents.runs("one").get(0);
            assertThat(one.status()).isEqualTo(RunStatus.COMPLETED);
            assertThat(agents.output(one)).containsExactly("first $(COMMAND_LINE)", "second");
            assertThat(agents.output(agents.runs("two").get(0))).hasSizeGreaterThan(490);
            assertThat(agents.runs("bad"))
                    .extracting(Run::status)
                    .containsOnly(RunStatus.FAILED)
                    .hasSize(2);
            assertThat(agents.task("bad").outcome())
                    .extracting("message")
                    .asString()
                    .contains("failed");
            RunnerJob job = store.runners().listJobs(one.id()).get(0);
            assertThat(job.placement().namespace()).isEqualTo("default");
            assertThat(cluster().jobs()).hasSize(4);
        }
    }

    @Test
    void a_cancel_stops_the_job() throws Exception {
        try (AgentRunStore store = InMemoryAgentRunStore.create()) {
            Agents agents =
                    agents(store, "{\"title\": \"endless\", \"command\": \"echo begun; sleep 300; echo never\"}");
            agents.start();
            QueueTask running = agents.awaitLine("endless", "begun");

            store.queue().cancel(running.id(), "changed my mind");

            assertThat(agents.exitCode()).isEqualTo(1);
            assertThat(agents.task("endless").state()).isEqualTo(TaskState.CANCELLED);
            assertThat(cluster().jobs()).isEmpty();
        }
    }

    @Test
    void after_a_stop_the_same_run_goes_on_in_another_job() throws Exception {
        Path gate = directory.resolve("gate");
        Path file = directory.resolve("store");
        String lines = """
                {"title": "held", "command": "echo begun; while [ ! -e '%s' ]; do sleep 0.05; done; echo done"}
                """.formatted(gate);
        try (AgentRunStore store = InMemoryAgentRunStore.open(file)) {
            Agents agents = agents(store, lines);
            agents.start();
            agents.awaitLine("held", "begun");
            assertThat(agents.stop()).isEqualTo(LocalAgents.STOPPED);
            assertThat(agents.runs("held").get(0).status()).isEqualTo(RunStatus.PENDING);
            assertThat(cluster().jobs()).isEmpty();
        }
        Files.createFile(gate);

        try (AgentRunStore store = InMemoryAgentRunStore.open(file)) {
            Agents agents = agents(store, lines);

            assertThat(agents.run()).isZero();

            assertThat(agents.runs("held")).singleElement().satisfies(run -> {
                assertThat(agents.output(run)).containsExactly("begun", "begun", "done");
                assertThat(store.runners().listJobs(run.id())).hasSize(2);
            });
        }
    }

    @Test
    void a_job_that_outlives_its_worker_is_stopped_before_its_run_is_tried_again() throws Exception {
        try (AgentRunStore store = InMemoryAgentRunStore.create()) {
            Agents agents = agents(store, "{\"title\": \"left\", \"command\": \"echo mine\", \"attempts\": 2}");
            store.queue().create(agents.newTask("left"));
            Dispatch dispatch =
                    store.queue().dispatchNext(DispatchRequest.any()).orElseThrow();
            RunLease lease = store.leases()
                    .claimNext(ClaimRequest.by("gone", Duration.ofMillis(100)))
                    .orElseThrow();
            store.commands().acknowledge(lease.fence(), dispatch.turn().id());
            JobTemplate template = JobTemplate.builder(
                            "default",
                            RunnerContainer.builder("image")
                                    .command(List.of("sleep", "300"))
                                    .build())
                    .build();
            RunnerJob orphan = new RunnerJobLauncher(store, kubectl(), InstanceNames.of("local-agents"), template)
                    .launch(LaunchRequest.of(
                                    lease.fence().runId(), dispatch.turn().id(), "none", "none")
                            .withAttempt("attempt-1", "gone")
                            .withEnv(Map.of(KubernetesJobs.COMMAND_LINE, EnvValue.of("true"))));

            int code = agents.run();

            assertThat(code).isZero();
            assertThat(agents.runs("left"))
                    .extracting(Run::status)
                    .containsExactly(RunStatus.FAILED, RunStatus.COMPLETED);
            assertThat(agents.printed())
                    .contains("stopped Job default/" + orphan.placement().jobName());
            assertThat(cluster().jobs())
                    .extracting(job -> job.meta().ref().name())
                    .doesNotContain(orphan.placement().jobName());
        }
    }
}

package io.agentrun.micrometer;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentrun.AgentRunStore;
import io.agentrun.command.FinishedTurn;
import io.agentrun.k8s.kubectl.memory.InMemoryKubectlHandler;
import io.agentrun.k8s.object.ObjectRef;
import io.agentrun.memory.InMemoryAgentRunStore;
import io.agentrun.model.BackendProfile;
import io.agentrun.model.Owner;
import io.agentrun.model.RunSpec;
import io.agentrun.queue.NewQueueTask;
import io.agentrun.queue.QueueScope;
import io.agentrun.run.NewRun;
import io.agentrun.run.Run;
import io.agentrun.worker.AgentWorker;
import io.agentrun.worker.MaintenanceListener;
import io.agentrun.worker.WorkerListener;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.observation.DefaultMeterObservationHandler;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.micrometer.observation.ObservationRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Holds the table of {@code docs/metrics.md} against the meters that there are once everything has happened. */
class MetricsDocTest {

    private static final Path ROOT = Path.of("../..");
    private static final Pattern CODE = Pattern.compile("`([^`]+)`");

    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private final ObservationRegistry observations = ObservationRegistry.create();

    @Test
    void each_meter_is_in_the_table_with_its_tags_and_the_table_has_no_other() throws Exception {
        observations.observationConfig().observationHandler(new DefaultMeterObservationHandler(meters));

        letEverythingHappen();

        Map<String, Set<String>> found = new TreeMap<>();
        for (Meter meter : meters.getMeters()) {
            Set<String> tags =
                    meter.getId().getTags().stream().map(Tag::getKey).collect(Collectors.toCollection(TreeSet::new));
            tags.remove("error");
            if (!meter.getId().getName().endsWith(".active")) {
                found.put(meter.getId().getName(), tags);
            }
        }
        assertThat(found).isEqualTo(documented());
    }

    @Test
    void the_program_of_the_page_is_compiled() throws IOException {
        String page = Files.readString(ROOT.resolve("docs/metrics.md"));
        String program = page.substring(page.indexOf("```java\n") + "```java\n".length(), page.indexOf("\n```\n"));
        String guide = Files.readString(Path.of("src/test/java/io/agentrun/micrometer/MetricsGuide.java"));

        assertThat(guide).contains(program.indent(4));
    }

    private void letEverythingHappen() throws InterruptedException {
        CountDownLatch over = new CountDownLatch(1);
        AgentRunStore store = InMemoryAgentRunStore.builder()
                .listener(StoreObservations.in(observations))
                .build();
        QueueMeters.of(store.queue(), QueueScope.all()).bindTo(meters);
        WorkerListener worker = WorkerMeters.in(meters).worker();
        MaintenanceListener maintenance = WorkerMeters.in(meters).maintenance();
        try (AgentWorker host = AgentWorker.builder(store, "host")
                .agent(ObservedAgent.of(observations, turn -> turn.exit(turn.start(new ProcessBuilder("true")))))
                .listener(new WorkerListener() {
                    @Override
                    public void finished(FinishedTurn turn) {
                        worker.finished(turn);
                        over.countDown();
                    }
                })
                .start()) {
            store.queue()
                    .create(NewQueueTask.builder(
                                    new Owner("t", "p"), "fixes", "a task", RunSpec.of(BackendProfile.CODEX))
                            .build());
            assertThat(over.await(60, TimeUnit.SECONDS)).isTrue();
            assertThat(host).isNotNull();
        }
        Run run = store.runs()
                .create(NewRun.builder(new Owner("t", "p"), RunSpec.of(BackendProfile.CODEX))
                        .build());
        worker.lost(run, "why");
        worker.released(run);
        worker.parked(run);
        worker.failed("take", new IllegalStateException());
        maintenance.passed("recover", 1);
        ObservedKubectl.of(observations, InMemoryKubectlHandler.create()).findJob(new ObjectRef("agents", "none"));
        store.close();
    }

    private static Map<String, Set<String>> documented() throws IOException {
        Map<String, Set<String>> table = new TreeMap<>();
        for (String line : Files.readAllLines(ROOT.resolve("docs/metrics.md"))) {
            if (line.startsWith("| `agentrun.")) {
                List<String> cells = List.of(line.split("\\|"));
                table.put(code(cells.get(1)).iterator().next(), code(cells.get(3)));
            }
        }
        return table;
    }

    private static Set<String> code(String cell) {
        return CODE.matcher(cell)
                .results()
                .map(match -> Objects.requireNonNull(match.group(1)))
                .collect(Collectors.toCollection(TreeSet::new));
    }
}

package io.agentrun.k8s;

import static org.assertj.core.api.Assertions.assertThat;

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
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** The Java of the guide is Java that compiles: it is the body of the method below. */
class GuideTest {

    private static final Path GUIDE = Path.of("..", "docs", "kubernetes.md");
    private static final Path HERE = Path.of("src", "test", "java", "io", "agentrun", "k8s", "GuideTest.java");

    @Test
    void the_java_of_the_guide_is_compiled() throws IOException {
        String guide = Files.readString(GUIDE);
        String here = Files.readString(HERE);

        String snippet = between(guide, "```java\n", "```");
        String body = between(here, "// The guide begins" + ".\n", "// The guide ends.");

        assertThat(plain(snippet)).isNotEmpty().isEqualTo(plain(body));
    }

    private static String between(String text, String begin, String end) {
        int from = text.indexOf(begin) + begin.length();
        return text.substring(from, text.indexOf(end, from));
    }

    /** Without comments and white space. */
    private static String plain(String java) {
        return java.lines()
                .map(line -> line.replaceAll(" // .*", ""))
                .reduce("", String::concat)
                .replaceAll("\\s", "");
    }

    static Object[] wire(AgentRunStore store, Consumer<SweepReport> log) {
        // The guide begins.
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
        // The guide ends.
        return new Object[] {volumes, loop, launcher};
    }
}

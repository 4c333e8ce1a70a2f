package io.agentrun.tck;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentrun.tck.suite.LeaseSuite;
import io.agentrun.tck.suite.StoreConformance;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The commands of {@code docs/writing-a-store.md}, executed in the guide's own project by the Maven on the {@code PATH}. */
@Tag("machine")
class GuideCommandTest {

    private static final String LEASE = StoreConformance.class.getName() + "$Lease";

    @TempDir
    private Path folder;

    private GuideProject project;

    @BeforeEach
    void write() throws IOException, URISyntaxException {
        project = GuideProject.in(folder);
    }

    @AfterEach
    void unlink() throws IOException {
        project.unlink();
    }

    @Test
    void the_guide_prints_five_files_and_two_commands() throws IOException {
        assertThat(project.files())
                .containsExactlyInAnyOrder(
                        "pom.xml",
                        "src/main/java/com/example/MyBackend.java",
                        "src/main/java/com/example/MyStore.java",
                        "src/test/java/com/example/MyConformanceTest.java",
                        "src/test/java/com/example/MyFixture.java");
        assertThat(GuideProject.commands()).hasSize(2);
    }

    @Test
    void the_commands_of_the_guide_run_one_suite_and_one_test_and_nothing_else() throws Exception {
        List<String> commands = GuideProject.commands();
        Set<String> suite = Arrays.stream(LeaseSuite.class.getDeclaredMethods())
                .filter(method -> method.isAnnotationPresent(Test.class))
                .map(method -> LEASE + "#" + method.getName())
                .collect(Collectors.toCollection(TreeSet::new));
        String test = commands.get(1).replaceAll(".*#(\\w+)'.*", "$1");

        assertThat(project.testsOf(commands.get(0))).isEqualTo(suite).hasSizeGreaterThan(10);
        assertThat(project.testsOf(commands.get(1))).containsExactly(LEASE + "#" + test);
    }
}

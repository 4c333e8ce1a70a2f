package io.agentrun.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentrun.postgres.testing.FirstStart;
import io.agentrun.postgres.testing.TestDatabase;
import java.io.File;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What a host reads in its log when the store migrates. */
class FlywayLogTest {

    @Test
    void a_host_reads_one_line_at_its_first_start_none_at_its_second_and_its_own_flyway_is_heard() throws Exception {
        try (TestDatabase database = TestDatabase.empty()) {
            // With SLF4J on its class path, Flyway would log to that.
            String classPath = Stream.of(System.getProperty("java.class.path").split(File.pathSeparator, -1))
                    .filter(entry -> !entry.contains("slf4j"))
                    .collect(Collectors.joining(File.pathSeparator));

            Process host = new ProcessBuilder(
                            Path.of(System.getProperty("java.home"), "bin", "java")
                                    .toString(),
                            "-XX:TieredStopAtLevel=1",
                            "-cp",
                            classPath,
                            FirstStart.class.getName(),
                            database.url())
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
            List<String> lines = new String(host.getInputStream().readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .toList();

            assertThat(host.waitFor()).isZero();
            assertThat(lines)
                    .filteredOn(line -> line.startsWith("first "))
                    .singleElement()
                    .asString()
                    .startsWith("first INFO io.agentrun.postgres: the schema agent\"run was migrated to version ");
            assertThat(lines).filteredOn(line -> line.startsWith("second ")).isEmpty();
            assertThat(lines)
                    .filteredOn(line -> line.startsWith("host INFO org.flywaydb."))
                    .isNotEmpty();
        }
    }
}

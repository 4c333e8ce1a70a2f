package io.agentrun.h2;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** What makes this store an example: it uses what every author of a store may use, and can be read in an hour. */
class OutsiderTest {

    private static final Path SOURCES = Path.of("src", "main");

    @Test
    void it_looks_into_no_other_store() throws IOException {
        List<String> others = List.of("io.agentrun." + "memory", "io.agentrun." + "postgres");
        for (Path file : files(Path.of("src"))) {
            assertThat(Files.readString(file)).as(file.toString()).doesNotContain(others);
        }
        assertThat(Files.readString(Path.of("pom.xml"))).doesNotContain("agentrun-store-" + "postgres");
    }

    @Test
    void it_is_short() throws IOException {
        int lines = 0;
        for (Path file : files(SOURCES)) {
            List<String> all = Files.readAllLines(file);
            assertThat(all).as(file.toString()).hasSizeLessThanOrEqualTo(400);
            lines += all.size();
        }
        // 900 for what was there first, 100 for the purge of tasks and sessions, 40 for replacing and deadlines, 70 for
        // schedules, 80 for questions.
        assertThat(lines).isLessThanOrEqualTo(1190);
    }

    @Test
    void it_needs_no_module_of_agentrun_but_core_and_the_api() throws IOException {
        Matcher dependency = Pattern.compile("<dependency>.*?</dependency>", Pattern.DOTALL)
                .matcher(Files.readString(Path.of("pom.xml")));
        List<String> compiled = new ArrayList<>();
        while (dependency.find()) {
            if (dependency.group().contains("io.agentrun")
                    && !dependency.group().contains("<scope>test</scope>")) {
                compiled.add(dependency.group().replaceAll("(?s).*<artifactId>(.*)</artifactId>.*", "$1"));
            }
        }

        assertThat(compiled).containsExactlyInAnyOrder("agentrun-api", "agentrun-core");
    }

    private static List<Path> files(Path root) throws IOException {
        try (var files = Files.walk(root)) {
            return files.filter(Files::isRegularFile).toList();
        }
    }
}

package io.agentrun.tck;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentrun.tck.suite.StoreConformance;
import io.agentrun.tck.suite.Suites;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** Holds {@code docs/writing-a-store.md} against the kit and the build. */
class GuideTest {

    private static final Path GUIDE = Path.of("..", "docs", "writing-a-store.md");
    private static final Path BUILD = Path.of("..", "pom.xml");

    @Test
    void the_test_class_of_the_guide_runs_the_whole_kit() throws IOException {
        assertThat(found(GUIDE, "class MyConformanceTest extends (\\w+) "))
                .containsExactly(StoreConformance.class.getSimpleName());
    }

    @Test
    void the_table_of_the_guide_has_every_suite_once() throws IOException {
        assertThat(found(GUIDE, "(?m)^\\|[^|]*\\| `(\\w+)` \\|"))
                .containsExactlyInAnyOrderElementsOf(
                        Suites.all().stream().map(Class::getSimpleName).toList());
    }

    @Test
    void the_number_of_tests_in_the_guide_is_right_to_a_hundred() throws IOException {
        int guide = Integer.parseInt(found(GUIDE, "Of more than (\\d+) tests").get(0));
        long tests = Suites.all().stream()
                .flatMap(suite -> Arrays.stream(suite.getDeclaredMethods()))
                .filter(method -> method.isAnnotationPresent(Test.class))
                .count();

        assertThat(tests).isBetween((long) guide, guide + 100L);
    }

    @Test
    void the_versions_of_the_guide_are_those_of_the_build() throws IOException {
        for (String artifact : List.of("maven-resources-plugin", "maven-compiler-plugin", "maven-surefire-plugin")) {
            String version = "<artifactId>" + artifact + "</artifactId>\\s*<version>([^<]+)</version>";
            assertThat(found(GUIDE, version)).as(artifact).isEqualTo(found(BUILD, version));
        }
        assertThat(found(GUIDE, "<agentrun.version>([^<]+)<"))
                .isEqualTo(found(BUILD, "<artifactId>agentrun-parent</artifactId>\\s*<version>([^<]+)<"));
        assertThat(found(GUIDE, "<artifactId>junit-jupiter-\\w+</artifactId>\\s*<version>([^<]+)<"))
                .hasSize(2)
                .containsOnly(found(BUILD, "<junit.version>([^<]+)<").get(0));
        assertThat(found(GUIDE, "<artifactId>assertj-core</artifactId>\\s*<version>([^<]+)<"))
                .isEqualTo(found(BUILD, "<assertj.version>([^<]+)<"));
    }

    private static List<String> found(Path file, String pattern) throws IOException {
        Matcher matcher = Pattern.compile(pattern).matcher(Files.readString(file));
        List<String> found = new ArrayList<>();
        while (matcher.find()) {
            found.add(matcher.group(1));
        }
        return found;
    }
}

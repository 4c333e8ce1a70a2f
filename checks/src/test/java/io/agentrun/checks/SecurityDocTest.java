package io.agentrun.checks;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Holds {@code docs/security.md} against the repository: each threat names a test, and each test that it names exists. */
class SecurityDocTest {

    private static final Path ROOT = Path.of("..");
    private static final Pattern TEST = Pattern.compile("`(\\w+(?:Test|Suite))`");
    private static final int LEAST_THREATS = 15;

    @Test
    void each_threat_names_a_test_and_each_named_test_exists() throws IOException {
        Set<String> present = testClasses();
        List<String> threats = threats();

        assertThat(threats).hasSizeGreaterThanOrEqualTo(LEAST_THREATS);
        for (String threat : threats) {
            List<String> cells = List.of(threat.split("(?<!\\\\)\\|"));
            List<String> named = TEST.matcher(cells.get(cells.size() - 1))
                    .results()
                    .map(match -> match.group(1))
                    .toList();

            assertThat(named).as(threat).isNotEmpty();
            assertThat(present).as(threat).containsAll(named);
        }
    }

    private static List<String> threats() throws IOException {
        List<String> rows = new ArrayList<>();
        boolean inside = false;
        for (String line : Files.readAllLines(ROOT.resolve("docs/security.md"))) {
            inside = line.startsWith("## ") ? line.equals("## Threats") : inside;
            if (inside && line.startsWith("| ") && !line.startsWith("| threat ")) {
                rows.add(line);
            }
        }
        return rows;
    }

    private static Set<String> testClasses() throws IOException {
        try (Stream<Path> files = Files.walk(ROOT)) {
            return files.map(path -> path.getFileName().toString())
                    .filter(name -> name.endsWith("Test.java") || name.endsWith("Suite.java"))
                    .map(name -> name.substring(0, name.length() - ".java".length()))
                    .collect(Collectors.toSet());
        }
    }
}

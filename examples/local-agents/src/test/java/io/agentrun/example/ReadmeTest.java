package io.agentrun.example;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.agentrun.AgentRunStore;
import io.agentrun.error.NotFoundException;
import io.agentrun.memory.InMemoryAgentRunStore;
import io.agentrun.model.BackendProfile;
import io.agentrun.model.Owner;
import io.agentrun.model.RunSpec;
import io.agentrun.rules.Rule;
import io.agentrun.run.NewRun;
import io.agentrun.run.Run;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class ReadmeTest {
    private static final Path ROOT = Path.of("../..");
    private static final Path SMALL_HOST = Path.of("src/main/java/io/agentrun/example/SmallHost.java");
    private static final Path TENANT_PAGE = Path.of("src/main/java/io/agentrun/example/TenantPage.java");

    @Test
    void the_program_of_the_readme_is_the_one_that_is_compiled_here() throws IOException {
        String quoted = quoted(SMALL_HOST);

        assertThat(firstBlock(readme(), "## A small host", "java")).isEqualTo(quoted);
        assertThat(quoted.lines().filter(line -> !line.isBlank())).hasSizeLessThanOrEqualTo(20);
    }

    @Test
    void the_tenant_view_of_the_readme_is_compiled_here_and_keeps_tenants_apart() throws IOException {
        assertThat(firstBlock(readme(), "### Tenants", "java")).isEqualTo(quoted(TENANT_PAGE));
        try (AgentRunStore store = InMemoryAgentRunStore.create()) {
            Owner owner = new Owner("acme", "website");
            Run run = store.runs()
                    .create(NewRun.builder(owner, RunSpec.of(BackendProfile.CODEX))
                            .build());

            assertThat(TenantPage.shown(store, "acme", run.id())).isEqualTo(run);
            assertThatExceptionOfType(NotFoundException.class)
                    .isThrownBy(() -> TenantPage.shown(store, "other", run.id()));
        }
    }

    /** Returns the lines of the source that the README quotes. */
    private static String quoted(Path file) throws IOException {
        String source = Files.readString(file);
        String quoted = source.substring(
                source.indexOf('\n', source.indexOf("// README begins")) + 1,
                source.lastIndexOf('\n', source.indexOf("// README ends")));
        return quoted.stripIndent() + "\n";
    }

    @Test
    void the_program_of_the_readme_runs() throws Exception {
        SmallHost.main(new String[0]);
    }

    @Test
    void the_two_commands_are_where_everyone_looks_for_them() throws IOException {
        String readme = readme();

        assertThat(firstBlock(readme, "## Quick start", "sh"))
                .isEqualTo("mvn -q -pl examples/local-agents -am compile exec:java\n");
        assertThat(firstBlock(readme, "## Tests", "sh")).isEqualTo("mvn verify\n");
    }

    @Test
    void every_rule_that_the_readme_names_exists() throws IOException {
        List<String> known = Arrays.stream(Rule.values()).map(Rule::number).toList();

        List<String> named = Pattern.compile("\\b[A-Z]-[0-9]+\\b")
                .matcher(readme())
                .results()
                .map(MatchResult::group)
                .toList();

        assertThat(named).isNotEmpty().isSubsetOf(known);
    }

    @Test
    void every_test_that_the_readme_names_exists() throws IOException {
        List<String> named = Pattern.compile("`(\\w+Test)`")
                .matcher(readme())
                .results()
                .map(match -> match.group(1) + ".java")
                .toList();

        try (var files =
                Files.find(ROOT, 20, (path, attributes) -> path.toString().endsWith("Test.java"))) {
            List<String> there =
                    files.map(path -> path.getFileName().toString()).toList();
            assertThat(named).isNotEmpty().isSubsetOf(there);
        }
    }

    @Test
    void the_readme_is_short() throws IOException {
        assertThat(readme().lines()).hasSizeLessThan(200);
    }

    private static String readme() throws IOException {
        return Files.readString(ROOT.resolve("README.md"));
    }

    /** The first block of code after the heading, whatever its language: it has to be of the given one. */
    private static String firstBlock(String readme, String heading, String language) {
        int begin = readme.indexOf("```", readme.indexOf("\n" + heading + "\n"));
        int line = readme.indexOf('\n', begin) + 1;
        assertThat(readme.substring(begin, line)).isEqualTo("```" + language + "\n");
        return readme.substring(line, readme.indexOf("```", line));
    }
}

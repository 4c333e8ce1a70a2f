package io.agentrun.checks;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The pages as a path: each link leads somewhere, each page says where to go on, each Java program is compiled. */
class DocsTest {

    private static final Path ROOT = Path.of("..");
    private static final Pattern LINK = Pattern.compile("\\]\\(([^)\\s]+)\\)");
    private static final Pattern HEADING = Pattern.compile("(?m)^#{1,6} (.*)$");
    private static final Pattern JAVA = Pattern.compile("(?s)```java\n(.*?)```");

    /** Its programs are a project of their own, which {@code GuideCommandTest} builds. */
    private static final String WHOLE_PROJECT = "writing-a-store.md";

    private static List<Path> pages() throws IOException {
        List<Path> pages = new ArrayList<>(docs());
        pages.add(ROOT.resolve("README.md"));
        pages.add(ROOT.resolve("CONTRIBUTING.md"));
        return pages;
    }

    private static List<Path> docs() throws IOException {
        try (Stream<Path> files = Files.list(ROOT.resolve("docs"))) {
            return files.filter(file -> file.toString().endsWith(".md"))
                    .sorted()
                    .toList();
        }
    }

    private static List<String> found(Pattern pattern, String text) {
        return pattern.matcher(text)
                .results()
                .map((MatchResult result) -> result.group(1))
                .toList();
    }

    @Test
    void every_link_between_pages_leads_to_a_file_and_a_heading() throws IOException {
        List<String> broken = new ArrayList<>();
        int links = 0;
        for (Path page : pages()) {
            for (String link : found(LINK, Files.readString(page))) {
                if (link.contains("://")) {
                    continue;
                }
                links++;
                String[] parts = link.split("#", 2);
                Path target = parts[0].isEmpty()
                        ? page
                        : page.resolveSibling(parts[0]).normalize();
                if (!Files.exists(target)
                        || (parts.length == 2 && !anchors(target).contains(parts[1]))) {
                    broken.add(page.getFileName() + ": " + link);
                }
            }
        }

        assertThat(broken).isEmpty();
        assertThat(links).isGreaterThan(20);
    }

    /** The anchors that a page has for its headings, made as the usual viewers make them. */
    private static List<String> anchors(Path page) throws IOException {
        return found(HEADING, Files.readString(page)).stream()
                .map(heading -> heading.toLowerCase(Locale.ROOT)
                        .replaceAll("[^\\p{L}\\p{N}_\\- ]", "")
                        .replace(' ', '-'))
                .toList();
    }

    @Test
    void every_page_says_for_whom_it_is_and_what_to_read_next() throws IOException {
        for (Path page : docs()) {
            String text = Files.readString(page);
            String opening = text.substring(0, Math.min(text.length(), 900));

            assertThat(opening).as(page.toString()).contains("For ");
            assertThat(text).as(page.toString()).containsPattern("(?m)^Next: ");
            String next = text.substring(text.lastIndexOf("\nNext: "));
            assertThat(found(LINK, next)).as(page.toString()).isNotEmpty();
        }
    }

    @Test
    void the_readme_leads_to_every_page() throws IOException {
        List<String> linked = found(LINK, Files.readString(ROOT.resolve("README.md")));

        assertThat(docs())
                .allSatisfy(page -> assertThat(linked)
                        .as(page.toString())
                        .anyMatch(link -> link.startsWith("docs/" + page.getFileName())));
    }

    @Test
    void every_java_program_of_a_page_stands_in_a_source_that_is_compiled() throws IOException {
        List<String> sources = sources();
        int programs = 0;
        for (Path page : pages()) {
            if (page.endsWith(WHOLE_PROJECT)) {
                continue;
            }
            for (String program : found(JAVA, Files.readString(page))) {
                programs++;
                String lines = stripped(program);
                assertThat(sources.stream().anyMatch(source -> source.contains(lines)))
                        .as(page + "\n" + program)
                        .isTrue();
            }
        }

        assertThat(programs).isGreaterThan(15);
    }

    private static List<String> sources() throws IOException {
        try (Stream<Path> files = Files.walk(ROOT)) {
            List<String> sources = new ArrayList<>();
            for (Path file : files.filter(path -> path.toString().endsWith(".java"))
                    .filter(path -> !path.toString().contains("/target/"))
                    .toList()) {
                sources.add(stripped(Files.readString(file)));
            }
            return sources;
        }
    }

    /** Returns the lines without indentation, and without those that are blank. */
    private static String stripped(String text) {
        return text.lines().map(String::strip).filter(line -> !line.isEmpty()).collect(Collectors.joining("\n"));
    }
}

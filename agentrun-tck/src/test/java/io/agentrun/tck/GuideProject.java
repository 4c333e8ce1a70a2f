package io.agentrun.tck;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentrun.AgentRunStore;
import io.agentrun.engine.EngineStore;
import io.agentrun.memory.InMemoryAgentRunStore;
import io.agentrun.worker.AgentWorker;
import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The project of {@code docs/writing-a-store.md}, written to a folder file by file as the guide prints it, and Maven in it. Maven
 * works offline, with a local repository that has links to everything in the user's own, and the modules of this build as if they were
 * installed; the user's own is not written to. Not thread-safe: one thread at a time.
 */
final class GuideProject {

    static final Path GUIDE = Path.of("..", "docs", "writing-a-store.md");

    /** A file's name at the begin of a line, some text, and a block of code. */
    private static final Pattern FILE =
            Pattern.compile("(?ms)^`([\\w/]+\\.(?:java|xml))`[:.][^`]*?(?:`[^`\n]+`[^`]*?)*?^```\\w+\n(.*?)^```");

    private static final Pattern TEST_CASE = Pattern.compile("<testcase name=\"(\\w+)[^\"]*\" classname=\"([^\"]+)\"");
    private static final String GROUP = "io/agentrun";

    private final Path folder;
    private final Path repository;

    private GuideProject(Path folder, Path repository) {
        this.folder = folder;
        this.repository = repository;
    }

    /** Writes project and repository below the folder. */
    static GuideProject in(Path folder) throws IOException, URISyntaxException {
        GuideProject project = new GuideProject(folder.resolve("project"), folder.resolve("repository"));
        for (MatchResult file : FILE.matcher(Files.readString(GUIDE)).results().toList()) {
            write(project.folder.resolve(file.group(1)), file.group(2));
        }
        project.linkRepository();
        project.install("parent", null, Path.of("..", "pom.xml"));
        Map<String, Class<?>> modules = Map.of(
                "api", AgentRunStore.class,
                "core", EngineStore.class,
                "store-memory", InMemoryAgentRunStore.class,
                "worker", AgentWorker.class,
                "tck", StoreFixture.class);
        for (Map.Entry<String, Class<?>> module : modules.entrySet()) {
            String name = "agentrun-" + module.getKey();
            project.install(module.getKey(), classes(module.getValue()), Path.of("..", name, "pom.xml"));
        }
        return project;
    }

    /** Returns the paths of the project's files, sorted. */
    Set<String> files() throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            Set<String> names = new TreeSet<>();
            files.filter(Files::isRegularFile)
                    .forEach(file -> names.add(folder.relativize(file).toString()));
            return names;
        }
    }

    /** Executes the command in the project, by a shell; returns the tests that ran, each as class and method. */
    Set<String> testsOf(String command) throws IOException, InterruptedException {
        Path output = folder.resolveSibling("output");
        Process maven = new ProcessBuilder(
                        "sh", "-c", command + " -B -o -Dstyle.color=never -Dmaven.repo.local=" + repository)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        boolean ended = maven.waitFor(5, TimeUnit.MINUTES);
        maven.destroyForcibly();
        assertThat(ended).as(() -> read(output)).isTrue();
        Path reports = folder.resolve(Path.of("target", "surefire-reports"));
        assertThat(reports).as(() -> read(output)).isDirectory();
        Set<String> tests = new TreeSet<>();
        try (Stream<Path> files = Files.list(reports)) {
            for (Path file :
                    files.filter(path -> path.toString().endsWith(".xml")).toList()) {
                TEST_CASE
                        .matcher(Files.readString(file))
                        .results()
                        .forEach(test -> tests.add(test.group(2) + "#" + test.group(1)));
                Files.delete(file);
            }
        }
        return tests;
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            return e.toString();
        }
    }

    /** Links all that the user's repository has but agentrun, which may be there in another version. */
    private void linkRepository() throws IOException {
        Path own = Path.of(System.getProperty(
                "localRepository",
                Path.of(System.getProperty("user.home"), ".m2", "repository").toString()));
        link(own, repository, "io");
        link(own.resolve("io"), repository.resolve("io"), "agentrun");
    }

    private static void link(Path from, Path to, String but) throws IOException {
        Files.createDirectories(to);
        try (Stream<Path> entries = Files.list(from)) {
            for (Path entry : entries.toList()) {
                String name = String.valueOf(entry.getFileName());
                if (!name.equals(but)) {
                    Files.createSymbolicLink(to.resolve(name), entry.toAbsolutePath());
                }
            }
        }
    }

    /** Removes the links of the repository. */
    void unlink() throws IOException {
        for (Path folderOfLinks : List.of(repository, repository.resolve("io"))) {
            try (Stream<Path> entries = Files.list(folderOfLinks)) {
                for (Path entry : entries.filter(Files::isSymbolicLink).toList()) {
                    Files.delete(entry);
                }
            }
        }
    }

    private void install(String module, @Nullable Path classes, Path pom) throws IOException {
        String name = "agentrun-" + module;
        String version = version();
        Path target = repository.resolve(Path.of(GROUP, name, version));
        write(target.resolve(name + "-" + version + ".pom"), Files.readString(pom));
        if (classes != null) {
            jar(classes, target.resolve(name + "-" + version + ".jar"));
        }
    }

    private static String version() throws IOException {
        return Pattern.compile("<agentrun.version>([^<]+)<")
                .matcher(Files.readString(GUIDE))
                .results()
                .findFirst()
                .orElseThrow()
                .group(1);
    }

    /** The folder or the jar from which a class of the module was loaded. */
    private static Path classes(Class<?> type) throws URISyntaxException {
        return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI());
    }

    private static void jar(Path classes, Path jar) throws IOException {
        if (Files.isRegularFile(classes)) {
            Files.copy(classes, jar);
            return;
        }
        try (FileSystem zip = FileSystems.newFileSystem(URI.create("jar:" + jar.toUri()), Map.of("create", "true"));
                Stream<Path> files = Files.walk(classes)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                Path target = zip.getPath("/" + classes.relativize(file));
                Files.createDirectories(Objects.requireNonNull(target.getParent()));
                Files.copy(file, target);
            }
        }
    }

    private static void write(Path file, String text) throws IOException {
        Files.createDirectories(Objects.requireNonNull(file.getParent()));
        Files.writeString(file, text);
    }

    /** Returns the commands of the guide that run a part of the kit. */
    static List<String> commands() throws IOException {
        return Pattern.compile("(?m)^mvn test -Dtest=.*$")
                .matcher(Files.readString(GUIDE))
                .results()
                .map(MatchResult::group)
                .toList();
    }
}

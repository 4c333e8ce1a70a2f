package io.agentrun.example.agent;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** The directory in which the attempts of one task leave files for each other. Thread-safe. */
public final class Scratch {
    private static final Path ROOT = Path.of(System.getProperty("java.io.tmpdir"), "agentrun-local-agents");

    private Scratch() {}

    /** The directory of the task is there, the same at every start. */
    static Path of(String taskId) throws IOException {
        return Files.createDirectories(ROOT.resolve(taskId));
    }

    /** The directory of the task is gone; nothing is done if there was none. */
    public static void delete(String taskId) {
        Path directory = ROOT.resolve(taskId);
        if (!Files.exists(directory)) {
            return;
        }
        try (Stream<Path> tree = Files.walk(directory)) {
            List<Path> deepestFirst = tree.sorted(Comparator.reverseOrder()).toList();
            for (Path path : deepestFirst) {
                Files.deleteIfExists(path);
            }
        } catch (IOException | UncheckedIOException e) {
            // A command may still be writing there; what is left is the temporary directory's.
        }
    }
}

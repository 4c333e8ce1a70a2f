package io.agentrun.postgres.soak;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.function.Consumer;

/**
 * The file in which a process writes down what was acknowledged to it, each fact at once: what is in it outlives the process.
 *
 * <p>Thread-safe.
 */
final class SoakJournal implements AutoCloseable {

    private final OutputStream file;

    /** Begins a file, or goes on behind what is in it. */
    SoakJournal(Path path) throws IOException {
        file = Files.newOutputStream(path, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }

    void write(Fact fact) {
        byte[] line = fact.line().getBytes(StandardCharsets.UTF_8);
        synchronized (file) {
            try {
                file.write(line);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    void write(Fact.Kind kind, Object... fields) {
        write(Fact.of(kind, fields));
    }

    /** Reads a file; what was being written when its process was killed is left out. */
    static void read(Path path, Consumer<Fact> reader) throws IOException {
        try (var lines = Files.newBufferedReader(path, StandardCharsets.UTF_8)) {
            String before = lines.readLine();
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                reader.accept(Fact.parse(before));
                before = line;
            }
            if (before != null && endsLine(path)) {
                reader.accept(Fact.parse(before));
            }
        }
    }

    private static boolean endsLine(Path path) throws IOException {
        try (var file = Files.newByteChannel(path)) {
            var last = java.nio.ByteBuffer.allocate(1);
            file.position(file.size() - 1).read(last);
            return last.get(0) == '\n';
        }
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}

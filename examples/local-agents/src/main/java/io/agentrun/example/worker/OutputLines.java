package io.agentrun.example.worker;

import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The lines that a process writes, taken in batches: whatever has come since the last one.
 *
 * <p>Between reader and writer lie at most a thousand lines, so that a process that writes faster than the store takes is
 * slowed down and fills no memory. Thread-safe.
 */
final class OutputLines implements AutoCloseable {
    private static final int CAPACITY = 1_000;
    private static final int MAX_BATCH = 200;
    private static final int MAX_LINE = 8_000;
    private static final long LAST_WORDS_MILLIS = 500;
    private static final char REPLACEMENT = '\uFFFD';

    /** A line, or with null the end. */
    private record Line(@Nullable String text) {}

    private final BlockingQueue<Line> lines = new ArrayBlockingQueue<>(CAPACITY);
    private final Thread pump;

    /** Begins to read. */
    OutputLines(InputStream from) {
        pump = new Thread(() -> pump(from), "agent-output");
        pump.setDaemon(true);
        pump.start();
    }

    private void pump(InputStream from) {
        try (Reader reader = new InputStreamReader(from, StandardCharsets.UTF_8)) {
            read(reader);
        } catch (IOException e) {
            // The pipe is closed when the process is destroyed: an end like any other.
        } catch (InterruptedException e) {
            return;
        }
        try {
            lines.put(new Line(null));
        } catch (InterruptedException e) {
            // Nobody takes lines any more.
        }
    }

    /** Lines end as anywhere (also with the bare return of progress bars); a longer one is cut into several. */
    private void read(Reader reader) throws IOException, InterruptedException {
        char[] chunk = new char[8_192];
        StringBuilder line = new StringBuilder();
        boolean afterReturn = false;
        for (int n = reader.read(chunk); n >= 0; n = reader.read(chunk)) {
            for (int i = 0; i < n; i++) {
                char c = chunk[i];
                if (c == '\n' || c == '\r') {
                    if (c == '\r' || !afterReturn) {
                        emit(line);
                    }
                } else {
                    // JSON in a store cannot hold NUL.
                    line.append(c == 0 ? REPLACEMENT : c);
                    if (line.length() >= MAX_LINE && !Character.isHighSurrogate(c)) {
                        emit(line);
                    }
                }
                afterReturn = c == '\r';
            }
        }
        if (line.length() > 0) {
            emit(line);
        }
    }

    private void emit(StringBuilder line) throws InterruptedException {
        lines.put(new Line(line.toString()));
        line.setLength(0);
    }

    /**
     * Waits for output and returns what there is, up to 200 lines; empty when it is over. Over means that every writer has
     * closed the pipe, or that the process has ended and what it left behind in the background is silent for half a second.
     */
    List<String> next(BooleanSupplier alive) throws InterruptedException {
        List<Line> batch = new ArrayList<>();
        while (batch.isEmpty()) {
            boolean ended = !alive.getAsBoolean();
            Line first = lines.poll(LAST_WORDS_MILLIS, TimeUnit.MILLISECONDS);
            if (first != null) {
                batch.add(first);
            } else if (ended) {
                return List.of();
            }
        }
        lines.drainTo(batch, MAX_BATCH - 1);
        List<String> texts = new ArrayList<>();
        for (Line line : batch) {
            if (line.text() == null) {
                if (texts.isEmpty()) {
                    return List.of();
                }
                // Found again by the next call: there is room, for the end is the last that was put.
                lines.add(line);
            } else {
                texts.add(line.text());
            }
        }
        return texts;
    }

    /** Stops reading. */
    @Override
    public void close() {
        pump.interrupt();
    }
}

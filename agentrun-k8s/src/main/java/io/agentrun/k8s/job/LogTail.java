package io.agentrun.k8s.job;

import io.agentrun.k8s.log.LogLine;
import io.agentrun.k8s.log.LogSink;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * Keeps the end of a log, the oldest lines cut away first.
 *
 * <p>Thread-safe.
 */
final class LogTail implements LogSink {

    private static final int MAX_CHARS = 1024 * 1024;

    private final Object lock = new Object();
    private final Deque<String> texts = new ArrayDeque<>();
    private int chars;

    @Override
    public Next take(LogLine line) {
        String text = line.part() == LogLine.Part.END ? line.text() + "\n" : line.text();
        synchronized (lock) {
            texts.add(text);
            chars += text.length();
            while (chars > MAX_CHARS) {
                chars -= texts.remove().length();
            }
        }
        return Next.GO_ON;
    }

    String text() {
        synchronized (lock) {
            return String.join("", texts);
        }
    }
}

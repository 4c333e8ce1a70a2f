package io.agentrun.k8s.log;

import io.agentrun.check.Require;
import io.agentrun.k8s.log.LogEnd.Rest;
import io.agentrun.k8s.log.LogLine.Part;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Cuts a log, as the API server sends it with time stamps, into lines, and passes over those that the last look has read.
 * For those who implement {@link io.agentrun.k8s.kubectl.KubectlHandler}.
 *
 * <p>Memory is bounded by one piece of a line, whatever the log is long.
 *
 * <p>Not thread-safe: one thread at a time.
 */
public final class LogCutter {

    private static final int MAX_PIECE = 256 * 1024;
    private static final int MAX_STAMP = 64;
    private static final int MAX_FOREIGN = 300;

    private final LogQuery query;
    private final LogSink sink;
    private final ReadLines read;

    private byte[] line = new byte[8 * 1024];
    private int size;
    private @Nullable Instant stamp;
    private boolean pieces;
    private boolean stopped;
    private @Nullable String foreign;

    /** Makes a cutter for one answer to the query. */
    public LogCutter(LogQuery query, LogSink sink) {
        this.query = Require.given("query", query);
        this.sink = Require.given("sink", sink);
        this.read = new ReadLines(query.after());
    }

    /** Takes the next bytes of the answer; returns whether more are wanted. */
    public boolean take(byte[] bytes, int length) {
        int from = 0;
        for (int i = 0; i < length && !stopped; i++) {
            if (bytes[i] == '\n') {
                keep(bytes, from, i - from);
                from = i + 1;
                endLine();
            }
        }
        if (!stopped) {
            keep(bytes, from, length - from);
        }
        return !stopped;
    }

    /** Ends the look, after the last bytes. */
    public LogEnd finish() {
        if (!stopped && !pieces && size > 0) {
            // A last text without an end may be no line at all.
            textStart();
        }
        if (!stopped && query.writer() == LogQuery.Writer.ENDED && (size > 0 || pieces)) {
            endLine();
        }
        return new LogEnd(read.position(), stopped ? Rest.LEFT : Rest.NONE, read.continuity());
    }

    /**
     * Returns a text in the answer that is no line of a log, cut to 300 characters, or null. A node writes so why it could
     * not read the log, and says that all is well.
     */
    public @Nullable String foreign() {
        return foreign;
    }

    private void keep(byte[] bytes, int from, int length) {
        int at = from;
        int left = length;
        while (left > 0 && !stopped) {
            int n = Math.min(left, MAX_PIECE + MAX_STAMP - size);
            if (size + n > line.length) {
                line = Arrays.copyOf(line, Math.max(size + n, Math.min(MAX_PIECE + MAX_STAMP, line.length * 2)));
            }
            System.arraycopy(bytes, at, line, size, n);
            size += n;
            at += n;
            left -= n;
            if (size == MAX_PIECE + MAX_STAMP) {
                piece();
            }
        }
    }

    /** Hands out the beginning of a line that is too long to be held. */
    private void piece() {
        int text = pieces ? 0 : textStart();
        int end = size;
        // No character is cut in two.
        while (end > text && (line[end - 1] & 0xC0) == 0x80) {
            end--;
        }
        end = Math.max(text, end - 1);
        if (stamp != null && read.fresh(stamp)) {
            hand(text, end, Part.PIECE, read.positionOrAt(stamp));
        }
        System.arraycopy(line, end, line, 0, size - end);
        size -= end;
        pieces = true;
    }

    private void endLine() {
        int text = pieces ? 0 : textStart();
        Instant at = stamp;
        if (at != null) {
            boolean fresh = read.fresh(at);
            LogPosition position = read.add(at, query.lastLines() != null);
            if (fresh) {
                hand(text, size, Part.END, position);
            }
        }
        size = 0;
        pieces = false;
        stamp = null;
    }

    private void hand(int from, int to, Part part, LogPosition position) {
        String text = new String(line, from, to - from, StandardCharsets.UTF_8);
        if (sink.take(new LogLine(position, text, part)) == LogSink.Next.STOP) {
            stopped = true;
        }
    }

    /** Reads the time at the begin of the line; returns where its text begins. */
    private int textStart() {
        int space = 0;
        while (space < size && space < MAX_STAMP && line[space] != ' ') {
            space++;
        }
        try {
            String text = new String(line, 0, space, StandardCharsets.US_ASCII);
            stamp = OffsetDateTime.parse(text).toInstant();
            return Math.min(size, space + 1);
        } catch (DateTimeException e) {
            boolean cutTime = size < MAX_STAMP && size > 0 && Character.isDigit(line[0]);
            if (foreign == null && size > 0 && !cutTime) {
                foreign = new String(line, 0, Math.min(size, MAX_FOREIGN), StandardCharsets.UTF_8);
            }
            stamp = null;
            return 0;
        }
    }
}

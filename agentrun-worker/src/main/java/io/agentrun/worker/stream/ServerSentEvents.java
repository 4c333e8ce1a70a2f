package io.agentrun.worker.stream;

import io.agentrun.check.Require;
import io.agentrun.error.InvalidInputException;
import io.agentrun.event.RunEvent;
import io.agentrun.json.JsonObject;
import java.io.Flushable;
import java.io.IOException;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Writes a run's events as server-sent events ({@code text/event-stream}), for any web framework: an event's number as {@code id}, its
 * type as {@code event}, the event as JSON in one {@code data} line; a comment now and then while nothing comes; and at the end
 * of the run one event {@code end} without an id.
 *
 * <p>A browser that lost the connection comes back with {@code Last-Event-ID}; {@link #lastEventId} reads it, and the stream goes on
 * behind that number, so that each event is seen once. On {@code end} the page closes its {@code EventSource}, which would come
 * back otherwise.
 *
 * <p>Thread-safe. A stream takes its caller's thread until its end; a host that has none to spare subscribes to {@link EventTail}
 * itself and uses {@link #frame}.
 */
public final class ServerSentEvents {

    /** The media type, with its character set. */
    public static final String CONTENT_TYPE = "text/event-stream;charset=utf-8";

    /** What ends a stream whose run has ended. */
    public static final String END = "event: end\ndata: {}\n\n";

    private static final String KEEP_ALIVE = ": keep-alive\n\n";

    private final EventTail tail;
    private final Duration keepAlive;
    private final Duration reconnect;

    private ServerSentEvents(EventTail tail, Duration keepAlive, Duration reconnect) {
        this.tail = Require.given("tail", tail);
        this.keepAlive = positive("keepAlive", keepAlive);
        this.reconnect = positive("reconnect", reconnect);
    }

    private static Duration positive(String field, Duration value) {
        if (Require.given(field, value).isNegative() || value.isZero()) {
            throw new InvalidInputException(field, "must be longer than zero");
        }
        return value;
    }

    /** Streams of this tail, with a comment after 15 seconds without an event, and 2 seconds before a browser comes back. */
    public static ServerSentEvents of(EventTail tail) {
        return new ServerSentEvents(tail, Duration.ofSeconds(15), Duration.ofSeconds(2));
    }

    /** The same with another time after which a comment is written if no event comes. */
    public ServerSentEvents withKeepAlive(Duration value) {
        return new ServerSentEvents(tail, value, reconnect);
    }

    /** The same with another time that a browser waits before it comes back. */
    public ServerSentEvents withReconnect(Duration value) {
        return new ServerSentEvents(tail, keepAlive, value);
    }

    /**
     * Returns the number in the header {@code Last-Event-ID}; 0, for all events, if there is none or it is blank.
     *
     * @throws InvalidInputException if it is not a number from 0 on
     */
    public static long lastEventId(@Nullable String header) {
        if (header == null || header.isBlank()) {
            return 0;
        }
        try {
            long id = Long.parseLong(header.strip());
            if (id >= 0) {
                return id;
            }
        } catch (NumberFormatException e) {
            throw new InvalidInputException("Last-Event-ID", "must be a number");
        }
        throw new InvalidInputException("Last-Event-ID", "must not be negative");
    }

    /** Returns the event as a browser reads it, up to the empty line that ends it. */
    public static String frame(RunEvent event) {
        JsonObject data = JsonObject.of(
                        "id", event.id(), "runId", event.runId(), "seq", event.seq(), "payload", event.payload())
                .with("type", event.type().wire())
                .with("createdAt", event.createdAt().toString());
        // Canonical JSON has no line ends.
        return "id: " + event.seq() + "\nevent: " + event.type().wire() + "\ndata: " + data.toJson() + "\n\n";
    }

    /**
     * Does what {@link #stream(String, long, Appendable)} does, in UTF-8, and flushes after what came together. The output stays
     * open.
     */
    public void stream(String runId, long afterSeq, OutputStream out) throws IOException, InterruptedException {
        stream(runId, afterSeq, new OutputStreamWriter(Require.given("out", out), StandardCharsets.UTF_8));
    }

    /**
     * Writes the events after a number until the run has ended. What can be flushed is flushed after what came together. A slow
     * receiver holds nobody up.
     *
     * @throws InvalidInputException if the id breaks the rule for ids, or the number is negative; nothing is written
     * @throws io.agentrun.error.NotFoundException if there is no such run (nothing is written), or it is purged meanwhile
     * @throws io.agentrun.error.AgentRunException if the store is closed, or in trouble that does not pass; at the beginning also
     *     if it cannot be reached, and then nothing is written
     * @throws IOException if writing fails, as it does when the receiver is gone
     * @throws InterruptedException if the thread is interrupted while it waits
     */
    public void stream(String runId, long afterSeq, Appendable out) throws IOException, InterruptedException {
        Require.given("out", out);
        tail.check(runId, afterSeq);
        try (EventQueue queue = new EventQueue()) {
            out.append("retry: ").append(Long.toString(reconnect.toMillis())).append("\n\n");
            flush(out);
            tail.from(runId, afterSeq).subscribe(queue);
            boolean ended = false;
            while (!ended) {
                ended = pass(queue, out);
                flush(out);
            }
        }
    }

    /** Writes what there is, or waits for it; returns whether that was the end. */
    private boolean pass(EventQueue queue, Appendable out) throws IOException, InterruptedException {
        EventQueue.Signal signal = queue.poll(keepAlive.toNanos(), TimeUnit.NANOSECONDS);
        if (signal == null) {
            out.append(KEEP_ALIVE);
            return false;
        }
        for (EventQueue.Signal next = signal; next != null; next = queue.poll(0, TimeUnit.NANOSECONDS)) {
            RunEvent event = next.event();
            if (event == null) {
                next.throwError();
                out.append(END);
                return true;
            }
            out.append(frame(event));
        }
        return false;
    }

    private static void flush(Appendable out) throws IOException {
        if (out instanceof Flushable flushable) {
            flushable.flush();
        }
    }
}

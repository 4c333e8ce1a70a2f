package io.agentrun.console;

import io.agentrun.error.AgentRunException;
import io.agentrun.event.EventPage;
import io.agentrun.event.RunEvent;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.util.concurrent.Semaphore;

/**
 * The events of a run while they come: JSON objects, one a line. A line without anything says that the run goes on. The last one is
 * {@code {"ended":true}} if no more will come; without it the client asks again after the last number that it has. Thread-safe.
 */
final class EventStream {

    static final String PATH = "/api/stream";

    private static final int MAX_STREAMS = 32;
    private static final int PAGE = 100;
    private static final Duration BEAT = Duration.ofSeconds(10);
    private static final Duration LONGEST = Duration.ofMinutes(10);

    private final Semaphore free = new Semaphore(MAX_STREAMS);

    /** Begins the answer. */
    interface Answer {
        OutputStream begin(String type) throws IOException;
    }

    void send(Call call, Answer answer) throws IOException, Refusal {
        String runId = call.id();
        long after = call.after();
        if (!free.tryAcquire()) {
            throw new Refusal(503, "busy", "there are " + MAX_STREAMS + " streams already");
        }
        try {
            // Whether there is such a run is known before the answer begins.
            EventPage page = call.store().events().list(runId, after, PAGE);
            try (OutputStream out = answer.begin("application/x-ndjson; charset=utf-8")) {
                follow(call, page, out);
            }
        } finally {
            free.release();
        }
    }

    private static void follow(Call call, EventPage first, OutputStream out) throws IOException {
        long begun = System.nanoTime();
        EventPage page = first;
        while (true) {
            for (RunEvent event : page.items()) {
                line(out, Json.MAPPER.writeValueAsBytes(event));
            }
            if (page.ended()) {
                line(out, Json.MAPPER.writeValueAsBytes(Json.of("ended", true)));
                return;
            }
            if (page.items().isEmpty()) {
                line(out, new byte[0]);
            }
            out.flush();
            if (System.nanoTime() - begun > LONGEST.toNanos()) {
                return;
            }
            try {
                page = call.store().events().await(page.runId(), page.nextAfterSeq(), PAGE, BEAT);
            } catch (AgentRunException over) {
                // The answer has begun: the client asks again, and is told then.
                return;
            }
        }
    }

    private static void line(OutputStream out, byte[] json) throws IOException {
        out.write(json);
        out.write('\n');
    }
}

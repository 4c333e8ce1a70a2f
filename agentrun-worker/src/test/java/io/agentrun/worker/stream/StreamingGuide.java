package io.agentrun.worker.stream;

import com.sun.net.httpserver.HttpExchange;
import io.agentrun.AgentRunStore;
import io.agentrun.event.EventType;
import io.agentrun.event.NewEvent;
import io.agentrun.event.RunEvent;
import io.agentrun.json.JsonObject;
import io.agentrun.lease.Fence;
import io.agentrun.worker.process.AgentProcess;
import io.agentrun.worker.process.ProcessExit;
import io.agentrun.worker.time.ThreadScheduler;
import java.io.IOException;
import java.io.OutputStream;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Flow;

/** The programs of docs/embedding.md about streaming, which quotes them. Thread-safe. */
@SuppressWarnings("SystemOut")
final class StreamingGuide {

    private StreamingGuide() {}

    // guide begins
    static ProcessExit work(AgentRunStore store, Fence fence, ThreadScheduler threads)
            throws IOException, InterruptedException {
        ProcessBuilder command = new ProcessBuilder("sh", "-c", "echo thinking; echo done");
        try (EventWriter writer = EventWriter.builder(store.events(), fence)
                        .scheduler(threads)
                        .build();
                AgentProcess agent = AgentProcess.start(command.redirectErrorStream(true), threads)) {
            agent.output(writer.output());
            ProcessExit exit = agent.await();
            writer.write(new NewEvent(EventType.ASSISTANT_MESSAGE, JsonObject.of("text", exit.message())));
            return exit;
        }
    }
    // guide ends

    // guide begins
    static void print(EventTail tail, String runId, long afterSeq, CountDownLatch over) {
        tail.from(runId, afterSeq).subscribe(new Flow.Subscriber<>() {
            @Override
            public void onSubscribe(Flow.Subscription subscription) {
                subscription.request(Long.MAX_VALUE);
            }

            @Override
            public void onNext(RunEvent event) {
                System.out.println(event.seq() + " " + event.type().wire() + " "
                        + event.payload().toJson());
            }

            @Override
            public void onError(Throwable error) {
                System.err.println(error.getMessage());
                over.countDown();
            }

            @Override
            public void onComplete() {
                over.countDown();
            }
        });
    }
    // guide ends

    // guide begins
    static void serve(ServerSentEvents events, HttpExchange exchange) throws IOException {
        String runId = exchange.getRequestURI().getPath().substring("/runs/".length());
        String seen = exchange.getRequestHeaders().getFirst("Last-Event-ID");
        exchange.getResponseHeaders().set("Content-Type", ServerSentEvents.CONTENT_TYPE);
        exchange.sendResponseHeaders(200, 0);
        try (OutputStream out = exchange.getResponseBody()) {
            events.stream(runId, ServerSentEvents.lastEventId(seen), out);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
    // guide ends
}

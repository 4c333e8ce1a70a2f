package io.agentrun.worker.stream;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import io.agentrun.AgentRunStore;
import io.agentrun.memory.InMemoryAgentRunStore;
import io.agentrun.worker.testing.Leased;
import io.agentrun.worker.time.ThreadScheduler;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class StreamingGuideTest {

    private static final Path GUIDE = Path.of("..", "docs", "embedding.md");
    private static final Path PROGRAMS = Path.of("src/test/java/io/agentrun/worker/stream/StreamingGuide.java");

    @Test
    void the_programs_of_the_guide_are_those_that_are_compiled_here() throws IOException {
        String streaming =
                Files.readString(GUIDE).split("(?m)^## Streaming$")[1].split("(?m)^## ")[0];

        List<String> quoted = found(streaming, "(?s)```java\n(.*?)```");
        List<String> compiled =
                found(Files.readString(PROGRAMS), "(?s)// guide begins\n(.*?)\n *// guide ends").stream()
                        .map(program -> program.stripIndent() + "\n")
                        .toList();

        assertThat(quoted).hasSize(3).isEqualTo(compiled);
    }

    private static List<String> found(String text, String pattern) {
        return Pattern.compile(pattern)
                .matcher(text)
                .results()
                .map(result -> result.group(1))
                .toList();
    }

    @Test
    void the_programs_of_the_guide_run() throws Exception {
        try (AgentRunStore store = InMemoryAgentRunStore.create();
                ThreadScheduler threads = ThreadScheduler.ofThreads(2);
                EventTail tail = EventTail.of(store.events())) {
            Leased run = new Leased(store);

            assertThat(StreamingGuide.work(store, run.fence(), threads).succeeded())
                    .isTrue();
            run.finish();

            assertThat(run.texts()).startsWith("thinking", "done", "exit code 0");
            CountDownLatch over = new CountDownLatch(1);
            StreamingGuide.print(tail, run.runId(), 0, over);
            assertThat(over.await(1, TimeUnit.MINUTES)).isTrue();
            assertThat(fetched(tail, run.runId())).contains("thinking").endsWith(ServerSentEvents.END);
        }
    }

    private static String fetched(EventTail tail, String runId) throws IOException {
        InetAddress loopback = InetAddress.getByAddress(new byte[] {127, 0, 0, 1});
        HttpServer server = HttpServer.create(new InetSocketAddress(loopback, 0), 0);
        ServerSentEvents events = ServerSentEvents.of(tail);
        server.createContext("/runs/", exchange -> StreamingGuide.serve(events, exchange));
        server.start();
        URI uri = URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/runs/" + runId);
        try (InputStream in = uri.toURL().openStream()) {
            return new String(in.readAllBytes(), UTF_8);
        } finally {
            server.stop(0);
        }
    }
}

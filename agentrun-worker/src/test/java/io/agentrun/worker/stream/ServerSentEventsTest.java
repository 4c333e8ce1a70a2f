package io.agentrun.worker.stream;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.agentrun.AgentRunStore;
import io.agentrun.error.InvalidInputException;
import io.agentrun.error.NotFoundException;
import io.agentrun.event.EventType;
import io.agentrun.event.NewEvent;
import io.agentrun.json.JsonObject;
import io.agentrun.memory.InMemoryAgentRunStore;
import io.agentrun.worker.testing.Background;
import io.agentrun.worker.testing.Leased;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.StringWriter;
import java.net.HttpURLConnection;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ServerSentEventsTest {

    private final AgentRunStore store = InMemoryAgentRunStore.create();
    private final Leased run = new Leased(store);
    private final EventTail tail = EventTail.of(store.events());
    private final ServerSentEvents events = ServerSentEvents.of(tail);

    @AfterEach
    void close() {
        tail.close();
        store.close();
    }

    private void append(String text) {
        store.events().append(run.fence(), new NewEvent(EventType.COMMAND_OUTPUT, JsonObject.of("text", text)));
    }

    @Test
    void an_ended_run_is_written_whole_and_its_end_with_it() throws Exception {
        append("two\nlines \u00E4");
        run.finish();
        StringBuilder out = new StringBuilder();

        events.stream(run.runId(), 0, out);

        assertThat(out)
                .startsWith("retry: 2000\n\nid: 1\nevent: backend_status\ndata: {")
                .endsWith("\n\n" + ServerSentEvents.END);
        String[] frames = out.toString().split("\n\n");
        String output = List.of(frames).stream()
                .filter(frame -> frame.contains("event: command_output"))
                .findFirst()
                .orElseThrow();
        JsonObject data = JsonObject.parse(output.substring(output.indexOf("data: ") + 6));
        assertThat(data.object("payload")).contains(JsonObject.of("text", "two\nlines \u00E4"));
        assertThat(data.keys()).containsExactly("createdAt", "id", "payload", "runId", "seq", "type");
        assertThat(data.string("type")).contains("command_output");
    }

    @Test
    void a_stream_begins_behind_the_last_number_that_the_browser_has_seen() throws Exception {
        append("one");
        append("two");
        run.finish();
        long last = store.events().list(run.runId(), 0, 100).nextAfterSeq();
        StringBuilder out = new StringBuilder();

        events.stream(run.runId(), ServerSentEvents.lastEventId(" " + (last - 1) + " "), out);

        assertThat(out.toString().split("id: ")).hasSize(2);
        assertThat(out).contains("id: " + last + "\nevent: terminal_status");
    }

    @Test
    void the_header_is_a_number_or_absent() {
        assertThat(ServerSentEvents.lastEventId(null)).isZero();
        assertThat(ServerSentEvents.lastEventId("  ")).isZero();
        assertThat(ServerSentEvents.lastEventId("17")).isEqualTo(17);
        for (String bad : List.of("-1", "x", "1.5", "99999999999999999999")) {
            assertThatThrownBy(() -> ServerSentEvents.lastEventId(bad)).isInstanceOf(InvalidInputException.class);
        }
    }

    @Test
    void nothing_is_written_for_a_run_that_does_not_exist() {
        StringBuilder out = new StringBuilder();

        assertThatThrownBy(() -> events.stream("run_unknown", 0, out)).isInstanceOf(NotFoundException.class);
        assertThatThrownBy(() -> events.stream(run.runId(), -1, out)).isInstanceOf(InvalidInputException.class);

        assertThat(out).isEmpty();
    }

    @Test
    void a_comment_keeps_a_quiet_connection_alive() throws Exception {
        StringWriter out = new StringWriter();
        Background<Boolean> stream =
                Background.run(() -> events.withKeepAlive(Duration.ofMillis(5)).stream(run.runId(), 0, out));

        Background.until(() -> out.toString().contains(": keep-alive\n\n"));
        run.finish();

        stream.get();
        assertThat(out.toString()).endsWith(ServerSentEvents.END);
    }

    @Test
    void a_receiver_that_is_gone_ends_the_stream_and_its_subscription() {
        append("one");
        OutputStream gone = new OutputStream() {
            private int writes;

            @Override
            public void write(int b) throws IOException {
                write(new byte[] {(byte) b}, 0, 1);
            }

            @Override
            public void write(byte[] bytes, int offset, int length) throws IOException {
                if (++writes > 1) {
                    throw new IOException("broken pipe");
                }
            }
        };

        assertThatThrownBy(() -> events.stream(run.runId(), 0, gone))
                .isInstanceOf(IOException.class)
                .hasMessage("broken pipe");

        assertThat(tail.watchedRuns()).isZero();
    }

    @Test
    void a_client_that_comes_back_again_and_again_sees_every_event_once_and_in_order() throws Exception {
        ExecutorService threads = Executors.newCachedThreadPool();
        HttpServer server =
                HttpServer.create(new InetSocketAddress(InetAddress.getByAddress(new byte[] {127, 0, 0, 1}), 0), 0);
        server.setExecutor(threads);
        server.createContext("/events", this::serve);
        server.start();
        try {
            Background<Boolean> writer = Background.run(() -> {
                for (int i = 0; i < 400; i++) {
                    append("line " + i);
                }
                run.finish();
            });
            List<Long> seen = new ArrayList<>();
            int connections = 0;
            boolean ended = false;
            while (!ended) {
                connections++;
                ended = read(server.getAddress().getPort(), seen, 30);
            }
            writer.get();

            long last = store.events().list(run.runId(), 0, 500).nextAfterSeq();
            assertThat(seen).isEqualTo(LongStream.rangeClosed(1, last).boxed().toList());
            assertThat(connections).isGreaterThan(10);
            Background.until(() -> tail.watchedRuns() == 0);
        } finally {
            server.stop(0);
            threads.shutdownNow();
        }
    }

    private void serve(HttpExchange exchange) throws IOException {
        long after = ServerSentEvents.lastEventId(exchange.getRequestHeaders().getFirst("Last-Event-ID"));
        exchange.getResponseHeaders().set("Content-Type", ServerSentEvents.CONTENT_TYPE);
        exchange.sendResponseHeaders(200, 0);
        try (exchange;
                OutputStream out = exchange.getResponseBody()) {
            events.stream(run.runId(), after, out);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Reads up to so many events and breaks the connection off; returns whether the end came. */
    private static boolean read(int port, List<Long> seen, int limit) throws IOException {
        URI uri = URI.create("http://127.0.0.1:" + port + "/events");
        HttpURLConnection connection = (HttpURLConnection) uri.toURL().openConnection();
        if (!seen.isEmpty()) {
            connection.setRequestProperty("Last-Event-ID", String.valueOf(seen.get(seen.size() - 1)));
        }
        int read = 0;
        try (BufferedReader lines = new BufferedReader(new InputStreamReader(connection.getInputStream(), UTF_8))) {
            for (String line = lines.readLine(); line != null && read < limit; line = lines.readLine()) {
                if (line.startsWith("id: ")) {
                    seen.add(Long.parseLong(line.substring(4)));
                    read++;
                } else if (line.equals("event: end")) {
                    return true;
                }
            }
        } finally {
            connection.disconnect();
        }
        return false;
    }
}

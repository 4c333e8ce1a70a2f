package io.agentrun.console;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.agentrun.AgentRunStore;
import io.agentrun.error.InvalidInputException;
import io.agentrun.memory.InMemoryAgentRunStore;
import io.agentrun.model.TenantScope;
import java.io.IOException;
import java.io.OutputStream;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The console's own server: who gets an answer at all. */
class ConsoleServerTest {

    private final AgentRunStore store = InMemoryAgentRunStore.create();
    private final Sample sample = Sample.fill(store);
    private final ConsoleServer server = ConsoleServer.start(store, Access.everything("ann", TenantScope.all()));
    private final String token = server.address().getFragment().replace("token=", "");
    private final int port = server.address().getPort();
    private final HttpClient client = HttpClient.newHttpClient();

    @AfterEach
    void close() {
        server.close();
        store.close();
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path));
    }

    private HttpResponse<String> sent(HttpRequest.Builder request) throws Exception {
        return client.send(request.build(), BodyHandlers.ofString());
    }

    @Test
    void the_address_has_the_token_in_its_fragment_alone() {
        assertThat(server.address().getHost()).isEqualTo("127.0.0.1");
        assertThat(token).hasSize(64);
        assertThat(server.address().getRawQuery()).isNull();
        try (ConsoleServer another = ConsoleServer.start(store, Access.reading("ann", TenantScope.all()))) {
            assertThat(another.address().getFragment()).doesNotContain(token);
        }
    }

    @Test
    void with_the_token_in_its_header_data_is_given() throws Exception {
        HttpResponse<String> me = sent(request("/api/me").header("Authorization", "Bearer " + token));
        HttpResponse<String> run =
                sent(request("/api/run?id=" + sample.running().id()).header("Authorization", "Bearer " + token));

        assertThat(me.statusCode()).isEqualTo(200);
        assertThat(me.body()).contains("\"who\":\"ann\"");
        assertThat(run.body()).contains(sample.running().id());
        assertThat(me.headers().firstValue("Set-Cookie")).isEmpty();
        assertThat(me.headers().firstValue("Content-Security-Policy")).isPresent();
    }

    @Test
    void every_path_of_data_is_refused_without_the_token() throws Exception {
        Console console = Console.of(store, exchange -> java.util.Optional.empty());
        for (String path : console.paths()) {
            boolean action = path.startsWith(ActionRoutes.PATH);
            for (String header : List.of("", "Bearer", "Bearer ", "Bearer " + token.substring(1), "Basic " + token)) {
                HttpRequest.Builder request = request(path + "?token=" + token);
                if (!header.isEmpty()) {
                    request.header("Authorization", header);
                }
                if (action) {
                    request.header(Console.ACTION_HEADER, "1")
                            .header("Content-Type", "application/json")
                            .POST(HttpRequest.BodyPublishers.ofString("{}"));
                }
                assertThat(sent(request).statusCode()).as(path + " " + header).isEqualTo(401);
            }
        }
    }

    @Test
    void a_request_that_names_another_host_gets_nothing_not_even_the_page() throws Exception {
        for (String host : List.of("evil.example", "evil.example:" + port, "127.0.0.1", "127.0.0.1:1", "")) {
            for (String path : List.of("/", "/main.js", "/api/me")) {
                String answer = raw("GET " + path + " HTTP/1.1\r\nHost: " + host + "\r\nAuthorization: Bearer " + token
                        + "\r\nConnection: close\r\n\r\n");

                assertThat(answer).as(host + path).startsWith("HTTP/1.1 403").doesNotContain("<html", "\"who\"");
            }
        }
        assertThat(raw("GET / HTTP/1.1\r\nHost: localhost:" + port + "\r\nConnection: close\r\n\r\n"))
                .startsWith("HTTP/1.1 200");
    }

    @Test
    void a_page_of_another_origin_gets_nothing() throws Exception {
        for (String origin : List.of("http://evil.example", "null", "https://127.0.0.1:" + port)) {
            HttpResponse<String> refused = sent(request("/api/me")
                    .header("Authorization", "Bearer " + token)
                    .header("Origin", origin));

            assertThat(refused.statusCode()).as(origin).isEqualTo(403);
            assertThat(refused.headers().firstValue("Access-Control-Allow-Origin"))
                    .isEmpty();
        }
    }

    @Test
    void it_listens_on_the_loopback_address_alone() throws IOException {
        List<InetAddress> others = NetworkInterface.networkInterfaces()
                .flatMap(NetworkInterface::inetAddresses)
                .filter(address -> !address.isLoopbackAddress() && address.getAddress().length == 4)
                .toList();

        for (InetAddress address : others) {
            assertThatThrownBy(() -> new Socket(address, port)).isInstanceOf(ConnectException.class);
        }
        try (Socket here = new Socket(InetAddress.getLoopbackAddress(), port)) {
            assertThat(here.isConnected()).isTrue();
        }
    }

    @Test
    void paths_are_never_files() throws Exception {
        for (String path : List.of("/..%2f..%2fpom.xml", "/%2e%2e/pom.xml", "/console.css%00", "/.//main.js")) {
            assertThat(raw("GET " + path + " HTTP/1.1\r\nHost: 127.0.0.1:" + port + "\r\nConnection: close\r\n\r\n"))
                    .as(path)
                    .doesNotStartWith("HTTP/1.1 200");
        }
    }

    @Test
    void closing_it_ends_streams_and_frees_the_port() throws Exception {
        var stream = client.sendAsync(
                request("/api/stream?id=" + sample.running().id())
                        .header("Authorization", "Bearer " + token)
                        .build(),
                BodyHandlers.ofInputStream());
        assertThat(stream.get().statusCode()).isEqualTo(200);

        server.close();
        server.close();

        assertThat(stream.get().body()).satisfies(body -> {
            try (body) {
                assertThat(new String(body.readAllBytes(), StandardCharsets.UTF_8))
                        .contains("I read LogoutTest");
            } catch (IOException cut) {
                assertThat(cut.getMessage()).isNotNull();
            }
        });
        ConsoleServer.start(store, Access.reading("ann", TenantScope.all()), port)
                .close();
    }

    @Test
    void a_port_that_is_none_is_refused() {
        assertThatThrownBy(() -> ConsoleServer.start(store, Access.reading("ann", TenantScope.all()), 70_000))
                .isInstanceOf(InvalidInputException.class);
    }

    private String raw(String request) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            OutputStream out = socket.getOutputStream();
            out.write(request.getBytes(StandardCharsets.US_ASCII));
            out.flush();
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8)
                    .replaceFirst("(?i)http/1\\.1", "http/1.1".toUpperCase(Locale.ROOT));
        }
    }
}

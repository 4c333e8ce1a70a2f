package io.agentrun.console.browser;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.agentrun.console.Console;
import io.agentrun.console.ConsoleExchange;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;

/** A host that mounts the console below a path of its own, and can cut its streams. Thread-safe. */
final class MountedHost implements AutoCloseable {

    static final String PATH = "/ops/agents";

    private final HttpServer server;
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final Set<HttpExchange> streams = ConcurrentHashMap.newKeySet();
    private volatile boolean down;

    MountedHost(Console console) throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(threads);
        server.createContext(PATH, http -> {
            boolean stream = http.getRequestURI().getPath().endsWith("/api/stream");
            if (stream && down) {
                http.close();
                return;
            }
            if (stream) {
                streams.add(http);
            }
            try (http) {
                console.handle(new Mounted(http));
            } finally {
                streams.remove(http);
            }
        });
        server.start();
    }

    URI address() {
        return URI.create("http://localhost:" + server.getAddress().getPort() + PATH + "/");
    }

    /** Cuts the streams that there are, and lets no new one begin. */
    void cut() {
        down = true;
        streams.forEach(HttpExchange::close);
    }

    void mend() {
        down = false;
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }

    // guide begins
    /** An exchange of this host, below the path at which the console is mounted. */
    private record Mounted(HttpExchange http) implements ConsoleExchange {

        @Override
        public String method() {
            return http.getRequestMethod();
        }

        @Override
        public String path() {
            return http.getRequestURI().getPath().substring(PATH.length());
        }

        @Override
        public @Nullable String parameter(String name) {
            String query = http.getRequestURI().getRawQuery();
            for (String pair : query == null ? new String[0] : query.split("&")) {
                if (pair.startsWith(name + "=")) {
                    return URLDecoder.decode(pair.substring(name.length() + 1), StandardCharsets.UTF_8);
                }
            }
            return null;
        }

        @Override
        public @Nullable String header(String name) {
            return http.getRequestHeaders().getFirst(name);
        }

        @Override
        public InputStream body() {
            return http.getRequestBody();
        }

        @Override
        public OutputStream answer(int status, Map<String, String> headers) throws IOException {
            headers.forEach(http.getResponseHeaders()::set);
            http.sendResponseHeaders(status, 0);
            return http.getResponseBody();
        }
    }
    // guide ends
}

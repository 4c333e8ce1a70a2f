package io.agentrun.k8s.apiserver;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.agentrun.error.InvalidInputException;
import io.agentrun.json.JsonObject;
import io.agentrun.k8s.kubectl.KubectlException;
import io.agentrun.k8s.kubectl.memory.InMemoryCluster;
import io.agentrun.k8s.kubectl.memory.InMemoryKubectlHandler;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;

/**
 * An API server on loopback for the real kubectl: the cluster in memory behind HTTP, with the status objects, bodies and
 * quirks that a real server was seen to have.
 */
public final class ApiServer implements AutoCloseable {

    /** One request as it arrived. */
    public record Request(String method, String path, String body) {}

    /** An answer: a code and a body; no body at all means that the connection is dropped. */
    record Answer(int code, @Nullable String body) {}

    private final HttpServer http;
    private final ExecutorService threads = Executors.newCachedThreadPool(work -> {
        Thread thread = new Thread(work, "api-server");
        thread.setDaemon(true);
        return thread;
    });
    private final InMemoryKubectlHandler handler;
    private final Routes routes;
    private final List<Request> requests = new CopyOnWriteArrayList<>();
    private final CountDownLatch closed = new CountDownLatch(1);
    private volatile boolean silent;
    private volatile boolean echoing;

    public ApiServer(InMemoryKubectlHandler handler) {
        this.handler = handler;
        this.routes = new Routes(handler);
        try {
            http = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        http.setExecutor(threads);
        http.createContext("/", this::serve);
        http.start();
    }

    public InMemoryCluster cluster() {
        return handler.cluster();
    }

    /** From now on requests are accepted and never answered. */
    public void fallSilent() {
        silent = true;
    }

    /** From now on a refusal repeats the body that was refused, as the webhooks of some clusters do. */
    public void echoBodies() {
        echoing = true;
    }

    public List<Request> requests() {
        return List.copyOf(requests);
    }

    public void forgetRequests() {
        requests.clear();
    }

    /** Writes a kubeconfig whose only cluster is this server. */
    public Path kubeconfig(Path directory) {
        String text = """
                apiVersion: v1
                kind: Config
                clusters:
                - name: loopback
                  cluster: {server: "http://127.0.0.1:%d"}
                contexts:
                - name: loopback
                  context: {cluster: loopback, user: tester}
                current-context: loopback
                users:
                - name: tester
                  user: {}
                """.formatted(http.getAddress().getPort());
        try {
            return Files.writeString(directory.resolve("kubeconfig"), text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        closed.countDown();
        http.stop(0);
        threads.shutdownNow();
    }

    private void serve(HttpExchange exchange) throws IOException {
        try (exchange) {
            String body = read(exchange);
            String method = exchange.getRequestMethod();
            String path = exchange.getRequestURI().toString();
            requests.add(new Request(method, path, body));
            if (silent) {
                hang();
                return;
            }
            Answer answer = answer(method, exchange, body);
            if (answer.body() == null) {
                return;
            }
            byte[] bytes = answer.body().getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders()
                    .set("Content-Type", answer.body().startsWith("{") ? "application/json" : "text/plain");
            exchange.sendResponseHeaders(answer.code(), bytes.length == 0 ? -1 : bytes.length);
            try (OutputStream out = exchange.getResponseBody()) {
                out.write(bytes);
            }
        }
    }

    private void hang() {
        try {
            closed.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private Answer answer(String method, HttpExchange exchange, String body) {
        try {
            return routes.answer(method, exchange.getRequestURI(), body.isEmpty() ? null : JsonObject.parse(body));
        } catch (KubectlException e) {
            return Statuses.of(e, method, echoing ? " in: " + body : "");
        } catch (InvalidInputException e) {
            return Statuses.invalid(e);
        }
    }

    private static String read(HttpExchange exchange) throws IOException {
        try (InputStream in = exchange.getRequestBody()) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}

package io.agentrun.k8s.apiserver;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import io.agentrun.error.InvalidInputException;
import io.agentrun.json.JsonObject;
import io.agentrun.k8s.kubectl.KubectlException;
import io.agentrun.k8s.kubectl.memory.InMemoryCluster;
import io.agentrun.k8s.kubectl.memory.InMemoryKubectlHandler;
import java.io.BufferedOutputStream;
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
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * An API server on loopback for the real kubectl: the cluster in memory behind HTTP, with the status objects, bodies and
 * quirks that a real server was seen to have.
 */
public final class ApiServer implements AutoCloseable {

    /** One request as it arrived. */
    public record Request(String method, String path, String body) {}

    /** An answer: a code and a body, or what writes one; neither means that the connection is dropped. */
    record Answer(int code, @Nullable String body, @Nullable BodyWriter writer) {

        Answer(int code, @Nullable String body) {
            this(code, body, null);
        }

        static Answer streamed(BodyWriter writer) {
            return new Answer(200, null, writer);
        }
    }

    /** Writes a body of any length. */
    interface BodyWriter {
        void write(OutputStream out) throws IOException;
    }

    private final HttpServer http;
    private final @Nullable SelfSigned certificate;
    private final @Nullable String token;
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
    private volatile Function<Request, @Nullable Overruling> rule = request -> null;

    /** A server without encryption that lets everybody in. */
    public ApiServer(InMemoryKubectlHandler handler) {
        this(handler, null, null);
    }

    /** A server behind this certificate that lets in who shows the token. */
    public static ApiServer secured(InMemoryKubectlHandler handler, SelfSigned certificate, String token) {
        return new ApiServer(handler, certificate, token);
    }

    private ApiServer(InMemoryKubectlHandler handler, @Nullable SelfSigned certificate, @Nullable String token) {
        this.handler = handler;
        this.routes = new Routes(handler);
        this.certificate = certificate;
        this.token = token;
        try {
            InetSocketAddress loopback = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
            if (certificate == null) {
                http = HttpServer.create(loopback, 0);
            } else {
                HttpsServer https = HttpsServer.create(loopback, 0);
                https.setHttpsConfigurator(new HttpsConfigurator(certificate.context()));
                http = https;
            }
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

    /** From now on a refusal repeats the body that was refused and the token that was shown, as bad webhooks do. */
    public void echoBodies() {
        echoing = true;
    }

    public List<Request> requests() {
        return List.copyOf(requests);
    }

    public void forgetRequests() {
        requests.clear();
    }

    /** Writes a kubeconfig whose only cluster is this server, with what it asks for. */
    public Path kubeconfig(Path directory) {
        return kubeconfig(directory, certificate, token);
    }

    /** Writes a kubeconfig whose only cluster is this server, with another certificate or token. */
    public Path kubeconfig(Path directory, @Nullable SelfSigned trusted, @Nullable String shown) {
        String scheme = certificate == null ? "http" : "https";
        String authority = trusted == null ? "" : ", certificate-authority-data: " + trusted.authorityData();
        String user = shown == null ? "" : "token: " + shown;
        String text = """
                apiVersion: v1
                kind: Config
                clusters:
                - name: loopback
                  cluster: {server: "%s://127.0.0.1:%d"%s}
                contexts:
                - name: loopback
                  context: {cluster: loopback, user: tester}
                current-context: loopback
                users:
                - name: tester
                  user: {%s}
                """.formatted(scheme, http.getAddress().getPort(), authority, user);
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
            Answer answer = admitted(exchange) ? answer(method, exchange, body) : Statuses.unauthorized();
            BodyWriter writer = answer.writer();
            if (writer != null) {
                exchange.getResponseHeaders().set("Content-Type", "text/plain");
                exchange.sendResponseHeaders(answer.code(), 0);
                try (OutputStream out = new BufferedOutputStream(exchange.getResponseBody(), 64 * 1024)) {
                    writer.write(out);
                }
                return;
            }
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

    private boolean admitted(HttpExchange exchange) {
        return token == null || ("Bearer " + token).equals(shown(exchange));
    }

    private static String shown(HttpExchange exchange) {
        return String.valueOf(exchange.getRequestHeaders().getFirst("Authorization"));
    }

    private void hang() {
        try {
            closed.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** From now on a request for which the rule has an answer gets it, as from a proxy, an old server or a kubelet. */
    public void overrule(Function<Request, @Nullable Overruling> rule) {
        this.rule = rule;
    }

    /** An answer that the server gives whatever it knows. */
    public record Overruling(int code, String body) {}

    private Answer answer(String method, HttpExchange exchange, String body) {
        Overruling overruled =
                rule.apply(new Request(method, exchange.getRequestURI().toString(), body));
        if (overruled != null) {
            return new Answer(overruled.code(), overruled.body());
        }
        try {
            return routes.answer(method, exchange.getRequestURI(), body.isEmpty() ? null : JsonObject.parse(body));
        } catch (KubectlException e) {
            return Statuses.of(e, method, echoing ? " in: " + body + " by " + shown(exchange) : "");
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

package io.agentrun.console;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.NullNode;
import io.agentrun.AgentRunStore;
import io.agentrun.check.Require;
import io.agentrun.error.AgentRunException;
import java.io.IOException;
import java.io.OutputStream;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The console as a handler of requests, for a host that mounts it in its own HTTP layer: it translates a request into a
 * {@link ConsoleExchange}, passes it to {@link #handle}, and says by its {@link Guard} who may see and do what. For the person at the
 * machine there is {@link ConsoleServer}.
 *
 * <p>The page asks only paths below its own, so that it may be mounted anywhere; the address of the page must end with a slash. A
 * host that knows its users by a cookie is safe against requests that other sites make: every action needs a header that they cannot
 * send.
 *
 * <p>A stream of events takes a thread of the host for as long as somebody looks at an open run, ten minutes at most, after which the
 * page asks again; there are at most 32 at once. Nothing else waits.
 *
 * <p>Thread-safe.
 */
public final class Console {

    /** The header that every action must have, with any value: no page of another site can send it. */
    static final String ACTION_HEADER = "agentrun-console";

    private static final System.Logger LOG = System.getLogger("io.agentrun.console");

    private static final Map<String, String> HEADERS = Map.of(
            "Content-Security-Policy",
                    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self';"
                            + " frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
            "X-Content-Type-Options", "nosniff",
            "X-Frame-Options", "DENY",
            "Referrer-Policy", "no-referrer",
            "Cross-Origin-Opener-Policy", "same-origin",
            "Cross-Origin-Resource-Policy", "same-origin",
            "Cache-Control", "no-store");

    private final AgentRunStore store;
    private final Guard guard;
    private final PageFiles files = PageFiles.read();
    private final Map<String, Route> routes = new LinkedHashMap<>();
    private final EventStream stream = new EventStream();

    /** Returns the paths of all data and actions. */
    Set<String> paths() {
        Set<String> paths = new LinkedHashSet<>(routes.keySet());
        paths.add(EventStream.PATH);
        return paths;
    }

    private Console(AgentRunStore store, Guard guard) {
        this.store = store;
        this.guard = guard;
        WorkRoutes.addTo(routes);
        SessionRoutes.addTo(routes);
        QuestionRoutes.addTo(routes);
        InspectRoutes.addTo(routes);
        ActionRoutes.addTo(routes);
    }

    /** Returns a console on the store, which stays the caller's to close; streams end with it. */
    public static Console of(AgentRunStore store, Guard guard) {
        return new Console(Require.given("store", store), Require.given("guard", guard));
    }

    /** What is answered at one path. */
    interface Route {
        @Nullable
        Object answer(Call call) throws Refusal;
    }

    /**
     * Answers the request. What is refused is answered too, with the status and the code of the refusal, and never with anything that
     * the caller may not see.
     *
     * @throws IOException if the client is gone
     */
    public void handle(ConsoleExchange exchange) throws IOException {
        String path = exchange.path();
        try {
            if (path.startsWith("/api/")) {
                api(exchange, path);
            } else {
                page(exchange, path);
            }
        } catch (Refusal e) {
            refuse(exchange, e.status(), e.code(), String.valueOf(e.getMessage()));
        } catch (AgentRunException e) {
            refuse(exchange, e.httpStatus(), e.code(), String.valueOf(e.getMessage()));
        }
    }

    private void page(ConsoleExchange exchange, String path) throws IOException, Refusal {
        requireMethod(exchange, "GET");
        PageFiles.PageFile file = files.at(path);
        if (file == null) {
            throw new Refusal(404, "not-found", "there is no such page");
        }
        send(exchange, 200, file.type(), file.bytes());
    }

    private void api(ConsoleExchange exchange, String path) throws IOException, Refusal {
        boolean streaming = path.equals(EventStream.PATH);
        Route route = routes.get(path);
        if (!streaming && route == null) {
            throw new Refusal(404, "not-found", "there is no such path");
        }
        Access access = guard.access(exchange)
                .orElseThrow(() -> new Refusal(401, "no-access", "this needs an access to the console"));
        AgentRunStore view = store.within(access.scope());
        boolean action = path.startsWith(ActionRoutes.PATH);
        requireMethod(exchange, action ? "POST" : "GET");
        JsonNode body = action ? actionBody(exchange) : NullNode.getInstance();
        Call call = new Call(view, access, exchange, body);
        if (streaming) {
            stream.send(call, type -> answer(exchange, 200, type));
        } else if (route != null) {
            send(exchange, 200, "application/json", answer(route, call));
        }
    }

    private static JsonNode actionBody(ConsoleExchange exchange) throws IOException, Refusal {
        String type = exchange.header("Content-Type");
        if (exchange.header(ACTION_HEADER) == null || type == null || !type.startsWith("application/json")) {
            throw new Refusal(
                    403, "not-from-the-page", "an action needs the header " + ACTION_HEADER + " and a body of JSON");
        }
        return Call.body(exchange);
    }

    private static byte[] answer(Route route, Call call) throws IOException, Refusal {
        try {
            return Json.MAPPER.writeValueAsBytes(route.answer(call));
        } catch (AgentRunException e) {
            throw e;
        } catch (RuntimeException e) {
            // What else goes wrong is a fault of ours; what it says may hold data.
            LOG.log(System.Logger.Level.ERROR, "a request of the console failed", e);
            throw new Refusal(500, "internal", "the console failed; the log of the host says why");
        }
    }

    private static void requireMethod(ConsoleExchange exchange, String method) throws Refusal {
        if (!exchange.method().equals(method)) {
            throw new Refusal(405, "method-not-allowed", "only " + method + " is allowed here");
        }
    }

    /** Refuses the request. */
    static void refuse(ConsoleExchange exchange, int status, String code, String message) throws IOException {
        byte[] body = Json.MAPPER.writeValueAsBytes(Json.of("error", Json.of("code", code, "message", message)));
        send(exchange, status, "application/json", body);
    }

    private static void send(ConsoleExchange exchange, int status, String type, byte[] body) throws IOException {
        try (OutputStream out = answer(exchange, status, type)) {
            out.write(body);
        }
    }

    private static OutputStream answer(ConsoleExchange exchange, int status, String type) throws IOException {
        Map<String, String> headers = new LinkedHashMap<>(HEADERS);
        headers.put("Content-Type", type);
        return exchange.answer(status, headers);
    }
}

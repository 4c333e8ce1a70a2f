package io.agentrun.console;

import com.sun.net.httpserver.HttpServer;
import io.agentrun.AgentRunStore;
import io.agentrun.check.Require;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The console on a port of this machine, for the person at it: it listens on the loopback address alone, and gives nothing to whoever
 * does not know the token in the fragment of {@link #address()}.
 *
 * <p>A request must name the address in its {@code Host} header, which keeps out names of other sites that point here, and must not
 * come from a page of another origin. The token goes into a header of each request, never into a cookie or a log; each start has
 * another one.
 *
 * <p>Thread-safe.
 */
public final class ConsoleServer implements AutoCloseable {

    private static final int THREADS = 48;
    private static final int WAITING = 64;
    private static final String BEARER = "Bearer ";

    private final HttpServer server;
    private final ThreadPoolExecutor threads;
    private final URI address;

    private ConsoleServer(HttpServer server, ThreadPoolExecutor threads, URI address) {
        this.server = server;
        this.threads = threads;
        this.address = address;
    }

    /**
     * Starts a console on any free port.
     *
     * @param access what whoever knows the address may see and do
     * @throws UncheckedIOException if no port can be had
     */
    public static ConsoleServer start(AgentRunStore store, Access access) {
        return start(store, access, 0);
    }

    /**
     * Starts a console on the port.
     *
     * @param access what whoever knows the address may see and do
     * @param port 1 to 65,535, or 0 for any free one
     * @throws io.agentrun.error.InvalidInputException if the port is none, or another argument is null
     * @throws UncheckedIOException if the port cannot be had
     */
    public static ConsoleServer start(AgentRunStore store, Access access, int port) {
        Access given = Require.given("access", access);
        Require.between("port", port, 0, 65_535);
        String token = token();
        Console console =
                Console.of(store, exchange -> isTold(token, exchange) ? Optional.of(given) : Optional.empty());
        HttpServer server;
        try {
            server = HttpServer.create(
                    new InetSocketAddress(InetAddress.getByAddress(new byte[] {127, 0, 0, 1}), port), 0);
        } catch (IOException e) {
            throw new UncheckedIOException("the port " + port + " of this machine cannot be had", e);
        }
        int bound = server.getAddress().getPort();
        ThreadPoolExecutor threads = threads();
        server.setExecutor(threads);
        Set<String> hosts = Set.of("127.0.0.1:" + bound, "localhost:" + bound);
        server.createContext("/", http -> {
            try (http) {
                OwnExchange exchange = new OwnExchange(http);
                if (isFromHere(exchange, hosts)) {
                    console.handle(exchange);
                } else {
                    Console.refuse(exchange, 403, "not-from-here", "this console answers its own address alone");
                }
            }
        });
        server.start();
        return new ConsoleServer(server, threads, URI.create("http://127.0.0.1:" + bound + "/#token=" + token));
    }

    private static String token() {
        byte[] bits = new byte[32];
        new SecureRandom().nextBytes(bits);
        return HexFormat.of().formatHex(bits);
    }

    private static ThreadPoolExecutor threads() {
        AtomicInteger number = new AtomicInteger();
        ThreadPoolExecutor threads = new ThreadPoolExecutor(
                THREADS, THREADS, 30, TimeUnit.SECONDS, new LinkedBlockingQueue<>(WAITING), task -> {
                    Thread thread = new Thread(task, "agentrun-console-" + number.incrementAndGet());
                    thread.setDaemon(true);
                    return thread;
                });
        threads.allowCoreThreadTimeOut(true);
        return threads;
    }

    private static boolean isTold(String token, ConsoleExchange exchange) {
        String header = exchange.header("Authorization");
        return header != null
                && header.startsWith(BEARER)
                && MessageDigest.isEqual(
                        header.substring(BEARER.length()).getBytes(StandardCharsets.UTF_8),
                        token.getBytes(StandardCharsets.UTF_8));
    }

    /** Whether the request names this address, and was not made by a page of another one. */
    private static boolean isFromHere(ConsoleExchange exchange, Set<String> hosts) {
        String host = exchange.header("Host");
        String origin = exchange.header("Origin");
        return host != null && hosts.contains(host) && (origin == null || origin.equals("http://" + host));
    }

    /** Returns the address to open, with the token in its fragment; whoever has it has the access. */
    public URI address() {
        return address;
    }

    /** Ends the server and its streams at once. A second call does nothing. */
    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}

package io.agentrun.postgres.testing;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * Stands between a store and its server, and can stop forwarding what belongs to a connection that listens: neither end is told,
 * as when a firewall has forgotten the connection. Without a server behind it, it accepts connections and never answers.
 *
 * <p>Thread-safe.
 */
public final class StallingProxy implements AutoCloseable {

    private final ServerSocket socket;
    private final String url;
    private final List<Link> links = new CopyOnWriteArrayList<>();

    private StallingProxy(String url) {
        try {
            this.socket = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        this.url = url;
        background(this::accept);
    }

    /** In front of the server of the database. */
    public static StallingProxy before(TestDatabase database) {
        return new StallingProxy(database.url());
    }

    /** In front of nothing. */
    public static StallingProxy silent() {
        return new StallingProxy("");
    }

    /** The URL that leads through the proxy. */
    public String url() {
        return url.isEmpty()
                ? "jdbc:postgresql://localhost:" + socket.getLocalPort() + "/nowhere?user=somebody&socketTimeout=2"
                : url.replace(":" + server().getPort() + "/", ":" + socket.getLocalPort() + "/");
    }

    private URI server() {
        return URI.create(url.substring("jdbc:".length()));
    }

    /** Stops forwarding for connections that listen by now; returns how many there are. */
    public int stallListeners() {
        int stalled = 0;
        for (Link link : links) {
            if (link.listens) {
                link.stalled = true;
                stalled++;
            }
        }
        return stalled;
    }

    private final class Link {
        private final Socket client;
        private final Socket server;
        private volatile boolean listens;
        private volatile boolean stalled;

        private Link(Socket client, Socket server) {
            this.client = client;
            this.server = server;
        }

        private void forward(Socket from, Socket to) {
            byte[] buffer = new byte[16_384];
            try (InputStream in = from.getInputStream();
                    OutputStream out = to.getOutputStream()) {
                for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                    if (new String(buffer, 0, read, StandardCharsets.ISO_8859_1).contains("LISTEN ")) {
                        listens = true;
                    }
                    if (!stalled) {
                        out.write(buffer, 0, read);
                        out.flush();
                    }
                }
            } catch (IOException e) {
                // One end has gone: closing both sockets tells the other.
                links.remove(this);
            }
        }
    }

    private void accept() {
        while (!socket.isClosed()) {
            try {
                Socket client = socket.accept();
                if (url.isEmpty()) {
                    links.add(new Link(client, client));
                    continue;
                }
                Link link = new Link(client, new Socket(server().getHost(), server().getPort()));
                links.add(link);
                background(() -> link.forward(link.client, link.server));
                background(() -> link.forward(link.server, link.client));
            } catch (IOException expected) {
                // The proxy is closed, or the server is not there: the client's connection ends with it.
            }
        }
    }

    private static void background(Runnable work) {
        Thread thread = new Thread(work, "stalling-proxy");
        thread.setDaemon(true);
        thread.start();
    }

    @Override
    public void close() {
        try {
            socket.close();
            for (Link link : links) {
                link.client.close();
                link.server.close();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}

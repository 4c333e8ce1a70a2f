package io.agentrun.postgres.testing;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A TCP proxy before a server, which loses answers: what a client has sent is done, and the connection breaks before the
 * client hears of it.
 *
 * <p>Thread-safe.
 */
public final class AnswerLosingProxy implements AutoCloseable {

    /** The end of every answer outside a transaction: ReadyForQuery, idle. The server sends it after the commit. */
    private static final String DONE = "Z\0\0\0\5I";

    private final ServerSocket listener;
    private final URI server;
    private final HikariDataSource pool;
    private final AtomicInteger toLose = new AtomicInteger();
    private final AtomicInteger lost = new AtomicInteger();
    private volatile String marker = "";

    private AnswerLosingProxy(TestDatabase database, int poolSize) throws IOException {
        this.listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        this.server = URI.create(database.url().substring("jdbc:".length()));
        HikariConfig config = new HikariConfig();
        config.setJdbcUrl(database.url()
                .replace(server.getHost() + ":" + server.getPort(), "127.0.0.1:" + listener.getLocalPort()));
        config.setMaximumPoolSize(poolSize);
        config.setMinimumIdle(0);
        config.setConnectionTimeout(10_000);
        start(this::accept);
        this.pool = new HikariDataSource(config);
    }

    /** Returns a proxy before the server of the database. */
    public static AnswerLosingProxy before(TestDatabase database, int poolSize) {
        try {
            return new AnswerLosingProxy(database, poolSize);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Returns connections through this proxy. */
    public HikariDataSource pool() {
        return pool;
    }

    /** Loses the answers to the next requests that hold the text, so many of them. */
    public void loseAnswersTo(String text, int count) {
        marker = text;
        toLose.set(count);
    }

    /** Returns how many answers were lost. */
    public int lost() {
        return lost.get();
    }

    private void accept() {
        while (!listener.isClosed()) {
            try {
                Socket client = listener.accept();
                Socket upstream = new Socket(server.getHost(), server.getPort());
                Link link = new Link(client, upstream);
                start(link::forward);
                start(link::answer);
            } catch (IOException e) {
                // The listener was closed, or a client has gone before its connection stood.
            }
        }
    }

    private static void start(Runnable work) {
        Thread thread = new Thread(work, "answer-losing-proxy");
        thread.setDaemon(true);
        thread.start();
    }

    /** One connection of a client. */
    private final class Link {
        private final Socket client;
        private final Socket upstream;
        private volatile boolean losing;

        Link(Socket client, Socket upstream) {
            this.client = client;
            this.upstream = upstream;
        }

        void forward() {
            byte[] buffer = new byte[1 << 16];
            try {
                for (int read = client.getInputStream().read(buffer);
                        read >= 0;
                        read = client.getInputStream().read(buffer)) {
                    String text = new String(buffer, 0, read, StandardCharsets.ISO_8859_1);
                    if (toLose.get() > 0 && text.contains(marker) && toLose.getAndDecrement() > 0) {
                        losing = true;
                    }
                    upstream.getOutputStream().write(buffer, 0, read);
                }
            } catch (IOException e) {
                // One side has closed the connection.
            } finally {
                close();
            }
        }

        void answer() {
            byte[] buffer = new byte[1 << 16];
            try {
                for (int read = upstream.getInputStream().read(buffer);
                        read >= 0;
                        read = upstream.getInputStream().read(buffer)) {
                    if (!losing) {
                        client.getOutputStream().write(buffer, 0, read);
                    } else if (new String(buffer, 0, read, StandardCharsets.ISO_8859_1).endsWith(DONE)) {
                        lost.incrementAndGet();
                        return;
                    }
                }
            } catch (IOException e) {
                // One side has closed the connection.
            } finally {
                close();
            }
        }

        private void close() {
            try (client;
                    upstream) {
                losing = false;
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    @Override
    public void close() {
        pool.close();
        try {
            listener.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}

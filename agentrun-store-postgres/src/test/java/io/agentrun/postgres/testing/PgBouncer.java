package io.agentrun.postgres.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * The PgBouncer of this machine, in transaction mode in front of one database.
 *
 * <p>Not thread-safe: one thread at a time.
 */
public final class PgBouncer implements AutoCloseable {

    private final Path directory;
    private final Process process;
    private final int port;
    private final String url;

    private PgBouncer(Path directory, Process process, int port, String url) {
        this.directory = directory;
        this.process = process;
        this.port = port;
        this.url = url;
    }

    /** Starts one. */
    public static PgBouncer before(TestDatabase database) {
        URI server = URI.create(database.url().substring("jdbc:".length()));
        try (ServerSocket free = new ServerSocket(0)) {
            int port = free.getLocalPort();
            free.close();
            Path directory = Files.createTempDirectory("agentrun-pgbouncer");
            Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxrwxrwx"));
            Path settings = directory.resolve("pgbouncer.ini");
            Files.writeString(
                    settings, """
                    [databases]
                    * = host=%s port=%d user=postgres pool_size=3
                    [pgbouncer]
                    listen_addr = 127.0.0.1
                    listen_port = %d
                    unix_socket_dir =
                    auth_type = any
                    pool_mode = transaction
                    ignore_startup_parameters = extra_float_digits
                    logfile = %s
                    """.formatted(server.getHost(), server.getPort(), port, directory.resolve("log")));
            PgBouncer started = new PgBouncer(
                    directory,
                    start(settings),
                    port,
                    database.url().replace(":" + server.getPort() + "/", ":" + port + "/"));
            started.awaitStart();
            return started;
        } catch (IOException e) {
            throw new UncheckedIOException("PgBouncer does not start", e);
        }
    }

    /** It refuses to run as root. */
    private static Process start(Path settings) throws IOException {
        List<String> command = new ArrayList<>(List.of("pgbouncer", "-q"));
        if (System.getProperty("user.name").equals("root")) {
            command.addAll(List.of("-u", "nobody"));
        }
        command.add(settings.toString());
        return new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
    }

    private void awaitStart() {
        for (long end = System.nanoTime() + TimeUnit.MINUTES.toNanos(1); System.nanoTime() < end; ) {
            try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
                if (socket.isConnected()) {
                    return;
                }
            } catch (IOException e) {
                if (!process.isAlive()) {
                    throw new IllegalStateException("PgBouncer has ended with " + process.exitValue(), e);
                }
            }
        }
        throw new IllegalStateException("PgBouncer does not answer");
    }

    /** The URL of the database through it. */
    public String url() {
        return url;
    }

    /** What it has logged. */
    public List<String> log() {
        try {
            return Files.readAllLines(directory.resolve("log"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        process.destroy();
        try {
            process.waitFor();
            try (Stream<Path> files = Files.walk(directory)) {
                for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(file);
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}

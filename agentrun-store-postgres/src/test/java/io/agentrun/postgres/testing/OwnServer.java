package io.agentrun.postgres.testing;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.stream.Stream;

/**
 * A PostgreSQL of one test's own, which writes to the disk what it commits, and can be stopped and started again at the same
 * address.
 *
 * <p>Not thread-safe: one thread at a time.
 */
public final class OwnServer implements AutoCloseable {

    private final Path directory;
    private final int port;
    private EmbeddedPostgres running;

    private OwnServer(Path directory, int port) throws IOException {
        this.directory = directory;
        this.port = port;
        this.running = run();
    }

    /** A new server, running. */
    public static OwnServer start() {
        try (ServerSocket free = new ServerSocket(0)) {
            int port = free.getLocalPort();
            free.close();
            return new OwnServer(Files.createTempDirectory("agentrun-server"), port);
        } catch (IOException e) {
            throw new UncheckedIOException("PostgreSQL does not start", e);
        }
    }

    private EmbeddedPostgres run() throws IOException {
        return EmbeddedPostgres.builder()
                .setDataDirectory(directory.resolve("data"))
                .setCleanDataDirectory(false)
                .setRegisterShutdownHook(true)
                .setPort(port)
                .setLocaleConfig("locale", "C")
                .setLocaleConfig("encoding", "UTF8")
                .setServerConfig("fsync", "on")
                .setServerConfig("synchronous_commit", "on")
                .start();
    }

    /** Its first database, with the store's schema. */
    public TestDatabase database() {
        return TestDatabase.of(this);
    }

    /** The URL of its first database. */
    public String url() {
        return running.getJdbcUrl("postgres", "postgres");
    }

    /** The directory of its data and settings. */
    public Path data() {
        return directory.resolve("data");
    }

    /** Stops it: connections are ended, what is under way is rolled back. */
    public void stop() throws IOException {
        running.close();
    }

    /** Starts it again, with what was committed. */
    public void startAgain() throws IOException {
        running = run();
    }

    @Override
    public void close() throws IOException {
        running.close();
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}

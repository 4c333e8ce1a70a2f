package io.agentrun.example.postgres;

import io.agentrun.AgentRunStore;
import io.agentrun.error.StoreUnavailableException;
import io.agentrun.error.StoreUnavailableException.Reason;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** A PostgreSQL that is started for one store and stops when that is closed. */
public final class StartedServer {

    private StartedServer() {}

    /**
     * Starts a server and opens the store on it.
     *
     * @param directory holds the data, and still does afterwards; null for one that is deleted
     * @throws StoreUnavailableException if the server does not start, or the store cannot be opened
     */
    public static AgentRunStore open(@Nullable Path directory) {
        EmbeddedPostgres server = start(directory);
        return new PostgresAddress("localhost", server.getPort(), "postgres", "postgres", null)
                .open(() -> close(server));
    }

    private static EmbeddedPostgres start(@Nullable Path directory) {
        EmbeddedPostgres.Builder builder = EmbeddedPostgres.builder()
                .setLocaleConfig("locale", "C")
                .setLocaleConfig("encoding", "UTF8")
                // Work is given back when the program ends, and the server is needed for that.
                .setRegisterShutdownHook(false);
        if (directory != null) {
            builder.setDataDirectory(directory.toAbsolutePath())
                    .setCleanDataDirectory(false)
                    .setServerConfig("fsync", "on")
                    .setServerConfig("synchronous_commit", "on");
        }
        try {
            return builder.start();
        } catch (IOException | IllegalStateException e) {
            throw new StoreUnavailableException(Reason.UNREACHABLE, "PostgreSQL could not be started", e);
        }
    }

    private static void close(EmbeddedPostgres server) {
        try {
            server.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}

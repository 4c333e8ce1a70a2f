package io.agentrun.example;

import io.agentrun.AgentRunStore;
import io.agentrun.example.postgres.PostgresAddress;
import io.agentrun.example.postgres.StartedServer;
import io.agentrun.h2.H2AgentRunStore;
import io.agentrun.memory.InMemoryAgentRunStore;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * The store that {@code --store} names; another kind of store is another case here.
 *
 * <p>Immutable.
 */
sealed interface StoreOption {

    /** Everything in memory. */
    record Memory() implements StoreOption {
        @Override
        public AgentRunStore open() {
            return InMemoryAgentRunStore.create();
        }

        @Override
        public boolean lasting() {
            return false;
        }
    }

    /** In memory and on a file. */
    record File(Path path) implements StoreOption {
        @Override
        public AgentRunStore open() {
            return InMemoryAgentRunStore.open(path);
        }

        @Override
        public boolean lasting() {
            return true;
        }
    }

    /** In H2, on a file. */
    record H2(Path path) implements StoreOption {
        @Override
        public AgentRunStore open() {
            return H2AgentRunStore.onFile(path).open();
        }

        @Override
        public boolean lasting() {
            return true;
        }
    }

    /** On PostgreSQL. */
    record Postgres(PostgresAddress address) implements StoreOption {
        @Override
        public AgentRunStore open() {
            return address.open(() -> {});
        }

        @Override
        public boolean lasting() {
            return true;
        }
    }

    /** On a PostgreSQL that is started for it; with a directory its data stay. */
    record StartedPostgres(@Nullable Path directory) implements StoreOption {
        @Override
        public AgentRunStore open() {
            return StartedServer.open(directory);
        }

        @Override
        public boolean lasting() {
            return directory != null;
        }
    }

    /**
     * Opens the store.
     *
     * @throws io.agentrun.error.StoreUnavailableException if it cannot be opened
     */
    AgentRunStore open();

    /** Whether what it holds is there at the next start. */
    boolean lasting();

    /**
     * Returns the store that the text names.
     *
     * @throws UsageException if there is no such kind of store
     */
    static StoreOption parse(String text) {
        if (text.equals("memory")) {
            return new Memory();
        }
        if (text.startsWith("file:") && text.length() > "file:".length()) {
            return new File(Options.path("--store", text.substring("file:".length())));
        }
        if (text.startsWith("h2:") && text.length() > "h2:".length()) {
            return new H2(Options.path("--store", text.substring("h2:".length())));
        }
        if (text.startsWith("postgres://")) {
            return new Postgres(PostgresAddress.parse(text, System.getenv())
                    .orElseThrow(() -> new UsageException(
                            "--store postgres://... must be postgres://[USER[:PASSWORD]@]HOST[:PORT]/DATABASE")));
        }
        if (text.equals("postgres")) {
            return new StartedPostgres(null);
        }
        if (text.startsWith("postgres:") && text.length() > "postgres:".length()) {
            return new StartedPostgres(Options.path("--store", text.substring("postgres:".length())));
        }
        throw new UsageException(
                "--store must be memory, file:PATH, h2:PATH, postgres[:PATH] or postgres://..., not '" + text + "'");
    }
}

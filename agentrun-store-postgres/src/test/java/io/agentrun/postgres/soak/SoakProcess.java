package io.agentrun.postgres.soak;

import com.zaxxer.hikari.HikariDataSource;
import io.agentrun.postgres.PostgresAgentRunStore;
import io.agentrun.postgres.testing.ServerPair;
import io.agentrun.postgres.testing.TestDatabase;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A process of the soak: some threads that live, one that keeps house. It ends when its standard input does, or when it is killed.
 *
 * <p>Not thread-safe: one thread at a time.
 */
public final class SoakProcess {

    private static final int LIVES = 3;

    private SoakProcess() {}

    /** Begins, with the URL of the servers, a name that no other process has or had, the file for its journal, and a seed. */
    public static void main(String[] args) throws Exception {
        String name = args[1];
        long seed = Long.parseLong(args[3]);
        AtomicBoolean stopped = new AtomicBoolean();
        try (SoakJournal journal = new SoakJournal(Path.of(args[2]));
                HikariDataSource pool = ServerPair.pool(args[0], LIVES + 3);
                PostgresAgentRunStore store = store(pool)) {
            List<Thread> threads = new ArrayList<>();
            for (int i = 0; i < LIVES; i++) {
                SoakCalls calls = new SoakCalls(journal, stopped);
                threads.add(new Thread(new SoakLife(store, calls, name + "." + i, seed + i)));
            }
            threads.add(new Thread(new SoakUpkeep(store, new SoakCalls(journal, stopped))));
            threads.forEach(Thread::start);
            while (System.in.read() >= 0) {
                // Nothing is said to a process but that it is over.
            }
            stopped.set(true);
            for (Thread thread : threads) {
                thread.join();
            }
        }
    }

    /** A store as hosts have it: with notifications, migrated by somebody else. */
    static PostgresAgentRunStore store(HikariDataSource pool) {
        return PostgresAgentRunStore.builder(pool)
                .schema(TestDatabase.SCHEMA)
                .withoutMigration()
                .pollInterval(Duration.ofMillis(200))
                .build();
    }
}

package io.agentrun.postgres.testing;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.agentrun.AgentRunStore;
import io.agentrun.postgres.PostgresAgentRunStore;
import io.agentrun.run.Run;
import io.agentrun.worker.AgentWorker;
import io.agentrun.worker.WorkerListener;

/**
 * A program with a worker whose agent writes lines until it is stopped, and which says when its run is lost.
 *
 * <p>Not thread-safe: one thread at a time.
 */
public final class LineWorker {

    private LineWorker() {}

    /** Begins, with the URL of the database. */
    public static void main(String[] args) throws InterruptedException {
        HikariConfig config = new HikariConfig();
        config.setJdbcUrl(args[0]);
        AgentRunStore store = PostgresAgentRunStore.builder(new HikariDataSource(config))
                .schema(TestDatabase.SCHEMA)
                .withoutMigration()
                .build();
        AgentWorker worker = AgentWorker.builder(store, "zombie")
                .listener(new WorkerListener() {
                    @Override
                    public void lost(Run run, String reason) {
                        System.out.println("lost " + run.id());
                        System.out.flush();
                    }
                })
                .agent(turn -> {
                    for (int i = 1; true; i++) {
                        turn.events().line("zombie " + i);
                        turn.events().flush();
                    }
                })
                .start();
        Thread.currentThread().join();
        worker.close();
    }
}

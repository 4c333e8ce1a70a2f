package io.agentrun.example.guide;

import io.agentrun.AgentRunStore;
import io.agentrun.model.Outcome;
import io.agentrun.model.TurnResult;
import io.agentrun.postgres.PostgresAgentRunStore;
import io.agentrun.queue.NewQueueTask;
import io.agentrun.tck.simulation.Simulation;
import io.agentrun.worker.Agent;
import io.agentrun.worker.AgentWorker;
import io.agentrun.worker.AgentWorkerBuilder;
import io.agentrun.worker.ProcessAgent;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.ExecutorService;
import javax.sql.DataSource;

/** The programs of the guide, as they stand there. */
final class EmbeddingGuide {

    private EmbeddingGuide() {}

    // guide begins
    static Agent reviewer() {
        return ProcessAgent.of(turn -> new ProcessBuilder("reviewer", "--stdin").redirectErrorStream(true))
                .withInput(turn -> turn.prompt());
    }
    // guide ends

    // guide begins
    static String order(DataSource database, PostgresAgentRunStore store, long order, NewQueueTask task)
            throws SQLException {
        try (Connection connection = database.getConnection()) {
            connection.setAutoCommit(false);
            try (PreparedStatement insert = connection.prepareStatement("INSERT INTO orders (id) VALUES (?)")) {
                insert.setLong(1, order);
                insert.executeUpdate();
            }
            String taskId = store.in(connection).queue().create(task).id();
            connection.commit();
            return taskId;
        }
    }
    // guide ends

    // guide begins
    static void closeAtTheEnd(AgentWorker worker, AgentRunStore store) {
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            worker.close(Duration.ofSeconds(20));
            store.close();
        }));
    }
    // guide ends

    // guide begins
    static AgentWorkerBuilder onThreadsOf(ExecutorService virtualThreads, AgentWorkerBuilder worker) {
        return worker.slots(1_000).executor(virtualThreads);
    }
    // guide ends

    // guide begins
    static void noFaultLosesALine() {
        Simulation.of(machine -> AgentWorker.builder(machine.store(), machine.runnerId())
                        .lease(machine.lease())
                        .scheduler(machine.scheduler())
                        .executor(machine.executor())
                        .agent(turn -> {
                            machine.work(turn.run(), line -> turn.events().line(line));
                            return TurnResult.of(Outcome.completed());
                        })
                        .start())
                .check(1, 100);
    }
    // guide ends
}

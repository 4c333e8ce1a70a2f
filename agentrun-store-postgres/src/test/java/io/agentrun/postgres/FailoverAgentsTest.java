package io.agentrun.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariDataSource;
import io.agentrun.event.EventType;
import io.agentrun.event.NewEvent;
import io.agentrun.event.RunEvent;
import io.agentrun.json.JsonObject;
import io.agentrun.model.Outcome;
import io.agentrun.model.TurnResult;
import io.agentrun.postgres.testing.Everything;
import io.agentrun.postgres.testing.FailoverLoad;
import io.agentrun.postgres.testing.ServerPair;
import io.agentrun.postgres.testing.TestDatabase;
import io.agentrun.queue.QueueTask;
import io.agentrun.queue.TaskState;
import io.agentrun.run.Run;
import io.agentrun.worker.AgentWorker;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Agents at work while the primary dies. */
@Tag("machine")
class FailoverAgentsTest {

    private static final int AGENTS = 8;
    private static final int EACH_PHASE = 10;

    @Test
    void agents_work_on_through_a_failover_without_losing_or_repeating_an_event_or_spending_an_attempt()
            throws Exception {
        Map<String, Integer> written = new ConcurrentHashMap<>();
        AtomicBoolean over = new AtomicBoolean();
        try (ServerPair servers = ServerPair.start()) {
            servers.makeSynchronous();
            try (HikariDataSource pool = servers.pool(AGENTS);
                    PostgresAgentRunStore store = PostgresAgentRunStore.builder(pool)
                            .schema(TestDatabase.SCHEMA)
                            .withoutMigration()
                            .build();
                    AgentWorker worker = AgentWorker.builder(store, "worker")
                            .slots(AGENTS)
                            .agent(turn -> {
                                for (int i = 0; !over.get(); i++) {
                                    turn.events()
                                            .write(new NewEvent(EventType.DIFF, JsonObject.of("n", String.valueOf(i))));
                                    turn.events().flush();
                                    written.put(turn.run().id(), i + 1);
                                }
                                return TurnResult.of(Outcome.completed());
                            })
                            .start()) {
                List<QueueTask> tasks = new ArrayList<>();
                for (int i = 0; i < AGENTS; i++) {
                    tasks.add(store.queue().create(FailoverLoad.task("agent " + i)));
                }
                awaitMore(written);

                servers.takeOver(() -> {});
                awaitMore(written);
                over.set(true);
                ServerPair.until(() -> tasks.stream()
                        .allMatch(task -> store.queue().get(task.id()).state().terminal()));

                assertThat(worker).isNotNull();
                for (QueueTask task : tasks) {
                    QueueTask ended = store.queue().get(task.id());
                    assertThat(ended.state()).isEqualTo(TaskState.COMPLETED);
                    assertThat(ended.attempts()).isOne();
                    assertThat(ended.latestAttempt()).isNotNull();
                    Run run = store.runs().get(ended.latestAttempt().runId());
                    assertThat(run.epoch()).isOne();
                    assertThat(run.claim().attempts().current()).isOne();
                    assertThat(texts(new Everything(store).events(run.id())))
                            .containsExactlyElementsOf(IntStream.range(0, written.get(run.id()))
                                    .mapToObj(String::valueOf)
                                    .toList());
                }
            }
        }
    }

    /** Returns when every agent has written so many events more. */
    private static void awaitMore(Map<String, Integer> written) {
        Map<String, Integer> before = Map.copyOf(written);
        ServerPair.until(() -> written.size() == AGENTS
                && written.entrySet().stream()
                        .allMatch(entry -> entry.getValue() >= before.getOrDefault(entry.getKey(), 0) + EACH_PHASE));
    }

    private static List<String> texts(List<RunEvent> events) {
        return events.stream()
                .filter(event -> event.type().equals(EventType.DIFF))
                .map(event -> event.payload().string("n").orElse(""))
                .toList();
    }
}

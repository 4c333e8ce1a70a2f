package io.agentrun.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentrun.AgentRunStore;
import io.agentrun.command.CommandDelivery;
import io.agentrun.command.NewCommand;
import io.agentrun.event.EventPage;
import io.agentrun.event.EventType;
import io.agentrun.event.NewEvent;
import io.agentrun.json.JsonObject;
import io.agentrun.lease.RunLease;
import io.agentrun.model.BackendProfile;
import io.agentrun.model.Outcome;
import io.agentrun.model.Owner;
import io.agentrun.model.RunSpec;
import io.agentrun.model.TurnResult;
import io.agentrun.postgres.testing.Invariants;
import io.agentrun.postgres.testing.PoolerDataSource;
import io.agentrun.postgres.testing.TestDatabase;
import io.agentrun.queue.Dispatch;
import io.agentrun.queue.DispatchRequest;
import io.agentrun.queue.NewQueueTask;
import io.agentrun.run.SessionRef;
import io.agentrun.tck.Race;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Two stores behind a pooler in transaction mode: no connection is the same twice, and none may listen. */
class PoolerTest {

    private TestDatabase database;
    private PoolerDataSource pooler;
    private PostgresAgentRunStore first;
    private PostgresAgentRunStore second;

    @BeforeEach
    void open() throws Exception {
        database = TestDatabase.migrated();
        pooler = new PoolerDataSource(database, 6);
        first = store();
        second = store();
    }

    @AfterEach
    void close() throws Exception {
        first.close();
        second.close();
        pooler.close();
        assertThat(Invariants.broken(database)).isEmpty();
        database.close();
    }

    private PostgresAgentRunStore store() {
        return PostgresAgentRunStore.builder(pooler.dataSource())
                .schema(TestDatabase.SCHEMA)
                .withoutMigration()
                .pollInterval(Duration.ofMillis(50))
                .build();
    }

    private static void live(AgentRunStore store, String queue) {
        var task = NewQueueTask.builder(new Owner("t", "p"), queue, "T", RunSpec.of(BackendProfile.CODEX))
                .session(SessionRef.of("session of " + queue));
        store.queue().create(task.build());
        Dispatch work =
                store.queue().dispatchNext(DispatchRequest.fromQueue(queue)).orElseThrow();
        RunLease lease = store.leases().claim(work.run().id(), "runner", Duration.ofMinutes(5));
        store.commands().acknowledge(lease.fence(), work.turn().id());
        for (int i = 0; i < 8; i++) {
            store.events().append(lease.fence(), new NewEvent(EventType.ASSISTANT_MESSAGE, JsonObject.of("n", i)));
            store.leases().heartbeat(lease.fence(), Duration.ofMinutes(5));
        }
        store.runs().finish(lease.fence(), TurnResult.of(Outcome.completed()));
    }

    @Test
    void lives_go_on_side_by_side_and_leave_nothing_in_a_session() {
        List<Race.Finish<Boolean>> finishes = Race.of(4, i -> () -> {
            for (int n = 0; n < 6; n++) {
                live(i % 2 == 0 ? first : second, "queue " + i);
            }
            return true;
        });

        assertThat(Race.failures(finishes)).isEmpty();
        assertThat(database.query(
                        "SELECT count(*) FROM \"agent\"\"run\".agentrun_queue_tasks WHERE state = 'completed'"))
                .containsExactly("24");
        assertThat(pooler.leftBehind()).isEmpty();
    }

    @Test
    void commits_of_another_store_are_seen_by_polling() {
        var task = NewQueueTask.builder(new Owner("t", "p"), "q", "T", RunSpec.of(BackendProfile.CODEX));
        first.queue().create(task.build());
        Dispatch work =
                first.queue().dispatchNext(DispatchRequest.fromQueue("q")).orElseThrow();
        RunLease lease = first.leases().claim(work.run().id(), "runner", Duration.ofMinutes(5));
        first.commands().acknowledge(lease.fence(), work.turn().id());
        Future<Race.Finish<EventPage>> reader =
                Race.waiting(() -> first.events().await(work.run().id(), 10_000, 10, Duration.ofSeconds(60)));
        Future<Race.Finish<CommandDelivery>> runner =
                Race.waiting(() -> first.commands().await(lease.fence(), 10, Duration.ofSeconds(60)));

        second.commands().create(work.run().id(), NewCommand.steer(JsonObject.of("text", "left")));
        CommandDelivery woken = Race.await(runner).value();
        second.runs().finish(lease.fence(), TurnResult.of(Outcome.completed()));
        EventPage page = Race.await(reader).value();

        assertThat(woken).satisfies(wait -> assertThat(wait.commands()).hasSize(1));
        assertThat(page).satisfies(last -> assertThat(last.ended()).isTrue());
        assertThat(pooler.refused()).isPositive();
        assertThat(pooler.leftBehind()).isEmpty();
    }
}

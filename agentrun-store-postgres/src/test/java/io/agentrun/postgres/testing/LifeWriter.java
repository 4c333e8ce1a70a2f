package io.agentrun.postgres.testing;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.agentrun.AgentRunStore;
import io.agentrun.event.EventType;
import io.agentrun.event.NewEvent;
import io.agentrun.json.JsonObject;
import io.agentrun.lease.RunLease;
import io.agentrun.model.BackendProfile;
import io.agentrun.model.Outcome;
import io.agentrun.model.Owner;
import io.agentrun.model.RunSpec;
import io.agentrun.model.TurnResult;
import io.agentrun.postgres.PostgresAgentRunStore;
import io.agentrun.queue.Dispatch;
import io.agentrun.queue.DispatchRequest;
import io.agentrun.queue.NewQueueTask;
import io.agentrun.run.SessionRef;
import java.time.Duration;
import java.util.List;

/**
 * A program that takes tasks through their whole life until it is killed, and says each step when it is acknowledged:
 * what was done, and to whom.
 *
 * <p>Not thread-safe: one thread at a time.
 */
public final class LifeWriter {

    private LifeWriter() {}

    /** Begins, with the URL of the database and a name of its own. */
    public static void main(String[] args) {
        HikariConfig config = new HikariConfig();
        config.setJdbcUrl(args[0]);
        HikariDataSource pool = new HikariDataSource(config);
        AgentRunStore store = PostgresAgentRunStore.builder(pool)
                .schema(TestDatabase.SCHEMA)
                .withoutMigration()
                .build();
        for (int i = 0; i < 4; i++) {
            String queue = args[1] + "-" + i;
            new Thread(() -> live(store, queue)).start();
        }
    }

    private static void live(AgentRunStore store, String queue) {
        Owner owner = new Owner("t", "p");
        NewEvent event = new NewEvent(EventType.ASSISTANT_MESSAGE, JsonObject.of("text", "hi"));
        for (int n = 0; true; n++) {
            var task = NewQueueTask.builder(owner, queue, "T", RunSpec.of(BackendProfile.CODEX))
                    .session(SessionRef.of(queue + "-" + n % 3));
            say("task", store.queue().create(task.build()).id());
            Dispatch work =
                    store.queue().dispatchNext(DispatchRequest.fromQueue(queue)).orElseThrow();
            String runId = work.run().id();
            say("run", runId);
            RunLease lease = store.leases().claim(runId, "runner", Duration.ofMinutes(5));
            store.commands().acknowledge(lease.fence(), work.turn().id());
            say("acknowledged", work.turn().id());
            for (int i = 0; i < 5; i++) {
                long last = store.events()
                        .append(lease.fence(), List.of(event, event))
                        .get(1)
                        .seq();
                say("event", runId + " " + last);
            }
            store.runs().finish(lease.fence(), TurnResult.of(Outcome.completed()));
            say("finished", runId);
        }
    }

    private static void say(String what, String id) {
        synchronized (System.out) {
            System.out.println(what + " " + id);
            System.out.flush();
        }
    }
}

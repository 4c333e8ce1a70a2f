package io.agentrun.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.agentrun.command.NewCommand;
import io.agentrun.json.JsonObject;
import io.agentrun.model.BackendProfile;
import io.agentrun.model.Owner;
import io.agentrun.model.RunSpec;
import io.agentrun.postgres.testing.PlanLog;
import io.agentrun.postgres.testing.TestDatabase;
import io.agentrun.queue.Dispatch;
import io.agentrun.queue.DispatchRequest;
import io.agentrun.queue.NewQueueTask;
import io.agentrun.run.NewRun;
import io.agentrun.run.Run;
import io.agentrun.run.SessionRef;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** JSON that nobody changes is not written again, and JSON that nobody looks at is not parsed. */
class UnchangedJsonTest {

    private static final Owner OWNER = new Owner("t", "p");
    private static final RunSpec SPEC = RunSpec.of(BackendProfile.CODEX);
    private static final JsonObject PROMPT = JsonObject.of("prompt", "go");

    private final TestDatabase database = TestDatabase.migrated();
    private final PlanLog log = PlanLog.over(database.pool(1));
    private final PostgresAgentRunStore store = CountedStore.on(log.dataSource());

    @AfterEach
    void close() {
        store.close();
        database.close();
    }

    @Test
    void a_turn_does_not_write_the_metadata_of_its_session() {
        Run run = store.runs()
                .create(NewRun.builder(OWNER, SPEC)
                        .session(SessionRef.of("s").withMetadata(PROMPT))
                        .build());

        List<JsonNode> first = log.of(() -> store.commands().create(run.id(), NewCommand.turn(PROMPT)));
        List<JsonNode> second = log.of(() -> store.commands().create(run.id(), NewCommand.turn(PROMPT)));

        // The first turn gives the session its title.
        assertThat(updates(first)).singleElement().asString().contains("metadata = ");
        assertThat(updates(second)).singleElement().asString().doesNotContain("metadata = ");
        assertThat(store.sessions().get("s").metadata()).isEqualTo(PROMPT);
    }

    private static List<String> updates(List<JsonNode> heard) {
        return heard.stream()
                .map(plan -> plan.path("Query Text").asText())
                .filter(text -> text.contains("UPDATE") && text.contains("agentrun_sessions"))
                .filter(text -> text.contains("execution_state = "))
                .toList();
    }

    @Test
    void a_dispatch_passes_the_payload_of_its_task_on_unread() {
        store.queue()
                .create(NewQueueTask.builder(OWNER, "q", "T", SPEC)
                        .payload(PROMPT)
                        .build());

        // The canonical form of the number, which reading it makes, is 1.
        database.execute("UPDATE \"agent\"\"run\".agentrun_queue_tasks SET payload = '{\"n\": 1.0}'");

        Dispatch work = store.queue().dispatchNext(DispatchRequest.any()).orElseThrow();

        assertThat(database.query("SELECT payload FROM \"agent\"\"run\".agentrun_commands"))
                .containsExactly("{\"n\": 1.0}");
        assertThat(store.commands().get(work.turn().id()).payload()).isEqualTo(JsonObject.of("n", 1));
    }
}

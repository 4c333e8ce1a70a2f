package io.agentrun.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentrun.json.JsonObject;
import io.agentrun.model.BackendProfile;
import io.agentrun.model.CancelMode;
import io.agentrun.model.Owner;
import io.agentrun.model.RunSpec;
import io.agentrun.postgres.testing.TestDatabase;
import io.agentrun.queue.Dispatch;
import io.agentrun.queue.DispatchRequest;
import io.agentrun.queue.NewQueueTask;
import io.agentrun.queue.QueueTask;
import io.agentrun.queue.TaskState;
import io.agentrun.run.RunStatus;
import org.junit.jupiter.api.Test;

/** A task whose run does not name it, as a database of the original manager may have it. */
class UnlinkedRunTest {

    @Test
    void its_task_can_be_cancelled_and_takes_the_run_along() {
        try (TestDatabase database = TestDatabase.migrated();
                PostgresAgentRunStore store = PostgresAgentRunStore.builder(database.pool(4))
                        .schema(TestDatabase.SCHEMA)
                        .withoutMigration()
                        .build()) {
            NewQueueTask task = NewQueueTask.builder(
                            new Owner("t", "p"), "queue", "T", RunSpec.of(BackendProfile.CODEX))
                    .payload(JsonObject.of("prompt", "go"))
                    .build();
            String id = store.queue().create(task).id();
            Dispatch dispatch =
                    store.queue().dispatchNext(DispatchRequest.any()).orElseThrow();
            database.execute("UPDATE \"agent\"\"run\".agentrun_runs SET task_id = NULL");

            QueueTask cancelled = store.queue().cancel(id, "no more", CancelMode.FORCE);

            assertThat(cancelled.state()).isEqualTo(TaskState.CANCELLED);
            assertThat(store.runs().get(dispatch.run().id()).status()).isEqualTo(RunStatus.CANCELLED);
        }
    }
}

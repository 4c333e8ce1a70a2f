package io.agentrun.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentrun.model.BackendProfile;
import io.agentrun.model.Owner;
import io.agentrun.model.RunSpec;
import io.agentrun.model.TenantScope;
import io.agentrun.postgres.testing.OriginalDatabase;
import io.agentrun.postgres.testing.TestDatabase;
import io.agentrun.queue.NewQueueTask;
import io.agentrun.queue.QueueQuery;
import io.agentrun.queue.QueueTask;
import io.agentrun.queue.TaskPlace;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The place of each task in lists follows its task, whoever writes that. */
class TaskListsTest {

    private static final String TASKS = "\"agent\"\"run\".agentrun_queue_tasks";

    @Test
    void what_somebody_writes_by_hand_is_listed_as_it_is() {
        try (TestDatabase database = TestDatabase.migrated();
                PostgresAgentRunStore store = TestDatabase.quietStore(database.pool(3))) {
            QueueTask first = create(store, "first");
            QueueTask second = create(store, "second");
            QueueTask third = create(store, "third");

            database.execute("UPDATE " + TASKS + " SET priority = 7, queue = 'other' WHERE id = '" + third.id() + "'");
            database.execute("UPDATE " + TASKS + " SET title = 'renamed' WHERE id = '" + first.id() + "'");
            database.execute("DELETE FROM " + TASKS + " WHERE id = '" + second.id() + "'");
            database.execute("INSERT INTO " + TASKS + " SELECT (jsonb_populate_record(t, jsonb_build_object("
                    + "'id', 'qt_copied', 'priority', 3, 'version',"
                    + " nextval('\"agent\"\"run\".agentrun_queue_version_seq')))).* FROM " + TASKS + " t WHERE id = '"
                    + first.id() + "'");

            assertThat(listed(store, QueueQuery.in(TenantScope.tenant("t"))))
                    .containsExactly(third.id(), "qt_copied", first.id());
            assertThat(listed(store, QueueQuery.inQueue("q"))).containsExactly("qt_copied", first.id());
            assertThat(store.queue().list(QueueQuery.inQueue("other")).items())
                    .extracting(QueueTask::place)
                    .containsExactly(new TaskPlace("other", TaskPlace.DEFAULT_LANE, 7));
            database.execute("DELETE FROM " + TASKS + " WHERE id = 'qt_copied'");
            assertThat(listed(store, QueueQuery.inQueue("q"))).containsExactly(first.id());
        }
    }

    @Test
    void tasks_from_before_are_listed() {
        try (TestDatabase original = OriginalDatabase.at(OriginalDatabase.LEVELS)) {
            PostgresMigrations.in(original.pool(6), "public").migrate();

            assertThat(original.query("SELECT id FROM agentrun_task_lists ORDER BY id"))
                    .isNotEmpty()
                    .isEqualTo(original.query("SELECT id FROM agentrun_queue_tasks ORDER BY id"));
        }
    }

    private static QueueTask create(PostgresAgentRunStore store, String title) {
        return store.queue()
                .create(NewQueueTask.builder(new Owner("t", "p"), "q", title, RunSpec.of(BackendProfile.CODEX))
                        .build());
    }

    private static List<String> listed(PostgresAgentRunStore store, QueueQuery query) {
        return store.queue().list(query).items().stream().map(QueueTask::id).toList();
    }
}

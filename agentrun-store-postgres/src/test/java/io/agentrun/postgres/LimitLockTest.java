package io.agentrun.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.agentrun.error.StoreUnavailableException;
import io.agentrun.limit.Limit;
import io.agentrun.limit.LimitHolder;
import io.agentrun.limit.LimitKey;
import io.agentrun.model.BackendProfile;
import io.agentrun.model.Outcome;
import io.agentrun.model.Owner;
import io.agentrun.model.RunSpec;
import io.agentrun.postgres.testing.TestDatabase;
import io.agentrun.queue.Dispatch;
import io.agentrun.queue.DispatchRequest;
import io.agentrun.queue.NewQueueTask;
import io.agentrun.queue.QueueTask;
import io.agentrun.queue.TakeRequest;
import java.sql.Connection;
import java.sql.SQLException;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Changes of limits come before or after all that begins and ends, also in transactions of the host. */
class LimitLockTest {

    private static final LimitKey QUEUE = LimitKey.queue("queue");
    private static final Owner OWNER = new Owner("t", "p");

    private TestDatabase database;
    private DataSource pool;
    private PostgresAgentRunStore store;

    @BeforeEach
    void open() {
        database = TestDatabase.migrated();
        pool = database.pool(6);
        store = PostgresAgentRunStore.builder(pool)
                .schema(TestDatabase.SCHEMA)
                .withoutMigration()
                .build();
    }

    @AfterEach
    void close() {
        store.close();
        database.close();
    }

    private void task() {
        store.queue()
                .create(NewQueueTask.builder(OWNER, "queue", "a task", RunSpec.of(BackendProfile.CODEX))
                        .build());
    }

    @Test
    void a_limit_counts_what_was_dispatched_in_a_transaction_that_was_open_when_it_was_first_asked_for()
            throws SQLException {
        task();
        task();
        Limit limit = Limit.running(QUEUE, 1);

        Dispatch dispatch;
        try (Connection connection = pool.getConnection()) {
            connection.setAutoCommit(false);
            dispatch = store.in(connection)
                    .queue()
                    .dispatchNext(DispatchRequest.any())
                    .orElseThrow();
            assertThatExceptionOfType(StoreUnavailableException.class)
                    .isThrownBy(() -> store.limits().set(limit))
                    .satisfies(error ->
                            assertThat(error.reason()).isEqualTo(StoreUnavailableException.Reason.LOCK_TIMEOUT))
                    .satisfies(error -> assertThat(error.retryable()).isTrue());
            connection.commit();
        }
        store.limits().set(limit);

        assertThat(store.limits().holders(QUEUE))
                .extracting(LimitHolder::runId)
                .containsExactly(dispatch.run().id());
        assertThat(store.queue().dispatchNext(DispatchRequest.any())).isEmpty();
    }

    @Test
    void a_dispatch_that_is_rolled_back_gives_back_what_it_took() throws SQLException {
        task();
        store.limits().set(Limit.running(QUEUE, 1));

        try (Connection connection = pool.getConnection()) {
            connection.setAutoCommit(false);
            assertThat(store.in(connection).queue().dispatchNext(DispatchRequest.any()))
                    .isPresent();
            connection.rollback();
        }

        assertThat(store.limits().holders(QUEUE)).isEmpty();
        assertThat(store.queue().dispatchNext(DispatchRequest.any())).isPresent();
    }

    /** Its row has a lock of the reader beside the one of the take. */
    @Test
    void a_task_that_somebody_is_marking_as_read_takes_its_slot_too() throws SQLException {
        task();
        store.limits().set(Limit.running(QUEUE, 9));
        assertThat(store.queue().dispatchNext(DispatchRequest.any())).isPresent();
        LimitKey others = LimitKey.queue("other");
        store.limits().set(Limit.running(others, 9));
        task();
        QueueTask marked = store.queue()
                .create(NewQueueTask.builder(OWNER, "other", "a task", RunSpec.of(BackendProfile.CODEX))
                        .build());

        try (Connection connection = pool.getConnection()) {
            connection.setAutoCommit(false);
            store.in(connection).queue().markRead(marked.id(), "ann", 1);
            assertThat(store.queue()
                            .take(TakeRequest.by("runner", DispatchRequest.any())
                                    .withN(3)))
                    .as("the run that was dispatched, and two tasks")
                    .hasSize(3);
            connection.commit();
        }

        assertThat(store.limits().holders(QUEUE)).hasSize(2);
        assertThat(store.limits().holders(others)).hasSize(1);
    }

    @Test
    void setting_a_limit_again_frees_what_a_host_of_an_earlier_version_has_left() {
        task();
        task();
        store.limits().set(Limit.running(QUEUE, 1));
        Dispatch dispatch = store.queue().dispatchNext(DispatchRequest.any()).orElseThrow();
        store.runs().finishUnclaimed(dispatch.run().id(), Outcome.completed());
        database.execute("UPDATE \"agent\"\"run\".agentrun_limit_slots SET run_id = '"
                + dispatch.run().id() + "' WHERE number = 1");
        assertThat(store.queue().dispatchNext(DispatchRequest.any())).isEmpty();

        store.limits().set(Limit.running(QUEUE, 1));

        assertThat(store.queue().dispatchNext(DispatchRequest.any())).isPresent();
    }
}

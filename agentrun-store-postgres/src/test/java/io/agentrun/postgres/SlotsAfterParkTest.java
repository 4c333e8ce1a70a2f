package io.agentrun.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentrun.lease.RunLease;
import io.agentrun.limit.Limit;
import io.agentrun.limit.LimitKey;
import io.agentrun.model.BackendProfile;
import io.agentrun.model.CancelMode;
import io.agentrun.model.Owner;
import io.agentrun.model.RunSpec;
import io.agentrun.postgres.testing.TestDatabase;
import io.agentrun.question.NewQuestion;
import io.agentrun.question.Question;
import io.agentrun.question.Reply;
import io.agentrun.queue.DispatchRequest;
import io.agentrun.queue.NewQueueTask;
import io.agentrun.queue.TakeRequest;
import io.agentrun.queue.Taken;
import io.agentrun.run.Run;
import io.agentrun.tck.Race;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A run that was parked takes its slots while somebody waits for its lock, whose statement is older than that. */
class SlotsAfterParkTest {

    private static final LimitKey QUEUE = LimitKey.queue("queue");
    private static final Owner OWNER = new Owner("t", "p");
    private static final Duration MINUTE = Duration.ofMinutes(1);

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

    /** Returns a run of a task that was parked, and whose question has been answered. */
    private Run answered() {
        store.queue()
                .create(NewQueueTask.builder(OWNER, "queue", "a task", RunSpec.of(BackendProfile.CODEX))
                        .build());
        Taken taken = store.queue()
                .take(TakeRequest.by("runner", DispatchRequest.any()))
                .get(0);
        RunLease lease = taken.lease();
        store.commands().acknowledge(lease.fence(), taken.turns().get(0).id());
        Question asked = store.questions().ask(lease.fence(), NewQuestion.of("which one?"));
        store.leases().park(lease.fence(), List.of(asked.id()));
        store.questions().answer(asked.id(), Reply.text("this one"), "ann");
        return store.runs().get(lease.run().id());
    }

    @Test
    void an_end_that_has_waited_for_the_claim_gives_back_what_that_took() throws Exception {
        store.limits().set(Limit.running(QUEUE, 1));
        Run run = answered();

        Future<Race.Finish<Run>> cancel;
        try (Connection connection = pool.getConnection()) {
            connection.setAutoCommit(false);
            store.in(connection).leases().claim(run.id(), "runner", MINUTE);
            cancel = Race.background(() -> store.runs().cancel(run.id(), "no more", CancelMode.FORCE));
            awaitBlocked();
            connection.commit();
        }

        assertThat(Race.await(cancel).value()).isNotNull().matches(Run::isTerminal);
        assertThat(store.limits().holders(QUEUE)).isEmpty();
    }

    @Test
    void a_claim_that_is_rolled_back_has_taken_no_slot() throws SQLException {
        store.limits().set(Limit.running(QUEUE, 1));
        Run run = answered();

        try (Connection connection = pool.getConnection()) {
            connection.setAutoCommit(false);
            store.in(connection).leases().claim(run.id(), "runner", MINUTE);
            connection.rollback();
        }

        assertThat(store.limits().holders(QUEUE)).isEmpty();
        assertThat(store.leases().claim(run.id(), "runner", MINUTE).run().id()).isEqualTo(run.id());
        assertThat(store.limits().holders(QUEUE)).hasSize(1);
    }

    private void awaitBlocked() {
        String blocked =
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
        for (long end = System.nanoTime() + TimeUnit.MINUTES.toNanos(1); System.nanoTime() < end; ) {
            if (!database.query(blocked).equals(List.of("0"))) {
                return;
            }
        }
        throw new AssertionError("the cancel does not wait for the row");
    }
}

package io.agentrun.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentrun.command.Command;
import io.agentrun.command.CommandDelivery;
import io.agentrun.command.NewCommand;
import io.agentrun.event.EventPage;
import io.agentrun.event.EventType;
import io.agentrun.event.NewEvent;
import io.agentrun.event.RunEvent;
import io.agentrun.json.JsonObject;
import io.agentrun.lease.ClaimRequest;
import io.agentrun.lease.Fence;
import io.agentrun.model.BackendProfile;
import io.agentrun.model.Owner;
import io.agentrun.model.RunSpec;
import io.agentrun.postgres.testing.TestDatabase;
import io.agentrun.run.NewRun;
import io.agentrun.run.Run;
import io.agentrun.tck.Race;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Signals without the polling that would make up for a lost one, and claims beside a foreign transaction. */
class WakeUpTest {

    private static final Duration LONG = Duration.ofMinutes(30);
    private static final NewEvent EVENT = new NewEvent(EventType.DIFF, JsonObject.empty());
    private static final ClaimRequest NEXT = ClaimRequest.by("runner", LONG);

    private TestDatabase database;
    private List<PostgresAgentRunStore> stores;

    @BeforeEach
    void open() {
        database = TestDatabase.migrated();
        stores = List.of(store(), store());
    }

    private PostgresAgentRunStore store() {
        return PostgresAgentRunStore.builder(database.pool(8))
                .schema(TestDatabase.SCHEMA)
                .withoutMigration()
                .pollInterval(Duration.ofHours(24))
                .build();
    }

    @AfterEach
    void close() {
        stores.forEach(PostgresAgentRunStore::close);
        database.close();
    }

    private Run newRun() {
        return stores.get(0)
                .runs()
                .create(NewRun.builder(new Owner("t", "p"), RunSpec.of(BackendProfile.CODEX))
                        .build());
    }

    private Connection transaction() throws SQLException {
        Connection connection = database.pool(2).getConnection();
        connection.setAutoCommit(false);
        return connection;
    }

    @Test
    void the_commit_of_a_host_s_transaction_wakes_the_readers_of_every_store() throws SQLException {
        Run run = newRun();
        List<Future<Race.Finish<EventPage>>> waiting = new ArrayList<>();
        for (PostgresAgentRunStore store : stores) {
            waiting.add(Race.waiting(() -> store.events().await(run.id(), 1, 10, LONG)));
        }

        RunEvent appended;
        try (Connection host = transaction()) {
            appended = stores.get(0).in(host).events().appendUnfenced(run.id(), EVENT);
            host.commit();
        }

        for (Future<Race.Finish<EventPage>> wait : waiting) {
            assertThat(Objects.requireNonNull(Race.await(wait).value()).items()).containsExactly(appended);
        }
    }

    @Test
    void a_command_of_a_host_s_transaction_wakes_its_runner_at_every_store() throws SQLException {
        Run run = newRun();
        Fence fence = stores.get(0).leases().claim(run.id(), "runner", LONG).fence();
        List<Future<Race.Finish<CommandDelivery>>> waiting = new ArrayList<>();
        for (PostgresAgentRunStore store : stores) {
            waiting.add(Race.waiting(() -> store.commands().await(fence, 10, LONG)));
        }

        Command turn;
        try (Connection host = transaction()) {
            turn = stores.get(1).in(host).commands().create(run.id(), NewCommand.turn(JsonObject.of("prompt", "go")));
            host.commit();
        }

        for (Future<Race.Finish<CommandDelivery>> wait : waiting) {
            assertThat(Objects.requireNonNull(Race.await(wait).value()).commands())
                    .containsExactly(turn);
        }
    }

    @Test
    void the_next_run_is_claimed_past_one_that_a_foreign_transaction_has_locked() throws SQLException {
        Run oldest = newRun();
        Run next = newRun();

        try (Connection other = transaction();
                Statement lock = other.createStatement()) {
            lock.execute("SELECT run_id FROM \"agent\"\"run\".agentrun_run_state WHERE run_id = '" + oldest.id()
                    + "' FOR UPDATE");

            assertThat(stores.get(0)
                            .leases()
                            .claimNext(NEXT)
                            .orElseThrow()
                            .run()
                            .id())
                    .isEqualTo(next.id());
            assertThat(stores.get(0).leases().claimNext(NEXT)).isEmpty();
            other.rollback();
        }

        assertThat(stores.get(1).leases().claimNext(NEXT).orElseThrow().run().id())
                .isEqualTo(oldest.id());
    }
}

package io.agentrun.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.agentrun.command.Command;
import io.agentrun.command.CommandState;
import io.agentrun.command.NewCommand;
import io.agentrun.error.StoreUnavailableException;
import io.agentrun.event.EventType;
import io.agentrun.event.NewEvent;
import io.agentrun.json.JsonObject;
import io.agentrun.lease.LeaseSignal;
import io.agentrun.lease.RunLease;
import io.agentrun.model.BackendProfile;
import io.agentrun.model.CancelMode;
import io.agentrun.model.Owner;
import io.agentrun.model.RunSpec;
import io.agentrun.postgres.testing.TestDatabase;
import io.agentrun.run.NewRun;
import io.agentrun.run.Run;
import io.agentrun.run.SessionRef;
import java.time.Duration;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** No step of a runner reads the payloads of the turns that are open: here they cannot be read at all. */
class UnreadPayloadTest {

    private static final Duration LEASE = Duration.ofHours(1);

    private TestDatabase database;

    @BeforeEach
    void open() {
        database = TestDatabase.migrated();
    }

    @AfterEach
    void close() {
        database.close();
    }

    @Test
    void a_runner_works_with_shortcuts_beside_payloads_that_nobody_can_read() {
        work(builder -> builder);
    }

    @Test
    void a_runner_works_without_shortcuts_beside_payloads_that_nobody_can_read() {
        work(PostgresStoreBuilder::withoutShortcuts);
    }

    private void work(UnaryOperator<PostgresStoreBuilder> option) {
        PostgresStoreBuilder builder = PostgresAgentRunStore.builder(database.pool(4))
                .schema(TestDatabase.SCHEMA)
                .withoutMigration();
        try (PostgresAgentRunStore store = option.apply(builder).build()) {
            Run run = store.runs()
                    .create(NewRun.builder(new Owner("t", "p"), RunSpec.of(BackendProfile.CODEX))
                            .session(SessionRef.of("session"))
                            .build());
            NewCommand turn = NewCommand.turn(JsonObject.of("prompt", "go"));
            Command active = store.commands().create(run.id(), turn);
            Command waiting = store.commands().create(run.id(), turn);
            makeUnreadable();

            RunLease lease = store.leases().claim(run.id(), "runner", LEASE);
            Command acknowledged = store.commands().acknowledge(lease.fence(), active.id());
            store.events().append(lease.fence(), new NewEvent(EventType.DIFF, JsonObject.empty()));
            Run asked = store.runs().cancel(run.id(), "no more", CancelMode.GRACEFUL);

            assertThat(acknowledged.state()).isEqualTo(CommandState.ACKNOWLEDGED);
            assertThat(store.leases().heartbeat(lease.fence(), LEASE).signal()).isEqualTo(LeaseSignal.CANCEL_REQUESTED);
            assertThat(asked.cancelRequest()).isNotNull();
            JsonObject payload = store.commands().get(waiting.id()).payload();
            assertThatExceptionOfType(StoreUnavailableException.class)
                    .isThrownBy(payload::toMap)
                    .matches(e -> e.reason() == StoreUnavailableException.Reason.CORRUPT);
        }
    }

    /** Nests deeper than a parser goes. */
    private void makeUnreadable() {
        String deep = "{\"a\":".repeat(1_100) + "1" + "}".repeat(1_100);
        database.execute("UPDATE \"agent\"\"run\".agentrun_commands SET payload = '" + deep + "'");
    }
}

package io.agentrun.h2;

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
import io.agentrun.run.NewRun;
import io.agentrun.run.Run;
import io.agentrun.run.SessionRef;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** No step of a runner parses the payloads of the turns that are open: here they cannot be parsed at all. */
class UnreadPayloadTest {

    private static final Duration LEASE = Duration.ofHours(1);

    @Test
    void a_runner_works_beside_payloads_that_nobody_can_read() {
        try (H2AgentRunStore store = H2AgentRunStore.inMemory("unread").open()) {
            Run run = store.runs()
                    .create(NewRun.builder(new Owner("t", "p"), RunSpec.of(BackendProfile.CODEX))
                            .session(SessionRef.of("session"))
                            .build());
            NewCommand turn = NewCommand.turn(JsonObject.of("prompt", "p".repeat(200_000)));
            Command active = store.commands().create(run.id(), turn);
            Command waiting = store.commands().create(run.id(), turn);
            store.backend.write(tx -> makeUnreadable(((H2Tx) tx).sql()));

            RunLease lease = store.leases().claim(run.id(), "runner", LEASE);
            Command acknowledged = store.commands().acknowledge(lease.fence(), active.id());
            store.events().append(lease.fence(), new NewEvent(EventType.DIFF, JsonObject.empty()));
            Run asked = store.runs().cancel(run.id(), "no more", CancelMode.GRACEFUL);

            assertThat(acknowledged.state()).isEqualTo(CommandState.ACKNOWLEDGED);
            assertThat(store.leases().heartbeat(lease.fence(), LEASE).signal()).isEqualTo(LeaseSignal.CANCEL_REQUESTED);
            assertThat(asked.cancelRequest()).isNotNull();
            assertUnreadable(acknowledged);
            assertUnreadable(store.commands().get(active.id()));
            assertUnreadable(store.commands().get(waiting.id()));
        }
    }

    private static int makeUnreadable(Sql sql) {
        int changed = sql.update("UPDATE commands SET document = REPLACE(document, '{\\\"prompt', '{\\\"prompt\\\"')");
        assertThat(changed).isEqualTo(2);
        return changed;
    }

    private static void assertUnreadable(Command command) {
        JsonObject payload = command.payload();
        assertThatExceptionOfType(StoreUnavailableException.class)
                .isThrownBy(payload::toMap)
                .matches(e -> e.reason() == StoreUnavailableException.Reason.CORRUPT);
    }
}

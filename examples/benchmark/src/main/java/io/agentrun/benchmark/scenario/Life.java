package io.agentrun.benchmark.scenario;

import io.agentrun.AgentRunStore;
import io.agentrun.command.Command;
import io.agentrun.command.NewCommand;
import io.agentrun.event.EventType;
import io.agentrun.event.NewEvent;
import io.agentrun.json.JsonObject;
import io.agentrun.lease.RunLease;
import io.agentrun.model.Outcome;
import io.agentrun.model.TurnResult;
import io.agentrun.run.NewRun;
import io.agentrun.run.Run;
import io.agentrun.run.SessionRef;
import java.util.UUID;

/**
 * One run from its creation to its end: with session, turn, claim, acknowledgement, 20 events one by one, both ends.
 *
 * <p>Thread-safe.
 */
public final class Life {

    private static final int EVENTS = 20;

    private final AgentRunStore store;
    private final String runner;

    /** Lives in a store, led by a runner. */
    public Life(AgentRunStore store, String runner) {
        this.store = store;
        this.runner = runner;
    }

    /** Lives one life, in a new session. */
    public void live() {
        Run run = store.runs()
                .create(NewRun.builder(Given.OWNER, Given.SPEC)
                        .session(SessionRef.of(UUID.randomUUID().toString()))
                        .build());
        Command turn = store.commands().create(run.id(), NewCommand.turn(Given.PROMPT));
        RunLease lease = store.leases().claim(run.id(), runner, Given.LEASE);
        store.commands().acknowledge(lease.fence(), turn.id());
        for (int i = 0; i < EVENTS; i++) {
            store.events()
                    .append(
                            lease.fence(),
                            new NewEvent(
                                    EventType.ASSISTANT_MESSAGE,
                                    JsonObject.of("text", "a line of output of the agent", "line", i)));
        }
        store.commands().finish(lease.fence(), turn.id(), TurnResult.of(Outcome.completed()));
        store.runs().finish(lease.fence(), TurnResult.of(Outcome.completed()));
    }
}

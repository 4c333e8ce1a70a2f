package io.agentrun.benchmark;

import io.agentrun.AgentRunStore;
import io.agentrun.BackendProfile;
import io.agentrun.Outcome;
import io.agentrun.Owner;
import io.agentrun.RunSpec;
import io.agentrun.TurnResult;
import io.agentrun.command.Command;
import io.agentrun.command.NewCommand;
import io.agentrun.event.EventType;
import io.agentrun.event.NewEvent;
import io.agentrun.json.JsonObject;
import io.agentrun.lease.RunLease;
import io.agentrun.run.NewRun;
import io.agentrun.run.Run;
import io.agentrun.run.SessionRef;
import java.time.Duration;

/** One run from its creation to its end: with session, turn, claim, acknowledgement, 20 events one by one, both ends. */
final class Life {

    private static final int EVENTS = 20;
    private static final Owner OWNER = new Owner("tenant", "project");
    private static final RunSpec SPEC = RunSpec.builder(BackendProfile.CODEX).build();
    private static final JsonObject PROMPT = JsonObject.of("prompt", "find the defect and mend it");
    private static final Duration LEASE = Duration.ofMinutes(1);

    private final AgentRunStore store;
    private final String runner;

    Life(AgentRunStore store, String runner) {
        this.store = store;
        this.runner = runner;
    }

    void live(String sessionId) {
        Run run = store.runs()
                .create(NewRun.builder(OWNER, SPEC)
                        .session(SessionRef.of(sessionId))
                        .build());
        Command turn = store.commands().create(run.id(), NewCommand.turn(PROMPT));
        RunLease lease = store.leases().claim(run.id(), runner, LEASE);
        store.commands().acknowledge(lease.fence(), turn.id());
        for (int i = 0; i < EVENTS; i++) {
            JsonObject payload = JsonObject.of("text", "a line of output of the agent", "line", i);
            store.events().append(lease.fence(), new NewEvent(EventType.ASSISTANT_MESSAGE, payload));
        }
        store.commands().finish(lease.fence(), turn.id(), TurnResult.of(Outcome.completed()));
        store.runs().finish(lease.fence(), TurnResult.of(Outcome.completed()));
    }
}

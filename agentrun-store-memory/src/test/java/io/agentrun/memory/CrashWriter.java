package io.agentrun.memory;

import io.agentrun.AgentRunStore;
import io.agentrun.command.Command;
import io.agentrun.command.NewCommand;
import io.agentrun.event.EventType;
import io.agentrun.event.NewEvent;
import io.agentrun.json.JsonObject;
import io.agentrun.lease.RunLease;
import io.agentrun.model.BackendProfile;
import io.agentrun.model.Outcome;
import io.agentrun.model.Owner;
import io.agentrun.model.RunSpec;
import io.agentrun.model.TurnResult;
import io.agentrun.queue.NewQueueTask;
import io.agentrun.run.NewRun;
import io.agentrun.run.Run;
import io.agentrun.run.SessionRef;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * Writes to a store on a file until it is killed, and says of every operation that it has returned: one line each, on
 * standard output, after the call. Several threads, so that operations meet in one sync.
 */
public final class CrashWriter {

    private static final int THREADS = 3;
    private static final Owner OWNER = new Owner("tenant", "project");
    private static final RunSpec SPEC = RunSpec.builder(BackendProfile.CODEX).build();

    private final AgentRunStore store;
    private final PrintStream out;
    private final String name;

    private CrashWriter(AgentRunStore store, PrintStream out, String name) {
        this.store = store;
        this.out = out;
        this.name = name;
    }

    public static void main(String[] args) {
        InMemoryAgentRunStore.Builder builder = InMemoryAgentRunStore.builder();
        if (args[1].equals("os")) {
            builder.withoutSync();
        }
        AgentRunStore store = builder.open(Path.of(args[0]));
        for (int i = 0; i < THREADS; i++) {
            CrashWriter writer = new CrashWriter(store, System.out, args[2] + "-" + i);
            new Thread(writer::writeForEver, "writer-" + i).start();
        }
    }

    private void writeForEver() {
        for (int life = 0; ; life++) {
            writeLife(life);
        }
    }

    private void writeLife(int life) {
        Run run = store.runs()
                .create(NewRun.builder(OWNER, SPEC)
                        .session(SessionRef.of("session-" + name + "-" + life % 4))
                        .idempotencyKey(name + "-" + life)
                        .build());
        say("run " + run.id());
        Command turn = store.commands().create(run.id(), NewCommand.turn(JsonObject.of("prompt", "life " + life)));
        say("turn " + turn.id());
        RunLease lease = store.leases().claim(run.id(), name, Duration.ofHours(1));
        say("epoch " + run.id() + " " + lease.fence().epoch());
        store.commands().acknowledge(lease.fence(), turn.id());
        say("acknowledged " + turn.id());
        for (int i = 0; i < 3; i++) {
            NewEvent event = new NewEvent(EventType.ASSISTANT_MESSAGE, JsonObject.of("text", "x".repeat(50 * i)));
            long seq = store.events()
                    .append(lease.fence(), List.of(event, event))
                    .get(1)
                    .seq();
            say("event " + run.id() + " " + seq);
        }
        store.runs().finish(lease.fence(), TurnResult.of(Outcome.completed()));
        say("finished " + run.id());
        String task = store.queue()
                .create(NewQueueTask.builder(OWNER, "queue", "task " + life, SPEC)
                        .build())
                .id();
        say("task " + task);
    }

    private void say(String line) {
        synchronized (out) {
            out.println(line);
            out.flush();
        }
    }
}

package io.agentrun.console;

import io.agentrun.AgentRunStore;
import io.agentrun.command.Command;
import io.agentrun.command.NewCommand;
import io.agentrun.error.FailureKind;
import io.agentrun.event.EventType;
import io.agentrun.event.NewEvent;
import io.agentrun.json.JsonObject;
import io.agentrun.lease.Fence;
import io.agentrun.lease.RunLease;
import io.agentrun.model.BackendProfile;
import io.agentrun.model.Outcome;
import io.agentrun.model.Owner;
import io.agentrun.model.RunSpec;
import io.agentrun.model.TurnResult;
import io.agentrun.queue.DispatchRequest;
import io.agentrun.queue.NewQueueTask;
import io.agentrun.queue.QueueTask;
import io.agentrun.queue.RetryPolicy;
import io.agentrun.run.NewRun;
import io.agentrun.run.Run;
import io.agentrun.run.SessionRef;
import io.agentrun.session.SessionUpsert;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/**
 * A store with some of everything that an operator looks at. Immutable.
 *
 * @param running the run whose turn an agent works on; its events are {@code live}'s to append
 * @param turn that turn
 * @param live the fence of that run
 * @param failed the run of the session that has failed
 * @param session the session of both
 * @param behind a task that waits behind the active turn of the session
 * @param delayed a task that waits for its time
 * @param due a task that nobody has taken
 * @param broken a task that has failed
 * @param foreign a run of another tenant
 */
public record Sample(
        Run running,
        Command turn,
        Fence live,
        Run failed,
        String session,
        QueueTask behind,
        QueueTask delayed,
        QueueTask due,
        QueueTask broken,
        Run foreign) {

    public static final Owner OWNER = new Owner("acme", "website");
    private static final Owner STRANGER = new Owner("other", "secret");
    private static final RunSpec SPEC = RunSpec.of(BackendProfile.CODEX);
    private static final Duration LEASE = Duration.ofMinutes(30);
    private static final String SESSION = "chat-login";

    public static Sample fill(AgentRunStore store) {
        store.sessions()
                .upsert(SessionUpsert.builder(SESSION, OWNER, BackendProfile.CODEX)
                        .title("Mend the login")
                        .build());
        Run done = inSession(store);
        ended(store, done, Outcome.completed(), "LoginTest passes again.");
        Run failed = inSession(store);
        ended(
                store,
                failed,
                Outcome.failed(FailureKind.BACKEND_FAILED, "the agent ended with exit code 3"),
                "I cannot reach the test database.");
        Run running = inSession(store);
        RunLease lease = store.leases().claim(running.id(), "runner-7", LEASE);
        Command turn = turn(store, running, "Make LogoutTest pass too.");
        store.commands().acknowledge(lease.fence(), turn.id());
        say(store, lease.fence(), "I read LogoutTest first.");
        store.events()
                .append(
                        lease.fence(),
                        new NewEvent(EventType.COMMAND_OUTPUT, JsonObject.of("text", "Tests run: 14, Failures: 2")));
        QueueTask broken =
                create(store, task("fixes", "Upgrade the parser").priority(5).retry(RetryPolicy.none()));
        RunLease attempt = store.leases()
                .claim(
                        store.queue()
                                .dispatchNext(DispatchRequest.fromQueue("fixes"))
                                .orElseThrow()
                                .run()
                                .id(),
                        "runner-8",
                        LEASE);
        store.runs()
                .finish(
                        attempt.fence(),
                        TurnResult.of(Outcome.failed(FailureKind.BACKEND_FAILED, "3 tests still fail")));
        QueueTask behind = create(store, task("fixes", "Tidy the login page").session(SessionRef.of(SESSION)));
        QueueTask delayed = create(
                store,
                task("nightly", "Refresh the snapshots")
                        .lane("slow")
                        .notBefore(Instant.now().plus(Duration.ofHours(6))));
        QueueTask due = create(store, task("fixes", "Rename the settings file"));
        Run foreign = store.runs()
                .create(NewRun.builder(STRANGER, SPEC)
                        .session(SessionRef.of("their-chat"))
                        .build());
        turn(store, foreign, "Nobody else may read this.");
        return new Sample(
                running,
                turn,
                lease.fence(),
                failed,
                SESSION,
                behind,
                delayed,
                due,
                store.queue().get(broken.id()),
                foreign);
    }

    /** Appends a message of the agent. */
    public static void say(AgentRunStore store, Fence fence, String text) {
        store.events().append(fence, List.of(new NewEvent(EventType.ASSISTANT_MESSAGE, JsonObject.of("text", text))));
    }

    private static NewQueueTask.Builder task(String queue, String title) {
        return NewQueueTask.builder(OWNER, queue, title, SPEC).payload(JsonObject.of("prompt", title + "."));
    }

    private static QueueTask create(AgentRunStore store, NewQueueTask.Builder task) {
        return store.queue().create(task.build());
    }

    private static Run inSession(AgentRunStore store) {
        return store.runs()
                .create(NewRun.builder(OWNER, SPEC)
                        .session(SessionRef.of(SESSION))
                        .build());
    }

    private static Command turn(AgentRunStore store, Run run, String prompt) {
        return store.commands().create(run.id(), NewCommand.turn(JsonObject.of("prompt", prompt)));
    }

    private static void ended(AgentRunStore store, Run run, Outcome outcome, String said) {
        RunLease lease = store.leases().claim(run.id(), "runner-1", LEASE);
        Command turn = turn(store, run, "Make LoginTest pass.");
        store.commands().acknowledge(lease.fence(), turn.id());
        say(store, lease.fence(), said);
        store.runs().finish(lease.fence(), TurnResult.of(outcome));
    }
}

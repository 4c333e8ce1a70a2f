package io.agentrun.tck;

import io.agentrun.AgentRunStore;
import io.agentrun.command.Command;
import io.agentrun.command.NewCommand;
import io.agentrun.error.FailureKind;
import io.agentrun.event.EventType;
import io.agentrun.event.NewEvent;
import io.agentrun.json.JsonObject;
import io.agentrun.lease.RunLease;
import io.agentrun.model.BackendProfile;
import io.agentrun.model.Outcome;
import io.agentrun.model.Owner;
import io.agentrun.model.RunSpec;
import io.agentrun.model.TurnResult;
import io.agentrun.queue.Dispatch;
import io.agentrun.queue.DispatchRequest;
import io.agentrun.queue.NewQueueTask;
import io.agentrun.queue.RetryPolicy;
import io.agentrun.run.NewRun;
import io.agentrun.run.Run;
import io.agentrun.run.SessionRef;
import io.agentrun.runner.JobPlacement;
import io.agentrun.runner.NewRunnerJob;
import io.agentrun.session.Session;
import io.agentrun.session.SessionUpsert;
import io.agentrun.storage.EvictionCause;
import io.agentrun.storage.StorageIntent;
import io.agentrun.storage.StorageReady;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Fills a store with some of everything, all of it sound: a session in which turns wait, finished work, tasks in several states,
 * storage that is ready and storage that is gone. For tests that look at whole stores.
 *
 * <p>Immutable.
 *
 * @param chat the session in which turns wait; its active turn is acknowledged
 * @param running the run of the active turn
 * @param active the active turn
 * @param steer pending for the active turn
 * @param waiting a turn of another run of the session, which waits
 * @param pending a run without a session that nobody holds, with two turns
 * @param completed a run that has ended
 * @param volume a session whose storage is ready
 * @param evicted a session whose storage is evicted
 * @param due a task that waits
 * @param dispatched a task that runs
 * @param done a task that is completed
 */
public record SampleData(
        String chat,
        String running,
        String active,
        String steer,
        String waiting,
        String pending,
        String completed,
        String volume,
        String evicted,
        String due,
        String dispatched,
        String done) {

    private static final Owner OWNER = new Owner("sample-tenant", "sample-project");
    private static final RunSpec SPEC = RunSpec.of(BackendProfile.CODEX);
    private static final Duration LEASE = Duration.ofMinutes(10);
    private static final NewEvent EVENT = new NewEvent(EventType.ASSISTANT_MESSAGE, JsonObject.of("text", "hello"));
    private static final JobPlacement PLACE =
            new JobPlacement("agents", "job-1", "http://manager", "runner:1", "abc", null);

    /** Fills the store, which must be empty. */
    public static SampleData fill(AgentRunStore store) {
        Run running = run(store, "chat");
        RunLease lease = store.leases().claim(running.id(), "runner-1", LEASE);
        Command active = store.commands().create(running.id(), turn().withIdempotencyKey("turn-1"));
        store.commands().acknowledge(lease.fence(), active.id());
        Command steer = store.commands().create(running.id(), NewCommand.steer(JsonObject.of("prompt", "rather so")));
        store.commands().create(running.id(), turn().withIdempotencyKey("turn-2"));
        store.events().append(lease.fence(), EVENT);
        store.events().append(lease.fence(), EVENT);
        store.runners()
                .saveJob(NewRunnerJob.builder(running.id(), active.id())
                        .attemptId("attempt-1")
                        .runnerId("runner-1")
                        .placement(PLACE)
                        .idempotencyKey("job-1")
                        .build());
        Command waiting = store.commands().create(run(store, "chat").id(), turn());
        Run pending = store.runs()
                .create(NewRun.builder(OWNER, SPEC).idempotencyKey("run").build());
        store.commands().create(pending.id(), turn());
        store.commands().create(pending.id(), turn());
        Run completed = completed(store);
        String due = task(store, "due");
        String dispatched = task(store, "dispatched");
        dispatch(store, "dispatched");
        String done = task(store, "done");
        end(store, dispatch(store, "done"), Outcome.completed());
        task(store, "again");
        end(store, dispatch(store, "again"), Outcome.failed(FailureKind.BACKEND_FAILED, "no"));
        Session volume = ready(store, "volume");
        Session going = ready(store, "gone");
        long generation = going.storage().generation();
        store.storage().beginEviction("gone", generation, EvictionCause.REQUESTED);
        store.storage().confirmEvicted("gone", generation);
        return new SampleData(
                "chat",
                running.id(),
                active.id(),
                steer.id(),
                waiting.id(),
                pending.id(),
                completed.id(),
                volume.id(),
                going.id(),
                due,
                dispatched,
                done);
    }

    /** Returns a new turn. */
    public static NewCommand turn() {
        return NewCommand.turn(JsonObject.of("prompt", "do it"));
    }

    /** Creates a pending run; in the session, which is created if it is not there, or without one. */
    public static Run run(AgentRunStore store, @Nullable String sessionId) {
        NewRun.Builder run = NewRun.builder(OWNER, SPEC);
        return store.runs().create((sessionId == null ? run : run.session(SessionRef.of(sessionId))).build());
    }

    private static Run completed(AgentRunStore store) {
        Run run = run(store, "finished");
        RunLease lease = store.leases().claim(run.id(), "runner-2", LEASE);
        Command turn = store.commands().create(run.id(), turn());
        store.commands().acknowledge(lease.fence(), turn.id());
        store.commands().finish(lease.fence(), turn.id(), TurnResult.of(Outcome.completed()));
        return store.runs().finish(lease.fence(), TurnResult.of(Outcome.completed()));
    }

    private static String task(AgentRunStore store, String queue) {
        return store.queue()
                .create(NewQueueTask.builder(OWNER, queue, "a task", SPEC)
                        .payload(JsonObject.of("prompt", "do it"))
                        .retry(new RetryPolicy(2, Duration.ofHours(1)))
                        .idempotencyKey("task-" + queue)
                        .build())
                .id();
    }

    private static Dispatch dispatch(AgentRunStore store, String queue) {
        return store.queue()
                .dispatchNext(DispatchRequest.fromQueue(queue))
                .orElseThrow(() -> new AssertionError("nothing is due in " + queue));
    }

    private static void end(AgentRunStore store, Dispatch dispatch, Outcome outcome) {
        RunLease lease = store.leases().claim(dispatch.run().id(), "runner-3", LEASE);
        store.commands().acknowledge(lease.fence(), dispatch.turn().id());
        store.runs().finish(lease.fence(), TurnResult.of(outcome));
    }

    private static Session ready(AgentRunStore store, String sessionId) {
        store.sessions()
                .upsert(SessionUpsert.builder(sessionId, OWNER, BackendProfile.CODEX)
                        .build());
        Session session = store.storage().provision(new StorageIntent(sessionId, "agents", "pvc-" + sessionId));
        return store.storage()
                .ready(new StorageReady(sessionId, session.storage().generation(), "uid-" + sessionId, "Bound"));
    }
}

package io.agentrun.tck.suite;

import io.agentrun.AgentRunStore;
import io.agentrun.command.Command;
import io.agentrun.command.NewCommand;
import io.agentrun.id.IdSource;
import io.agentrun.json.JsonObject;
import io.agentrun.lease.Fence;
import io.agentrun.lease.FenceToken;
import io.agentrun.lease.RunLease;
import io.agentrun.model.BackendProfile;
import io.agentrun.model.Outcome;
import io.agentrun.model.Owner;
import io.agentrun.model.RunSpec;
import io.agentrun.model.TenantScope;
import io.agentrun.model.TurnResult;
import io.agentrun.question.NewQuestion;
import io.agentrun.question.Question;
import io.agentrun.queue.Dispatch;
import io.agentrun.queue.DispatchRequest;
import io.agentrun.queue.NewQueueTask;
import io.agentrun.queue.QueueTask;
import io.agentrun.run.NewRun;
import io.agentrun.run.Run;
import io.agentrun.run.SessionRef;
import io.agentrun.session.Session;
import io.agentrun.session.SessionUpsert;
import io.agentrun.storage.EvictionCause;
import io.agentrun.storage.StorageIntent;
import io.agentrun.storage.StorageReady;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;

/**
 * Records in the states that tests begin with, made through a store: one owner, session and queue names of its own.
 *
 * <p>A method named after a state gives a record in that state, as it is stored then. Not thread-safe: one thread at a
 * time.
 */
final class Given {

    /** How long the leases are that this class takes. */
    static final Duration LEASE = Duration.ofMinutes(1);

    /** Longer than {@link #LEASE}: after it, such a lease has run out. */
    static final Duration PAST_LEASE = LEASE.plusSeconds(1);

    /** The runner that holds the leases of this class. */
    static final String RUNNER = "runner-a";

    /** A runner that holds nothing. */
    static final String OTHER_RUNNER = "runner-b";

    /** The backend of the runs of this class. */
    static final BackendProfile PROFILE = BackendProfile.CODEX;

    private final AgentRunStore store;
    private final IdSource names = IdSource.timeOrdered();
    private final Owner owner;

    Given(AgentRunStore store) {
        this.store = store;
        this.owner = new Owner(names.next("tenant"), names.next("project"));
    }

    /** The owner of all that this object makes. */
    Owner owner() {
        return owner;
    }

    /** An owner in another tenant, a new one at every call. */
    Owner stranger() {
        return new Owner(names.next("tenant"), names.next("project"));
    }

    /** What {@link #owner()} may see. */
    TenantScope scope() {
        return TenantScope.project(owner.tenantId(), owner.projectId());
    }

    /** A name that nobody has used: of a session, a queue, a key. */
    String name(String prefix) {
        return names.next(prefix);
    }

    /** What the runs work with. */
    RunSpec spec() {
        return RunSpec.of(PROFILE);
    }

    /** A spec in which nothing is left out. */
    RunSpec fullSpec(BackendProfile profile) {
        return RunSpec.builder(profile)
                .providerId("provider-1")
                .workspaceRef(JsonObject.of("repo", "r"))
                .executionPolicy(JsonObject.of("network", false))
                .resourceBundleRef(JsonObject.of("bundle", "b"))
                .traceSink(JsonObject.of("sink", "s"))
                .build();
    }

    /** Input for a run of {@link #owner()}, without session and key, with one attempt. */
    NewRun.Builder newRun() {
        return NewRun.builder(owner, spec());
    }

    /** A pending run without a session. */
    Run run() {
        return store.runs().create(newRun().build());
    }

    /** A pending run without a session that may be begun so often. */
    Run runWithAttempts(int maxAttempts) {
        return store.runs().create(newRun().maxAttempts(maxAttempts).build());
    }

    /** A pending run in the session, which is created if there is none. */
    Run runIn(String sessionId) {
        return store.runs().create(newRun().session(SessionRef.of(sessionId)).build());
    }

    /** A pending run in the session that may be begun so often. */
    Run runIn(String sessionId, int maxAttempts) {
        return store.runs()
                .create(newRun().session(SessionRef.of(sessionId))
                        .maxAttempts(maxAttempts)
                        .build());
    }

    /** A fence that was written by hand from what everybody may see: it has a token, but not that of a claim. */
    static Fence forged(String runId, String runnerId, long epoch) {
        return new Fence(runId, runnerId, epoch, FenceToken.random());
    }

    /** The fence with another token. */
    static Fence forged(Fence fence) {
        return forged(fence.runId(), fence.runnerId(), fence.epoch());
    }

    /** The fence with another runner and epoch, but its own token: its wire form lies open to whoever holds it. */
    static Fence altered(Fence fence, String runnerId, long epoch) {
        String wire = fence.wire();
        String prefix = wire.substring(0, wire.indexOf('_') + 1);
        ByteBuffer bytes = ByteBuffer.wrap(Base64.getUrlDecoder().decode(wire.substring(prefix.length())));
        int ids = 2 * Short.BYTES + fence.runId().length() + fence.runnerId().length();
        int token = bytes.capacity() - ids - Long.BYTES;
        byte[] runner = runnerId.getBytes(StandardCharsets.UTF_8);
        int untilRunner = bytes.capacity() - Short.BYTES - fence.runnerId().length();
        ByteBuffer other = ByteBuffer.allocate(untilRunner + Short.BYTES + runner.length)
                .put(bytes.slice(0, untilRunner))
                .putShort((short) runner.length)
                .put(runner)
                .putLong(token, epoch);
        return Fence.parse(prefix + Base64.getUrlEncoder().withoutPadding().encodeToString(other.array()));
    }

    /** The run, claimed by {@link #RUNNER}. */
    RunLease claimed(Run run) {
        return store.leases().claim(run.id(), RUNNER, LEASE);
    }

    /** A new run without a session, claimed by {@link #RUNNER}. */
    RunLease claimed() {
        return claimed(run());
    }

    /** Input for a turn whose prompt is the given text. */
    NewCommand newTurn(String prompt) {
        return NewCommand.turn(JsonObject.of("prompt", prompt));
    }

    /** A new pending turn in the run; it waits if another is open. */
    Command turn(Run run) {
        return store.commands().create(run.id(), newTurn("do it"));
    }

    /** A new pending steer in the run, which has an active turn. */
    Command steer(Run run) {
        return store.commands().create(run.id(), NewCommand.steer(JsonObject.of("prompt", "rather so")));
    }

    /** A new turn in the run of the lease, acknowledged: the run is running. */
    Command acknowledgedTurn(RunLease lease) {
        return acknowledged(lease.fence(), turn(lease.run()));
    }

    /** A new open question of the turn that is acknowledged in the run of the lease. */
    Question question(RunLease lease) {
        return store.questions().ask(lease.fence(), NewQuestion.of("which one?"));
    }

    /** The command, acknowledged. */
    Command acknowledged(Fence fence, Command command) {
        return store.commands().acknowledge(fence, command.id());
    }

    /** The run, claimed and finished as completed. */
    Run completed(Run run) {
        return store.runs().finish(claimed(run).fence(), TurnResult.of(Outcome.completed()));
    }

    /** A session that has never had a run; it has no storage. */
    Session session() {
        return store.sessions().upsert(newSession().build());
    }

    /** Input for a new session. */
    SessionUpsert.Builder newSession() {
        return SessionUpsert.builder(name("session"), owner, PROFILE);
    }

    /** The session, with a claim made for it that the cluster has not confirmed. */
    Session provisioning(Session session) {
        return store.storage()
                .provision(new StorageIntent(session.id(), "agents", name("pvc").replace('_', '-')));
    }

    /** The session, with a volume. */
    Session ready(Session session) {
        long generation = provisioning(session).storage().generation();
        return store.storage().ready(new StorageReady(session.id(), generation, name("uid"), "Bound"));
    }

    /** The session, its volume being deleted at somebody's request. */
    Session evicting(Session session) {
        long generation = ready(session).storage().generation();
        return store.storage().beginEviction(session.id(), generation, EvictionCause.REQUESTED);
    }

    /** The session, its volume deleted. */
    Session evicted(Session session) {
        long generation = evicting(session).storage().generation();
        return store.storage().confirmEvicted(session.id(), generation);
    }

    /** The session, its volume lost by the cluster. */
    Session missing(Session session) {
        long generation = ready(session).storage().generation();
        return store.storage().markMissing(session.id(), generation);
    }

    /** Input for a task in the queue, with one attempt and no session. */
    NewQueueTask.Builder newTask(String queue) {
        return NewQueueTask.builder(owner, queue, "a task", spec()).payload(JsonObject.of("prompt", "do it"));
    }

    /** A pending task in the queue. */
    QueueTask task(String queue) {
        return store.queue().create(newTask(queue).build());
    }

    /** The next due task of the queue, running, with its run and turn. */
    Dispatch dispatched(String queue) {
        return store.queue()
                .dispatchNext(DispatchRequest.fromQueue(queue))
                .orElseThrow(() -> new AssertionError("nothing is due in " + queue));
    }
}

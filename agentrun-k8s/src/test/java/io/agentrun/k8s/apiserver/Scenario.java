package io.agentrun.k8s.apiserver;

import io.agentrun.AgentRunStore;
import io.agentrun.command.Command;
import io.agentrun.command.NewCommand;
import io.agentrun.json.JsonObject;
import io.agentrun.k8s.InstanceNames;
import io.agentrun.k8s.kubectl.KubectlHandler;
import io.agentrun.k8s.kubectl.memory.InMemoryCluster;
import io.agentrun.k8s.object.ObjectRef;
import io.agentrun.k8s.storage.NewSessionVolume;
import io.agentrun.k8s.storage.SessionVolumeOptions;
import io.agentrun.k8s.storage.SessionVolumes;
import io.agentrun.k8s.storage.StorageGc;
import io.agentrun.k8s.storage.StorageGcOptions;
import io.agentrun.memory.InMemoryAgentRunStore;
import io.agentrun.model.BackendProfile;
import io.agentrun.model.Owner;
import io.agentrun.model.RunSpec;
import io.agentrun.run.NewRun;
import io.agentrun.run.Run;
import io.agentrun.run.SessionRef;
import io.agentrun.session.Expiry;
import io.agentrun.session.Session;
import io.agentrun.session.SessionUpsert;
import io.agentrun.storage.PvcRef;
import io.agentrun.storage.SessionStorage;
import io.agentrun.storage.StorageIntent;
import io.agentrun.storage.StorageState;
import io.agentrun.tck.SettableClock;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** A store and a cluster, and the things that tests do with both. */
public abstract class Scenario {

    protected static final Owner OWNER = new Owner("tenant", "project");
    protected static final BackendProfile CODEX = BackendProfile.CODEX;
    protected static final Duration HOUR = Duration.ofHours(1);

    protected final SettableClock clock = SettableClock.at(Instant.parse("2026-03-01T12:00:00Z"));
    protected final SessionVolumeOptions options = SessionVolumeOptions.of("test", "default");
    protected final InstanceNames names = options.names();

    private Cluster given;
    protected AgentRunStore store;
    protected SessionVolumes volumes;

    protected abstract Function<Clock, Cluster> clusters();

    @BeforeEach
    void startScenario() {
        given = clusters().apply(clock);
        store = InMemoryAgentRunStore.builder().clock(clock).build();
        volumes = new SessionVolumes(store, kubectl(), options);
    }

    @AfterEach
    void endScenario() {
        given.close();
        store.close();
    }

    protected final KubectlHandler kubectl() {
        return given.kubectl();
    }

    /** The cluster without a kubectl in between. */
    protected final KubectlHandler direct() {
        return given.direct();
    }

    protected final InMemoryCluster cluster() {
        return given.cluster();
    }

    protected final long processes() {
        return given.processes();
    }

    protected final SessionUpsert.Builder upsert(String sessionId) {
        return SessionUpsert.builder(sessionId, OWNER, CODEX);
    }

    /** A session with a volume that never expires. */
    protected final Session create(String sessionId) {
        return volumes.create(NewSessionVolume.of(upsert(sessionId).build()));
    }

    /** A session with a volume that has expired. */
    protected final Session createExpired(String sessionId) {
        return volumes.create(NewSessionVolume.of(upsert(sessionId)
                .expiry(Expiry.at(clock.instant().minusSeconds(1)))
                .build()));
    }

    protected final SessionStorage storage(String sessionId) {
        return store.storage().get(sessionId);
    }

    protected final ObjectRef claimOf(String sessionId) {
        PvcRef pvc = Objects.requireNonNull(storage(sessionId).pvc());
        return new ObjectRef(pvc.namespace(), pvc.name());
    }

    /** A name for the session's first claim, as if it had been made at random. */
    protected final String claimName(String sessionId) {
        return names.claimName(sessionId, 1, "0123456789abcdef01234567");
    }

    /** The intent to give the session a claim of a known name is committed, once. */
    protected final ObjectRef planned(String sessionId) {
        if (storage(store.sessions().upsert(upsert(sessionId).build()).id()).state() == StorageState.NONE) {
            store.storage().provision(new StorageIntent(sessionId, "default", claimName(sessionId)));
        }
        return claimOf(sessionId);
    }

    /** A pod of this instance, on the node, that mounts the claim and belongs to no Job. */
    protected final void ownPod(ObjectRef pod, ObjectRef claim) {
        cluster().addPod(pod, names.labels(), Set.of(claim.name()), null);
    }

    protected final Run run(String sessionId) {
        return store.runs()
                .create(NewRun.builder(OWNER, RunSpec.of(CODEX))
                        .session(SessionRef.of(sessionId))
                        .build());
    }

    protected final Command turn(Run run) {
        return store.commands().create(run.id(), NewCommand.turn(JsonObject.of("prompt", "do it")));
    }

    protected final StorageGc gc(String collectorId) {
        return new StorageGc(
                store,
                kubectl(),
                options,
                StorageGcOptions.builder().collectorId(collectorId).clock(clock).build());
    }

    /** The handler, with something that happens right after the first call of this name has been answered. */
    protected final KubectlHandler kubectlAfter(String call, Runnable then) {
        AtomicBoolean done = new AtomicBoolean();
        return kubectlAnswering(call, answer -> {
            if (done.compareAndSet(false, true)) {
                then.run();
            }
            return answer;
        });
    }

    /** The handler, with other answers to calls of this name. */
    protected final KubectlHandler kubectlAnswering(String call, UnaryOperator<Object> change) {
        return (KubectlHandler) Proxy.newProxyInstance(
                KubectlHandler.class.getClassLoader(), new Class<?>[] {KubectlHandler.class}, (self, method, args) -> {
                    Object answer;
                    try {
                        answer = method.invoke(kubectl(), args);
                    } catch (InvocationTargetException e) {
                        throw e.getTargetException();
                    }
                    return method.getName().equals(call) ? change.apply(answer) : answer;
                });
    }
}

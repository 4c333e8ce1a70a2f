package io.agentrun.k8s.storage;

import io.agentrun.AgentRunStore;
import io.agentrun.check.Require;
import io.agentrun.error.StateConflictException;
import io.agentrun.k8s.InstanceNames;
import io.agentrun.k8s.kubectl.KubectlHandler;
import io.agentrun.k8s.object.ClaimView;
import io.agentrun.k8s.object.ObjectMeta;
import io.agentrun.session.Session;
import io.agentrun.storage.PvcRef;
import io.agentrun.storage.SessionStorage;
import io.agentrun.storage.StorageReady;
import io.agentrun.storage.StorageState;
import java.util.Optional;

/**
 * The volumes that the original manager made: their rows know no uid, and their claims carry no label of agentrun. Such a
 * claim is taken by its name and namespace, and from the first time that it is seen it is known by its uid.
 *
 * <p>Thread-safe.
 */
public final class AdoptedVolumes {

    private final AgentRunStore store;
    private final KubectlHandler kubectl;

    /** Makes it; neither store nor cluster is asked before the first call. */
    public AdoptedVolumes(AgentRunStore store, KubectlHandler kubectl) {
        this.store = Require.given("store", store);
        this.kubectl = Require.given("kubectl", kubectl);
    }

    /**
     * Returns whether the volume was made by the original manager and its claim was not seen yet. What agentrun makes knows
     * the uid of its namespace before its claim is created.
     */
    public static boolean isUnseen(SessionStorage storage) {
        PvcRef pvc = storage.pvc();
        boolean was = switch (storage.state()) {
            case READY, EVICTING -> true;
            case NONE, PROVISIONING, EVICTED, MISSING -> false;
        };
        return was && pvc != null && pvc.uid() == null && pvc.namespaceUid() == null;
    }

    /** Returns whether a claim of an adopted volume's name may be the one: agentrun did not make it. */
    public static boolean mayBe(ObjectMeta claim) {
        return !InstanceNames.AGENTRUN.equals(claim.labels().get(InstanceNames.MANAGED_BY));
    }

    /**
     * Stores the uid of the session's claim, if the volume is adopted and its claim is there; otherwise nothing
     * changes. The caller has seen that the namespace is the right one.
     *
     * @return the session as it is then
     * @throws io.agentrun.k8s.kubectl.KubectlException when the cluster refuses or cannot be asked
     */
    Session learn(Session session) {
        SessionStorage storage = session.storage();
        PvcRef pvc = storage.pvc();
        if (pvc == null || storage.state() != StorageState.READY || !isUnseen(storage)) {
            return session;
        }
        Optional<ClaimView> claim = kubectl.findClaim(Evictor.ref(pvc)).filter(found -> mayBe(found.meta()));
        if (claim.isEmpty()) {
            return session;
        }
        try {
            return store.storage()
                    .ready(new StorageReady(
                            session.id(),
                            storage.generation(),
                            claim.get().meta().uid(),
                            claim.get().phase()));
        } catch (StateConflictException e) {
            // Another one has learnt it, or begun to evict it, meanwhile.
            return store.sessions().get(session.id());
        }
    }
}

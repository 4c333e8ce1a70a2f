package io.agentrun.k8s.storage;

import io.agentrun.AgentRunStore;
import io.agentrun.check.Require;
import io.agentrun.check.Texts;
import io.agentrun.error.InvalidInputException;
import io.agentrun.error.StateConflictException;
import io.agentrun.k8s.InstanceNames;
import io.agentrun.k8s.kubectl.KubectlException;
import io.agentrun.k8s.kubectl.KubectlException.Reason;
import io.agentrun.k8s.kubectl.KubectlHandler;
import io.agentrun.k8s.object.ClaimManifest;
import io.agentrun.k8s.object.ClaimView;
import io.agentrun.k8s.object.KubernetesSyntax;
import io.agentrun.k8s.object.ObjectMeta;
import io.agentrun.k8s.object.ObjectRef;
import io.agentrun.k8s.storage.Evictor.Finding;
import io.agentrun.k8s.storage.Evictor.Trace;
import io.agentrun.k8s.storage.VolumeSummary.Sight;
import io.agentrun.session.Session;
import io.agentrun.storage.EvictionCause;
import io.agentrun.storage.PvcRef;
import io.agentrun.storage.SessionStorage;
import io.agentrun.storage.SessionStorageException;
import io.agentrun.storage.StorageIntent;
import io.agentrun.storage.StorageReady;
import io.agentrun.storage.StorageRefresh;
import io.agentrun.storage.StorageState;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The volumes of sessions. The five storage endpoints of the original manager map onto this class and
 * {@link StorageGc} one to one:
 *
 * <ul>
 *   <li>{@code POST /api/v1/sessions}: {@link #create}
 *   <li>{@code GET /api/v1/sessions/:id/storage}: {@link #summary}
 *   <li>{@code DELETE /api/v1/sessions/:id/storage}: {@link #delete}
 *   <li>{@code POST /api/v1/sessions/:id/storage/refresh}: {@link #refresh}
 *   <li>{@code POST /api/v1/sessions/storage/gc}: {@link StorageGc#sweep}
 * </ul>
 *
 * <p>Besides what each method says, all of them throw what the store throws, and {@link KubectlException} when the
 * cluster refuses or cannot be asked. Every one of them may be repeated after a failure, and goes on where it stopped.
 *
 * <p>Thread-safe.
 */
public final class SessionVolumes {

    private static final int NONCE_BYTES = 12;

    private final AgentRunStore store;
    private final KubectlHandler kubectl;
    private final SessionVolumeOptions options;
    private final InstanceNames names;
    private final Namespaces namespaces;
    private final Evictor evictor;
    private final AdoptedVolumes adopted;
    private final SecureRandom random = new SecureRandom();

    /** Makes the service; neither store nor cluster is asked before the first call. */
    public SessionVolumes(AgentRunStore store, KubectlHandler kubectl, SessionVolumeOptions options) {
        this.store = Require.given("store", store);
        this.kubectl = Require.given("kubectl", kubectl);
        this.options = Require.given("options", options);
        this.names = options.names();
        this.namespaces = new Namespaces(this.kubectl, options.namespaceUids());
        this.evictor = new Evictor(kubectl, names);
        this.adopted = new AdoptedVolumes(store, kubectl);
    }

    /**
     * Creates the session as asked for, with a volume that is {@code ready}: its claim exists, bound or not. A second call
     * finds both and asks the cluster nothing. After {@code evicted} and {@code missing} the session gets a new, empty
     * volume of the next generation.
     *
     * <p>The name, which nobody can guess, and the uid of the namespace are written down first, then the claim is created,
     * then its uid is written down. The cluster is asked for a namespace once for the life of this object; a claim costs one
     * call besides. A claim of that name that is there already is taken only if every label says that it is this session's
     * of this generation; one that somebody made ahead has another name.
     *
     * @return the session with its storage
     * @throws io.agentrun.error.TenantPolicyException when the session is another owner's
     * @throws SessionStorageException {@code session-storage-terminating} when the volume is being evicted, or the claim
     *     is on its way out
     * @throws StateConflictException when the session has, or is getting, a volume in another namespace, or in one of
     *     this name in another cluster
     * @throws KubectlException when the cluster refuses the claim or has no such namespace; the session stays as far as it
     *     has come, at most {@code provisioning}, and the next call tries again
     */
    public Session create(NewSessionVolume request) {
        VolumeSpec spec = Require.given("request", request).volume().orElse(options.defaults());
        Session session = store.sessions().upsert(request.session());
        ObjectRef ref = place(session, request.volume(), spec);
        session = provision(session, ref);
        ref = new ObjectRef(ref.namespace(), remembered(session).name());
        if (session.storage().state() == StorageState.READY) {
            return session;
        }
        return confirm(session, createOrAdopt(session, manifest(session, ref, spec)));
    }

    /**
     * Returns what the store knows of the session's volume, beside what the cluster says of its claim at this moment; a
     * cluster that cannot be asked is part of the answer. Nothing changes.
     *
     * @throws io.agentrun.error.NotFoundException when there is no such session
     */
    public VolumeSummary summary(String sessionId) {
        SessionStorage storage = store.storage().get(sessionId);
        PvcRef pvc = storage.pvc();
        if (pvc == null || storage.state() == StorageState.EVICTED) {
            return new VolumeSummary(sessionId, storage, Sight.NOT_ASKED, null, null);
        }
        try {
            Optional<ClaimView> claim = kubectl.findClaim(Evictor.ref(pvc));
            Sight sight = claim.map(found -> sight(sessionId, storage, pvc, found.meta()))
                    .orElse(Sight.ABSENT);
            return new VolumeSummary(sessionId, storage, sight, claim.orElse(null), null);
        } catch (KubectlException e) {
            return new VolumeSummary(sessionId, storage, Sight.UNKNOWN, null, e.getMessage());
        }
    }

    /**
     * Stores what the runner reports of the volume; what it does not mention stays. The cluster is not asked.
     *
     * @throws StateConflictException when the session has no volume
     * @throws SessionStorageException when the volume is {@code evicted} or {@code missing}
     */
    public Session refresh(StorageRefresh refresh) {
        return store.storage().refresh(Require.given("refresh", refresh));
    }

    /**
     * Asks for more storage on the session's volume. A second call changes nothing. The cluster grows the volume later, with
     * some drivers once the next pod mounts it: the claim's {@link ClaimView#capacity} tells. The Role needs
     * {@code update persistentvolumeclaims} for it.
     *
     * @param size how much the volume is to hold in all, a quantity such as {@code 20Gi}
     * @return the claim as it is then
     * @throws InvalidInputException when the size is not a quantity of more than zero
     * @throws StateConflictException when the session has no volume, or (retryable) it is not confirmed yet
     * @throws SessionStorageException when the volume is being evicted, evicted or missing
     * @throws KubectlException {@code INVALID} for less than the volume asks for already, and before its first pod has run;
     *     {@code FORBIDDEN} when its storage class lets no claim grow; {@code NOT_FOUND} when the claim is gone
     */
    public ClaimView resize(String sessionId, String size) {
        String wanted = KubernetesSyntax.quantity("size", size);
        Session session = store.sessions().get(Texts.id("sessionId", sessionId));
        requireReady(session);
        new Surroundings(kubectl, names, namespaces).requireNamespace(remembered(session));
        PvcRef pvc = remembered(adopted.learn(session));
        String uid = pvc.uid();
        if (uid == null) {
            throw new KubectlException(
                    Reason.NOT_FOUND,
                    "get persistentvolumeclaims " + Evictor.ref(pvc),
                    "there is no claim of this name that could be the session's");
        }
        return kubectl.resizeClaim(Evictor.ref(pvc), uid, wanted);
    }

    private static void requireReady(Session session) {
        StorageState state = session.storage().state();
        switch (state) {
            case READY -> {}
            case NONE, PROVISIONING -> {
                boolean soon = state == StorageState.PROVISIONING;
                String why = soon ? "its volume is not confirmed yet" : "it has no volume";
                throw new StateConflictException("session storage", session.id(), state.wire(), why, soon);
            }
            case EVICTING, EVICTED, MISSING -> throw new SessionStorageException(session.id(), state);
        }
    }

    /**
     * Evicts the volume, whether the session has expired or not; new runs and turns of the session are
     * refused from here on. A second call goes on where the first one stopped; without one the sweeps of
     * {@link StorageGc} do. Jobs of the session that are left over are deleted with it.
     *
     * @return {@code EVICTED}, {@code TERMINATING}, {@code POD_IN_USE} or {@code FOREIGN_CLAIM}
     * @throws io.agentrun.error.SessionBusyException when a run of the session has not ended; nothing has changed
     * @throws StateConflictException when the session has no volume
     * @throws KubectlException when the cluster refuses or cannot be asked: the intent stands
     */
    public Eviction delete(String sessionId) {
        SessionStorage before = store.storage().get(Texts.id("sessionId", sessionId));
        if (before.state() == StorageState.NONE) {
            throw new StateConflictException(
                    "session storage", sessionId, before.state().wire(), "it has no volume", false);
        }
        Surroundings around = new Surroundings(kubectl, names, namespaces);
        if (before.pvc() != null && AdoptedVolumes.isUnseen(before)) {
            around.requireNamespace(before.pvc());
            adopted.learn(store.sessions().get(sessionId));
        }
        Session session = store.storage().beginEviction(sessionId, before.generation(), EvictionCause.REQUESTED);
        SessionStorage storage = session.storage();
        PvcRef pvc = storage.pvc();
        if (pvc == null || storage.state() == StorageState.EVICTED) {
            return Eviction.of(sessionId, Eviction.Outcome.EVICTED);
        }
        around.requireNamespace(pvc);
        Finding found = evictor.remove(
                session, pvc, around.jobsOf(pvc.namespace(), sessionId), around.podsOn(Evictor.ref(pvc)));
        if (found.trace() == Trace.GONE) {
            // Seen once more after the claim was not found: only then was it this cluster that said so.
            around.requireNamespace(pvc);
            store.storage().confirmEvicted(sessionId, storage.generation());
        } else if (found.trace() == Trace.FOREIGN) {
            store.storage().markMissing(sessionId, storage.generation());
        }
        String detail = found.detail().isEmpty() ? null : found.detail();
        return new Eviction(sessionId, Evictor.outcome(found.trace()), detail);
    }

    /** Commits the intent; of two callers that begin at once, the second one goes on with the name of the first. */
    private Session provision(Session session, ObjectRef ref) {
        String namespaceUid = namespaceUid(session, ref);
        try {
            return store.storage()
                    .provision(new StorageIntent(session.id(), ref.namespace(), namespaceUid, ref.name()));
        } catch (StateConflictException e) {
            Session now = store.sessions().get(session.id());
            boolean overtaken = now.storage().state() == StorageState.PROVISIONING
                    && now.storage().generation() == session.storage().generation() + 1;
            if (!overtaken) {
                throw e;
            }
            String name = remembered(now).name();
            return store.storage().provision(new StorageIntent(session.id(), ref.namespace(), namespaceUid, name));
        }
    }

    private static PvcRef remembered(Session session) {
        return Require.given("pvc", session.storage().pvc());
    }

    private ObjectRef place(Session session, VolumeSpec asked, VolumeSpec spec) {
        SessionStorage storage = session.storage();
        PvcRef pvc = storage.pvc();
        boolean remembered = switch (storage.state()) {
            case PROVISIONING, READY, EVICTING -> true;
            case NONE, EVICTED, MISSING -> false;
        };
        if (remembered && pvc != null) {
            // The names stay as they were; a request for another namespace is the store's to refuse.
            return new ObjectRef(asked.namespace() == null ? pvc.namespace() : asked.namespace(), pvc.name());
        }
        String namespace = Require.given("namespace", spec.namespace());
        return new ObjectRef(namespace, names.claimName(session.id(), storage.generation() + 1, nonce()));
    }

    private String nonce() {
        byte[] bytes = new byte[NONCE_BYTES];
        random.nextBytes(bytes);
        return HexFormat.of().formatHex(bytes);
    }

    /**
     * Returns the namespace's uid to go with the intent; null, and nothing is asked, where no claim is going to be created.
     */
    private @Nullable String namespaceUid(Session session, ObjectRef ref) {
        return switch (session.storage().state()) {
            case NONE, PROVISIONING, EVICTED, MISSING -> namespaces.uid(ref.namespace());
            case READY, EVICTING -> null;
        };
    }

    private ClaimManifest manifest(Session session, ObjectRef ref, VolumeSpec spec) {
        long generation = session.storage().generation();
        return new ClaimManifest(
                ref,
                InstanceNames.with(spec.labels(), names.claimLabels(session.id(), generation)),
                spec.annotations(),
                Require.given("size", spec.size()),
                spec.storageClass(),
                Require.given("accessModes", spec.accessModes()));
    }

    private ClaimView createOrAdopt(Session session, ClaimManifest manifest) {
        try {
            return kubectl.createClaim(manifest);
        } catch (KubectlException e) {
            if (e.reason() == Reason.NOT_FOUND) {
                // The namespace is gone; one that takes its place has another uid.
                namespaces.forget(manifest.ref().namespace());
            }
            if (e.reason() != Reason.ALREADY_EXISTS && !e.outcomeUnknown()) {
                throw e;
            }
            return adopt(session, manifest.ref(), e);
        }
    }

    private ClaimView adopt(Session session, ObjectRef ref, KubectlException refused) {
        Optional<ClaimView> found;
        try {
            found = kubectl.findClaim(ref);
        } catch (KubectlException e) {
            refused.addSuppressed(e);
            throw refused;
        }
        ClaimView claim = found.orElseThrow(() -> refused);
        if (!names.ownsClaim(claim.meta(), session.id(), session.storage().generation())) {
            throw new KubectlException(
                    Reason.ALREADY_EXISTS,
                    false,
                    "create persistentvolumeclaims " + ref,
                    "a claim of this name exists, and its labels do not say that it is this session's",
                    null,
                    refused);
        }
        if (claim.meta().terminating()) {
            throw new SessionStorageException(session.id(), StorageState.EVICTING);
        }
        return claim;
    }

    private Session confirm(Session session, ClaimView claim) {
        long generation = session.storage().generation();
        String uid = claim.meta().uid();
        try {
            return store.storage().ready(new StorageReady(session.id(), generation, uid, claim.phase()));
        } catch (StateConflictException e) {
            // Evicted or provisioned anew meanwhile. While it is evicting, the collector finds this claim by its name;
            // afterwards nobody would.
            SessionStorage now = store.storage().get(session.id());
            if (now.state() != StorageState.EVICTING || now.generation() != generation) {
                removeQuietly(claim, e);
            }
            throw e;
        }
    }

    private void removeQuietly(ClaimView claim, RuntimeException because) {
        try {
            kubectl.deleteClaim(claim.meta().ref(), claim.meta().uid());
        } catch (KubectlException e) {
            // The reconciler finds it: it carries our labels and is no session's.
            because.addSuppressed(e);
        }
    }

    private Sight sight(String sessionId, SessionStorage storage, PvcRef pvc, ObjectMeta meta) {
        String uid = pvc.uid();
        boolean own = uid == null
                ? names.ownsClaim(meta, sessionId, storage.generation())
                        || (AdoptedVolumes.isUnseen(storage) && AdoptedVolumes.mayBe(meta))
                : uid.equals(meta.uid());
        if (!own) {
            return Sight.FOREIGN;
        }
        return meta.terminating() ? Sight.TERMINATING : Sight.PRESENT;
    }
}

package io.agentrun.k8s.reconcile;

import io.agentrun.AgentRunStore;
import io.agentrun.check.Require;
import io.agentrun.k8s.kubectl.KubectlException;
import io.agentrun.k8s.kubectl.KubectlHandler;
import io.agentrun.k8s.object.ClaimView;
import io.agentrun.k8s.object.ObjectRef;
import io.agentrun.k8s.reconcile.ResumeVerdict.Status;
import io.agentrun.k8s.storage.AdoptedVolumes;
import io.agentrun.session.Session;
import io.agentrun.storage.PvcRef;
import io.agentrun.storage.SessionStorage;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Says whether a session can really go on where it stopped, before a Job is spent on it: the thread is known, the volume
 * is the one that the thread was written on, and what is on it is what was reported.
 *
 * <p>The store is asked first; the cluster, with one call, only when the store does not rule it out.
 *
 * <p>Thread-safe.
 */
public final class ResumeCheck {

    private final AgentRunStore store;
    private final KubectlHandler kubectl;

    /** Makes the check; neither store nor cluster is asked before the first call. */
    public ResumeCheck(AgentRunStore store, KubectlHandler kubectl) {
        this.store = Require.given("store", store);
        this.kubectl = Require.given("kubectl", kubectl);
    }

    /**
     * Returns whether the session can be resumed, and if not why not. Nothing changes; the answer holds for the moment at
     * which it was made.
     *
     * @throws io.agentrun.error.NotFoundException when there is no such session
     */
    public ResumeVerdict check(ResumeQuery query) {
        Session session = store.sessions().get(Require.given("query", query).sessionId());
        SessionStorage storage = session.storage();
        Status stored = stored(query, session);
        PvcRef pvc = storage.pvc();
        if (stored != Status.READY || pvc == null) {
            return verdict(session, stored, null);
        }
        try {
            Optional<ClaimView> claim = kubectl.findClaim(new ObjectRef(pvc.namespace(), pvc.name()));
            return verdict(
                    session, claim.map(found -> seen(storage, pvc, found)).orElse(Status.MISSING), null);
        } catch (KubectlException e) {
            return verdict(session, Status.UNKNOWN, e.getMessage());
        }
    }

    private static Status stored(ResumeQuery query, Session session) {
        SessionStorage storage = session.storage();
        if (!session.backendProfile().equals(query.backendProfile())) {
            return Status.PROFILE_MISMATCH;
        }
        Status standing = switch (storage.state()) {
            case NONE -> Status.NO_VOLUME;
            case PROVISIONING -> Status.NOT_READY;
            case READY -> Status.READY;
            case EVICTING -> Status.TERMINATING;
            case EVICTED -> Status.EVICTED;
            case MISSING -> Status.MISSING;
        };
        if (standing != Status.READY) {
            return standing;
        }
        String thread = session.thread().threadId();
        if (thread == null || (query.threadId() != null && !query.threadId().equals(thread))) {
            return Status.NO_THREAD;
        }
        Long generation = query.generation();
        String digest = storage.contents().sha256();
        boolean nothingReported = digest == null && storage.contents().sizeBytes() == null;
        // A later volume of which nobody ever reported anything is an empty one: the thread was on an earlier one.
        if (generation == null ? storage.generation() > 1 && nothingReported : generation != storage.generation()) {
            return Status.GENERATION_MISMATCH;
        }
        return query.sha256() != null && !query.sha256().equals(digest) ? Status.DIGEST_MISMATCH : Status.READY;
    }

    private static Status seen(SessionStorage storage, PvcRef pvc, ClaimView claim) {
        boolean own = AdoptedVolumes.isUnseen(storage)
                ? AdoptedVolumes.mayBe(claim.meta())
                : claim.meta().uid().equals(pvc.uid());
        if (!own) {
            return Status.MISSING;
        }
        return claim.meta().terminating() ? Status.TERMINATING : Status.READY;
    }

    private static ResumeVerdict verdict(Session session, Status status, @Nullable String problem) {
        return new ResumeVerdict(session.id(), status, session.thread().threadId(), session.storage(), problem);
    }
}

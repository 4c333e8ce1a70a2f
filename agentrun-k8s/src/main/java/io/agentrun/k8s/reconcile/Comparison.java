package io.agentrun.k8s.reconcile;

import io.agentrun.k8s.InstanceNames;
import io.agentrun.k8s.kubectl.KubectlHandler;
import io.agentrun.k8s.object.ClaimView;
import io.agentrun.k8s.object.ObjectMeta;
import io.agentrun.k8s.object.ObjectRef;
import io.agentrun.k8s.object.PodView;
import io.agentrun.k8s.reconcile.Finding.Action;
import io.agentrun.k8s.reconcile.Finding.Kind;
import io.agentrun.k8s.reconcile.Remedy.Suspect;
import io.agentrun.k8s.storage.AdoptedVolumes;
import io.agentrun.session.Session;
import io.agentrun.storage.PvcRef;
import io.agentrun.storage.SessionStorage;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Compares one session with its claims, and at the end finds the claims that belong to no session.
 *
 * <p>Not thread-safe: one thread at a time.
 */
final class Comparison {

    private final KubectlHandler kubectl;
    private final InstanceNames names;
    private final ReconcileOptions options;
    private final ClaimIndex index;
    private final Instant old;

    Comparison(KubectlHandler kubectl, InstanceNames names, ReconcileOptions options, ClaimIndex index) {
        this.kubectl = kubectl;
        this.names = names;
        this.options = options;
        this.index = index;
        this.old = options.clock().instant().minus(options.grace());
    }

    List<Suspect> session(Session session) {
        PvcRef pvc = session.storage().pvc();
        if (pvc != null && !index.holds(pvc)) {
            // Another cluster's claims may carry the same labels: they are the session's or not, nobody knows.
            index.takeOf(names.idHash(session.id()));
            return alive(session) ? List.of(namespaceChanged(session, pvc)) : List.of();
        }
        return inItsNamespace(session, pvc);
    }

    private List<Suspect> inItsNamespace(Session session, @Nullable PvcRef pvc) {
        List<Suspect> found = new ArrayList<>();
        ObjectRef own = pvc == null ? null : new ObjectRef(pvc.namespace(), pvc.name());
        if (pvc != null && own != null && !index.unread(own)) {
            present(session, pvc, own).ifPresent(found::add);
        }
        for (ClaimView claim : index.takeOf(names.idHash(session.id()))) {
            if (!names.owns(claim.meta())) {
                found.add(otherInstance(claim));
            } else if (!claim.meta().ref().equals(own)) {
                found.add(orphan(Kind.STALE_CLAIM, session, claim, "of another generation than the session's volume"));
            }
        }
        return found;
    }

    List<Suspect> rest() {
        return index.rest().stream()
                .map(claim -> names.owns(claim.meta())
                        ? orphan(Kind.CLAIM_WITHOUT_ROW, null, claim, "no session of the store accounts for it")
                        : otherInstance(claim))
                .toList();
    }

    private Optional<Suspect> present(Session session, PvcRef pvc, ObjectRef ref) {
        SessionStorage storage = session.storage();
        return switch (storage.state()) {
            case NONE -> Optional.empty();
            case PROVISIONING -> provisioning(session, ref);
            case READY -> ready(session, pvc, ref);
            case EVICTING -> Optional.of(evicting(session, ref));
            case EVICTED ->
                index.claim(ref)
                        .filter(claim -> own(session, pvc, claim.meta()))
                        .map(claim -> unwanted(
                                Kind.EVICTED_BUT_THERE,
                                session,
                                claim,
                                "the volume was evicted, and its claim is there"));
            case MISSING ->
                index.claim(ref)
                        .filter(claim -> claim.meta().uid().equals(pvc.uid()))
                        .map(claim ->
                                suspect(Kind.FOUND_AGAIN, Action.NONE, session, claim, ref, "its claim is there"));
        };
    }

    private Optional<Suspect> provisioning(Session session, ObjectRef ref) {
        Instant since = session.storage().updatedAt();
        if (since != null && since.isAfter(old)) {
            return Optional.empty();
        }
        Optional<ClaimView> claim = look(ref);
        if (claim.isEmpty()) {
            return Optional.of(suspect(
                    Kind.NEVER_CREATED, Action.NONE, session, null, ref, "create the session's volume once more"));
        }
        ClaimView found = claim.get();
        if (!names.ownsClaim(found.meta(), session.id(), session.storage().generation())) {
            return Optional.of(nameTaken(session, ref));
        }
        return Optional.of(
                suspect(Kind.NOT_CONFIRMED, Action.MARK_READY, session, found, ref, "the claim is there and ours"));
    }

    private Optional<Suspect> ready(Session session, PvcRef pvc, ObjectRef ref) {
        Optional<ClaimView> listed = index.claim(ref);
        if (listed.isPresent() && listed.get().meta().uid().equals(pvc.uid())) {
            return listed.filter(claim -> claim.meta().terminating()).map(claim -> deleted(session, claim, ref));
        }
        if (AdoptedVolumes.isUnseen(session.storage())) {
            return Optional.of(unseen(session, ref));
        }
        // Not in the list: created after it was read, or its labels are gone, or lost. One look tells.
        Optional<ClaimView> claim = look(ref);
        if (claim.isEmpty()) {
            return Optional.of(
                    suspect(Kind.CLAIM_LOST, Action.MARK_MISSING, session, null, ref, "the cluster has no such claim"));
        }
        if (!claim.get().meta().uid().equals(pvc.uid())) {
            return Optional.of(suspect(
                    Kind.UID_CHANGED,
                    Action.MARK_MISSING,
                    session,
                    claim.get(),
                    ref,
                    "the claim of this name is another one"));
        }
        return Optional.empty();
    }

    /** Returns a volume of the original manager, whose claim carries no label and is in no list. */
    private Suspect unseen(Session session, ObjectRef ref) {
        Optional<ClaimView> claim = look(ref);
        if (claim.isEmpty()) {
            return suspect(Kind.CLAIM_LOST, Action.MARK_MISSING, session, null, ref, "the cluster has no such claim");
        }
        if (!AdoptedVolumes.mayBe(claim.get().meta())) {
            return nameTaken(session, ref);
        }
        return suspect(
                Kind.ADOPTED,
                Action.MARK_READY,
                session,
                claim.get(),
                ref,
                "the original manager made it; known by its uid now");
    }

    private static boolean alive(Session session) {
        return switch (session.storage().state()) {
            case PROVISIONING, READY, EVICTING -> true;
            case NONE, EVICTED, MISSING -> false;
        };
    }

    private static Suspect namespaceChanged(Session session, PvcRef pvc) {
        return suspect(
                Kind.NAMESPACE_CHANGED,
                Action.NONE,
                session,
                null,
                new ObjectRef(pvc.namespace(), pvc.name()),
                "the namespace has another uid than when the volume was made");
    }

    private Suspect deleted(Session session, ClaimView claim, ObjectRef ref) {
        return suspect(
                Kind.DELETED_OUTSIDE,
                Action.NONE,
                session,
                claim,
                ref,
                "somebody has deleted it; it goes when no pod mounts it any more");
    }

    private Suspect evicting(Session session, ObjectRef ref) {
        for (PodView pod : index.podsOn(ref)) {
            if (pod.finished()) {
                return suspect(
                        Kind.PINNED_BY_FINISHED_POD,
                        Action.NONE,
                        session,
                        null,
                        ref,
                        "pod " + pod.meta().ref().name() + " has ended; remove its object, or its Job");
            }
        }
        return suspect(Kind.EVICTION_OPEN, Action.LEAVE_TO_GC, session, null, ref, "the next sweep goes on");
    }

    private Suspect nameTaken(Session session, ObjectRef ref) {
        return suspect(Kind.NAME_TAKEN, Action.NONE, session, null, ref, "its labels are not the session's");
    }

    private Suspect otherInstance(ClaimView claim) {
        String instance = claim.meta().labels().getOrDefault(InstanceNames.INSTANCE, "none");
        return suspect(
                Kind.OTHER_INSTANCE, Action.NONE, null, claim, claim.meta().ref(), "of instance " + instance);
    }

    private Suspect orphan(Kind kind, @Nullable Session session, ClaimView claim, String why) {
        return switch (options.orphans()) {
            case REPORT ->
                suspect(kind, Action.NONE, session, claim, claim.meta().ref(), why);
            case DELETE -> unwanted(kind, session, claim, why);
        };
    }

    /** Returns a claim that is to go: deleted if it is old enough and free, else left for another time. */
    private Suspect unwanted(Kind kind, @Nullable Session session, ClaimView claim, String why) {
        ObjectRef ref = claim.meta().ref();
        List<PodView> users = index.podsOn(ref);
        if (!users.isEmpty()) {
            PodView pod = users.get(0);
            boolean pinned = users.stream().allMatch(PodView::finished);
            return suspect(
                    pinned ? Kind.PINNED_BY_FINISHED_POD : kind,
                    Action.NONE,
                    session,
                    claim,
                    ref,
                    why + "; pod " + pod.meta().ref().name() + " mounts it");
        }
        if (claim.meta().createdAt().isAfter(old)) {
            return suspect(kind, Action.NONE, session, claim, ref, why + "; younger than the grace");
        }
        return suspect(kind, Action.DELETE_CLAIM, session, claim, ref, why);
    }

    private boolean own(Session session, PvcRef pvc, ObjectMeta meta) {
        String uid = pvc.uid();
        return names.ownsClaim(meta, session.id(), session.storage().generation())
                && (uid == null || uid.equals(meta.uid()));
    }

    private Optional<ClaimView> look(ObjectRef ref) {
        return kubectl.findClaim(ref);
    }

    private static Suspect suspect(
            Kind kind,
            Action action,
            @Nullable Session session,
            @Nullable ClaimView claim,
            ObjectRef ref,
            String detail) {
        String sessionId = session == null ? null : session.id();
        return new Suspect(Finding.of(kind, action, sessionId, ref, detail), session, claim);
    }
}

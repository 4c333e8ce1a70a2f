package io.agentrun.k8s.reconcile;

import io.agentrun.AgentRunStore;
import io.agentrun.check.Require;
import io.agentrun.error.AgentRunException;
import io.agentrun.k8s.InstanceNames;
import io.agentrun.k8s.kubectl.KubectlHandler;
import io.agentrun.k8s.object.ClaimView;
import io.agentrun.k8s.reconcile.Finding.Result;
import io.agentrun.session.Session;
import io.agentrun.storage.SessionStorage;
import io.agentrun.storage.StorageReady;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What is done about a finding.
 *
 * <p>Not thread-safe: one thread at a time.
 */
interface Remedy {

    /** A finding, with the session and the claim that it was made from. */
    record Suspect(
            Finding finding,
            @Nullable Session session,
            @Nullable ClaimView claim) {}

    /** Does what is to be done; the finding with its result. */
    Finding mend(Suspect suspect);

    /** Leaves everything as it is. */
    final class Nothing implements Remedy {
        @Override
        public Finding mend(Suspect suspect) {
            return suspect.finding();
        }
    }

    /** Does it, if store and cluster still say what they said. */
    final class Apply implements Remedy {

        private final AgentRunStore store;
        private final KubectlHandler kubectl;
        private final InstanceNames names;
        private final Map<String, String> namespaces;
        private int deletionsLeft;

        /** Makes the remedy; the uids of the namespaces, as they were read, may be filled in later. */
        Apply(
                AgentRunStore store,
                KubectlHandler kubectl,
                InstanceNames names,
                Map<String, String> namespaces,
                int maxDeletions) {
            this.store = store;
            this.kubectl = kubectl;
            this.names = names;
            this.namespaces = namespaces;
            this.deletionsLeft = maxDeletions;
        }

        @Override
        public Finding mend(Suspect suspect) {
            Finding finding = suspect.finding();
            try {
                return finding.with(
                        switch (finding.action()) {
                            case NONE, LEAVE_TO_GC -> Result.NOTHING;
                            case MARK_MISSING -> markMissing(suspect);
                            case MARK_READY -> markReady(suspect);
                            case DELETE_CLAIM -> delete(suspect);
                        });
            } catch (AgentRunException e) {
                return finding.failed(e.getMessage());
            }
        }

        private Result markMissing(Suspect suspect) {
            Session session = Require.given("session", suspect.session());
            if (moved(session) || !sameCluster(suspect.finding().claim().namespace())) {
                return Result.CHANGED_MEANWHILE;
            }
            store.storage().markMissing(session.id(), session.storage().generation());
            return Result.DONE;
        }

        private Result markReady(Suspect suspect) {
            Session session = Require.given("session", suspect.session());
            ClaimView claim = Require.given("claim", suspect.claim());
            if (moved(session) || claim.meta().terminating()) {
                return Result.CHANGED_MEANWHILE;
            }
            store.storage()
                    .ready(new StorageReady(
                            session.id(),
                            session.storage().generation(),
                            claim.meta().uid(),
                            claim.phase()));
            return Result.DONE;
        }

        private Result delete(Suspect suspect) {
            ClaimView claim = Require.given("claim", suspect.claim());
            Session session = suspect.session();
            if (session != null && moved(session)) {
                return Result.CHANGED_MEANWHILE;
            }
            if (deletionsLeft == 0) {
                return Result.OVER_LIMIT;
            }
            Optional<ClaimView> now = kubectl.findClaim(claim.meta().ref());
            boolean same = now.isPresent()
                    && now.get().meta().uid().equals(claim.meta().uid())
                    && names.owns(now.get().meta());
            if (!same) {
                return Result.CHANGED_MEANWHILE;
            }
            deletionsLeft--;
            kubectl.deleteClaim(claim.meta().ref(), claim.meta().uid());
            return Result.DONE;
        }

        /** Returns whether the namespace is still the one that was read: only then was it its cluster that had no claim. */
        private boolean sameCluster(String namespace) {
            return kubectl.findNamespace(namespace)
                    .map(found -> found.uid().equals(namespaces.get(namespace)))
                    .orElse(false);
        }

        /** Returns whether the session's storage is not what it was when it was compared. */
        private boolean moved(Session session) {
            SessionStorage now = store.storage().get(session.id());
            return now.state() != session.storage().state()
                    || now.generation() != session.storage().generation();
        }
    }
}

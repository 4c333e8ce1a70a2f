package io.agentrun.k8s.storage;

import io.agentrun.AgentRunStore;
import io.agentrun.check.Require;
import io.agentrun.error.AgentRunException;
import io.agentrun.error.SessionBusyException;
import io.agentrun.error.StateConflictException;
import io.agentrun.k8s.InstanceNames;
import io.agentrun.k8s.kubectl.KubectlException;
import io.agentrun.k8s.kubectl.KubectlHandler;
import io.agentrun.k8s.object.ClaimView;
import io.agentrun.k8s.object.JobView;
import io.agentrun.k8s.object.NamespaceView;
import io.agentrun.k8s.object.PodView;
import io.agentrun.k8s.storage.Eviction.Outcome;
import io.agentrun.k8s.storage.Evictor.Finding;
import io.agentrun.k8s.storage.Evictor.Trace;
import io.agentrun.session.Session;
import io.agentrun.session.StorageClaim;
import io.agentrun.storage.EvictionCause;
import io.agentrun.storage.PvcRef;
import io.agentrun.storage.StorageState;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * One batch of a sweep: look around, commit the intents, clear the cluster, look at the namespaces once more, commit the
 * ends. The first, second and last part are done one after the other, the third one in the pool.
 *
 * <p>Not thread-safe: one thread at a time.
 */
final class SweepBatch {

    /** A session whose eviction is committed, with all that is needed to carry it on in another thread. */
    private record Work(Session session, PvcRef pvc, List<JobView> jobs, List<PodView> pods) {}

    /** A namespace as it was seen, or why it could not be. */
    private record Sight(@Nullable NamespaceView seen, String problem) {}

    private final AgentRunStore store;
    private final KubectlHandler kubectl;
    private final StorageGcOptions options;
    private final Surroundings around;
    private final BooleanSupplier late;
    private final Evictor evictor;
    private final AdoptedVolumes adopted;
    private final Map<String, Eviction> done = new LinkedHashMap<>();
    private final Map<String, Sight> sights = new LinkedHashMap<>();

    SweepBatch(
            AgentRunStore store,
            KubectlHandler kubectl,
            InstanceNames names,
            StorageGcOptions options,
            Surroundings around,
            BooleanSupplier late) {
        this.store = store;
        this.kubectl = kubectl;
        this.options = options;
        this.around = around;
        this.late = late;
        this.evictor = new Evictor(kubectl, names);
        this.adopted = new AdoptedVolumes(store, kubectl);
    }

    List<Eviction> run(ExecutorService pool, List<StorageClaim> batch) {
        batch.forEach(claim ->
                done.put(claim.session().id(), Eviction.of(claim.session().id(), Outcome.POSTPONED)));
        List<Session> begun = new ArrayList<>();
        for (StorageClaim claim : batch) {
            begin(claim.session()).ifPresent(begun::add);
        }
        List<Session> gone = clear(pool, work(begun));
        confirm(gone);
        return List.copyOf(done.values());
    }

    private void end(String sessionId, Outcome outcome, @Nullable String detail) {
        done.put(sessionId, new Eviction(sessionId, outcome, detail));
    }

    /** Commits the intent, unless the session is in use or its namespace is another one. */
    private Optional<Session> begin(Session session) {
        String id = session.id();
        PvcRef pvc = session.storage().pvc();
        if (late.getAsBoolean()) {
            return Optional.empty();
        }
        if (pvc != null && !visible(id, pvc)) {
            return Optional.empty();
        }
        try {
            if (session.storage().state() != StorageState.EVICTING && pvc != null && !free(session, pvc)) {
                return Optional.empty();
            }
            adopted.learn(session);
            return Optional.of(
                    store.storage().beginEviction(id, session.storage().generation(), EvictionCause.EXPIRED));
        } catch (SessionBusyException e) {
            end(id, Outcome.BUSY, null);
        } catch (StateConflictException e) {
            end(id, Outcome.NOT_DUE, e.getMessage());
        } catch (KubectlException e) {
            end(id, Outcome.CLUSTER_FAILED, e.getMessage());
        } catch (AgentRunException e) {
            end(id, Outcome.STORE_FAILED, e.getMessage());
        }
        return Optional.empty();
    }

    /** Returns whether the namespace is the claim's, and its Jobs could be read; asked once for all its sessions. */
    private boolean visible(String sessionId, PvcRef pvc) {
        Sight sight = sights.get(pvc.namespace());
        if (sight == null) {
            sight = look(pvc.namespace());
            if (sight.seen() != null) {
                try {
                    around.jobsOf(pvc.namespace(), sessionId);
                } catch (KubectlException e) {
                    sight = new Sight(null, String.valueOf(e.getMessage()));
                }
            }
            sights.put(pvc.namespace(), sight);
        }
        String problem = problem(sight, pvc);
        if (!problem.isEmpty()) {
            end(sessionId, Outcome.CLUSTER_FAILED, problem);
        }
        return problem.isEmpty();
    }

    private Sight look(String namespace) {
        try {
            return new Sight(around.look(namespace), "");
        } catch (KubectlException e) {
            return new Sight(null, String.valueOf(e.getMessage()));
        }
    }

    /** Returns why the namespace that was seen is not the claim's; empty when it is. */
    private String problem(Sight sight, PvcRef pvc) {
        NamespaceView seen = sight.seen();
        if (seen == null) {
            return sight.problem();
        }
        try {
            around.requireSame(seen, pvc);
            return "";
        } catch (KubectlException e) {
            return String.valueOf(e.getMessage());
        }
    }

    private boolean free(Session session, PvcRef pvc) {
        Instant young = options.clock().instant().minus(options.jobGrace());
        Optional<JobView> job = around.jobsOf(pvc.namespace(), session.id()).stream()
                .filter(found -> !found.finished() && found.meta().createdAt().isAfter(young))
                .findFirst();
        if (job.isPresent()) {
            end(session.id(), Outcome.YOUNG_JOB, "Job " + job.get().meta().ref());
            return false;
        }
        if (session.storage().state() == StorageState.MISSING) {
            // Looked at before anything is committed, or a foreign claim would make it evicting and missing in turns.
            Optional<ClaimView> claim = kubectl.findClaim(Evictor.ref(pvc));
            if (claim.isPresent() && !claim.get().meta().uid().equals(pvc.uid())) {
                end(session.id(), Outcome.FOREIGN_CLAIM, "claim " + Evictor.ref(pvc) + " is not the session's");
                return false;
            }
        }
        return true;
    }

    /** Adds what stands around each claim; the pods are read after the intents were committed. */
    private List<Work> work(List<Session> begun) {
        Set<String> namespaces = new TreeSet<>();
        List<Work> work = new ArrayList<>();
        for (Session session : begun) {
            PvcRef pvc = session.storage().pvc();
            if (pvc == null || session.storage().state() == StorageState.EVICTED) {
                // Another one has ended it meanwhile.
                end(session.id(), Outcome.EVICTED, null);
                continue;
            }
            try {
                if (namespaces.add(pvc.namespace())) {
                    around.loadPods(pvc.namespace());
                }
                work.add(new Work(
                        session, pvc, around.jobsOf(pvc.namespace(), session.id()), around.podsOn(Evictor.ref(pvc))));
            } catch (KubectlException e) {
                end(session.id(), Outcome.CLUSTER_FAILED, e.getMessage());
            }
        }
        return work;
    }

    /** Clears the cluster; returns the sessions whose claims are gone. */
    private List<Session> clear(ExecutorService pool, List<Work> work) {
        List<Callable<Optional<Session>>> tasks = new ArrayList<>();
        List<Session> gone = new ArrayList<>();
        work.forEach(item -> tasks.add(() -> clear(item)));
        try {
            for (Future<Optional<Session>> result : pool.invokeAll(tasks)) {
                result.get().ifPresent(gone::add);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException e) {
            throw new IllegalStateException("clearing a session's claim failed in an unforeseen way", e.getCause());
        }
        return gone;
    }

    private Optional<Session> clear(Work work) {
        String id = work.session().id();
        if (late.getAsBoolean()) {
            return Optional.empty();
        }
        try {
            Finding found = evictor.remove(work.session(), work.pvc(), work.jobs(), work.pods());
            if (found.trace() == Trace.GONE) {
                return Optional.of(work.session());
            }
            if (found.trace() == Trace.FOREIGN) {
                store.storage().markMissing(id, work.session().storage().generation());
            }
            settle(id, Evictor.outcome(found.trace()), found.detail());
        } catch (KubectlException e) {
            settle(id, Outcome.CLUSTER_FAILED, e.getMessage());
        } catch (AgentRunException e) {
            settle(id, Outcome.STORE_FAILED, e.getMessage());
        }
        return Optional.empty();
    }

    private void settle(String sessionId, Outcome outcome, @Nullable String detail) {
        synchronized (done) {
            end(sessionId, outcome, detail);
        }
    }

    /** Commits the ends, after the namespaces were seen once more: only then was it this cluster that said "not found". */
    private void confirm(List<Session> gone) {
        Map<String, Sight> seen = new LinkedHashMap<>();
        for (Session session : gone) {
            PvcRef pvc = Require.given("pvc", session.storage().pvc());
            String problem = problem(seen.computeIfAbsent(pvc.namespace(), this::look), pvc);
            if (!problem.isEmpty()) {
                end(session.id(), Outcome.CLUSTER_FAILED, problem);
                continue;
            }
            try {
                store.storage().confirmEvicted(session.id(), session.storage().generation());
                end(session.id(), Outcome.EVICTED, null);
            } catch (AgentRunException e) {
                end(session.id(), Outcome.STORE_FAILED, e.getMessage());
            }
        }
    }
}

package io.agentrun.k8s.reconcile;

import io.agentrun.AgentRunStore;
import io.agentrun.check.Require;
import io.agentrun.error.AgentRunException;
import io.agentrun.k8s.InstanceNames;
import io.agentrun.k8s.kubectl.KubectlException;
import io.agentrun.k8s.kubectl.KubectlHandler;
import io.agentrun.k8s.object.NamespaceView;
import io.agentrun.k8s.storage.SessionVolumeOptions;
import io.agentrun.model.ChangePage;
import io.agentrun.model.TenantScope;
import io.agentrun.session.Session;
import io.agentrun.storage.PvcRef;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * Compares every session of the store with every claim that agentrun made in its namespaces, in both directions.
 *
 * <p>Only claims that carry all labels of this instance are ever deleted, one by one, by their uid, while no pod mounts
 * them; by default only those of an evicted volume. Everything that is about to be changed is looked at once more, in the
 * store and in the cluster, right before.
 *
 * <p>It reads all claims and pods of the namespaces into memory, and sessions page by page: for a job at night, or after
 * a restore, not for every minute.
 *
 * <p>Thread-safe.
 */
public final class StorageReconciler {

    private static final int PAGE = 500;

    private final AgentRunStore store;
    private final KubectlHandler kubectl;
    private final SessionVolumeOptions volumes;
    private final ReconcileOptions options;

    /** Makes a reconciler; neither store nor cluster is asked before the first call. */
    public StorageReconciler(
            AgentRunStore store, KubectlHandler kubectl, SessionVolumeOptions volumes, ReconcileOptions options) {
        this.store = Require.given("store", store);
        this.kubectl = Require.given("kubectl", kubectl);
        this.volumes = Require.given("volumes", volumes);
        this.options = Require.given("options", options);
    }

    /** Returns in what store and cluster differ, each with what {@link #apply} would do about it. Nothing changes. */
    public ReconcileReport dryRun() {
        return compare(seen -> new Remedy.Nothing());
    }

    /** Mends what differs, as far as the actions of the report say; a second call finds what is left. */
    public ReconcileReport apply() {
        return compare(seen -> new Remedy.Apply(store, kubectl, volumes.names(), seen, options.maxDeletions()));
    }

    private ReconcileReport compare(Function<Map<String, String>, Remedy> how) {
        List<Finding> findings = new ArrayList<>();
        List<String> problems = new ArrayList<>();
        Map<String, String> read = new HashMap<>();
        Remedy remedy = how.apply(read);
        ClaimIndex index = new ClaimIndex(kubectl);
        InstanceNames names = volumes.names();
        Comparison comparison = new Comparison(kubectl, names, options, index);
        try {
            read(Require.given("namespace", volumes.defaults().namespace()), index, read);
            String cursor = null;
            boolean more = true;
            while (more) {
                ChangePage<Session> page = store.sessions().changes(TenantScope.all(), cursor, PAGE);
                for (Session session : page.items()) {
                    PvcRef pvc = session.storage().pvc();
                    if (pvc != null) {
                        read(pvc.namespace(), index, read);
                    }
                    comparison.session(session).forEach(found -> findings.add(remedy.mend(found)));
                }
                cursor = page.cursor();
                more = page.more();
            }
            comparison.rest().forEach(found -> findings.add(remedy.mend(found)));
        } catch (AgentRunException e) {
            // What was not read is in no finding: in particular, no claim counts as an orphan.
            problems.add(String.valueOf(e.getMessage()));
        }
        problems.addAll(index.skipped());
        return new ReconcileReport(findings, problems);
    }

    private void read(String namespace, ClaimIndex index, Map<String, String> read) {
        if (!read.containsKey(namespace)) {
            Optional<NamespaceView> found = kubectl.findNamespace(namespace);
            String meant = volumes.namespaceUids().get(namespace);
            if (found.isEmpty() || (meant != null && !meant.equals(found.get().uid()))) {
                throw new KubectlException(
                        KubectlException.Reason.NOT_FOUND,
                        "get namespaces " + namespace,
                        "the namespace does not exist, or is another one: is this the right cluster?");
            }
            read.put(namespace, found.get().uid());
            index.read(found.get());
        }
    }
}

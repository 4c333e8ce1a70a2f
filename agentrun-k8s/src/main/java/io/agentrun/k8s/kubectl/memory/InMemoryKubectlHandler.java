package io.agentrun.k8s.kubectl.memory;

import io.agentrun.check.Require;
import io.agentrun.k8s.kubectl.ClusterProbe;
import io.agentrun.k8s.kubectl.KubectlException;
import io.agentrun.k8s.kubectl.KubectlException.Reason;
import io.agentrun.k8s.kubectl.KubectlHandler;
import io.agentrun.k8s.kubectl.ListQuery;
import io.agentrun.k8s.kubectl.Permission;
import io.agentrun.k8s.log.LogCutter;
import io.agentrun.k8s.log.LogEnd;
import io.agentrun.k8s.log.LogQuery;
import io.agentrun.k8s.log.LogSink;
import io.agentrun.k8s.object.AccessMode;
import io.agentrun.k8s.object.ClaimManifest;
import io.agentrun.k8s.object.ClaimView;
import io.agentrun.k8s.object.EventView;
import io.agentrun.k8s.object.JobManifest;
import io.agentrun.k8s.object.JobView;
import io.agentrun.k8s.object.KubernetesSyntax;
import io.agentrun.k8s.object.NamespaceView;
import io.agentrun.k8s.object.ObjectMeta;
import io.agentrun.k8s.object.ObjectPage;
import io.agentrun.k8s.object.ObjectRef;
import io.agentrun.k8s.object.PodView;
import io.agentrun.k8s.object.SkippedObject;
import io.agentrun.storage.KubernetesNames;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A {@link KubectlHandler} on a {@link InMemoryCluster small cluster in memory}, for unit tests: no process, no
 * network, nothing on disk. It passes the same contract as the handler on the real binary.
 *
 * <p>Thread-safe.
 */
public final class InMemoryKubectlHandler implements KubectlHandler {

    private static final String CLAIMS = "persistentvolumeclaims";
    private static final String PODS = "pods";
    private static final String JOBS = "jobs.batch";

    private final InMemoryCluster cluster;

    private InMemoryKubectlHandler(InMemoryCluster cluster) {
        this.cluster = cluster;
    }

    /** Returns a handler on a new cluster that goes by the system's clock. */
    public static InMemoryKubectlHandler create() {
        return with(Clock.systemUTC());
    }

    /** Returns a handler on a new cluster that goes by this clock. */
    public static InMemoryKubectlHandler with(Clock clock) {
        return new InMemoryKubectlHandler(new InMemoryCluster(Require.given("clock", clock)));
    }

    /** Returns the cluster, for whatever a test does to it. */
    public InMemoryCluster cluster() {
        return cluster;
    }

    @Override
    public ClaimView createClaim(ClaimManifest manifest) {
        ObjectRef ref = Require.given("manifest", manifest).ref();
        return cluster.call(new ClusterCall("create", CLAIMS, ref.namespace(), ref.name()), state -> {
            String operation = "create " + CLAIMS + " " + ref;
            requireNew(operation, state, ref, CLAIMS, metaOf(state.claims.get(ref), ClaimView::meta));
            Integer quota = state.quotas.get(ref.namespace());
            long used = state.claims.keySet().stream()
                    .filter(other -> other.namespace().equals(ref.namespace()))
                    .count();
            if (quota != null && used >= quota) {
                throw new KubectlException(
                        Reason.QUOTA_EXCEEDED,
                        operation,
                        CLAIMS + " \"" + ref.name() + "\" is forbidden: exceeded quota: q, used: " + used
                                + ", limited: " + quota);
            }
            ClaimView claim = new ClaimView(
                    state.newMeta(ref, manifest.labels(), manifest.annotations()),
                    "Pending",
                    manifest.size(),
                    null,
                    manifest.storageClass() == null ? "standard" : manifest.storageClass(),
                    manifest.accessModes().stream().map(AccessMode::wire).toList());
            state.claims.put(ref, claim);
            return claim;
        });
    }

    @Override
    public Optional<ClaimView> findClaim(ObjectRef claim) {
        return find(CLAIMS, claim, state -> state.claims);
    }

    @Override
    public ObjectPage<ClaimView> listClaims(ListQuery query) {
        return list(CLAIMS, query, state -> state.claims, ClaimView::meta);
    }

    @Override
    public void deleteClaim(ObjectRef claim, String uid) {
        delete(CLAIMS, claim, uid, state -> {
            ClaimView found = state.claims.get(claim);
            requireUid("delete", CLAIMS, claim, metaOf(found, ClaimView::meta), uid);
            if (found != null) {
                state.doom(found);
            }
            return true;
        });
    }

    @Override
    public ClaimView resizeClaim(ObjectRef claim, String uid, String size) {
        ObjectRef ref = Require.given("claim", claim);
        String wanted = KubernetesSyntax.quantity("size", size);
        KubernetesSyntax.uid("uid", uid);
        ClaimView known = findClaim(ref).orElseThrow(() -> notFound("get " + CLAIMS + " " + ref, CLAIMS, ref));
        requireUid("update", CLAIMS, ref, known.meta(), uid);
        if (KubernetesSyntax.amount(known.size()).equals(KubernetesSyntax.amount(wanted))) {
            return known;
        }
        return cluster.call(new ClusterCall("update", CLAIMS, ref.namespace(), ref.name()), state -> {
            ClaimView now = state.claims.get(ref);
            requireUid("update", CLAIMS, ref, metaOf(now, ClaimView::meta), uid);
            return ClaimGrowth.grown(state, Require.given("claim", now), wanted);
        });
    }

    @Override
    public ObjectPage<PodView> listPods(ListQuery query) {
        return list(PODS, query, state -> state.pods, PodView::meta);
    }

    @Override
    public JobView createJob(JobManifest manifest) {
        ObjectRef ref = Require.given("manifest", manifest).ref();
        return cluster.call(new ClusterCall("create", JOBS, ref.namespace(), ref.name()), state -> {
            requireNew("create " + JOBS + " " + ref, state, ref, JOBS, metaOf(state.jobs.get(ref), JobView::meta));
            JobValidation.check(manifest);
            return state.addJob(manifest);
        });
    }

    @Override
    public Optional<JobView> findJob(ObjectRef job) {
        return find(JOBS, job, state -> state.jobs);
    }

    @Override
    public ObjectPage<JobView> listJobs(ListQuery query) {
        return list(JOBS, query, state -> state.jobs, JobView::meta);
    }

    @Override
    public void deleteJob(ObjectRef job, String uid) {
        delete(JOBS, job, uid, state -> {
            JobView found = state.jobs.get(job);
            requireUid("delete", JOBS, job, metaOf(found, JobView::meta), uid);
            if (found != null) {
                state.removeJob(found);
            }
            return true;
        });
    }

    @Override
    public Optional<NamespaceView> findNamespace(String namespace) {
        String name = KubernetesNames.label("namespace", namespace);
        return cluster.call(
                new ClusterCall("get", "namespaces", name, name),
                state -> Optional.ofNullable(state.namespaces.get(name)));
    }

    @Override
    public LogEnd readLog(LogQuery query, LogSink sink) {
        ObjectRef pod = Require.given("query", query).pod();
        LogCutter cutter = new LogCutter(query, sink);
        String operation = "get pods/log " + pod;
        LogText log = cluster.call(get("pods/log", pod), state -> {
            PodView found = state.pods.get(pod);
            if (found == null) {
                throw notFound(operation, PODS, pod);
            }
            if (!state.containersOf(found).contains(query.container())) {
                throw new KubectlException(
                        Reason.INVALID,
                        operation,
                        "container " + query.container() + " is not valid for pod " + pod.name());
            }
            return state.log(pod, query.container()).text();
        });
        List<Integer> lines =
                log.since(query.after() == null ? Instant.MIN : query.after().since());
        int from = query.lastLines() == null ? 0 : Math.max(0, lines.size() - query.lastLines());
        boolean wanted = true;
        for (int i = from; i < lines.size() && wanted; i++) {
            byte[] line = log.stamped(lines.get(i)).getBytes(StandardCharsets.UTF_8);
            wanted = cutter.take(line, line.length);
        }
        return cutter.finish();
    }

    @Override
    public List<EventView> listEvents(String namespace, String uid) {
        String name = KubernetesNames.label("namespace", namespace);
        KubernetesSyntax.uid("uid", uid);
        return cluster.call(
                new ClusterCall("list", "events", name, null),
                state -> List.copyOf(state.events.getOrDefault(uid, List.of())));
    }

    @Override
    public ClusterProbe probe(String namespace) {
        String name = KubernetesNames.label("namespace", namespace);
        List<String> missing = Permission.NEEDED.stream()
                .map(Permission::toString)
                .filter(permission -> !cluster.allows(permission, name))
                .toList();
        try {
            return findNamespace(name)
                    .map(found -> new ClusterProbe("in-memory", "in-memory", found.uid(), missing, problems(found)))
                    .orElseGet(() -> new ClusterProbe(
                            "in-memory", "in-memory", null, missing, List.of("there is no namespace " + name)));
        } catch (KubectlException e) {
            return new ClusterProbe("in-memory", null, null, missing, List.of(String.valueOf(e.getMessage())));
        }
    }

    private static List<String> problems(NamespaceView found) {
        return found.active() ? List.of() : List.of("namespace " + found.name() + " is " + found.phase());
    }

    private static ClusterCall get(String resource, ObjectRef ref) {
        return new ClusterCall("get", resource, ref.namespace(), ref.name());
    }

    private void delete(String resource, ObjectRef ref, String uid, Function<ClusterState, Boolean> work) {
        Require.given("ref", ref);
        KubernetesSyntax.uid("uid", uid);
        cluster.call(new ClusterCall("delete", resource, ref.namespace(), ref.name()), work);
    }

    private <T> Optional<T> find(String resource, ObjectRef ref, Function<ClusterState, Map<ObjectRef, T>> from) {
        return cluster.call(get(resource, Require.given("ref", ref)), state -> {
            if (state.oversized.contains(ref)) {
                throw new KubectlException(Reason.UNKNOWN, "get " + resource + " " + ref, "is too large by itself");
            }
            return Optional.ofNullable(from.apply(state).get(ref));
        });
    }

    private <T> ObjectPage<T> list(
            String resource,
            ListQuery query,
            Function<ClusterState, Map<ObjectRef, T>> from,
            Function<T, ObjectMeta> meta) {
        Require.given("query", query);
        return cluster.call(new ClusterCall("list", resource, query.namespace(), null), state -> {
            String after = query.cursor() == null ? "" : query.cursor();
            List<T> found = from.apply(state).values().stream()
                    .filter(item -> meta.apply(item).ref().namespace().equals(query.namespace()))
                    .filter(item -> meta.apply(item).ref().name().compareTo(after) > 0)
                    .filter(item -> meta.apply(item).hasLabels(query.labels()))
                    .limit(query.limit() + 1L)
                    .toList();
            List<T> page = found.subList(0, Math.min(found.size(), query.limit()));
            String next = found.size() <= query.limit()
                    ? null
                    : meta.apply(page.get(page.size() - 1)).ref().name();
            Predicate<T> large =
                    item -> state.oversized.contains(meta.apply(item).ref());
            return new ObjectPage<>(
                    page.stream().filter(large.negate()).toList(),
                    next,
                    page.stream()
                            .filter(large)
                            .map(item ->
                                    new SkippedObject(meta.apply(item).ref().name(), "is too large by itself"))
                            .toList());
        });
    }

    private static <T> @Nullable ObjectMeta metaOf(@Nullable T object, Function<T, ObjectMeta> meta) {
        return object == null ? null : meta.apply(object);
    }

    private static void requireNew(
            String operation, ClusterState state, ObjectRef ref, String resource, @Nullable ObjectMeta found) {
        if (!state.namespaces.containsKey(ref.namespace())) {
            throw new KubectlException(Reason.NOT_FOUND, operation, "namespaces \"" + ref.namespace() + "\" not found");
        }
        if (!Require.given("namespace", state.namespaces.get(ref.namespace())).active()) {
            throw new KubectlException(
                    Reason.FORBIDDEN,
                    operation,
                    resource + " \"" + ref.name() + "\" is forbidden: unable to create new content in namespace "
                            + ref.namespace() + " because it is being terminated");
        }
        if (found != null) {
            String dying = found.terminating() ? "object is being deleted: " : "";
            throw new KubectlException(
                    Reason.ALREADY_EXISTS, operation, dying + resource + " \"" + ref.name() + "\" already exists");
        }
    }

    private static void requireUid(
            String verb, String resource, ObjectRef ref, @Nullable ObjectMeta found, String uid) {
        String operation = verb + " " + resource + " " + ref;
        if (found == null) {
            throw notFound(operation, resource, ref);
        }
        if (!found.uid().equals(uid)) {
            throw new KubectlException(
                    Reason.CONFLICT,
                    operation,
                    "Operation cannot be fulfilled on " + resource + " \"" + ref.name()
                            + "\": the UID in the precondition does not match the UID in record");
        }
    }

    private static KubectlException notFound(String operation, String resource, ObjectRef ref) {
        return new KubectlException(Reason.NOT_FOUND, operation, resource + " \"" + ref.name() + "\" not found");
    }
}

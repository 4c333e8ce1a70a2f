package io.agentrun.k8s.kubectl;

import io.agentrun.check.Require;
import io.agentrun.error.InvalidInputException;
import io.agentrun.json.JsonObject;
import io.agentrun.k8s.kubectl.KubectlException.Reason;
import io.agentrun.k8s.kubectl.Requests.Kind;
import io.agentrun.k8s.log.LogCutter;
import io.agentrun.k8s.log.LogEnd;
import io.agentrun.k8s.log.LogQuery;
import io.agentrun.k8s.log.LogSink;
import io.agentrun.k8s.object.ClaimManifest;
import io.agentrun.k8s.object.ClaimView;
import io.agentrun.k8s.object.EventView;
import io.agentrun.k8s.object.JobManifest;
import io.agentrun.k8s.object.JobView;
import io.agentrun.k8s.object.KubernetesSyntax;
import io.agentrun.k8s.object.NamespaceView;
import io.agentrun.k8s.object.ObjectPage;
import io.agentrun.k8s.object.ObjectRef;
import io.agentrun.k8s.object.PodView;
import io.agentrun.storage.KubernetesNames;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/**
 * The cluster through the real {@code kubectl} (1.20 or newer): one process and one request for each call, always
 * {@code create|get|replace|delete --raw PATH}, so that nothing is discovered, downloaded or annotated on the way.
 *
 * <p>There is no shell. Arguments are the configured ones, a fixed verb, and a path made of checked names; manifests and
 * preconditions go through the standard input. At the deadline the process and its descendants are killed and the call
 * ends with {@code TIMEOUT}. What kubectl prints is kept up to the cap, and never written anywhere; a list that is longer is
 * read in smaller pages, and a log is passed on as it arrives.
 *
 * <p>The process gets a clean environment, see {@link KubectlOptions}.
 *
 * <p>On Linux all descendants are found, by a variable in the environment that they inherit, unless one has dropped it;
 * elsewhere those that were there at one of four looks a second. A process that a call in time leaves in the background,
 * its outputs closed, is left alone.
 *
 * <p>Thread-safe.
 */
public final class ProcessKubectlHandler implements KubectlHandler {

    private static final String NOT_STARTED = "is waiting to start";

    private final KubectlRunner runner;
    private final PagedLists lists;

    /** Makes a handler; nothing is run before the first call. See {@link #probe} for a check of everything. */
    public ProcessKubectlHandler(KubectlOptions options) {
        this(options, System.getenv());
    }

    /** Makes a handler for a host with this environment. */
    ProcessKubectlHandler(KubectlOptions options, Map<String, String> host) {
        this.runner = new KubectlRunner(Require.given("options", options), host);
        this.lists = new PagedLists(runner);
    }

    /** Returns how many processes this handler has started. */
    public long processesStarted() {
        return runner.processes();
    }

    @Override
    public ClaimView createClaim(ClaimManifest manifest) {
        ObjectRef ref = Require.given("manifest", manifest).ref();
        return create(
                Kind.CLAIM,
                ref,
                Requests.claim(manifest),
                Set.copyOf(manifest.annotations().values()),
                json -> ObjectReader.claim(json));
    }

    @Override
    public Optional<ClaimView> findClaim(ObjectRef claim) {
        return find(Kind.CLAIM, claim, ObjectReader::claim);
    }

    @Override
    public ObjectPage<ClaimView> listClaims(ListQuery query) {
        return lists.page(Kind.CLAIM, Require.given("query", query), ObjectReader::claim);
    }

    @Override
    public void deleteClaim(ObjectRef claim, String uid) {
        delete(Kind.CLAIM, claim, uid);
    }

    @Override
    public ClaimView resizeClaim(ObjectRef claim, String uid, String size) {
        String path = Requests.object(Kind.CLAIM, Require.given("claim", claim));
        String wanted = KubernetesSyntax.quantity("size", size);
        String owner = KubernetesSyntax.uid("uid", uid);
        String operation = "update " + Kind.CLAIM.plural + " " + claim;
        String answer = runner.raw("get " + Kind.CLAIM.plural + " " + claim, "get", path, null, Set.of());
        ClaimView now = runner.read(operation, answer, Kind.CLAIM.skipped(), ProcessKubectlHandler::claim);
        if (!now.meta().uid().equals(owner)) {
            throw runner.failure(Reason.CONFLICT, false, operation, "the claim of this name has another uid");
        }
        if (KubernetesSyntax.amount(now.size()).equals(KubernetesSyntax.amount(wanted))) {
            return now;
        }
        String body = runner.read(
                operation,
                answer,
                Set.of(),
                json -> Requests.resized(answer, wanted).toJson());
        Set<String> confidential = Set.copyOf(now.meta().annotations().values());
        String changed = runner.raw(operation, "replace", path, body, confidential);
        return runner.read(operation, changed, Kind.CLAIM.skipped(), ProcessKubectlHandler::claim);
    }

    private static ClaimView claim(LenientJson json) {
        return ObjectReader.claim(ObjectReader.requireKind(json, Kind.CLAIM.kind));
    }

    @Override
    public ObjectPage<PodView> listPods(ListQuery query) {
        return lists.page(Kind.POD, Require.given("query", query), ObjectReader::pod);
    }

    @Override
    public JobView createJob(JobManifest manifest) {
        ObjectRef ref = Require.given("manifest", manifest).ref();
        return create(Kind.JOB, ref, manifest.body(), manifest.confidential(), ObjectReader::job);
    }

    @Override
    public Optional<JobView> findJob(ObjectRef job) {
        return find(Kind.JOB, job, ObjectReader::job);
    }

    @Override
    public ObjectPage<JobView> listJobs(ListQuery query) {
        return lists.page(Kind.JOB, Require.given("query", query), ObjectReader::job);
    }

    @Override
    public void deleteJob(ObjectRef job, String uid) {
        delete(Kind.JOB, job, uid);
    }

    @Override
    public Optional<NamespaceView> findNamespace(String namespace) {
        String name = KubernetesNames.label("namespace", namespace);
        String operation = "get namespaces " + name;
        try {
            String answer = runner.raw(operation, "get", "/api/v1/namespaces/" + name, null, Set.of());
            return Optional.of(runner.read(
                    operation,
                    answer,
                    LenientJson.MANAGED_FIELDS,
                    json -> ObjectReader.namespace(ObjectReader.requireKind(json, "Namespace"))));
        } catch (KubectlException e) {
            return absent(e);
        }
    }

    @Override
    public LogEnd readLog(LogQuery query, LogSink sink) {
        LogCutter cutter = new LogCutter(query, sink);
        String operation = "get pods/log " + query.pod();
        try {
            runner.stream(operation, Requests.log(query), cutter::take);
        } catch (KubectlException e) {
            if (e.reason() != Reason.INVALID || !String.valueOf(e.getMessage()).contains(NOT_STARTED)) {
                throw e;
            }
        }
        LogEnd end = cutter.finish();
        if (cutter.foreign() != null) {
            throw runner.failure(Reason.UNAVAILABLE, true, operation, runner.masked(cutter.foreign()));
        }
        return end;
    }

    @Override
    public List<EventView> listEvents(String namespace, String uid) {
        return lists.events(KubernetesNames.label("namespace", namespace), KubernetesSyntax.uid("uid", uid));
    }

    @Override
    public ClusterProbe probe(String namespace) {
        return new Prober(this, runner).probe(KubernetesNames.label("namespace", namespace));
    }

    private <T> T create(
            Kind kind, ObjectRef ref, JsonObject body, Set<String> confidential, Function<LenientJson, T> reader) {
        String operation = "create " + kind.plural + " " + ref;
        String path = Requests.collection(kind, ref.namespace());
        String answer = runner.raw(operation, "create", path, body.toJson(), confidential);
        return runner.read(
                operation, answer, kind.skipped(), json -> reader.apply(ObjectReader.requireKind(json, kind.kind)));
    }

    private <T> Optional<T> find(Kind kind, ObjectRef ref, Function<LenientJson, T> reader) {
        String path = Requests.object(kind, Require.given("ref", ref));
        String operation = "get " + kind.plural + " " + ref;
        try {
            String answer = runner.raw(operation, "get", path, null, Set.of());
            return Optional.of(runner.read(
                    operation,
                    answer,
                    kind.skipped(),
                    json -> reader.apply(ObjectReader.requireKind(json, kind.kind))));
        } catch (KubectlException e) {
            return absent(e);
        }
    }

    private static <T> Optional<T> absent(KubectlException e) {
        if (e.reason() == Reason.NOT_FOUND) {
            return Optional.empty();
        }
        throw e;
    }

    private void delete(Kind kind, ObjectRef ref, String uid) {
        String path = Requests.object(kind, Require.given("ref", ref));
        String body = Requests.deletion(KubernetesSyntax.uid("uid", uid)).toJson();
        String operation = "delete " + kind.plural + " " + ref;
        String answer = runner.raw(operation, "delete", path, body, Set.of());
        runner.read(operation, answer, kind.skipped(), json -> {
            // The object while something holds it, a Status once it is gone.
            if (json.string("status").filter("Failure"::equals).isPresent()) {
                throw new InvalidInputException("status", "must not be Failure");
            }
            return json;
        });
    }
}

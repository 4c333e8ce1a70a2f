package io.agentrun.example;

import io.agentrun.json.JsonObject;
import io.agentrun.k8s.kubectl.ClusterProbe;
import io.agentrun.k8s.kubectl.KubectlHandler;
import io.agentrun.k8s.kubectl.ListQuery;
import io.agentrun.k8s.log.LogEnd;
import io.agentrun.k8s.log.LogQuery;
import io.agentrun.k8s.log.LogSink;
import io.agentrun.k8s.object.ClaimManifest;
import io.agentrun.k8s.object.ClaimView;
import io.agentrun.k8s.object.EventView;
import io.agentrun.k8s.object.JobManifest;
import io.agentrun.k8s.object.JobView;
import io.agentrun.k8s.object.NamespaceView;
import io.agentrun.k8s.object.ObjectPage;
import io.agentrun.k8s.object.ObjectRef;
import io.agentrun.k8s.object.PodView;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** Passes everything on, and keeps the manifests of the Jobs. Thread-safe. */
final class NotingHandler implements KubectlHandler {
    private final KubectlHandler real;
    private final Map<ObjectRef, JsonObject> manifests = new ConcurrentHashMap<>();

    NotingHandler(KubectlHandler real) {
        this.real = real;
    }

    JsonObject manifest(ObjectRef job) {
        return Objects.requireNonNull(manifests.get(job));
    }

    @Override
    public JobView createJob(JobManifest manifest) {
        manifests.put(manifest.ref(), manifest.body());
        return real.createJob(manifest);
    }

    @Override
    public ClaimView createClaim(ClaimManifest manifest) {
        return real.createClaim(manifest);
    }

    @Override
    public Optional<ClaimView> findClaim(ObjectRef claim) {
        return real.findClaim(claim);
    }

    @Override
    public ObjectPage<ClaimView> listClaims(ListQuery query) {
        return real.listClaims(query);
    }

    @Override
    public void deleteClaim(ObjectRef claim, String uid) {
        real.deleteClaim(claim, uid);
    }

    @Override
    public ObjectPage<PodView> listPods(ListQuery query) {
        return real.listPods(query);
    }

    @Override
    public Optional<JobView> findJob(ObjectRef job) {
        return real.findJob(job);
    }

    @Override
    public ObjectPage<JobView> listJobs(ListQuery query) {
        return real.listJobs(query);
    }

    @Override
    public void deleteJob(ObjectRef job, String uid) {
        real.deleteJob(job, uid);
    }

    @Override
    public Optional<NamespaceView> findNamespace(String namespace) {
        return real.findNamespace(namespace);
    }

    @Override
    public LogEnd readLog(LogQuery query, LogSink sink) {
        return real.readLog(query, sink);
    }

    @Override
    public List<EventView> listEvents(String namespace, String uid) {
        return real.listEvents(namespace, uid);
    }

    @Override
    public ClusterProbe probe(String namespace) {
        return real.probe(namespace);
    }
}

package io.agentrun.k8s.apiserver;

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
import java.util.Optional;

/** The handler that it is given, with something that happens right after a claim or a Job was created, or Jobs were listed. */
public final class Interposed implements KubectlHandler {

    private final KubectlHandler kubectl;
    private final Runnable afterwards;

    public Interposed(KubectlHandler kubectl, Runnable afterwards) {
        this.kubectl = kubectl;
        this.afterwards = afterwards;
    }

    @Override
    public ClaimView createClaim(ClaimManifest manifest) {
        ClaimView claim = kubectl.createClaim(manifest);
        afterwards.run();
        return claim;
    }

    @Override
    public ObjectPage<JobView> listJobs(ListQuery query) {
        ObjectPage<JobView> jobs = kubectl.listJobs(query);
        afterwards.run();
        return jobs;
    }

    @Override
    public Optional<ClaimView> findClaim(ObjectRef claim) {
        return kubectl.findClaim(claim);
    }

    @Override
    public ObjectPage<ClaimView> listClaims(ListQuery query) {
        return kubectl.listClaims(query);
    }

    @Override
    public ClaimView resizeClaim(ObjectRef claim, String uid, String size) {
        return kubectl.resizeClaim(claim, uid, size);
    }

    @Override
    public void deleteClaim(ObjectRef claim, String uid) {
        kubectl.deleteClaim(claim, uid);
    }

    @Override
    public ObjectPage<PodView> listPods(ListQuery query) {
        return kubectl.listPods(query);
    }

    @Override
    public JobView createJob(JobManifest manifest) {
        JobView job = kubectl.createJob(manifest);
        afterwards.run();
        return job;
    }

    @Override
    public Optional<JobView> findJob(ObjectRef job) {
        return kubectl.findJob(job);
    }

    @Override
    public void deleteJob(ObjectRef job, String uid) {
        kubectl.deleteJob(job, uid);
    }

    @Override
    public Optional<NamespaceView> findNamespace(String namespace) {
        return kubectl.findNamespace(namespace);
    }

    @Override
    public LogEnd readLog(LogQuery query, LogSink sink) {
        return kubectl.readLog(query, sink);
    }

    @Override
    public List<EventView> listEvents(String namespace, String uid) {
        return kubectl.listEvents(namespace, uid);
    }

    @Override
    public ClusterProbe probe(String namespace) {
        return kubectl.probe(namespace);
    }
}

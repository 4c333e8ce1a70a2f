package io.agentrun.micrometer;

import io.agentrun.check.Require;
import io.agentrun.k8s.kubectl.ClusterProbe;
import io.agentrun.k8s.kubectl.KubectlException;
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
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationRegistry;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Makes an observation {@code agentrun.kubectl} of each call of a handler: tag {@code operation} is the method
 * ({@code createJob}), {@code reason} why it failed ({@code quota-exceeded}), {@code none} or {@code unexpected}.
 *
 * <p>Thread-safe if the handler is.
 */
public final class ObservedKubectl implements KubectlHandler {

    /** The name of the observation. */
    public static final String NAME = "agentrun.kubectl";

    private final ObservationRegistry registry;
    private final KubectlHandler kubectl;

    private ObservedKubectl(ObservationRegistry registry, KubectlHandler kubectl) {
        this.registry = registry;
        this.kubectl = kubectl;
    }

    /**
     * Returns a handler that does what the given one does.
     *
     * @throws io.agentrun.error.InvalidInputException if a parameter is null
     */
    public static KubectlHandler of(ObservationRegistry registry, KubectlHandler kubectl) {
        return new ObservedKubectl(Require.given("registry", registry), Require.given("kubectl", kubectl));
    }

    private <T> T observe(String operation, Supplier<T> call) {
        Observation observation = Observation.createNotStarted(NAME, registry)
                .contextualName("kubectl " + operation)
                .lowCardinalityKeyValue("operation", operation)
                .start();
        String reason = "unexpected";
        try (Observation.Scope scope = observation.openScope()) {
            T answer = call.get();
            reason = Tags.NOTHING;
            return answer;
        } catch (KubectlException e) {
            reason = e.reason().wire();
            throw e;
        } finally {
            observation.lowCardinalityKeyValue("reason", reason);
            if (!reason.equals(Tags.NOTHING)) {
                observation.error(new ObservedFailure(reason));
            }
            observation.stop();
        }
    }

    private void observe(String operation, Runnable call) {
        observe(operation, () -> {
            call.run();
            return "";
        });
    }

    @Override
    public ClaimView createClaim(ClaimManifest manifest) {
        return observe("createClaim", () -> kubectl.createClaim(manifest));
    }

    @Override
    public Optional<ClaimView> findClaim(ObjectRef claim) {
        return observe("findClaim", () -> kubectl.findClaim(claim));
    }

    @Override
    public ObjectPage<ClaimView> listClaims(ListQuery query) {
        return observe("listClaims", () -> kubectl.listClaims(query));
    }

    @Override
    public void deleteClaim(ObjectRef claim, String uid) {
        observe("deleteClaim", () -> kubectl.deleteClaim(claim, uid));
    }

    @Override
    public ClaimView resizeClaim(ObjectRef claim, String uid, String size) {
        return observe("resizeClaim", () -> kubectl.resizeClaim(claim, uid, size));
    }

    @Override
    public ObjectPage<PodView> listPods(ListQuery query) {
        return observe("listPods", () -> kubectl.listPods(query));
    }

    @Override
    public JobView createJob(JobManifest manifest) {
        return observe("createJob", () -> kubectl.createJob(manifest));
    }

    @Override
    public Optional<JobView> findJob(ObjectRef job) {
        return observe("findJob", () -> kubectl.findJob(job));
    }

    @Override
    public ObjectPage<JobView> listJobs(ListQuery query) {
        return observe("listJobs", () -> kubectl.listJobs(query));
    }

    @Override
    public void deleteJob(ObjectRef job, String uid) {
        observe("deleteJob", () -> kubectl.deleteJob(job, uid));
    }

    @Override
    public Optional<NamespaceView> findNamespace(String namespace) {
        return observe("findNamespace", () -> kubectl.findNamespace(namespace));
    }

    @Override
    public LogEnd readLog(LogQuery query, LogSink sink) {
        return observe("readLog", () -> kubectl.readLog(query, sink));
    }

    @Override
    public List<EventView> listEvents(String namespace, String uid) {
        return observe("listEvents", () -> kubectl.listEvents(namespace, uid));
    }

    @Override
    public ClusterProbe probe(String namespace) {
        return observe("probe", () -> kubectl.probe(namespace));
    }
}

package io.agentrun.k8s.job;

import io.agentrun.json.JsonObject;
import io.agentrun.k8s.InstanceNames;
import io.agentrun.k8s.object.JobManifest;
import io.agentrun.k8s.object.ObjectRef;
import io.agentrun.run.Run;
import io.agentrun.storage.PvcRef;
import io.agentrun.storage.SessionStorage;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Writes the manifest of a runner's Job.
 *
 * <p>Thread-safe.
 */
final class Manifests {

    /** The name of the runner's container, by which its log and its end are found beside what others add to the pod. */
    static final String CONTAINER = "runner";

    static final String VOLUME = "session";
    static final String TMP = "tmp";

    private static final int SHORTEST_SECRET = 4;

    /** How long a runner has ended before the Job's own deadline: for the node to say so. */
    private static final Duration BEFORE_DEADLINE = Duration.ofSeconds(15);

    private final InstanceNames names;
    private final JobTemplate template;

    Manifests(InstanceNames names, JobTemplate template) {
        this.names = names;
        this.template = template;
    }

    /** Returns the labels by which a Job of this attempt is known, whatever the generation was when it was made. */
    Map<String, String> attemptLabels(LaunchRequest request) {
        return InstanceNames.with(
                names.runLabels(request.runId()),
                Map.of(InstanceNames.ATTEMPT, names.attemptHash(request.commandId(), request.attemptId())));
    }

    /** Returns the manifest; with a volume when the session's storage is given. */
    JobManifest job(Run run, LaunchRequest request, @Nullable SessionStorage storage) {
        PvcRef pvc = storage == null ? null : storage.pvc();
        ObjectRef ref = new ObjectRef(
                template.namespace(),
                names.jobName(
                        run.id(),
                        request.commandId(),
                        request.attemptId(),
                        run.claim().generation()));
        Map<String, String> own = new TreeMap<>(attemptLabels(request));
        own.put(InstanceNames.RUN_GENERATION, Long.toString(run.claim().generation()));
        if (run.sessionId() != null) {
            own.putAll(names.sessionLabels(run.sessionId()));
        }
        Map<String, String> labels = InstanceNames.with(template.labels(), own);

        PodExtras extras = template.extras();
        Map<String, Object> meta = new LinkedHashMap<>();
        meta.put("name", ref.name());
        meta.put("namespace", ref.namespace());
        meta.put("labels", labels);
        PodExtras.Owner owner = extras.owner();
        if (owner != null) {
            meta.put(
                    "ownerReferences",
                    List.of(Map.of(
                            "apiVersion",
                            owner.apiVersion(),
                            "kind",
                            owner.kind(),
                            "name",
                            owner.name(),
                            "uid",
                            owner.uid())));
        }
        Map<String, Object> podMeta = new LinkedHashMap<>(Map.of("labels", labels));
        if (!extras.annotations().isEmpty()) {
            podMeta.put("annotations", extras.annotations());
        }
        Map<String, @Nullable Object> spec = new LinkedHashMap<>();
        spec.put("backoffLimit", 0);
        if (extras.disruption() == PodExtras.Disruption.RESTART) {
            // A pod that had to leave its node does not count as a failure: the controller makes another one.
            spec.put(
                    "podFailurePolicy",
                    Map.of(
                            "rules",
                            List.of(Map.of(
                                    "action",
                                    "Ignore",
                                    "onPodConditions",
                                    List.of(Map.of("type", "DisruptionTarget", "status", "True"))))));
        }
        spec.put("activeDeadlineSeconds", template.deadline().toSeconds());
        spec.put("ttlSecondsAfterFinished", template.ttl().toSeconds());
        spec.put("template", Map.of("metadata", podMeta, "spec", pod(run, request, storage, pvc)));
        JsonObject body = JsonObject.of("apiVersion", "batch/v1", "kind", "Job", "metadata", meta, "spec", spec);
        return new JobManifest(ref, labels, pvc == null ? null : pvc.name(), body, confidential(request));
    }

    private Map<String, @Nullable Object> pod(
            Run run, LaunchRequest request, @Nullable SessionStorage storage, @Nullable PvcRef pvc) {
        JobSecurity security = template.security();
        Map<String, @Nullable Object> pod = new LinkedHashMap<>();
        pod.put("restartPolicy", "Never");
        long runnerDeadline = runnerDeadline();
        if (runnerDeadline > 0) {
            pod.put("activeDeadlineSeconds", runnerDeadline);
        }
        pod.put("automountServiceAccountToken", security.apiToken() == JobSecurity.ApiToken.MOUNTED);
        pod.put("enableServiceLinks", false);
        if (template.serviceAccountName() != null) {
            pod.put("serviceAccountName", template.serviceAccountName());
        }
        if (!template.imagePullSecrets().isEmpty()) {
            pod.put(
                    "imagePullSecrets",
                    template.imagePullSecrets().stream()
                            .map(name -> Map.of("name", name))
                            .toList());
        }
        pod.put(
                "securityContext",
                Map.of(
                        "runAsNonRoot", true,
                        "runAsUser", security.runAsUser(),
                        "runAsGroup", security.runAsGroup(),
                        "fsGroup", security.fsGroup(),
                        // A volume with a million files is not gone through at each start.
                        "fsGroupChangePolicy", "OnRootMismatch",
                        "seccompProfile", Map.of("type", "RuntimeDefault")));
        List<Object> volumes = new ArrayList<>();
        List<Object> mounts = new ArrayList<>();
        if (pvc != null) {
            volumes.add(Map.of("name", VOLUME, "persistentVolumeClaim", Map.of("claimName", pvc.name())));
            mounts.add(Map.of("name", VOLUME, "mountPath", template.mountPath()));
        }
        if (security.rootFilesystem() == JobSecurity.RootFilesystem.READ_ONLY) {
            volumes.add(Map.of("name", TMP, "emptyDir", Map.of()));
            mounts.add(Map.of("name", TMP, "mountPath", "/tmp"));
        }
        for (ExtraVolume volume : template.extras().volumes()) {
            volumes.add(ExtraManifests.volume(volume));
            mounts.add(ExtraManifests.mount(volume));
        }
        pod.putAll(ExtraManifests.scheduling(template.scheduling()));
        pod.put(
                "terminationGracePeriodSeconds",
                template.extras().terminationGrace().toSeconds());
        pod.put("volumes", volumes);
        pod.put("containers", List.of(container(run, request, storage, pvc, mounts)));
        return pod;
    }

    /**
     * Returns after how many seconds the node ends the runner, 0 for never: the grace and a little before the Job's own
     * deadline, at which the cluster deletes the pod, and its log with it. A Job that is too short for that has none.
     */
    private long runnerDeadline() {
        long whole = template.deadline().toSeconds();
        long before = template.extras().terminationGrace().plus(BEFORE_DEADLINE).toSeconds();
        return before * 2 > whole ? 0 : whole - before;
    }

    private Map<String, @Nullable Object> container(
            Run run,
            LaunchRequest request,
            @Nullable SessionStorage storage,
            @Nullable PvcRef pvc,
            List<Object> mounts) {
        RunnerContainer container = template.container();
        Map<String, @Nullable Object> json = new LinkedHashMap<>();
        json.put("name", CONTAINER);
        json.put("image", container.image());
        json.put("imagePullPolicy", container.pullPolicy());
        if (!container.command().isEmpty()) {
            json.put("command", container.command());
        }
        if (!container.args().isEmpty()) {
            json.put("args", container.args());
        }
        json.put("env", env(run, request, pvc == null ? null : storage));
        json.put("resources", Map.of("requests", container.requests(), "limits", container.limits()));
        json.put(
                "securityContext",
                Map.of(
                        "allowPrivilegeEscalation",
                        false,
                        "readOnlyRootFilesystem",
                        template.security().rootFilesystem() == JobSecurity.RootFilesystem.READ_ONLY,
                        "capabilities",
                        Map.of("drop", List.of("ALL"))));
        json.put("volumeMounts", mounts);
        return json;
    }

    private List<Object> env(Run run, LaunchRequest request, @Nullable SessionStorage storage) {
        Map<String, EnvValue> env = new LinkedHashMap<>();
        env.put("AGENTRUN_MANAGER_URL", EnvValue.of(request.managerUrl()));
        env.put("AGENTRUN_RUN_ID", EnvValue.of(run.id()));
        env.put("AGENTRUN_COMMAND_ID", EnvValue.of(request.commandId()));
        env.put("AGENTRUN_ATTEMPT_ID", EnvValue.of(request.attemptId()));
        env.put("AGENTRUN_RUNNER_ID", EnvValue.of(request.runnerId()));
        env.put("AGENTRUN_SOURCE_COMMIT", EnvValue.of(request.sourceCommit()));
        env.put(
                "AGENTRUN_BACKEND_PROFILE",
                EnvValue.of(run.spec().backendProfile().wire()));
        if (run.sessionId() != null) {
            env.put("AGENTRUN_SESSION_ID", EnvValue.of(run.sessionId()));
        }
        if (storage != null) {
            env.put("AGENTRUN_SESSION_DIR", EnvValue.of(template.mountPath()));
            env.put(
                    "AGENTRUN_ROLLOUT_DIR",
                    EnvValue.of(template.mountPath() + "/" + storage.contents().rolloutSubdir()));
        }
        Map<String, EnvValue> given =
                new LinkedHashMap<>(new TreeMap<>(template.container().env()));
        given.putAll(new TreeMap<>(request.env()));
        if (!given.containsKey("TRACEPARENT")) {
            run.spec()
                    .traceContext()
                    .ifPresent(
                            trace -> trace.environment().forEach((name, value) -> env.put(name, EnvValue.of(value))));
        }
        env.putAll(given);
        List<Object> list = new ArrayList<>();
        env.forEach((name, value) -> list.add(variable(name, value)));
        return list;
    }

    private static Map<String, Object> variable(String name, EnvValue value) {
        if (value instanceof EnvValue.FromSecret secret) {
            return Map.of(
                    "name",
                    name,
                    "valueFrom",
                    Map.of("secretKeyRef", Map.of("name", secret.secret(), "key", secret.key())));
        }
        // A doubled dollar is a dollar to Kubernetes, and never the begin of a reference to another variable.
        return Map.of("name", name, "value", ((EnvValue.Literal) value).value().replace("$", "$$"));
    }

    /** Returns what a server's message might repeat and ours must not: whatever the host put into variables and arguments. */
    private Set<String> confidential(LaunchRequest request) {
        Set<String> texts = new LinkedHashSet<>(template.container().args());
        texts.addAll(template.container().command());
        for (Map<String, EnvValue> env : List.of(template.container().env(), request.env())) {
            for (EnvValue value : env.values()) {
                if (value instanceof EnvValue.Literal literal) {
                    texts.add(literal.value());
                    texts.add(literal.value().replace("$", "$$"));
                }
            }
        }
        texts.removeIf(text -> text.length() < SHORTEST_SECRET);
        return texts;
    }
}

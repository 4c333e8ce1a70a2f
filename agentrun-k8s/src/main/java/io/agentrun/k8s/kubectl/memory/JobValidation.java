package io.agentrun.k8s.kubectl.memory;

import io.agentrun.json.JsonObject;
import io.agentrun.k8s.kubectl.KubectlException;
import io.agentrun.k8s.kubectl.KubectlException.Reason;
import io.agentrun.k8s.object.JobManifest;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What an API server refuses in the manifest of a Job, as far as agentrun could get it wrong.
 *
 * <p>Thread-safe.
 */
final class JobValidation {

    private static final Set<String> OF_THE_CONTROLLER =
            Set.of("controller-uid", "job-name", "batch.kubernetes.io/controller-uid", "batch.kubernetes.io/job-name");

    private final JobManifest manifest;

    private JobValidation(JobManifest manifest) {
        this.manifest = manifest;
    }

    /**
     * Refuses a manifest that a server would refuse.
     *
     * @throws KubectlException {@code INVALID}
     */
    static void check(JobManifest manifest) {
        new JobValidation(manifest).check();
    }

    /** Returns the names of the containers of the manifest's pods. */
    static List<String> containers(JobManifest manifest) {
        return objects(pod(manifest.body()), "containers").stream()
                .flatMap(container -> container.string("name").stream())
                .toList();
    }

    /** Returns the names of the claims that the manifest's pods mount. */
    static Set<String> claims(JobManifest manifest) {
        return objects(pod(manifest.body()), "volumes").stream()
                .flatMap(volume -> child(volume, "persistentVolumeClaim").string("claimName").stream())
                .collect(Collectors.toSet());
    }

    /** Returns the specification of the pods. */
    static JsonObject pod(JsonObject body) {
        return child(child(child(body, "spec"), "template"), "spec");
    }

    private void check() {
        JsonObject spec = child(manifest.body(), "spec");
        JsonObject template = child(spec, "template");
        JsonObject pod = child(template, "spec");
        for (String key : child(child(template, "metadata"), "labels").keys()) {
            require(
                    !OF_THE_CONTROLLER.contains(key),
                    "spec.template.metadata.labels: Invalid value: must not set " + key);
        }
        require(
                Set.of("Never", "OnFailure")
                        .contains(pod.string("restartPolicy").orElse("")),
                "spec.template.spec.restartPolicy: Unsupported value: must be Never or OnFailure");
        require(
                spec.number("activeDeadlineSeconds").map(Number::longValue).orElse(1L) > 0,
                "spec.activeDeadlineSeconds: Invalid value: must be greater than 0");
        Set<String> volumes = new HashSet<>();
        for (JsonObject volume : objects(pod, "volumes")) {
            String name = volume.string("name").orElse("");
            require(!name.isEmpty() && volumes.add(name), "spec.template.spec.volumes[0].name: Required or duplicate");
        }
        List<JsonObject> containers = objects(pod, "containers");
        require(!containers.isEmpty(), "spec.template.spec.containers: Required value");
        for (JsonObject container : containers) {
            container(container, volumes);
        }
    }

    private void container(JsonObject container, Set<String> volumes) {
        String at = "spec.template.spec.containers[0]";
        require(container.string("name").isPresent(), at + ".name: Required value");
        require(container.string("image").filter(image -> !image.isEmpty()).isPresent(), at + ".image: Required value");
        Set<String> paths = new HashSet<>();
        for (JsonObject mount : objects(container, "volumeMounts")) {
            require(volumes.contains(mount.string("name").orElse("")), at + ".volumeMounts[0].name: Not found");
            require(paths.add(mount.string("mountPath").orElse("")), at + ".volumeMounts: must be unique");
        }
    }

    private void require(boolean good, String words) {
        if (!good) {
            throw new KubectlException(
                    Reason.INVALID,
                    "create jobs.batch " + manifest.ref(),
                    "Job.batch \"" + manifest.ref().name() + "\" is invalid: " + words);
        }
    }

    static JsonObject child(JsonObject json, String key) {
        return json.object(key).orElse(JsonObject.empty());
    }

    @SuppressWarnings("unchecked") // The keys of a JSON object are texts.
    private static List<JsonObject> objects(JsonObject json, String key) {
        return json.list(key).orElse(List.of()).stream()
                .filter(Map.class::isInstance)
                .map(item -> JsonObject.from((Map<String, ?>) item))
                .toList();
    }
}

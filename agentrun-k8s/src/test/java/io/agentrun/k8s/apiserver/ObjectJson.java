package io.agentrun.k8s.apiserver;

import io.agentrun.json.JsonObject;
import io.agentrun.k8s.object.ClaimView;
import io.agentrun.k8s.object.JobView;
import io.agentrun.k8s.object.NamespaceView;
import io.agentrun.k8s.object.ObjectMeta;
import io.agentrun.k8s.object.PodView;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Objects as a server writes them, with the parts that a client must pass over. */
final class ObjectJson {

    private ObjectJson() {}

    static JsonObject claim(ClaimView claim) {
        Map<String, @Nullable Object> spec = new LinkedHashMap<>();
        spec.put("accessModes", claim.accessModes());
        spec.put("resources", Map.of("requests", Map.of("storage", String.valueOf(claim.size()))));
        spec.put("storageClassName", claim.storageClass());
        spec.put("volumeMode", "Filesystem");
        JsonObject meta = meta(claim.meta()).with("finalizers", List.of("kubernetes.io/pvc-protection"));
        return object("v1", "PersistentVolumeClaim", meta, spec, Map.of("phase", claim.phase()));
    }

    static JsonObject pod(PodView pod) {
        List<Object> volumes = pod.claims().stream()
                .<Object>map(claim -> Map.of("name", claim, "persistentVolumeClaim", Map.of("claimName", claim)))
                .toList();
        JsonObject meta = meta(pod.meta());
        if (pod.ownerUid() != null) {
            meta = meta.with(
                    "ownerReferences",
                    List.of(Map.of("kind", "Job", "name", "j", "uid", pod.ownerUid(), "controller", true)));
        }
        return object("v1", "Pod", meta, Map.of("volumes", volumes), Map.of("phase", pod.phase()));
    }

    static JsonObject job(JobView job, JsonObject body) {
        Map<String, @Nullable Object> status = new LinkedHashMap<>();
        if (job.activePods() > 0) {
            status.put("active", job.activePods());
        }
        if (job.finished()) {
            boolean failed = job.state() == JobView.State.FAILED;
            Map<String, Object> condition = new LinkedHashMap<>();
            condition.put("type", failed ? "Failed" : "Complete");
            condition.put("status", "True");
            if (job.failureReason() != null) {
                condition.put("reason", job.failureReason());
            }
            status.put("conditions", List.of(Map.of("type", "Suspended", "status", "False"), condition));
        }
        return object("batch/v1", "Job", meta(job.meta()), at(body, "spec").toMap(), status);
    }

    static JsonObject namespace(NamespaceView namespace) {
        return JsonObject.of(
                "apiVersion",
                "v1",
                "kind",
                "Namespace",
                "metadata",
                Map.of("name", namespace.name(), "uid", namespace.uid()),
                "status",
                Map.of("phase", namespace.phase()));
    }

    static JsonObject at(JsonObject json, String... keys) {
        JsonObject at = json;
        for (String key : keys) {
            at = at.object(key).orElse(JsonObject.empty());
        }
        return at;
    }

    static Map<String, String> texts(JsonObject json) {
        Map<String, String> texts = new LinkedHashMap<>();
        json.keys().forEach(key -> json.string(key).ifPresent(value -> texts.put(key, value)));
        return texts;
    }

    @SuppressWarnings("unchecked") // The keys of a JSON object are texts.
    static List<JsonObject> objects(JsonObject json, String key) {
        return json.list(key).orElse(List.of()).stream()
                .map(item -> JsonObject.from((Map<String, ?>) item))
                .toList();
    }

    private static JsonObject object(
            String version, String kind, JsonObject meta, Map<String, ?> spec, Map<String, ?> status) {
        return JsonObject.of("apiVersion", version, "kind", kind, "metadata", meta, "spec", spec, "status", status);
    }

    private static JsonObject meta(ObjectMeta meta) {
        JsonObject json = JsonObject.of(
                        "name", meta.ref().name(), "namespace", meta.ref().namespace())
                .with("uid", meta.uid())
                .with("resourceVersion", meta.resourceVersion())
                .with("creationTimestamp", meta.createdAt().toString())
                .with("managedFields", List.of(Map.of("manager", "kubectl", "operation", "Update")));
        if (!meta.labels().isEmpty()) {
            json = json.with("labels", meta.labels());
        }
        if (!meta.annotations().isEmpty()) {
            json = json.with("annotations", meta.annotations());
        }
        return meta.deletedAt() == null
                ? json
                : json.with("deletionTimestamp", meta.deletedAt().toString()).with("deletionGracePeriodSeconds", 0);
    }
}

package io.agentrun.k8s.apiserver;

import io.agentrun.json.JsonObject;
import io.agentrun.k8s.object.ClaimView;
import io.agentrun.k8s.object.ConditionView;
import io.agentrun.k8s.object.ContainerView;
import io.agentrun.k8s.object.EventView;
import io.agentrun.k8s.object.JobView;
import io.agentrun.k8s.object.JobView.Failure;
import io.agentrun.k8s.object.NamespaceView;
import io.agentrun.k8s.object.ObjectMeta;
import io.agentrun.k8s.object.PodView;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Objects as a server writes them, with the parts that a client must pass over. */
final class ObjectJson {

    /** More than any answer may hold. */
    private static final int OVERSIZE = 4 * 1024 * 1024;

    private ObjectJson() {}

    static JsonObject claim(ClaimView claim) {
        Map<String, @Nullable Object> spec = new LinkedHashMap<>();
        spec.put("accessModes", claim.accessModes());
        spec.put("resources", Map.of("requests", Map.of("storage", String.valueOf(claim.size()))));
        spec.put("storageClassName", claim.storageClass());
        spec.put("volumeMode", "Filesystem");
        JsonObject meta = meta(claim.meta()).with("finalizers", List.of("kubernetes.io/pvc-protection"));
        Map<String, @Nullable Object> status = new LinkedHashMap<>(Map.of("phase", claim.phase()));
        if (claim.capacity() != null) {
            status.put("capacity", Map.of("storage", claim.capacity()));
        }
        return object("v1", "PersistentVolumeClaim", meta, spec, status);
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
        Map<String, @Nullable Object> spec = new LinkedHashMap<>(Map.of("volumes", volumes));
        if (pod.state().node() != null) {
            spec.put("nodeName", pod.state().node());
        }
        Map<String, @Nullable Object> status = new LinkedHashMap<>();
        status.put("phase", pod.phase());
        put(status, "reason", pod.state().reason());
        status.put(
                "conditions",
                pod.state().conditions().stream().map(ObjectJson::condition).toList());
        status.put(
                "containerStatuses",
                pod.state().containers().stream().map(ObjectJson::container).toList());
        return object("v1", "Pod", meta, spec, status);
    }

    private static Map<String, @Nullable Object> condition(ConditionView view) {
        Map<String, @Nullable Object> condition = new LinkedHashMap<>();
        condition.put("type", view.type());
        condition.put("status", view.status());
        put(condition, "reason", view.reason());
        put(condition, "message", view.message());
        return condition;
    }

    private static Map<String, @Nullable Object> container(ContainerView view) {
        Map<String, @Nullable Object> now = new LinkedHashMap<>();
        put(now, "reason", view.reason());
        put(now, "message", view.message());
        String state = switch (view.state()) {
            case WAITING -> "waiting";
            case RUNNING -> {
                now.put("startedAt", "2026-03-01T12:00:00Z");
                yield "running";
            }
            case TERMINATED -> {
                now.put("exitCode", view.exitCode());
                yield "terminated";
            }
        };
        return Map.of("name", view.name(), "image", "i", "ready", false, "state", Map.of(state, now));
    }

    private static void put(Map<String, @Nullable Object> map, String key, @Nullable Object value) {
        if (value != null) {
            map.put(key, value);
        }
    }

    static JsonObject job(JobView job, JsonObject body) {
        Map<String, @Nullable Object> status = new LinkedHashMap<>();
        status.put("startTime", job.meta().createdAt().toString());
        if (job.activePods() > 0) {
            status.put("active", job.activePods());
        }
        if (job.endingPods() > 0) {
            status.put("terminating", job.endingPods());
        }
        List<Object> conditions = new ArrayList<>(List.of(Map.of("type", "Suspended", "status", "False")));
        Failure failure = job.failure();
        switch (job.state()) {
            case PENDING, ACTIVE -> {}
            case ENDING -> {
                if (failure != null) {
                    conditions.add(
                            condition(new ConditionView("FailureTarget", "True", failure.reason(), failure.message())));
                } else if (job.endingPods() == 0) {
                    conditions.add(
                            condition(new ConditionView("SuccessCriteriaMet", "True", "CompletionsReached", null)));
                }
            }
            case SUCCEEDED -> {
                conditions.add(condition(new ConditionView("SuccessCriteriaMet", "True", "CompletionsReached", null)));
                conditions.add(condition(new ConditionView("Complete", "True", null, null)));
            }
            case FAILED -> {
                Failure why = Objects.requireNonNull(failure);
                conditions.add(condition(new ConditionView("FailureTarget", "True", why.reason(), why.message())));
                conditions.add(condition(new ConditionView("Failed", "True", why.reason(), why.message())));
            }
        }
        status.put("conditions", conditions);
        return object("batch/v1", "Job", meta(job.meta()), at(body, "spec").toMap(), status);
    }

    static JsonObject event(EventView event) {
        return JsonObject.of(
                        "metadata", Map.of("name", "e", "namespace", "default", "uid", "u"),
                        "type", event.type(),
                        "reason", event.reason(),
                        "message", event.message())
                .with("lastTimestamp", event.lastSeen().toString());
    }

    /**
     * A list as a server writes it: its metadata before its items, and each item's metadata, name first, before the rest.
     * Oversized items come last.
     */
    static String list(
            String kind, String version, @Nullable String next, List<JsonObject> items, List<String> oversized) {
        StringBuilder text = new StringBuilder("{\"kind\":\"" + kind + "\",\"apiVersion\":\"" + version
                + "\",\"metadata\":{\"resourceVersion\":\"7\"");
        if (next != null) {
            text.append(",\"continue\":\"").append(next).append("\",\"remainingItemCount\":1");
        }
        text.append("},\"items\":[");
        String comma = "";
        for (JsonObject item : items) {
            JsonObject meta = at(item, "metadata");
            String name = JsonObject.of("name", meta.string("name").orElse("")).toJson();
            text.append(comma)
                    .append("{\"metadata\":")
                    .append(name, 0, name.length() - 1)
                    .append(',')
                    .append(meta.without("name").toJson().substring(1))
                    .append(',')
                    .append(item.without("metadata").toJson().substring(1));
            comma = ",";
        }
        for (String name : oversized) {
            text.append(comma)
                    .append("{\"metadata\":{\"name\":\"")
                    .append(name)
                    .append("\",\"namespace\":\"default\",\"uid\":\"large\",\"annotations\":{\"x\":\"")
                    .append("y".repeat(OVERSIZE))
                    .append("\"}}}");
            comma = ",";
        }
        return text.append("]}\n").toString();
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

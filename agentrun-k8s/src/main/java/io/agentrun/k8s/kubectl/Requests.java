package io.agentrun.k8s.kubectl;

import io.agentrun.json.JsonObject;
import io.agentrun.k8s.log.LogPosition;
import io.agentrun.k8s.log.LogQuery;
import io.agentrun.k8s.object.AccessMode;
import io.agentrun.k8s.object.ClaimManifest;
import io.agentrun.k8s.object.ObjectRef;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The paths and bodies that are sent. A path is built of checked names and percent-encoded queries alone, because
 * kubectl sends it as it is.
 *
 * <p>Thread-safe.
 */
final class Requests {

    /** A kind of object in a namespace. */
    enum Kind {
        CLAIM("/api/v1", "persistentvolumeclaims", "PersistentVolumeClaim"),
        POD("/api/v1", "pods", "Pod"),
        JOB("/apis/batch/v1", "jobs", "Job"),
        EVENT("/api/v1", "events", "Event");

        final String root;
        final String plural;
        final String kind;

        Kind(String root, String plural, String kind) {
            this.root = root;
            this.plural = plural;
            this.kind = kind;
        }

        /** Returns the keys of its JSON that are not read. */
        Set<String> skipped() {
            return switch (this) {
                case CLAIM -> Set.of("managedFields");
                case POD -> Set.of("managedFields", "annotations", "env");
                case JOB -> Set.of("managedFields", "annotations", "template");
                case EVENT -> Set.of("managedFields", "annotations");
            };
        }
    }

    private Requests() {}

    static String collection(Kind kind, String namespace) {
        return kind.root + "/namespaces/" + namespace + "/" + kind.plural;
    }

    static String object(Kind kind, ObjectRef ref) {
        return collection(kind, ref.namespace()) + "/" + ref.name();
    }

    static String list(Kind kind, ListQuery query) {
        StringBuilder path = new StringBuilder(collection(kind, query.namespace()))
                .append("?limit=")
                .append(query.limit());
        if (!query.labels().isEmpty()) {
            String selector = query.labels().entrySet().stream()
                    .map(label -> label.getKey() + "=" + label.getValue())
                    .collect(Collectors.joining(","));
            path.append("&labelSelector=").append(encode(selector));
        }
        String cursor = query.cursor();
        if (cursor != null) {
            path.append("&continue=").append(encode(cursor));
        }
        return path.toString();
    }

    /** Returns the path of a container's log, with a time before each line. */
    static String log(LogQuery query) {
        StringBuilder path = new StringBuilder(object(Kind.POD, query.pod()))
                .append("/log?container=")
                .append(encode(query.container()))
                .append("&timestamps=true");
        LogPosition after = query.after();
        if (after != null) {
            path.append("&sinceTime=").append(encode(after.since().toString()));
        }
        if (query.lastLines() != null) {
            path.append("&tailLines=").append(query.lastLines());
        }
        return path.toString();
    }

    /** Returns the path of some Events about an object. */
    static String events(String namespace, String uid, int limit) {
        return collection(Kind.EVENT, namespace) + "?limit=" + limit + "&fieldSelector="
                + encode("involvedObject.uid=" + uid);
    }

    static JsonObject claim(ClaimManifest manifest) {
        Map<String, @Nullable Object> spec = new LinkedHashMap<>();
        spec.put(
                "accessModes",
                manifest.accessModes().stream().map(AccessMode::wire).toList());
        spec.put("resources", Map.of("requests", Map.of("storage", manifest.size())));
        if (manifest.storageClass() != null) {
            spec.put("storageClassName", manifest.storageClass());
        }
        Map<String, Object> meta = Map.of(
                "name", manifest.ref().name(),
                "namespace", manifest.ref().namespace(),
                "labels", manifest.labels(),
                "annotations", manifest.annotations());
        return JsonObject.of("apiVersion", "v1", "kind", Kind.CLAIM.kind, "metadata", meta, "spec", spec);
    }

    /**
     * Returns the claim as it was read, asking for another size; its uid and version go with it, so that only this very claim,
     * unchanged, is replaced.
     */
    static JsonObject resized(String claim, String size) {
        JsonObject json = JsonObject.parse(claim);
        JsonObject spec = json.object("spec").orElse(JsonObject.empty());
        JsonObject resources = spec.object("resources").orElse(JsonObject.empty());
        JsonObject requests = resources.object("requests").orElse(JsonObject.empty());
        return json.with("spec", spec.with("resources", resources.with("requests", requests.with("storage", size))));
    }

    /** Returns the body of a delete: only this very object, and what it owns after it. */
    static JsonObject deletion(String uid) {
        return JsonObject.of(
                "apiVersion",
                "v1",
                "kind",
                "DeleteOptions",
                "propagationPolicy",
                "Background",
                "preconditions",
                Map.of("uid", uid));
    }

    /** Returns the question whether the caller may do this in the namespace. */
    static JsonObject review(String namespace, Permission permission) {
        Map<String, Object> attributes = new LinkedHashMap<>();
        attributes.put("namespace", namespace);
        attributes.put("verb", permission.verb());
        attributes.put("group", permission.group());
        attributes.put("resource", permission.resource());
        if (!permission.subresource().isEmpty()) {
            attributes.put("subresource", permission.subresource());
        }
        return JsonObject.of(
                "apiVersion",
                "authorization.k8s.io/v1",
                "kind",
                "SelfSubjectAccessReview",
                "spec",
                Map.of("resourceAttributes", attributes));
    }

    private static String encode(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }
}

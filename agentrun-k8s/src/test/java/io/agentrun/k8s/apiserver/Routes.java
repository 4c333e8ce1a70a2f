package io.agentrun.k8s.apiserver;

import io.agentrun.error.InvalidInputException;
import io.agentrun.json.JsonObject;
import io.agentrun.k8s.apiserver.ApiServer.Answer;
import io.agentrun.k8s.kubectl.KubectlException;
import io.agentrun.k8s.kubectl.ListQuery;
import io.agentrun.k8s.kubectl.memory.InMemoryKubectlHandler;
import io.agentrun.k8s.object.AccessMode;
import io.agentrun.k8s.object.ClaimManifest;
import io.agentrun.k8s.object.ClaimView;
import io.agentrun.k8s.object.JobManifest;
import io.agentrun.k8s.object.JobView;
import io.agentrun.k8s.object.ObjectPage;
import io.agentrun.k8s.object.ObjectRef;
import io.agentrun.k8s.object.SkippedObject;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Turns requests into calls on the cluster, and its views into the JSON of a server. */
final class Routes {

    private static final Pattern NAMESPACED = Pattern.compile(
            "/(?:api/v1|apis/batch/v1)/namespaces/([^/]+)/(persistentvolumeclaims|pods|jobs|events)(?:/([^/]+))?(/log)?");
    private static final Pattern NAMESPACE = Pattern.compile("/api/v1/namespaces/([^/]+)");

    private final InMemoryKubectlHandler cluster;

    Routes(InMemoryKubectlHandler cluster) {
        this.cluster = cluster;
    }

    Answer answer(String method, URI uri, @Nullable JsonObject body) {
        String path = uri.getPath();
        Map<String, String> query = query(uri.getRawQuery());
        if (path.equals("/version")) {
            requireAllowed("get /version");
            return ok(JsonObject.of("major", "1", "minor", "32", "gitVersion", "v1.32.0"));
        }
        if (path.equals("/apis/authorization.k8s.io/v1/selfsubjectaccessreviews") && body != null) {
            requireAllowed("create selfsubjectaccessreviews.authorization.k8s.io");
            return review(body);
        }
        Matcher one = NAMESPACE.matcher(path);
        if (one.matches()) {
            return found(cluster.findNamespace(one.group(1)).map(ObjectJson::namespace), "namespaces", one.group(1));
        }
        Matcher object = NAMESPACED.matcher(path);
        if (!object.matches()) {
            return new Answer(404, "404 page not found");
        }
        String namespace = object.group(1);
        String name = object.group(3);
        if (name == null) {
            return method.equals("POST") && body != null
                    ? create(object.group(2), namespace, body)
                    : list(object.group(2), namespace, query);
        }
        ObjectRef ref = new ObjectRef(namespace, name);
        if (object.group(4) != null) {
            return new LogRoute(cluster).answer(ref, query);
        }
        if (method.equals("PUT") && body != null) {
            return replace(ref, body);
        }
        return method.equals("DELETE") && body != null ? delete(object.group(2), ref, body) : get(object.group(2), ref);
    }

    /** For what the cluster in memory knows nothing of; everything else it refuses itself. */
    private void requireAllowed(String permission) {
        if (!cluster.cluster().allows(permission, "default")) {
            throw new KubectlException(
                    KubectlException.Reason.FORBIDDEN, permission, "forbidden: User \"tester\" cannot " + permission);
        }
    }

    private Answer create(String resource, String namespace, JsonObject body) {
        JsonObject meta = body.object("metadata").orElseThrow();
        ObjectRef ref = new ObjectRef(namespace, meta.string("name").orElse(""));
        Map<String, String> labels = ObjectJson.texts(meta.object("labels").orElse(JsonObject.empty()));
        if (resource.equals("jobs")) {
            JsonObject pod = ObjectJson.at(body, "spec", "template", "spec");
            String claim = ObjectJson.objects(pod, "volumes").stream()
                    .flatMap(volume -> ObjectJson.at(volume, "persistentVolumeClaim").string("claimName").stream())
                    .findFirst()
                    .orElse(null);
            var job = cluster.createJob(new JobManifest(ref, labels, claim, body, Set.of()));
            return new Answer(201, ObjectJson.job(job, body).toJson());
        }
        JsonObject spec = body.object("spec").orElseThrow();
        List<AccessMode> modes = spec.list("accessModes").orElse(List.of()).stream()
                .map(mode -> AccessMode.fromWire("accessModes", String.valueOf(mode)))
                .toList();
        var claim = cluster.createClaim(new ClaimManifest(
                ref,
                labels,
                ObjectJson.texts(meta.object("annotations").orElse(JsonObject.empty())),
                ObjectJson.at(spec, "resources", "requests").string("storage").orElse(""),
                spec.string("storageClassName").orElse(null),
                modes));
        return new Answer(201, ObjectJson.claim(claim).toJson());
    }

    /** Replaces a claim, of which only the size that it asks for may be another one; its finalizers are its controller's. */
    private Answer replace(ObjectRef ref, JsonObject body) {
        JsonObject meta = ObjectJson.at(body, "metadata");
        String uid = meta.string("uid").orElse("");
        JsonObject now = cluster.cluster()
                .claim(ref)
                .map(ObjectJson::claim)
                .orElseThrow(() -> new KubectlException(
                        KubectlException.Reason.NOT_FOUND,
                        "update persistentvolumeclaims",
                        "persistentvolumeclaims \"" + ref.name() + "\" not found"));
        boolean same = ObjectJson.at(now, "metadata").string("resourceVersion").equals(meta.string("resourceVersion"));
        if (!same) {
            throw new KubectlException(
                    KubectlException.Reason.CONFLICT,
                    "update persistentvolumeclaims",
                    "Operation cannot be fulfilled on persistentvolumeclaims \"" + ref.name()
                            + "\": the object has been modified");
        }
        JsonObject spec = ObjectJson.at(body, "spec");
        String size =
                ObjectJson.at(spec, "resources", "requests").string("storage").orElse("");
        boolean complete =
                spec.without("resources").equals(ObjectJson.at(now, "spec").without("resources"))
                        && meta.equals(ObjectJson.at(now, "metadata"));
        if (!complete) {
            throw new InvalidInputException("spec", "must be the one that was read, but for the size");
        }
        return ok(ObjectJson.claim(cluster.resizeClaim(ref, uid, size)));
    }

    private Answer get(String resource, ObjectRef ref) {
        return switch (resource) {
            case "jobs" -> found(cluster.findJob(ref).map(this::job), "jobs.batch", ref.name());
            case "persistentvolumeclaims" -> found(cluster.findClaim(ref).map(ObjectJson::claim), resource, ref.name());
            default -> new Answer(404, "404 page not found");
        };
    }

    private Answer delete(String resource, ObjectRef ref, JsonObject body) {
        String uid = ObjectJson.at(body, "preconditions").string("uid").orElse("");
        if (!body.string("propagationPolicy").orElse("").equals("Background")) {
            throw new InvalidInputException("propagationPolicy", "must be Background in this cluster");
        }
        if (resource.equals("jobs")) {
            cluster.deleteJob(ref, uid);
            return Statuses.success("jobs", ref.name(), uid);
        }
        Optional<ClaimView> before = cluster.cluster().claim(ref);
        cluster.deleteClaim(ref, uid);
        // A finalizer holds every claim until its controller has seen it: a real server answers with the object.
        return ok(before.map(ObjectJson::claim)
                .map(json -> json.with(
                        "metadata", ObjectJson.at(json, "metadata").with("deletionTimestamp", "2026-03-01T12:00:00Z")))
                .orElseThrow());
    }

    private JsonObject job(JobView job) {
        return ObjectJson.job(job, cluster.cluster().manifest(job.meta().ref()));
    }

    private Answer list(String resource, String namespace, Map<String, String> query) {
        if (resource.equals("events")) {
            String uid = query.getOrDefault("fieldSelector", "").replaceFirst("^involvedObject.uid=", "");
            List<JsonObject> events = cluster.listEvents(namespace, uid).stream()
                    .map(ObjectJson::event)
                    .toList();
            return new Answer(200, ObjectJson.list("EventList", "v1", null, events, List.of()));
        }
        ListQuery list = ListQuery.in(namespace)
                .withLimit(Integer.parseInt(query.getOrDefault("limit", "500")))
                .withLabels(selector(query.getOrDefault("labelSelector", "")))
                .withCursor(query.containsKey("continue") ? decode(query.get("continue")) : null);
        return switch (resource) {
            case "jobs" -> page("JobList", "batch/v1", cluster.listJobs(list), this::job);
            case "pods" -> page("PodList", "v1", cluster.listPods(list), ObjectJson::pod);
            default -> page("PersistentVolumeClaimList", "v1", cluster.listClaims(list), ObjectJson::claim);
        };
    }

    private <T> Answer page(String kind, String version, ObjectPage<T> page, Function<T, JsonObject> json) {
        String next = page.nextCursor();
        String token = next == null ? null : Base64.getEncoder().encodeToString(next.getBytes(StandardCharsets.UTF_8));
        // The items of a list carry no kind of their own.
        List<JsonObject> items = page.items().stream()
                .map(json)
                .map(item -> item.without("kind").without("apiVersion"))
                .toList();
        // What the cluster in memory leaves out, a server sends, however large it is.
        List<String> oversized = page.skipped().stream()
                .map(SkippedObject::name)
                .map(String::valueOf)
                .toList();
        return new Answer(200, ObjectJson.list(kind, version, token, items, oversized));
    }

    private Answer review(JsonObject body) {
        JsonObject asked = ObjectJson.at(body, "spec", "resourceAttributes");
        String group = asked.string("group").orElse("");
        String subresource = asked.string("subresource").orElse("");
        String permission = asked.string("verb").orElse("") + " "
                + asked.string("resource").orElse("")
                + (subresource.isEmpty() ? "" : "/" + subresource)
                + (group.isEmpty() ? "" : "." + group);
        return new Answer(
                201,
                body.with(
                                "status",
                                Map.of(
                                        "allowed",
                                        cluster.cluster()
                                                .allows(
                                                        permission,
                                                        asked.string("namespace")
                                                                .orElse(""))))
                        .toJson());
    }

    private static Answer found(Optional<JsonObject> object, String resource, String name) {
        return object.map(Routes::ok)
                .orElseThrow(() -> new KubectlException(
                        KubectlException.Reason.NOT_FOUND,
                        "get " + resource,
                        resource + " \"" + name + "\" not found"));
    }

    private static Answer ok(JsonObject json) {
        return new Answer(200, json.toJson());
    }

    private static Map<String, String> selector(String text) {
        Map<String, String> labels = new LinkedHashMap<>();
        for (String term : text.isEmpty() ? new String[0] : text.split(",", -1)) {
            String[] sides = term.split("=", 2);
            labels.put(sides[0], sides[1]);
        }
        return labels;
    }

    private static String decode(String token) {
        return new String(Base64.getDecoder().decode(token), StandardCharsets.UTF_8);
    }

    private static Map<String, String> query(@Nullable String raw) {
        Map<String, String> query = new LinkedHashMap<>();
        for (String part : raw == null ? new String[0] : raw.split("&", -1)) {
            String[] sides = part.split("=", 2);
            query.put(sides[0], URLDecoder.decode(sides.length == 2 ? sides[1] : "", StandardCharsets.UTF_8));
        }
        return query;
    }
}

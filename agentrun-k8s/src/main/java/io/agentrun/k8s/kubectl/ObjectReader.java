package io.agentrun.k8s.kubectl;

import io.agentrun.error.InvalidInputException;
import io.agentrun.json.JsonObject;
import io.agentrun.k8s.object.ClaimView;
import io.agentrun.k8s.object.JobView;
import io.agentrun.k8s.object.NamespaceView;
import io.agentrun.k8s.object.ObjectMeta;
import io.agentrun.k8s.object.ObjectRef;
import io.agentrun.k8s.object.PodView;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Reads the server's JSON into views; what is not as expected is an {@link InvalidInputException} that names the place,
 * which the handler turns into its own error.
 *
 * <p>Thread-safe.
 */
final class ObjectReader {

    private ObjectReader() {}

    static ClaimView claim(JsonObject json) {
        JsonObject spec = child(json, "spec");
        return new ClaimView(
                meta(json),
                child(json, "status").string("phase").orElse("Pending"),
                child(child(spec, "resources"), "requests").string("storage").orElse(null),
                spec.string("storageClassName").orElse(null),
                strings(spec, "accessModes"));
    }

    static PodView pod(JsonObject json) {
        Set<String> claims = new LinkedHashSet<>();
        for (JsonObject volume : objects(child(json, "spec"), "volumes")) {
            child(volume, "persistentVolumeClaim").string("claimName").ifPresent(claims::add);
        }
        Optional<String> owner = objects(child(json, "metadata"), "ownerReferences").stream()
                .filter(reference -> reference.bool("controller").orElse(false))
                .flatMap(reference -> reference.string("uid").stream())
                .findFirst();
        return new PodView(
                meta(json), child(json, "status").string("phase").orElse("Unknown"), claims, owner.orElse(null));
    }

    static JobView job(JsonObject json) {
        JsonObject status = child(json, "status");
        int active = status.number("active").map(Number::intValue).orElse(0);
        JobView.State state = active > 0 ? JobView.State.ACTIVE : JobView.State.PENDING;
        String reason = null;
        for (JsonObject condition : objects(status, "conditions")) {
            if (condition.string("status").orElse("").equals("True")) {
                String type = condition.string("type").orElse("");
                if (type.equals("Complete")) {
                    state = JobView.State.SUCCEEDED;
                } else if (type.equals("Failed")) {
                    state = JobView.State.FAILED;
                    reason = condition.string("reason").orElse("Failed");
                }
            }
        }
        return new JobView(meta(json), state, reason, active);
    }

    static NamespaceView namespace(JsonObject json) {
        JsonObject meta = child(json, "metadata");
        return new NamespaceView(
                required(meta, "name"),
                required(meta, "uid"),
                child(json, "status").string("phase").orElse("Active"));
    }

    /** The items of a list, which is of the expected kind. */
    static List<JsonObject> items(JsonObject list, String kind) {
        requireKind(list, kind + "List");
        return objects(list, "items");
    }

    /** Where the list goes on, or null. */
    static @Nullable String next(JsonObject list) {
        return child(list, "metadata")
                .string("continue")
                .filter(token -> !token.isEmpty())
                .orElse(null);
    }

    /** Refuses an answer of another kind: a Status with exit code 0, a proxy's own JSON. */
    static JsonObject requireKind(JsonObject json, String kind) {
        if (!json.string("kind").orElse("").equals(kind)) {
            throw new InvalidInputException("kind", "must be " + kind);
        }
        return json;
    }

    static JsonObject child(JsonObject json, String key) {
        return json.object(key).orElse(JsonObject.empty());
    }

    private static ObjectMeta meta(JsonObject json) {
        JsonObject meta = child(json, "metadata");
        return new ObjectMeta(
                new ObjectRef(required(meta, "namespace"), required(meta, "name")),
                required(meta, "uid"),
                meta.string("resourceVersion").orElse(""),
                time(meta, "creationTimestamp").orElse(Instant.EPOCH),
                time(meta, "deletionTimestamp").orElse(null),
                texts(child(meta, "labels")),
                texts(child(meta, "annotations")));
    }

    private static String required(JsonObject json, String key) {
        return json.string(key).orElseThrow(() -> new InvalidInputException(key, "must be given"));
    }

    private static Optional<Instant> time(JsonObject json, String key) {
        return json.string(key).map(text -> {
            try {
                return Instant.parse(text);
            } catch (DateTimeException e) {
                throw new InvalidInputException(key, "must be a time");
            }
        });
    }

    private static Map<String, String> texts(JsonObject json) {
        Map<String, String> texts = new LinkedHashMap<>();
        for (String key : json.keys()) {
            json.string(key).ifPresent(value -> texts.put(key, value));
        }
        return texts;
    }

    private static List<String> strings(JsonObject json, String key) {
        return elements(json, key)
                .filter(String.class::isInstance)
                .map(String.class::cast)
                .toList();
    }

    private static List<JsonObject> objects(JsonObject json, String key) {
        return elements(json, key)
                .filter(Map.class::isInstance)
                .map(ObjectReader::object)
                .toList();
    }

    @SuppressWarnings("unchecked") // The keys of a JSON object are texts.
    private static JsonObject object(Object map) {
        return JsonObject.from((Map<String, ?>) map);
    }

    private static Stream<Object> elements(JsonObject json, String key) {
        return json.list(key).stream().flatMap(List::stream).filter(Objects::nonNull);
    }
}

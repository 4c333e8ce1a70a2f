package io.agentrun.k8s.job;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Writes those parts of a pod's manifest that only some templates have.
 *
 * <p>Thread-safe.
 */
final class ExtraManifests {

    private ExtraManifests() {}

    static Map<String, @Nullable Object> scheduling(PodScheduling scheduling) {
        Map<String, @Nullable Object> pod = new LinkedHashMap<>();
        if (!scheduling.nodeSelector().isEmpty()) {
            pod.put("nodeSelector", scheduling.nodeSelector());
        }
        if (!scheduling.tolerations().isEmpty()) {
            pod.put(
                    "tolerations",
                    scheduling.tolerations().stream()
                            .map(ExtraManifests::toleration)
                            .toList());
        }
        put(pod, "affinity", scheduling.affinity());
        put(pod, "priorityClassName", scheduling.priorityClassName());
        put(pod, "runtimeClassName", scheduling.runtimeClassName());
        return pod;
    }

    private static Map<String, Object> toleration(PodScheduling.Toleration toleration) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("key", toleration.key());
        json.put("operator", toleration.value() == null ? "Exists" : "Equal");
        if (toleration.value() != null) {
            json.put("value", toleration.value());
        }
        if (toleration.effect() != null) {
            json.put("effect", toleration.effect());
        }
        return json;
    }

    static Map<String, Object> volume(ExtraVolume volume) {
        String object = String.valueOf(volume.object());
        String key = switch (volume.source()) {
            case CONFIG_MAP -> "configMap";
            case SECRET -> "secret";
            case CLAIM -> "persistentVolumeClaim";
            case EMPTY -> "emptyDir";
        };
        Map<String, Object> source = switch (volume.source()) {
            case CONFIG_MAP -> Map.of("name", object);
            case SECRET -> Map.of("secretName", object);
            case CLAIM -> Map.of("claimName", object, "readOnly", true);
            case EMPTY -> volume.sizeLimit() == null ? Map.of() : Map.of("sizeLimit", volume.sizeLimit());
        };
        return Map.of("name", volume.name(), key, source);
    }

    static Map<String, Object> mount(ExtraVolume volume) {
        Map<String, Object> mount = new LinkedHashMap<>(Map.of("name", volume.name(), "mountPath", volume.mountPath()));
        if (volume.source() != ExtraVolume.Source.EMPTY) {
            mount.put("readOnly", true);
        }
        return mount;
    }

    private static void put(Map<String, @Nullable Object> map, String key, @Nullable Object value) {
        if (value != null) {
            map.put(key, value);
        }
    }
}

package io.agentrun.k8s.apiserver;

import io.agentrun.json.JsonObject;
import io.agentrun.k8s.object.JobManifest;
import io.agentrun.k8s.object.ObjectRef;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Jobs that an API server takes. */
public final class TestJobs {

    private TestJobs() {}

    /** A Job of one container, {@code runner}, whose pod mounts the claim. */
    public static JobManifest manifest(ObjectRef ref, Map<String, String> labels, String claim) {
        return manifest(ref, labels, claim, List.of("runner"));
    }

    /** A Job of these containers, whose pod mounts the claim. */
    public static JobManifest manifest(
            ObjectRef ref, Map<String, String> labels, String claim, List<String> containers) {
        Map<String, Object> pod = Map.of(
                "restartPolicy",
                "Never",
                "containers",
                containers.stream()
                        .map(name -> Map.of("name", name, "image", "registry.example/runner:1"))
                        .toList(),
                "volumes",
                List.of(Map.of("name", "session", "persistentVolumeClaim", Map.of("claimName", claim))));
        JsonObject body = JsonObject.of(
                "apiVersion",
                "batch/v1",
                "kind",
                "Job",
                "metadata",
                Map.of("name", ref.name(), "namespace", ref.namespace(), "labels", labels),
                "spec",
                Map.of("backoffLimit", 0, "template", Map.of("metadata", Map.of("labels", labels), "spec", pod)));
        return new JobManifest(ref, labels, claim, body, Set.of());
    }
}

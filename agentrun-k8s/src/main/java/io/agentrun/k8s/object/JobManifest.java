package io.agentrun.k8s.object;

import io.agentrun.check.Require;
import io.agentrun.error.InvalidInputException;
import io.agentrun.json.JsonObject;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A Job to be created.
 *
 * <p>Immutable.
 *
 * @param ref where it is to be
 * @param labels the labels of the Job and of its pods
 * @param claim the name of the claim that its pods mount, or null for none
 * @param body the whole manifest, {@code apiVersion} to {@code spec}; it goes through a pipe, never onto a command line
 * @param confidential texts of the body that no message may repeat: values of variables, arguments
 */
public record JobManifest(
        ObjectRef ref, Map<String, String> labels, @Nullable String claim, JsonObject body, Set<String> confidential) {

    /**
     * Checks and copies what is given.
     *
     * @throws InvalidInputException when a component is missing, a label is not one, or the body names another Job
     */
    public JobManifest {
        ref = Require.given("ref", ref);
        labels = KubernetesSyntax.labels("labels", labels);
        body = Require.given("body", body);
        confidential = Set.copyOf(Require.given("confidential", confidential));
        JsonObject meta = body.object("metadata").orElse(JsonObject.empty());
        if (!ref.name().equals(meta.string("name").orElse(null))
                || !ref.namespace().equals(meta.string("namespace").orElse(null))) {
            throw new InvalidInputException("body", "must be the manifest of the Job that ref names");
        }
    }
}

package io.agentrun.k8s.object;

import io.agentrun.check.Require;
import io.agentrun.error.InvalidInputException;
import io.agentrun.json.AsText;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What every object of a cluster carries, as far as it matters here.
 *
 * <p>Immutable.
 *
 * @param ref where the object is
 * @param uid its identity: a new object of the same name has another
 * @param resourceVersion the version that was read
 * @param createdAt when it was created, by the cluster's clock, in whole seconds
 * @param deletedAt given once its deletion was asked for, while something still holds the object: that time, for a pod the
 *     time at which it should have ended, its grace included
 * @param labels its labels
 * @param annotations its annotations
 */
public record ObjectMeta(
        ObjectRef ref,
        String uid,
        String resourceVersion,
        @AsText Instant createdAt,
        @AsText @Nullable Instant deletedAt,
        Map<String, String> labels,
        Map<String, String> annotations) {

    /**
     * Copies what is given.
     *
     * @throws InvalidInputException when a component that is not nullable is missing
     */
    public ObjectMeta {
        ref = Require.given("ref", ref);
        uid = Require.given("uid", uid);
        resourceVersion = Require.given("resourceVersion", resourceVersion);
        createdAt = Require.given("createdAt", createdAt);
        labels = Map.copyOf(Require.given("labels", labels));
        annotations = Map.copyOf(Require.given("annotations", annotations));
    }

    /** Returns whether the object is on its way out. */
    public boolean terminating() {
        return deletedAt != null;
    }

    /** Returns whether the object carries every one of these labels with these values. */
    public boolean hasLabels(Map<String, String> wanted) {
        return labels.entrySet().containsAll(wanted.entrySet());
    }
}

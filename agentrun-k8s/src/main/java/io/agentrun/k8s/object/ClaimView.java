package io.agentrun.k8s.object;

import io.agentrun.check.Require;
import io.agentrun.error.InvalidInputException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A PersistentVolumeClaim as it was read.
 *
 * <p>Immutable.
 *
 * @param meta where it is and whose
 * @param phase {@code Pending}, {@code Bound} or {@code Lost}; a claim whose class waits for its first pod stays
 *     {@code Pending} until then
 * @param size the storage that it asks for, as a quantity
 * @param capacity the storage that it has, null before it is bound; less than {@code size} while it grows
 * @param storageClass its class, null when the cluster has not set one
 * @param accessModes its access modes in the words of Kubernetes
 */
public record ClaimView(
        ObjectMeta meta,
        String phase,
        @Nullable String size,
        @Nullable String capacity,
        @Nullable String storageClass,
        List<String> accessModes) {

    /**
     * Copies what is given.
     *
     * @throws InvalidInputException when a component that is not nullable is missing
     */
    public ClaimView {
        meta = Require.given("meta", meta);
        phase = Require.given("phase", phase);
        accessModes = Require.items("accessModes", accessModes);
    }
}

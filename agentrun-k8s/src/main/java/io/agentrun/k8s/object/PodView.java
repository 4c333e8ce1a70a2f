package io.agentrun.k8s.object;

import io.agentrun.check.Require;
import io.agentrun.error.InvalidInputException;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A pod as it was read.
 *
 * <p>Immutable.
 *
 * @param meta where it is and whose
 * @param phase {@code Pending}, {@code Running}, {@code Succeeded}, {@code Failed} or {@code Unknown}
 * @param claims the names of the claims that it mounts; while the pod object exists, a finished pod too, they cannot go
 * @param ownerUid the uid of the object that controls it (its Job), null when none does
 */
public record PodView(
        ObjectMeta meta,
        String phase,
        Set<String> claims,
        @Nullable String ownerUid) {

    /**
     * Copies what is given.
     *
     * @throws InvalidInputException when a component that is not nullable is missing
     */
    public PodView {
        meta = Require.given("meta", meta);
        phase = Require.given("phase", phase);
        claims = Set.copyOf(Require.given("claims", claims));
    }

    /** Returns whether nothing runs in it any more. */
    public boolean finished() {
        return phase.equals("Succeeded") || phase.equals("Failed");
    }
}

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
 * @param meta where it is and whose; its annotations are not read
 * @param state where it stands
 * @param claims the names of the claims that it mounts; while the pod object exists and has a node, a finished pod too,
 *     they cannot go
 * @param ownerUid the uid of the object that controls it (its Job), null when none does; whoever may create pods may write
 *     any uid here
 */
public record PodView(
        ObjectMeta meta,
        PodState state,
        Set<String> claims,
        @Nullable String ownerUid) {

    /**
     * Copies what is given.
     *
     * @throws InvalidInputException when a component that is not nullable is missing
     */
    public PodView {
        meta = Require.given("meta", meta);
        state = Require.given("state", state);
        claims = Set.copyOf(Require.given("claims", claims));
    }

    /** Returns its phase. */
    public String phase() {
        return state.phase();
    }

    /** Returns whether nothing runs in it any more. */
    public boolean finished() {
        return phase().equals("Succeeded") || phase().equals("Failed");
    }

    /** Returns whether it keeps its claims from going: it was given to a node, whether it has ended or not. */
    public boolean pinsClaims() {
        return state.node() != null;
    }
}

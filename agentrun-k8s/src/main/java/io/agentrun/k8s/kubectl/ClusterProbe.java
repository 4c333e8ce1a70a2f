package io.agentrun.k8s.kubectl;

import io.agentrun.check.Require;
import io.agentrun.error.InvalidInputException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a probe of the way to the cluster found.
 *
 * <p>Immutable.
 *
 * @param clientVersion the version of kubectl, null when it could not be run
 * @param serverVersion the version of the API server, null when it could not be asked
 * @param namespaceUid the uid of the namespace that was probed, null when it was not seen
 * @param missing permissions that are needed in the namespace and not there, as {@code verb resource}; empty when they
 *     could not be asked for
 * @param problems what stands in the way, in words for people, {@code kubectl} itself first; empty when nothing does
 */
public record ClusterProbe(
        @Nullable String clientVersion,
        @Nullable String serverVersion,
        @Nullable String namespaceUid,
        List<String> missing,
        List<String> problems) {

    /**
     * Copies what is given.
     *
     * @throws InvalidInputException when a list is missing
     */
    public ClusterProbe {
        missing = Require.items("missing", missing);
        problems = Require.items("problems", problems);
    }

    /** Returns whether everything that this library does can be done. */
    public boolean ready() {
        return missing.isEmpty() && problems.isEmpty();
    }
}

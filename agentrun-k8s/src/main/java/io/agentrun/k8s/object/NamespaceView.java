package io.agentrun.k8s.object;

import io.agentrun.check.Require;
import io.agentrun.error.InvalidInputException;

/**
 * A namespace as it was read.
 *
 * <p>Immutable.
 *
 * @param name its name
 * @param uid its identity: the namespace of that name in another cluster has another
 * @param phase {@code Active} or {@code Terminating}
 */
public record NamespaceView(String name, String uid, String phase) {

    /**
     * Checks what is given.
     *
     * @throws InvalidInputException when a component is missing
     */
    public NamespaceView {
        name = Require.given("name", name);
        uid = Require.given("uid", uid);
        phase = Require.given("phase", phase);
    }

    /** Returns whether objects can be created in it. */
    public boolean active() {
        return phase.equals("Active");
    }
}

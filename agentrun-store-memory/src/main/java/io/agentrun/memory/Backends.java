package io.agentrun.memory;

import io.agentrun.rules.StartingBackends;
import io.agentrun.runner.Backend;
import io.agentrun.runner.NewBackend;

/** The backends that a new store begins with. */
final class Backends {

    private Backends() {}

    /** Adds the starting backends that the store does not know; what a file has kept stays. */
    static boolean seed(Tx tx) {
        boolean added = false;
        for (NewBackend backend : StartingBackends.all()) {
            if (!tx.state().backends.containsKey(backend.profile().wire())) {
                tx.write(new Write.OfBackend(new Backend(
                        backend.profile(), backend.capabilities(), backend.capacity(), backend.health(), tx.now())));
                added = true;
            }
        }
        return added;
    }
}

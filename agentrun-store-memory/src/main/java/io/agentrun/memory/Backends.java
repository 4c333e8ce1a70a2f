package io.agentrun.memory;

import io.agentrun.rules.StartingBackends;
import io.agentrun.runner.Backend;
import io.agentrun.runner.NewBackend;
import java.time.Instant;

/** The backends that a new store begins with. */
final class Backends {

    private Backends() {}

    /** Adds the starting backends that the state does not know; what a file has kept stays. */
    static void seed(MemoryState state, Instant now) {
        for (NewBackend backend : StartingBackends.all()) {
            if (!state.backends.containsKey(backend.profile().wire())) {
                state.apply(new Write.OfBackend(new Backend(
                        backend.profile(), backend.capabilities(), backend.capacity(), backend.health(), now)));
            }
        }
    }
}

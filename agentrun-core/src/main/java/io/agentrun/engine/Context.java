package io.agentrun.engine;

import io.agentrun.backend.StoreBackend;
import io.agentrun.engine.view.ViewScope;
import io.agentrun.id.IdSource;
import java.time.Duration;
import java.util.function.LongSupplier;

/** What all operations work with. Thread-safe. */
record Context(StoreBackend backend, IdSource ids, Intake intake, ViewScope scope, LongSupplier ticker) {

    /**
     * Returns until when a lease of this length is held at least if what asks for it is sent now. Every sending asks anew: the
     * store counts the lease from a moment after it was sent.
     */
    long heldUntilNanos(Duration length) {
        return ticker.getAsLong() + length.toNanos();
    }
}

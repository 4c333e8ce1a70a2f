package io.agentrun.engine;

import io.agentrun.backend.Attempt;
import io.agentrun.backend.StoreBackend;
import io.agentrun.backend.StoreTx;
import io.agentrun.engine.view.ViewScope;
import io.agentrun.id.IdSource;
import io.agentrun.rules.Change;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** What all operations work with. Thread-safe. */
record Context(StoreBackend backend, IdSource ids, Intake intake, ViewScope scope, LongSupplier ticker) {

    /**
     * Returns until when a lease of this length is held at least if what asks for it is sent now. Every sending asks anew: the
     * store counts the lease from a moment after it was sent.
     */
    long heldUntilNanos(Duration length) {
        return ticker.getAsLong() + length.toNanos();
    }

    /** Writes the changes of those members of a shared step that have one, as one change; the others, which are null, are contended. */
    <M> List<Attempt<M>> write(StoreTx tx, List<@Nullable M> members, Function<M, Change> change) {
        List<Change> changes =
                members.stream().filter(Objects::nonNull).map(change).toList();
        if (!changes.isEmpty()) {
            tx.write(Change.all(changes), ids);
        }
        return members.stream().map(Context::attempt).toList();
    }

    private static <M> Attempt<M> attempt(@Nullable M member) {
        return member == null ? new Attempt.Contended<>() : Attempt.done(member);
    }
}

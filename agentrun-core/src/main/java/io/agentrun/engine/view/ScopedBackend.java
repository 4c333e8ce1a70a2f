package io.agentrun.engine.view;

import io.agentrun.StoreHealth;
import io.agentrun.backend.Interest;
import io.agentrun.backend.Shortcuts;
import io.agentrun.backend.Signal;
import io.agentrun.backend.StoreBackend;
import io.agentrun.backend.StoreReads;
import io.agentrun.backend.StoreTx;
import io.agentrun.error.TenantPolicyException;
import io.agentrun.model.Upkeep;
import java.time.Duration;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The backend of a tenant view (V-1 to V-3): what belongs to another owner is missing in all that the operations read and lock, so
 * that none of them needs to know of views. An operation over a new method of the port is in the view as soon as that
 * method is in {@link ScopedReads} or {@link ScopedTx}, without which nothing compiles; a new shortcut is not used until it is in
 * {@link ScopedShortcuts}.
 *
 * <p>Thread-safe, as the backend below is.
 */
public final class ScopedBackend implements StoreBackend {

    private final StoreBackend backend;
    private final ViewScope scope;
    private final boolean checking;

    private ScopedBackend(StoreBackend backend, ViewScope scope, boolean checking) {
        this.backend = backend;
        this.scope = scope;
        this.checking = checking;
    }

    /** Returns the backend as the scope shows it. */
    public static StoreBackend over(StoreBackend whole, ViewScope scope) {
        if (scope.isEverybody()) {
            return whole;
        }
        StoreBackend checking =
                scope.shown() == null ? null : whole.within(scope.shown()).orElse(null);
        return new ScopedBackend(checking == null ? whole : checking, scope, checking != null);
    }

    @Override
    public <T extends @Nullable Object> T write(Function<StoreTx, T> step) {
        return backend.write(tx -> step.apply(new ScopedTx(tx, scope, checking)));
    }

    @Override
    public <T extends @Nullable Object> T read(Function<StoreReads, T> look) {
        return backend.read(reads -> look.apply(new ScopedReads(reads, scope, checking)));
    }

    @Override
    public <T> @Nullable T await(Signal signal, Duration timeout, Function<StoreReads, @Nullable T> look) {
        return backend.await(signal, timeout, reads -> look.apply(new ScopedReads(reads, scope, checking)));
    }

    @Override
    public <T> @Nullable T awaitAny(Interest interest, Duration timeout, Function<StoreReads, @Nullable T> look) {
        return backend.awaitAny(interest, timeout, reads -> look.apply(new ScopedReads(reads, scope, checking)));
    }

    /** Refuses: upkeep is for the whole store. */
    @Override
    public Upkeep upkeep() {
        throw TenantPolicyException.ownerless("upkeep", "*");
    }

    /** Names no record: it may be another owner's. */
    @Override
    public StoreHealth health() {
        return backend.health().withUnreadable(List.of());
    }

    @Override
    public Shortcuts shortcuts() {
        return checking ? new ScopedShortcuts(backend.shortcuts(), scope) : Shortcuts.NONE;
    }

    @Override
    public boolean commitsSteps() {
        return backend.commitsSteps();
    }

    /** Does nothing: the backend is closed by the store that the view is of. */
    @Override
    public void close() {}
}

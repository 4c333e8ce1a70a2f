package io.agentrun.postgres;

import io.agentrun.StoreHealth;
import io.agentrun.backend.Interest;
import io.agentrun.backend.SharedStep;
import io.agentrun.backend.Shortcuts;
import io.agentrun.backend.Signal;
import io.agentrun.backend.StoreBackend;
import io.agentrun.backend.StoreReads;
import io.agentrun.backend.StoreTx;
import io.agentrun.model.TenantScope;
import io.agentrun.model.Upkeep;
import io.agentrun.postgres.internal.db.Database;
import io.agentrun.postgres.internal.db.Tx;
import io.agentrun.postgres.internal.query.Crowd;
import io.agentrun.postgres.internal.shortcut.PostgresShortcuts;
import io.agentrun.postgres.internal.shortcut.SharedTransactions;
import io.agentrun.postgres.internal.table.OwnerGuard;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * PostgreSQL as the engine needs it: on connections of the host's data source, or inside one transaction of the host.
 *
 * <p>Thread-safe, unless it is bound to a transaction of the host.
 */
final class PostgresBackend implements StoreBackend {

    private final Database database;
    private final Shortcuts shortcuts;
    private final PostgresHealth health;
    private final OwnerGuard guard;
    private final Crowd crowd;

    /** @param crowd how many tasks a dispatch passes over before it puts such into groups */
    PostgresBackend(Database database, Shortcuts shortcuts, int crowd) {
        this(database, shortcuts, new PostgresHealth(database), OwnerGuard.NONE, new Crowd(crowd));
    }

    private PostgresBackend(
            Database database, Shortcuts shortcuts, PostgresHealth health, OwnerGuard guard, Crowd crowd) {
        this.crowd = crowd;
        this.database = database;
        this.shortcuts = shortcuts;
        this.health = health;
        this.guard = guard;
    }

    /** Returns the same backend with the owner in every query that does not return it. */
    @Override
    public Optional<StoreBackend> within(TenantScope scope) {
        Shortcuts scoped = shortcuts instanceof PostgresShortcuts whole ? whole.within(scope) : Shortcuts.NONE;
        return Optional.of(new PostgresBackend(database, scoped, health, new OwnerGuard(scope), crowd));
    }

    @Override
    public <T extends @Nullable Object> T write(Function<StoreTx, T> step) {
        // A transaction of the host would keep the locks of what is moved.
        boolean mayMove = database.commitsSteps();
        try {
            return write(step, mayMove);
        } catch (PostgresTx.Crowded e) {
            move(e.move());
            return write(step, false);
        }
    }

    private <T extends @Nullable Object> T write(Function<StoreTx, T> step, boolean mayMove) {
        return database.inTransaction(tx -> step.apply(new PostgresTx(tx, guard, crowd, mayMove)));
    }

    private void move(Consumer<Tx> move) {
        database.once(tx -> {
            move.accept(tx);
            return true;
        });
    }

    @Override
    public <T extends @Nullable Object> T read(Function<StoreReads, T> look) {
        return database.once(tx -> look.apply(new PostgresReads(tx, guard, crowd)));
    }

    @Override
    public <T> @Nullable T await(Signal signal, Duration timeout, Function<StoreReads, @Nullable T> look) {
        return database.await(signal.name(), timeout, () -> read(look));
    }

    @Override
    public <T> @Nullable T awaitAny(Interest interest, Duration timeout, Function<StoreReads, @Nullable T> look) {
        return database.awaitAny(interest, timeout, () -> read(look));
    }

    @Override
    public StoreHealth health() {
        return health.now();
    }

    @Override
    public Upkeep upkeep() {
        return ChangeFeed.mark(database);
    }

    @Override
    public <I, T> Function<I, T> sharing(SharedStep<I, T> step) {
        boolean shared = database.commitsSteps() && shortcuts instanceof PostgresShortcuts own && own.isGrouped();
        return shared ? SharedTransactions.of(this, step) : StoreBackend.super.sharing(step);
    }

    @Override
    public Shortcuts shortcuts() {
        return shortcuts;
    }

    @Override
    public boolean commitsSteps() {
        return database.commitsSteps();
    }

    @Override
    public void close() {
        database.close();
    }
}

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
import io.agentrun.postgres.internal.db.Script;
import io.agentrun.postgres.internal.query.TaskQueries;
import io.agentrun.postgres.internal.shortcut.PostgresShortcuts;
import io.agentrun.postgres.internal.shortcut.SharedTransactions;
import io.agentrun.postgres.internal.table.OwnerGuard;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * PostgreSQL as the engine needs it: on connections of the host's data source, or inside one transaction of the host.
 *
 * <p>Thread-safe, unless it is bound to a transaction of the host.
 */
final class PostgresBackend implements StoreBackend {

    /** How many delayed tasks one transaction moves. */
    private static final long MAX_MOVED_DELAYS = 2_000;

    private final Database database;
    private final Shortcuts shortcuts;
    private final PostgresHealth health;
    private final OwnerGuard guard;

    PostgresBackend(Database database, Shortcuts shortcuts) {
        this(database, shortcuts, new PostgresHealth(database), OwnerGuard.NONE);
    }

    private PostgresBackend(Database database, Shortcuts shortcuts, PostgresHealth health, OwnerGuard guard) {
        this.database = database;
        this.shortcuts = shortcuts;
        this.health = health;
        this.guard = guard;
    }

    /** Returns the same backend with the owner in every query that does not return it. */
    @Override
    public Optional<StoreBackend> within(TenantScope scope) {
        Shortcuts scoped = shortcuts instanceof PostgresShortcuts whole ? whole.within(scope) : Shortcuts.NONE;
        return Optional.of(new PostgresBackend(database, scoped, health, new OwnerGuard(scope)));
    }

    @Override
    public <T extends @Nullable Object> T write(Function<StoreTx, T> step) {
        // A transaction of the host would keep what END_DELAYS locks.
        boolean mayMoveDelays = database.commitsSteps();
        try {
            return write(step, mayMoveDelays);
        } catch (PostgresTx.CrowdedDelays e) {
            moveDelays();
            return write(step, false);
        }
    }

    private <T extends @Nullable Object> T write(Function<StoreTx, T> step, boolean mayMoveDelays) {
        return database.inTransaction(tx -> step.apply(new PostgresTx(tx, guard, mayMoveDelays)));
    }

    private void moveDelays() {
        database.once(tx -> {
            tx.execute(new Script().run(TaskQueries.END_DELAYS).bind("limit", MAX_MOVED_DELAYS));
            return true;
        });
    }

    @Override
    public <T extends @Nullable Object> T read(Function<StoreReads, T> look) {
        return database.once(tx -> look.apply(new PostgresReads(tx, guard)));
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

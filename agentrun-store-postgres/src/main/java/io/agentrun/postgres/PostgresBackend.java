package io.agentrun.postgres;

import io.agentrun.StoreHealth;
import io.agentrun.backend.Interest;
import io.agentrun.backend.Shortcuts;
import io.agentrun.backend.Signal;
import io.agentrun.backend.StoreBackend;
import io.agentrun.backend.StoreReads;
import io.agentrun.backend.StoreTx;
import io.agentrun.model.Upkeep;
import io.agentrun.postgres.internal.db.Database;
import io.agentrun.postgres.internal.db.Script;
import io.agentrun.postgres.internal.query.TaskQueries;
import java.time.Duration;
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

    PostgresBackend(Database database, Shortcuts shortcuts) {
        this.database = database;
        this.shortcuts = shortcuts;
        this.health = new PostgresHealth(database);
    }

    @Override
    public <T extends @Nullable Object> T write(Function<StoreTx, T> step) {
        // A transaction of the host would keep what END_DELAYS locks.
        boolean mayMoveDelays = database.commitsSteps();
        try {
            return write(step, mayMoveDelays);
        } catch (CrowdedDelays e) {
            moveDelays();
            return write(step, false);
        }
    }

    private <T extends @Nullable Object> T write(Function<StoreTx, T> step, boolean mayMoveDelays) {
        return database.inTransaction(tx -> step.apply(new PostgresTx(tx, mayMoveDelays)));
    }

    private void moveDelays() {
        database.once(tx -> {
            tx.execute(new Script().run(TaskQueries.END_DELAYS).bind("limit", MAX_MOVED_DELAYS));
            return true;
        });
    }

    @Override
    public <T extends @Nullable Object> T read(Function<StoreReads, T> look) {
        return database.once(tx -> look.apply(new PostgresReads(tx)));
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

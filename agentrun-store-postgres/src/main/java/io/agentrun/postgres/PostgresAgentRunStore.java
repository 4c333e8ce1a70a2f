package io.agentrun.postgres;

import io.agentrun.backend.Shortcuts;
import io.agentrun.check.Require;
import io.agentrun.engine.EngineStore;
import io.agentrun.model.TenantScope;
import io.agentrun.postgres.internal.db.BoundDatabase;
import io.agentrun.postgres.internal.db.Database;
import io.agentrun.postgres.internal.db.PooledDatabase;
import io.agentrun.postgres.internal.db.Settings;
import java.sql.Connection;
import java.util.function.Function;
import javax.sql.DataSource;
import org.jdbi.v3.core.Handle;

/**
 * The store on PostgreSQL 14 and newer.
 *
 * <p>A host lends it a data source (a pool, as a rule) and builds one store for its whole life; any number of stores may
 * work on one schema. Each operation takes one connection for as long as it works, waiting calls none; besides, a store
 * keeps one connection to itself from its first waiting call or health check on, to hear of other stores' commits, unless
 * that was switched off; migrating takes three at once. All times are the database's.
 *
 * <p>Thread-safe.
 */
public final class PostgresAgentRunStore extends EngineStore {

    private final Database database;
    private final Settings settings;
    private final Function<Database, Shortcuts> shortcuts;
    private final PooledDatabase home;

    private PostgresAgentRunStore(
            Database database, Settings settings, Function<Database, Shortcuts> shortcuts, PooledDatabase home) {
        super(
                new PostgresBackend(database, shortcuts.apply(database), settings.crowd()),
                settings.ids(),
                settings.intake(),
                settings.listener(),
                settings.ticker());
        this.database = database;
        this.settings = settings;
        this.shortcuts = shortcuts;
        this.home = home;
    }

    private PostgresAgentRunStore(PostgresAgentRunStore store, TenantScope scope) {
        super(store, scope);
        this.database = store.database;
        this.settings = store.settings;
        this.shortcuts = store.shortcuts;
        this.home = store.home;
    }

    private PostgresAgentRunStore(Database database, PostgresAgentRunStore like) {
        super(new PostgresBackend(database, like.shortcuts.apply(database), like.settings.crowd()), like);
        this.database = database;
        this.settings = like.settings;
        this.shortcuts = like.shortcuts;
        this.home = like.home;
    }

    /** Returns a builder of a store on the host's data source, which stays the host's to close. */
    public static PostgresStoreBuilder builder(DataSource dataSource) {
        return new PostgresStoreBuilder(Require.given("dataSource", dataSource));
    }

    /** Returns a store over the database; a store inside a transaction of the host gets shortcuts of its own. */
    static PostgresAgentRunStore over(
            PooledDatabase database, Settings settings, Function<Database, Shortcuts> shortcuts) {
        return new PostgresAgentRunStore(database, settings, shortcuts, database);
    }

    /**
     * All readers of change feeds begin anew: their next page shows every record and says that it has restarted. For a database
     * whose files were put back as they were at an earlier time, which looks like a crash to the server; everything else (a
     * dump, another cluster, a failover) is noticed without it. A second call restarts them again.
     *
     * @throws io.agentrun.error.TenantPolicyException in a tenant view: the feeds are everybody's
     */
    public void restartFeeds() {
        requireNoView("change feed");
        ChangeFeed.restart(database);
    }

    /**
     * Returns the same store inside the handle's transaction: what it writes is committed or rolled back with what the host
     * writes. A step that is refused leaves nothing in the transaction, which can go on. Waiting is refused; a deadlock
     * is the host's to retry. The returned store is for the thread that has the handle, and good until the transaction
     * ends.
     *
     * @throws io.agentrun.error.InvalidInputException if the handle is not in a transaction of level READ COMMITTED
     */
    public PostgresAgentRunStore in(Handle handle) {
        return in(Require.given("handle", handle).getConnection());
    }

    /**
     * Does what {@link #in(Handle)} does, for a plain connection.
     *
     * @throws io.agentrun.error.InvalidInputException if the connection is not in a transaction of level READ COMMITTED
     */
    public PostgresAgentRunStore in(Connection connection) {
        Connection given = Require.given("connection", connection);
        return new PostgresAgentRunStore(BoundDatabase.in(given, settings, home), this);
    }

    /** {@inheritDoc} A view can be used in a transaction of the host too, by {@link #in(Handle)} before or after. */
    @Override
    public PostgresAgentRunStore within(TenantScope scope) {
        return new PostgresAgentRunStore(this, scope);
    }
}

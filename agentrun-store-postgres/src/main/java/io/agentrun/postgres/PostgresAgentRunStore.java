package io.agentrun.postgres;

import io.agentrun.AgentRunStore;
import io.agentrun.CommandStore;
import io.agentrun.EventStore;
import io.agentrun.LeaseStore;
import io.agentrun.QueueStore;
import io.agentrun.RunStore;
import io.agentrun.RunnerStore;
import io.agentrun.SessionStore;
import io.agentrun.StorageStore;
import io.agentrun.StoreHealth;
import io.agentrun.check.Require;
import io.agentrun.postgres.internal.db.BoundDatabase;
import io.agentrun.postgres.internal.db.Database;
import io.agentrun.postgres.internal.db.PooledDatabase;
import io.agentrun.postgres.internal.db.Settings;
import java.sql.Connection;
import java.util.function.BooleanSupplier;
import javax.sql.DataSource;
import org.jdbi.v3.core.Handle;

/**
 * The store on PostgreSQL 14 and newer.
 *
 * <p>A host lends it a data source (a pool, as a rule) and builds one store for its whole life; any number of stores may
 * work on one schema. Each operation takes one connection for as long as it works, waiting calls none; besides, a store
 * keeps one connection to itself from its first waiting call on, to hear of other stores' commits, unless that was
 * switched off; migrating takes three at once. All times are the database's.
 *
 * <p>Thread-safe.
 */
public final class PostgresAgentRunStore implements AgentRunStore {

    private final Database database;
    private final Settings settings;
    private final BooleanSupplier closed;
    private final PostgresRuns runs;
    private final PostgresLeases leases;
    private final PostgresCommands commands;
    private final PostgresEvents events;
    private final PostgresRunners runners;
    private final PostgresSessions sessions;
    private final PostgresStorage storage;
    private final PostgresQueue queue;
    private final PostgresHealth health;

    private PostgresAgentRunStore(Database database, Settings settings, BooleanSupplier closed) {
        Engine engine = new Engine(database, settings);
        this.database = database;
        this.settings = settings;
        this.closed = closed;
        this.runs = new PostgresRuns(engine);
        this.leases = new PostgresLeases(engine);
        this.commands = new PostgresCommands(engine);
        this.events = new PostgresEvents(engine);
        this.runners = new PostgresRunners(engine);
        this.sessions = new PostgresSessions(engine);
        this.storage = new PostgresStorage(engine);
        this.queue = new PostgresQueue(engine);
        this.health = new PostgresHealth(database);
    }

    /** A builder of a store on the host's data source, which stays the host's to close. */
    public static PostgresStoreBuilder builder(DataSource dataSource) {
        return new PostgresStoreBuilder(Require.given("dataSource", dataSource));
    }

    static PostgresAgentRunStore over(DataSource dataSource, Settings settings) {
        PooledDatabase database = new PooledDatabase(dataSource, settings);
        return new PostgresAgentRunStore(database, settings, database::isClosed);
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
        return new PostgresAgentRunStore(BoundDatabase.in(given, settings, closed), settings, closed);
    }

    /** Mends the change feeds of a database that was restored from a copy. */
    void mendFeeds() {
        Feed.mend(database);
    }

    @Override
    public RunStore runs() {
        return runs;
    }

    @Override
    public LeaseStore leases() {
        return leases;
    }

    @Override
    public CommandStore commands() {
        return commands;
    }

    @Override
    public EventStore events() {
        return events;
    }

    @Override
    public RunnerStore runners() {
        return runners;
    }

    @Override
    public SessionStore sessions() {
        return sessions;
    }

    @Override
    public StorageStore storage() {
        return storage;
    }

    @Override
    public QueueStore queue() {
        return queue;
    }

    @Override
    public StoreHealth health() {
        return health.now();
    }

    @Override
    public void close() {
        database.close();
    }
}

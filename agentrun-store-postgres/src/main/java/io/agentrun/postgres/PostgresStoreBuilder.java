package io.agentrun.postgres;

import io.agentrun.StoreListener;
import io.agentrun.backend.Shortcuts;
import io.agentrun.check.Require;
import io.agentrun.engine.Intake;
import io.agentrun.error.InvalidInputException;
import io.agentrun.error.StoreUnavailableException;
import io.agentrun.error.StoreUnavailableException.Reason;
import io.agentrun.id.IdSource;
import io.agentrun.json.Redactor;
import io.agentrun.model.Limits;
import io.agentrun.postgres.internal.db.Database;
import io.agentrun.postgres.internal.db.PooledDatabase;
import io.agentrun.postgres.internal.db.SchemaName;
import io.agentrun.postgres.internal.db.Settings;
import io.agentrun.postgres.internal.shortcut.PostgresShortcuts;
import java.time.Duration;
import java.util.function.Function;
import java.util.function.LongSupplier;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * Builds a {@link PostgresAgentRunStore}. Everything but the data source has a default.
 *
 * <p>Not thread-safe: one thread at a time.
 */
public final class PostgresStoreBuilder {

    private static final Duration MAX_TIMEOUT = Duration.ofHours(24);

    /** Far below what firewalls forget a silent connection after, and seldom enough to cost nothing. */
    private static final Duration QUIET = Duration.ofSeconds(10);

    private final DataSource dataSource;
    private String schema = "public";
    private boolean migrate = true;
    private Duration statementTimeout = Duration.ofSeconds(30);
    private Duration lockTimeout = Duration.ofSeconds(10);
    private int retries = 5;
    private Duration pollInterval = Duration.ofSeconds(1);
    private boolean notifications = true;
    private Redactor redactor = Redactor.standard();
    private Limits limits = Limits.DEFAULTS;
    private IdSource ids = IdSource.timeOrdered();
    private StoreListener listener = StoreListener.NONE;
    private LongSupplier ticker = System::nanoTime;
    private int maxConnections = 16;
    private @Nullable DataSource listenOn;
    private Duration quiet = QUIET;
    private boolean callerThreadOnly;
    private boolean withoutAutoCommit;
    private int crowd = 64;
    private Function<Database, Shortcuts> shortcuts = PostgresShortcuts::grouped;

    PostgresStoreBuilder(DataSource dataSource) {
        this.dataSource = dataSource;
    }

    /**
     * Sets the schema that holds the tables; {@code public} unless given. The search path is neither read nor changed.
     *
     * @throws InvalidInputException if the name is empty, over 63 bytes, a system schema's, or holds a control character, an
     *     apostrophe or a backslash
     */
    public PostgresStoreBuilder schema(String value) {
        this.schema = new SchemaName(value).name();
        return this;
    }

    /**
     * Leaves the schema as it is, for a database user that may not change it: {@link PostgresAgentRunStore#health} says
     * whether it is the one that is needed. Unless this is called, building the store migrates.
     */
    public PostgresStoreBuilder withoutMigration() {
        this.migrate = false;
        return this;
    }

    /**
     * Sets how long one statement may take, 1 millisecond to 24 hours; 30 seconds unless given. A statement that is an
     * operation by itself is timed in whole seconds.
     *
     * @throws InvalidInputException if it is out of range
     */
    public PostgresStoreBuilder statementTimeout(Duration value) {
        this.statementTimeout = timeout("statementTimeout", value);
        return this;
    }

    /**
     * Sets how long a transaction waits for one row, 1 millisecond to 24 hours; 10 seconds unless given.
     *
     * @throws InvalidInputException if it is out of range
     */
    public PostgresStoreBuilder lockTimeout(Duration value) {
        this.lockTimeout = timeout("lockTimeout", value);
        return this;
    }

    /**
     * Sets how often a transaction is repeated after a conflict with another one, 0 to 100; 5 unless given.
     *
     * @throws InvalidInputException if it is out of range
     */
    public PostgresStoreBuilder retries(int value) {
        this.retries = Require.between("retries", value, 0, 100);
        return this;
    }

    /**
     * Sets how often a waiting call looks by itself, 1 millisecond to 24 hours; 1 second unless given.
     *
     * @throws InvalidInputException if it is out of range
     */
    public PostgresStoreBuilder pollInterval(Duration value) {
        this.pollInterval = timeout("pollInterval", value);
        return this;
    }

    /** Neither tells other stores of commits nor listens to them; calls that wait for another store's commit poll. */
    public PostgresStoreBuilder withoutNotifications() {
        this.notifications = false;
        return this;
    }

    /**
     * Sets how many connections the calls of virtual threads take at once, 1 to 1,000; 16 unless given, and better no more than
     * the pool has. Their work is done on platform threads of the store, because the interrupt of a virtual thread closes the
     * connection that it reads from. Up to 10,000 calls wait for their turn; one more is refused at once with
     * {@code POOL_EXHAUSTED}, as is one that has waited for the statement timeout. Heartbeats take up to two connections besides and
     * wait for no other call, so that overload loses no lease. Calls of platform threads are not counted.
     *
     * @throws InvalidInputException if it is out of range
     */
    public PostgresStoreBuilder maxConnections(int value) {
        this.maxConnections = Require.between("maxConnections", value, 1, 1_000);
        return this;
    }

    /**
     * Takes every connection on the thread that makes the call, for a data source that chooses by what the thread holds: its
     * tenant, or its shard. Statements of several callers are then not combined, nothing is sent or heard in the background (as
     * with {@link #withoutNotifications}), and a virtual thread that is interrupted loses its connection.
     */
    public PostgresStoreBuilder callerThreadOnly() {
        this.callerThreadOnly = true;
        this.notifications = false;
        this.shortcuts = PostgresShortcuts::ungrouped;
        return this;
    }

    /**
     * Says that the data source hands out connections with autocommit off, and that none of them is in a transaction. Unless this
     * is called, such a connection is refused with {@code CONFIGURATION}: it may be in a transaction of the host (Spring's
     * {@code TransactionAwareDataSourceProxy} hands out that one), which the store must not commit.
     */
    public PostgresStoreBuilder poolWithoutAutoCommit() {
        this.withoutAutoCommit = true;
        return this;
    }

    /**
     * Sets where the one connection that listens is taken from: a data source that connects to the server itself, for a store
     * whose own one goes through a pooler. Behind a pooler the store does not listen; unless this is given, calls that wait for
     * another store's commit poll there, and {@link PostgresAgentRunStore#health} says so.
     */
    public PostgresStoreBuilder listenOn(DataSource direct) {
        this.listenOn = Require.given("direct", direct);
        return this;
    }

    /** Sets how long the connection that listens is silent before it is tried out: for tests. */
    PostgresStoreBuilder quiet(Duration value) {
        this.quiet = value;
        return this;
    }

    /** Sets what masks secrets before they are stored; {@link Redactor#standard()} unless given. */
    public PostgresStoreBuilder redactor(Redactor value) {
        this.redactor = Require.given("redactor", value);
        return this;
    }

    /** Sets the limits of input; {@link Limits#DEFAULTS} unless given. */
    public PostgresStoreBuilder limits(Limits value) {
        this.limits = Require.given("limits", value);
        return this;
    }

    /** Sets where ids come from; {@link IdSource#timeOrdered()} unless given. */
    public PostgresStoreBuilder ids(IdSource value) {
        this.ids = Require.given("ids", value);
        return this;
    }

    /** Sets what hears of each call of the store and of its views, for metrics; nothing unless given. */
    public PostgresStoreBuilder listener(StoreListener value) {
        this.listener = Require.given("listener", value);
        return this;
    }

    /**
     * Sets the time, in nanoseconds that only move forward, by which leases say how long they are held
     * ({@code RunLease.heldUntilNanos}); {@link System#nanoTime()} unless given.
     */
    public PostgresStoreBuilder ticker(LongSupplier value) {
        this.ticker = Require.given("ticker", value);
        return this;
    }

    /** Leaves out the operations that are one statement, so that every operation asks the rules: for tests. */
    PostgresStoreBuilder withoutShortcuts() {
        this.shortcuts = database -> Shortcuts.NONE;
        return this;
    }

    /** Sets how many held tasks a dispatch passes over before it puts such into groups, 64 unless given: for tests. */
    PostgresStoreBuilder crowd(int value) {
        this.crowd = value;
        return this;
    }

    /**
     * Returns the store, its schema migrated unless that was ruled out.
     *
     * @throws StoreUnavailableException if migrating fails, as {@link PostgresMigrations#migrate} says; with
     *     {@code CONFIGURATION} if the data source gives a connection whose autocommit mode is off
     */
    public PostgresAgentRunStore build() {
        Settings settings = new Settings(
                new SchemaName(schema),
                new Intake(limits, redactor),
                ids,
                statementTimeout,
                lockTimeout,
                retries,
                pollInterval,
                new Settings.Listening(notifications, listenOn, quiet),
                new Settings.Pooling(maxConnections, callerThreadOnly, withoutAutoCommit),
                listener,
                ticker,
                crowd);
        if (migrate) {
            PostgresMigrations.in(dataSource, schema, withoutAutoCommit).migrate();
        }
        PooledDatabase database = new PooledDatabase(dataSource, settings);
        try {
            ChangeFeed.repair(database);
        } catch (StoreUnavailableException e) {
            // Without a schema there is nothing to repair; a store that was to migrate has one.
            if (migrate || e.reason() == Reason.CONFIGURATION) {
                database.close();
                throw e;
            }
        }
        return PostgresAgentRunStore.over(database, settings, shortcuts);
    }

    private static Duration timeout(String field, Duration value) {
        Duration given = Require.given(field, value);
        if (given.compareTo(Duration.ofMillis(1)) < 0 || given.compareTo(MAX_TIMEOUT) > 0) {
            throw new InvalidInputException(field, "must be between 1 millisecond and 24 hours");
        }
        return given;
    }
}

package io.agentrun.postgres.testing;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.agentrun.doctor.StoreDoctor;
import io.agentrun.inspect.Bounds;
import io.agentrun.postgres.PostgresAgentRunStore;
import io.agentrun.postgres.PostgresMigrations;
import java.math.BigDecimal;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * A database of its own for one test, empty or with the store's schema, and gone when the test is over.
 *
 * <p>Thread-safe.
 */
public final class TestDatabase implements AutoCloseable {

    /** The schema of a migrated database: never the one that unqualified names would find. */
    public static final String SCHEMA = "agent\"run";

    private static final AtomicInteger NUMBERS = new AtomicInteger();
    private static final String PREFIX = "agentrun_" + ProcessHandle.current().pid() + "_";

    private final String name;
    private final String url;
    private final List<HikariDataSource> pools = new ArrayList<>();
    private final AtomicLong offsetMicros = new AtomicLong();
    private volatile @Nullable String frozenAt;
    private volatile boolean clockChanged;
    private @Nullable Connection connection;
    private boolean examined;

    private TestDatabase(String name, String url) {
        this.name = name;
        this.url = url;
    }

    /** The first database of another server, with the store's schema; it is not dropped. */
    static TestDatabase of(OwnServer server) {
        TestDatabase database = new TestDatabase("postgres", server.url());
        PostgresMigrations.in(database.pool(6), SCHEMA).migrate();
        database.examined = true;
        return database;
    }

    /** A database without anything. */
    public static TestDatabase empty() {
        String name = PREFIX + NUMBERS.incrementAndGet();
        TestServer.administer("CREATE DATABASE " + name + " TEMPLATE template0");
        return new TestDatabase(name, TestServer.url(name));
    }

    /** A database with the store's schema. */
    public static TestDatabase migrated() {
        String name = PREFIX + NUMBERS.incrementAndGet();
        TestServer.administer("CREATE DATABASE " + name + " TEMPLATE " + Template.NAME);
        TestDatabase database = new TestDatabase(name, TestServer.url(name));
        database.examined = true;
        return database;
    }

    /** Migrated once; copies of it take a moment. */
    private static final class Template {
        private static final String NAME;
        private static final String RESET;
        private static final String CLOCK;

        static {
            TestDatabase template = empty();
            PostgresMigrations.in(template.pool(6), SCHEMA).migrate();
            HostileNames.make(template);
            RESET = ResetScript.of(template);
            CLOCK = ResetScript.clock(template);
            template.closeConnections();
            NAME = template.name;
        }
    }

    /** Everything is again as {@link #migrated()} gives it, provided that only a store has written here. */
    public void reset() {
        execute(Template.RESET);
        offsetMicros.set(0);
        frozenAt = null;
        if (clockChanged) {
            execute(Template.CLOCK);
            clockChanged = false;
        }
    }

    /** Whether a pool still lends a connection to somebody. */
    synchronized boolean isBusy() {
        return pools.stream().anyMatch(pool -> pool.getHikariPoolMXBean().getActiveConnections() > 0);
    }

    /** The database's name. */
    public String name() {
        return name;
    }

    /** The database's URL, with its user. */
    public String url() {
        return url;
    }

    /** A pool of at most so many connections, closed with this database. */
    public HikariDataSource pool(int size) {
        return pool(size, null);
    }

    /** A pool whose connections are another user's. */
    public HikariDataSource pool(int size, @Nullable String user) {
        return pool(size, user, null);
    }

    private synchronized HikariDataSource pool(int size, @Nullable String user, @Nullable String initSql) {
        HikariConfig config = new HikariConfig();
        config.setJdbcUrl(user == null ? url : url.replaceAll("user=[^&]*", "user=" + user));
        config.setMaximumPoolSize(size);
        config.setMinimumIdle(0);
        config.setConnectionTimeout(10_000);
        config.setConnectionInitSql(initSql);
        HikariDataSource pool = new HikariDataSource(config);
        pools.add(pool);
        return pool;
    }

    /** A pool whose connections have their autocommit mode switched off. */
    public synchronized HikariDataSource poolWithoutAutoCommit(int size) {
        HikariConfig config = new HikariConfig();
        config.setJdbcUrl(url);
        config.setMaximumPoolSize(size);
        config.setAutoCommit(false);
        HikariDataSource pool = new HikariDataSource(config);
        pools.add(pool);
        return pool;
    }

    /** A pool whose connections look for unqualified names in {@link HostileNames} first. */
    public HikariDataSource hostilePool(int size) {
        return pool(size, null, "SET search_path = " + HostileNames.SCHEMA + ", public");
    }

    /** A store on the schema of a migrated database, which sends nothing but what its operations need. */
    public static PostgresAgentRunStore quietStore(DataSource dataSource) {
        return PostgresAgentRunStore.builder(dataSource)
                .schema(SCHEMA)
                .withoutMigration()
                .withoutNotifications()
                .build();
    }

    /** Runs a script. */
    public void execute(String sql) {
        withStatement(statement -> statement.execute(sql));
    }

    /** The first column of what a query finds, as text. */
    public List<String> query(String sql) {
        return queryIn("public", sql);
    }

    /** The first column of what a query finds in the schema, as text. */
    public List<String> queryIn(String schema, String sql) {
        List<String> found = new ArrayList<>();
        withStatement(statement -> {
            statement.execute("SET search_path = \"" + schema.replace("\"", "\"\"") + "\"");
            try (ResultSet rows = statement.executeQuery(sql)) {
                while (rows.next()) {
                    found.add(String.valueOf(rows.getString(1)));
                }
            }
            statement.execute("RESET search_path");
        });
        return found;
    }

    private interface Work {
        void with(Statement statement) throws SQLException;
    }

    /**
     * The processes of the connections on which a store listens and waits. A store tries such a connection out with a notification
     * now and then, and asks a health check on it; after one it is found again with the next notification.
     */
    public List<String> listeners() {
        return query("SELECT pid FROM pg_stat_activity WHERE datname = current_database()"
                + " AND state = 'idle' AND (query LIKE 'LISTEN%' OR query LIKE 'NOTIFY%')");
    }

    /** On the one connection that a test looks behind the store with. */
    private synchronized void withStatement(Work work) {
        try {
            Connection open = connection;
            if (open == null || !open.isValid(10)) {
                open = DriverManager.getConnection(url);
                connection = open;
            }
            try (Statement statement = open.createStatement()) {
                work.with(statement);
            }
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Ends all connections to the database but the one that a test looks behind the store with. */
    void endConnections() {
        query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()"
                + " AND pid <> pg_backend_pid()");
    }

    /** Moves the time of all stores in this database; it stands still afterwards if it did before. */
    public void advance(Duration by) {
        long micros = offsetMicros.addAndGet(by.toNanos() / 1_000);
        String base = frozenAt == null ? "statement_timestamp()" : "timestamptz ''" + frozenAt + "''";
        // In seconds: PostgreSQL 14 takes no more than two thousand million microseconds.
        setClock(base + " + interval ''" + BigDecimal.valueOf(micros, 6).toPlainString() + " seconds''");
    }

    /** Stops the time of all stores in this database where it is now; from now on it moves by {@link #advance} only. */
    public void freeze() {
        frozenAt = query("SELECT \"agent\"\"run\".agentrun_now() AT TIME ZONE 'UTC'")
                        .get(0) + "+00";
        offsetMicros.set(0);
        advance(Duration.ZERO);
    }

    private void setClock(String expression) {
        clockChanged = true;
        execute("CREATE OR REPLACE FUNCTION \"agent\"\"run\".agentrun_now() RETURNS timestamptz"
                + " LANGUAGE sql STABLE PARALLEL SAFE AS 'SELECT " + expression + "'");
    }

    private synchronized void closeConnections() {
        pools.forEach(HikariDataSource::close);
        pools.clear();
        try (Connection open = connection) {
            connection = null;
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    /**
     * Says that what is in the database need not hold together: a test has written rows that no store writes. Without it every
     * database that {@link #migrated} gave is examined when it is closed.
     */
    public void leaveUnexamined() {
        examined = false;
    }

    /**
     * Fails if something is in the store's schema that must never be there.
     *
     * @throws AssertionError with what was found
     */
    void examine() {
        List<String> found = new ArrayList<>(Invariants.broken(this));
        try (PostgresAgentRunStore store = quietStore(pool(2))) {
            StoreDoctor.of(store)
                    .within(Bounds.DEFAULTS.withRecords(1_000).withPage(500))
                    .examine()
                    .findings()
                    .forEach(finding -> found.add(finding.toString()));
        }
        if (!found.isEmpty()) {
            throw new AssertionError("what must not be in a store: " + found);
        }
    }

    @Override
    public void close() {
        try {
            if (examined) {
                examine();
            }
        } finally {
            closeConnections();
            if (name.startsWith(PREFIX)) {
                TestServer.administer("DROP DATABASE IF EXISTS " + name + " WITH (FORCE)");
            }
        }
    }
}

package io.agentrun.postgres.testing;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.agentrun.postgres.PostgresMigrations;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
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
    private final List<HikariDataSource> pools = new ArrayList<>();
    private final AtomicLong offsetMicros = new AtomicLong();

    private TestDatabase(String name) {
        this.name = name;
    }

    /** A database without anything. */
    public static TestDatabase empty() {
        String name = PREFIX + NUMBERS.incrementAndGet();
        TestServer.administer("CREATE DATABASE " + name + " TEMPLATE template0");
        return new TestDatabase(name);
    }

    /** A database with the store's schema. */
    public static TestDatabase migrated() {
        String name = PREFIX + NUMBERS.incrementAndGet();
        TestServer.administer("CREATE DATABASE " + name + " TEMPLATE " + Template.NAME);
        return new TestDatabase(name);
    }

    /** Migrated once; copies of it take a few milliseconds. */
    private static final class Template {
        private static final String NAME = make();

        private static String make() {
            TestDatabase template = empty();
            PostgresMigrations.in(template.pool(6), SCHEMA).migrate();
            template.closePools();
            return template.name;
        }
    }

    /** The database's name. */
    public String name() {
        return name;
    }

    /** A pool of at most so many connections, closed with this database. */
    public HikariDataSource pool(int size) {
        return pool(size, null);
    }

    /** A pool whose connections are another user's. */
    public synchronized HikariDataSource pool(int size, @Nullable String user) {
        HikariConfig config = new HikariConfig();
        config.setJdbcUrl(TestServer.url(name));
        if (user != null) {
            config.setJdbcUrl(TestServer.url(name).replaceAll("user=[^&]*", "user=" + user));
        }
        config.setMaximumPoolSize(size);
        config.setMinimumIdle(0);
        config.setConnectionTimeout(10_000);
        HikariDataSource pool = new HikariDataSource(config);
        pools.add(pool);
        return pool;
    }

    /** Runs a script. */
    public void execute(String sql) {
        try (Connection connection = TestServer.connect(name);
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        } catch (SQLException e) {
            throw new IllegalStateException(sql, e);
        }
    }

    /** The first column of what a query finds, as text. */
    public List<String> query(String sql) {
        return queryIn("public", sql);
    }

    /** The first column of what a query finds in the schema, as text. */
    public List<String> queryIn(String schema, String sql) {
        try (Connection connection = TestServer.connect(name);
                Statement statement = connection.createStatement();
                ResultSet rows = in(statement, schema).executeQuery(sql)) {
            List<String> found = new ArrayList<>();
            while (rows.next()) {
                found.add(String.valueOf(rows.getString(1)));
            }
            return found;
        } catch (SQLException e) {
            throw new IllegalStateException(sql, e);
        }
    }

    private static Statement in(Statement statement, String schema) throws SQLException {
        statement.execute("SET search_path = \"" + schema.replace("\"", "\"\"") + "\"");
        return statement;
    }

    /** Moves the time of all stores in this database. */
    public void advance(Duration by) {
        long micros = offsetMicros.addAndGet(by.toNanos() / 1_000);
        execute("CREATE OR REPLACE FUNCTION \"agent\"\"run\".agentrun_now() RETURNS timestamptz"
                + " LANGUAGE sql STABLE PARALLEL SAFE AS 'SELECT statement_timestamp() + " + micros
                + " * interval ''1 microsecond'''");
    }

    private synchronized void closePools() {
        pools.forEach(HikariDataSource::close);
        pools.clear();
    }

    @Override
    public void close() {
        closePools();
        TestServer.administer("DROP DATABASE IF EXISTS " + name + " WITH (FORCE)");
    }
}

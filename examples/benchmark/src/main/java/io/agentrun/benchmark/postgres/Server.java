package io.agentrun.benchmark.postgres;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * The PostgreSQL that is measured: one of our own, whose settings are PostgreSQL's defaults, or the one that was named.
 *
 * <p>Thread-safe.
 */
public final class Server implements AutoCloseable {

    private static final String SETTINGS = """
            SELECT string_agg(name || ' ' || current_setting(name), ', ' ORDER BY name)
            FROM unnest(ARRAY['server_version', 'fsync', 'synchronous_commit', 'full_page_writes', 'shared_buffers',
                'autovacuum', 'wal_sync_method']) AS name
            """;

    private final String url;
    private final @Nullable EmbeddedPostgres own;
    private final AtomicInteger schemas = new AtomicInteger();

    private Server(String url, @Nullable EmbeddedPostgres own) {
        this.url = url;
        this.own = own;
    }

    /** The server that a JDBC URL names; its user must be allowed to create schemas. */
    public static Server at(String url) {
        return new Server(url, null);
    }

    /**
     * A server of our own, gone when it is closed. The embedded one is made for tests and gives up durability: what it
     * changes is set back to PostgreSQL's defaults, and its files are where the caller says, because a temporary
     * folder may be in memory.
     */
    public static Server start(Path folder) {
        try {
            EmbeddedPostgres own = EmbeddedPostgres.builder()
                    .setDataDirectory(
                            folder.resolve("data-" + ProcessHandle.current().pid()))
                    .setCleanDataDirectory(true)
                    .setLocaleConfig("locale", "C")
                    .setLocaleConfig("encoding", "UTF8")
                    .setServerConfig("fsync", "on")
                    .setServerConfig("synchronous_commit", "on")
                    .setServerConfig("full_page_writes", "on")
                    .setServerConfig("max_connections", "300")
                    .start();
            return new Server(own.getJdbcUrl("postgres", "postgres"), own);
        } catch (IOException e) {
            throw new UncheckedIOException("PostgreSQL does not start", e);
        }
    }

    /** A name that no other schema of this process has. */
    String newSchema() {
        return "agentrun_benchmark_" + ProcessHandle.current().pid() + "_" + schemas.incrementAndGet();
    }

    /** A pool of at most so many connections. */
    HikariDataSource pool(int size) {
        HikariConfig config = new HikariConfig();
        config.setJdbcUrl(url);
        config.setMaximumPoolSize(size);
        config.setMinimumIdle(0);
        config.setConnectionTimeout(60_000);
        return new HikariDataSource(config);
    }

    /** A connection that belongs to no pool. */
    Connection connect() throws SQLException {
        return DriverManager.getConnection(url);
    }

    /** The version and the settings that matter, for the reader of the table. */
    public String description() throws SQLException {
        try (Connection connection = connect();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(SETTINGS)) {
            row.next();
            return row.getString(1);
        }
    }

    @Override
    public void close() throws IOException {
        if (own != null) {
            own.close();
        }
    }
}

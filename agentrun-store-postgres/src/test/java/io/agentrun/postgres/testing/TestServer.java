package io.agentrun.postgres.testing;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Properties;

/**
 * The PostgreSQL of this JVM's tests: started once, or the one that {@code agentrun.test.jdbc-url} names.
 *
 * <p>Thread-safe.
 */
public final class TestServer {

    private static final String URL = start();

    private TestServer() {}

    private static String start() {
        String given = System.getProperty("agentrun.test.jdbc-url", "");
        if (!given.isEmpty()) {
            return given;
        }
        try {
            // The locale of the environment may not be installed.
            EmbeddedPostgres server = EmbeddedPostgres.builder()
                    .setLocaleConfig("locale", "C")
                    .setLocaleConfig("encoding", "UTF8")
                    .setServerConfig("max_connections", "300")
                    .setServerConfig("max_prepared_transactions", "10")
                    .start();
            Runtime.getRuntime().addShutdownHook(new Thread(() -> close(server)));
            return server.getJdbcUrl("postgres", "postgres");
        } catch (IOException e) {
            throw new UncheckedIOException("PostgreSQL does not start", e);
        }
    }

    private static void close(EmbeddedPostgres server) {
        try {
            server.close();
        } catch (IOException e) {
            // The JVM ends, and the next one starts a server of its own.
            throw new UncheckedIOException(e);
        }
    }

    /** The URL of a database of the server. */
    public static String url(String database) {
        int path = URL.indexOf('/', URL.indexOf("//") + 2);
        int query = URL.indexOf('?', path);
        return URL.substring(0, path + 1) + database + (query < 0 ? "" : URL.substring(query));
    }

    /** A new connection to a database. */
    public static Connection connect(String database) throws SQLException {
        return DriverManager.getConnection(url(database), new Properties());
    }

    /** Runs a statement that belongs to no database in particular. */
    static void administer(String sql) {
        try (Connection connection = DriverManager.getConnection(URL);
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        } catch (SQLException e) {
            throw new IllegalStateException(sql, e);
        }
    }
}

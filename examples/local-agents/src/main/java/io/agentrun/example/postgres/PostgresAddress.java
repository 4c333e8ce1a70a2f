package io.agentrun.example.postgres;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.agentrun.AgentRunStore;
import io.agentrun.postgres.PostgresAgentRunStore;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Where a database is and who opens it. Its text never shows the password.
 *
 * <p>Immutable.
 *
 * @param user null for the driver's own choice
 * @param password null for none
 */
public record PostgresAddress(
        String host,
        int port,
        String database,
        @Nullable String user,
        @Nullable String password) {

    private static final int DEFAULT_PORT = 5432;

    /** Enough for the workers of this program; each waits without a connection. */
    private static final int CONNECTIONS = 10;

    /**
     * The address in {@code postgres://[USER[:PASSWORD]@]HOST[:PORT]/DATABASE}; nothing if the text is none. What it does not
     * say of the user is taken from {@code PGUSER} and {@code PGPASSWORD}.
     */
    public static Optional<PostgresAddress> parse(String text, Map<String, String> environment) {
        URI uri;
        try {
            uri = new URI(text);
        } catch (URISyntaxException e) {
            return Optional.empty();
        }
        String path = uri.getPath();
        if (!"postgres".equals(uri.getScheme())
                || uri.getHost() == null
                || path == null
                || !path.matches("/[^/]+")
                || uri.getQuery() != null
                || uri.getFragment() != null) {
            return Optional.empty();
        }
        String given = uri.getUserInfo() == null ? "" : uri.getUserInfo();
        int colon = given.indexOf(':');
        String user = colon < 0 ? given : given.substring(0, colon);
        String password = colon < 0 ? "" : given.substring(colon + 1);
        return Optional.of(new PostgresAddress(
                uri.getHost(),
                uri.getPort() < 0 ? DEFAULT_PORT : uri.getPort(),
                path.substring(1),
                user.isEmpty() ? environment.get("PGUSER") : user,
                password.isEmpty() ? environment.get("PGPASSWORD") : password));
    }

    /**
     * Opens the store there, with a pool that ends with it.
     *
     * @param afterwards what is to be done when the store is closed
     * @throws io.agentrun.error.StoreUnavailableException if it cannot be opened
     */
    public AgentRunStore open(Runnable afterwards) {
        HikariConfig config = new HikariConfig();
        config.setJdbcUrl("jdbc:postgresql://" + host + ":" + port + "/" + database);
        config.setUsername(user);
        config.setPassword(password);
        config.setMaximumPoolSize(CONNECTIONS);
        config.setConnectionTimeout(5_000);
        // The store says what is wrong with the database, in words without an address.
        config.setInitializationFailTimeout(-1);
        HikariDataSource pool = new HikariDataSource(config);
        Runnable end = () -> {
            pool.close();
            afterwards.run();
        };
        try {
            return new OwningStore(PostgresAgentRunStore.builder(pool).build(), end);
        } catch (RuntimeException e) {
            end.run();
            throw e;
        }
    }

    @Override
    public String toString() {
        return "postgres://" + host + ":" + port + "/" + database;
    }
}

package io.agentrun.postgres.testing;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.agentrun.postgres.PostgresMigrations;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;

/**
 * A primary with the store's schema, and a standby of it that streams.
 *
 * <p>Not thread-safe: one thread at a time.
 */
public final class ServerPair implements AutoCloseable {

    private static final Duration PATIENCE = Duration.ofMinutes(2);

    private final Path directory;
    private final int primaryPort;
    private final int standbyPort;
    private final EmbeddedPostgres standby;
    private boolean primaryRuns = true;

    private ServerPair(Path directory, int primaryPort, int standbyPort) throws IOException, SQLException {
        this.directory = directory;
        this.primaryPort = primaryPort;
        this.standbyPort = standbyPort;
        EmbeddedPostgres made = run("primary", primaryPort);
        try (HikariDataSource pool = pool(url(primaryPort), 4)) {
            PostgresMigrations.in(pool, TestDatabase.SCHEMA).migrate();
        }
        made.close();
        copy(directory.resolve("primary"), directory.resolve("standby"));
        Files.createFile(directory.resolve("standby").resolve("standby.signal"));
        Files.writeString(
                directory.resolve("standby").resolve("postgresql.auto.conf"),
                "primary_conninfo = 'host=127.0.0.1 port=" + primaryPort + " user=postgres application_name=standby'\n",
                StandardOpenOption.APPEND);
        run("primary", primaryPort);
        this.standby = run("standby", standbyPort);
        until(() -> onPrimary("SELECT count(*) FROM pg_stat_replication WHERE state = 'streaming'")
                .equals("1"));
    }

    /** Both servers, running. */
    public static ServerPair start() throws IOException, SQLException {
        try (ServerSocket one = new ServerSocket(0);
                ServerSocket two = new ServerSocket(0)) {
            int first = one.getLocalPort();
            int second = two.getLocalPort();
            one.close();
            two.close();
            return new ServerPair(Files.createTempDirectory("agentrun-pair"), first, second);
        }
    }

    private EmbeddedPostgres run(String name, int port) throws IOException {
        return EmbeddedPostgres.builder()
                .setDataDirectory(directory.resolve(name))
                .setCleanDataDirectory(false)
                .setRegisterShutdownHook(false)
                .setPort(port)
                .setLocaleConfig("locale", "C")
                .setLocaleConfig("encoding", "UTF8")
                .setServerConfig("fsync", "on")
                .setServerConfig("synchronous_commit", "on")
                .setServerConfig("wal_keep_size", "256MB")
                .setServerConfig("wal_receiver_timeout", "5s")
                .setServerConfig("wal_retrieve_retry_interval", "100ms")
                .start();
    }

    private static void copy(Path from, Path to) throws IOException {
        try (Stream<Path> files = Files.walk(from)) {
            for (Path file : files.toList()) {
                Files.copy(file, to.resolve(from.relativize(file)), StandardCopyOption.COPY_ATTRIBUTES);
            }
        }
    }

    private static String url(int port) {
        return "jdbc:postgresql://127.0.0.1:" + port + "/postgres?user=postgres";
    }

    /** A pool of connections to whichever of the two is the primary, as the docs tell hosts to make one. */
    public HikariDataSource pool(int size) {
        return pool(
                "jdbc:postgresql://127.0.0.1:" + primaryPort + ",127.0.0.1:" + standbyPort
                        + "/postgres?user=postgres&targetServerType=primary&hostRecheckSeconds=1&connectTimeout=2"
                        + "&socketTimeout=40",
                size);
    }

    /** A pool of connections to the standby, for reading. */
    public HikariDataSource standbyPool(int size) {
        return pool(url(standbyPort), size);
    }

    private static HikariDataSource pool(String url, int size) {
        HikariConfig config = new HikariConfig();
        config.setJdbcUrl(url);
        config.setMaximumPoolSize(size);
        config.setMinimumIdle(0);
        config.setConnectionTimeout(5_000);
        return new HikariDataSource(config);
    }

    /** From now on a commit waits until the standby has it. */
    public void makeSynchronous() {
        onPrimary("ALTER SYSTEM SET synchronous_standby_names = 'standby'");
        onPrimary("SELECT pg_reload_conf()");
        until(() -> onPrimary("SELECT count(*) FROM pg_stat_replication WHERE sync_state = 'sync'")
                .equals("1"));
    }

    /** The standby gets nothing any more. */
    public void cutOff() {
        query(url(standbyPort), "ALTER SYSTEM SET primary_conninfo = ''");
        query(url(standbyPort), "SELECT pg_reload_conf()");
        until(() -> onPrimary("SELECT count(*) FROM pg_stat_replication").equals("0"));
    }

    /** The primary and all its processes are killed at once; nothing is written any more. */
    public void killPrimary() throws IOException {
        List<String> lines = Files.readAllLines(directory.resolve("primary").resolve("postmaster.pid"));
        ProcessHandle postmaster =
                ProcessHandle.of(Long.parseLong(lines.get(0).strip())).orElseThrow();
        List<ProcessHandle> all = new ArrayList<>(postmaster.descendants().toList());
        all.add(0, postmaster);
        all.forEach(ProcessHandle::destroyForcibly);
        all.forEach(process -> until(() -> !process.isAlive()));
        primaryRuns = false;
    }

    /** The standby becomes a primary, on a timeline of its own. */
    public void promote() {
        query(url(standbyPort), "SELECT pg_promote(true, 60)");
    }

    /** The first column of the first row of what a query finds on the server that was the standby. */
    public String onStandby(String sql) {
        return query(url(standbyPort), sql);
    }

    private String onPrimary(String sql) {
        return query(url(primaryPort), sql);
    }

    private static String query(String url, String sql) {
        try (Connection connection = DriverManager.getConnection(url);
                Statement statement = connection.createStatement()) {
            if (!statement.execute(sql)) {
                return "";
            }
            try (ResultSet rows = statement.getResultSet()) {
                return rows.next() ? String.valueOf(rows.getString(1)) : "";
            }
        } catch (SQLException e) {
            throw new IllegalStateException(sql, e);
        }
    }

    /** Returns when the condition holds, and fails if it does not for two minutes. */
    public static void until(BooleanSupplier condition) {
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > end) {
                throw new AssertionError("waited in vain");
            }
            LockSupport.parkNanos(10_000_000);
        }
    }

    @Override
    public void close() throws IOException {
        if (primaryRuns) {
            killPrimary();
        }
        standby.close();
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}

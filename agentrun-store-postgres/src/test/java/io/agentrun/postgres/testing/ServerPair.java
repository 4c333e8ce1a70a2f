package io.agentrun.postgres.testing;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.agentrun.postgres.PostgresMigrations;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A primary with the store's schema, and a standby of it that streams. They change their parts when the standby is promoted and
 * the old primary is rebuilt as a standby of the new one.
 *
 * <p>Not thread-safe: one thread at a time.
 */
public final class ServerPair implements AutoCloseable {

    private static final Duration PATIENCE = Duration.ofMinutes(2);

    /** What belongs to a running server, and is not part of a copy of it. */
    private static final Set<String> NOT_COPIED = Set.of(
            "pg_wal", "pg_replslot", "pg_stat_tmp", "pg_dynshmem", "pg_notify", "postmaster.pid", "postmaster.opts");

    private final Path directory;
    private Server primary;
    private Server standby;

    private ServerPair(Path directory, int primaryPort, int standbyPort) throws IOException, SQLException {
        this.directory = directory;
        this.primary = new Server(directory.resolve("primary"), primaryPort);
        this.standby = new Server(directory.resolve("standby"), standbyPort);
        primary.start();
        try (HikariDataSource pool = pool(primary.url(), 4)) {
            PostgresMigrations.in(pool, TestDatabase.SCHEMA).migrate();
        }
        primary.stop();
        copy(primary.data, standby.data);
        standby.follow(primary);
        primary.start();
        standby.start();
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

    /** One of the two. */
    private static final class Server {

        private final Path data;
        private final int port;
        private @Nullable EmbeddedPostgres running;

        private Server(Path data, int port) {
            this.data = data;
            this.port = port;
        }

        private String url() {
            return "jdbc:postgresql://127.0.0.1:" + port + "/postgres?user=postgres";
        }

        private void start() throws IOException {
            running = EmbeddedPostgres.builder()
                    .setDataDirectory(data)
                    .setCleanDataDirectory(false)
                    .setRegisterShutdownHook(true)
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

        private void stop() throws IOException {
            if (running != null) {
                running.close();
                running = null;
            }
        }

        /** All its processes are killed at once; nothing is written any more. */
        private void kill() throws IOException {
            List<String> lines = Files.readAllLines(data.resolve("postmaster.pid"));
            ProcessHandle postmaster =
                    ProcessHandle.of(Long.parseLong(lines.get(0).strip())).orElseThrow();
            List<ProcessHandle> all = new ArrayList<>(postmaster.descendants().toList());
            all.add(0, postmaster);
            all.forEach(ProcessHandle::destroyForcibly);
            all.forEach(process -> until(() -> !process.isAlive()));
            stop();
        }

        /** When it starts next, it is a standby of the other one. */
        private void follow(Server other) throws IOException {
            Files.createFile(data.resolve("standby.signal"));
            Files.writeString(
                    data.resolve("postgresql.auto.conf"),
                    "synchronous_standby_names = ''\nprimary_conninfo = 'host=127.0.0.1 port=" + other.port
                            + " user=postgres application_name=standby'\n",
                    StandardOpenOption.APPEND);
        }
    }

    private static void copy(Path from, Path to) throws IOException {
        try (Stream<Path> files = Files.walk(from)) {
            for (Path file : files.toList()) {
                Files.copy(file, to.resolve(from.relativize(file)), StandardCopyOption.COPY_ATTRIBUTES);
            }
        }
    }

    private static void delete(Path directory) throws IOException {
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }

    /** A pool of connections to whichever of the two is the primary, as the docs tell hosts to make one. */
    public HikariDataSource pool(int size) {
        return pool(url(), size);
    }

    /** The URL of both, of which the primary is used. */
    public String url() {
        return "jdbc:postgresql://127.0.0.1:" + primary.port + ",127.0.0.1:" + standby.port
                + "/postgres?user=postgres&targetServerType=primary&hostRecheckSeconds=1&connectTimeout=2&socketTimeout=40";
    }

    /** A pool of connections to the standby, for reading. */
    public HikariDataSource standbyPool(int size) {
        return pool(standby.url(), size);
    }

    /** A pool as {@link #pool(int)} makes it, of connections to another URL. */
    public static HikariDataSource pool(String url, int size) {
        HikariConfig config = new HikariConfig();
        config.setJdbcUrl(url);
        config.setMaximumPoolSize(size);
        config.setMinimumIdle(0);
        config.setConnectionTimeout(5_000);
        // Whoever starts while no primary is there waits for one like everybody else.
        config.setInitializationFailTimeout(-1);
        return new HikariDataSource(config);
    }

    /** From now on a commit waits until the standby has it. */
    public void makeSynchronous() {
        onPrimary("ALTER SYSTEM SET synchronous_standby_names = 'standby'");
        onPrimary("SELECT pg_reload_conf()");
        awaitSynchronous();
    }

    /** Returns when commits wait for a standby that is there. */
    public void awaitSynchronous() {
        until(() -> onPrimary("SELECT count(*) FROM pg_stat_replication WHERE sync_state = 'sync'")
                .equals("1"));
    }

    /** Returns when the standby has all that the primary has written so far. */
    public void awaitStandby() {
        String written = onPrimary("SELECT pg_current_wal_lsn()");
        until(() -> onPrimary("SELECT count(*) FROM pg_stat_replication WHERE flush_lsn >= '" + written + "'")
                .equals("1"));
    }

    /** The standby gets nothing any more. */
    public void cutOff() {
        onStandby("ALTER SYSTEM SET primary_conninfo = ''");
        onStandby("SELECT pg_reload_conf()");
        until(() -> onPrimary("SELECT count(*) FROM pg_stat_replication").equals("0"));
    }

    /** The primary and all its processes are killed at once; nothing is written any more. */
    public void killPrimary() throws IOException {
        primary.kill();
    }

    /** The primary that was killed starts again, with what it had written. */
    public void startPrimary() throws IOException {
        primary.start();
    }

    /** The standby becomes a primary, on a timeline of its own. */
    public void promote() {
        onStandby("SELECT pg_promote(true, 60)");
    }

    /** The primary dies, which is said at once, and the standby becomes one. */
    public void takeOver(Runnable killed) throws IOException {
        killPrimary();
        killed.run();
        promote();
    }

    /**
     * After a promotion: the server that was killed is made anew from a copy of the running one, as its standby, and the two have
     * changed their parts.
     */
    public void rebuildStandby() throws IOException, SQLException {
        Server lost = primary;
        primary = standby;
        standby = lost;
        delete(standby.data);
        try (Connection connection = DriverManager.getConnection(primary.url());
                Statement statement = connection.createStatement()) {
            boolean old = connection.getMetaData().getDatabaseMajorVersion() < 15;
            statement.execute(
                    old ? "SELECT pg_start_backup('rebuild', true, false)" : "SELECT pg_backup_start('rebuild', true)");
            copyRunning(primary.data, standby.data);
            try (ResultSet label = statement.executeQuery(
                    "SELECT labelfile FROM " + (old ? "pg_stop_backup(false, false)" : "pg_backup_stop(false)"))) {
                label.next();
                Files.writeString(standby.data.resolve("backup_label"), label.getString(1));
            }
        }
        standby.follow(primary);
        standby.start();
        until(() -> onPrimary("SELECT count(*) FROM pg_stat_replication WHERE state = 'streaming'")
                .equals("1"));
    }

    /** Copies what a running server may change meanwhile: a backup needs no more than that. */
    private static void copyRunning(Path from, Path to) throws IOException {
        Files.walkFileTree(from, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path each, BasicFileAttributes attributes) throws IOException {
                Files.copy(each, to.resolve(from.relativize(each)), StandardCopyOption.COPY_ATTRIBUTES);
                boolean left = each.getParent().equals(from)
                        && NOT_COPIED.contains(each.getFileName().toString());
                return left ? FileVisitResult.SKIP_SUBTREE : FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFile(Path each, BasicFileAttributes attributes) throws IOException {
                if (!each.getParent().equals(from)
                        || !NOT_COPIED.contains(each.getFileName().toString())) {
                    try {
                        Files.copy(each, to.resolve(from.relativize(each)), StandardCopyOption.COPY_ATTRIBUTES);
                    } catch (NoSuchFileException dropped) {
                        return FileVisitResult.CONTINUE;
                    }
                }
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFileFailed(Path each, IOException e) throws IOException {
                if (e instanceof NoSuchFileException) {
                    return FileVisitResult.CONTINUE;
                }
                throw e;
            }
        });
    }

    /** The first column of the first row of what a query finds on the server that was the standby. */
    public String onStandby(String sql) {
        return query(standby.url(), sql);
    }

    /** The same on the primary. */
    public String onPrimary(String sql) {
        return query(primary.url(), sql);
    }

    /** The first column of what a query finds in the store's schema on the primary. */
    public List<String> queryOnPrimary(String sql) {
        List<String> found = new ArrayList<>();
        try (Connection connection = DriverManager.getConnection(primary.url());
                Statement statement = connection.createStatement()) {
            statement.execute("SET search_path = \"" + TestDatabase.SCHEMA.replace("\"", "\"\"") + "\"");
            try (ResultSet rows = statement.executeQuery(sql)) {
                while (rows.next()) {
                    found.add(String.valueOf(rows.getString(1)));
                }
            }
        } catch (SQLException e) {
            throw new IllegalStateException(sql, e);
        }
        return found;
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
        if (primary.running != null) {
            primary.kill();
        }
        standby.stop();
        delete(directory);
    }
}

package io.agentrun.postgres.testing;

import io.agentrun.postgres.PostgresMigrations;
import java.io.File;
import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Two PostgreSQL servers under Patroni with an etcd, on this machine's loopback: the programs of Debian's packages {@code patroni},
 * {@code etcd-server} and {@code postgresql}. The system property {@code agentrun.postgres.bin} names another directory with the
 * programs of PostgreSQL. Nothing outside of a temporary directory is touched.
 *
 * <p>Not thread-safe: one thread at a time.
 */
public final class PatroniCluster implements AutoCloseable {

    private static final Path DEBIAN = Path.of("/usr/lib/postgresql");
    private static final int STOP_SECONDS = 60;
    private static final int LOG_LINES = 30;
    private static final int ANSWER_MILLIS = 2_000;

    private final Path directory;
    private final Path programs;
    private final int etcdPort;
    private final List<Member> members;
    private final Process etcd;

    private PatroniCluster(Path directory, Path programs, int[] ports) throws IOException, SQLException {
        this.directory = directory;
        this.programs = programs;
        this.etcdPort = ports[0];
        this.etcd = run(
                "etcd",
                List.of(
                        require("etcd"),
                        "--name=agentrun",
                        "--data-dir=" + directory.resolve("etcd"),
                        "--listen-client-urls=" + http(ports[0]),
                        "--advertise-client-urls=" + http(ports[0]),
                        "--listen-peer-urls=" + http(ports[1]),
                        "--initial-advertise-peer-urls=" + http(ports[1]),
                        "--initial-cluster=agentrun=" + http(ports[1])));
        this.members = List.of(new Member("one", ports[2], ports[3]), new Member("two", ports[4], ports[5]));
        for (Member member : members) {
            member.start();
        }
        awaitBoth();
        try (var pool = ServerPair.pool(url(), 4)) {
            PostgresMigrations.in(pool, TestDatabase.SCHEMA).migrate();
        }
    }

    /**
     * A cluster with a leader and a synchronous standby, and the store's schema.
     *
     * @throws IllegalStateException if one of the programs is not installed
     */
    public static PatroniCluster start() throws IOException, SQLException {
        List<ServerSocket> free = new ArrayList<>();
        int[] ports = new int[6];
        for (int i = 0; i < ports.length; i++) {
            free.add(new ServerSocket(0));
            ports[i] = free.get(i).getLocalPort();
        }
        for (ServerSocket socket : free) {
            socket.close();
        }
        return new PatroniCluster(Files.createTempDirectory("patroni"), programs(), ports);
    }

    private static Path programs() throws IOException {
        String given = System.getProperty("agentrun.postgres.bin", "");
        if (!given.isEmpty()) {
            return Path.of(given);
        }
        if (Files.isDirectory(DEBIAN)) {
            try (Stream<Path> versions = Files.list(DEBIAN)) {
                var newest = versions.filter(version -> Files.isExecutable(version.resolve("bin/postgres")))
                        .max(Comparator.comparingInt(version ->
                                Integer.parseInt(version.getFileName().toString())));
                if (newest.isPresent()) {
                    return newest.get().resolve("bin");
                }
            }
        }
        throw new IllegalStateException("no PostgreSQL in " + DEBIAN + ": install Debian's postgresql");
    }

    private static String require(String program) {
        return Stream.of(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator, -1))
                .map(directory -> Path.of(directory, program))
                .filter(Files::isExecutable)
                .findFirst()
                .orElseThrow(() -> new IllegalStateException(
                        program + " is not on the PATH: install Debian's patroni and etcd-server"))
                .toString();
    }

    private static String http(int port) {
        return "http://127.0.0.1:" + port;
    }

    private Process run(String name, List<String> command) throws IOException {
        return new ProcessBuilder(command)
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(
                        directory.resolve(name + ".log").toFile()))
                .start();
    }

    /** A PostgreSQL and its Patroni. */
    private final class Member {

        private final String name;
        private final int port;
        private final int apiPort;
        private final Path data;
        private final Path settings;
        private @Nullable Process patroni;

        private Member(String name, int port, int apiPort) throws IOException {
            this.name = name;
            this.port = port;
            this.apiPort = apiPort;
            this.data = directory.resolve(name);
            this.settings = directory.resolve(name + ".yml");
            Files.writeString(settings, """
                    scope: agentrun
                    name: %1$s
                    restapi:
                      listen: 127.0.0.1:%3$d
                      connect_address: 127.0.0.1:%3$d
                    etcd3:
                      host: 127.0.0.1:%4$d
                    bootstrap:
                      dcs:
                        ttl: 20
                        loop_wait: 2
                        retry_timeout: 3
                        synchronous_mode: true
                        postgresql:
                          use_pg_rewind: true
                      initdb:
                      - encoding: UTF8
                      - locale: C
                      - data-checksums
                      pg_hba:
                      - host all all 127.0.0.1/32 trust
                      - host replication all 127.0.0.1/32 trust
                      - local all all trust
                    postgresql:
                      listen: 127.0.0.1:%2$d
                      connect_address: 127.0.0.1:%2$d
                      data_dir: %5$s
                      bin_dir: %6$s
                      authentication:
                        superuser:
                          username: postgres
                        replication:
                          username: replicator
                      parameters:
                        unix_socket_directories: %7$s
                    """.formatted(name, port, apiPort, etcdPort, data, programs, directory));
        }

        private String url() {
            return "jdbc:postgresql://127.0.0.1:" + port + "/postgres?user=postgres&connectTimeout=2";
        }

        /** PostgreSQL refuses to run as root, which it is not in a namespace of its own. */
        private void start() throws IOException {
            List<String> command = new ArrayList<>();
            if ("root".equals(System.getProperty("user.name"))) {
                command.addAll(List.of(require("unshare"), "--user"));
            }
            command.addAll(List.of(require("patroni"), settings.toString()));
            patroni = run(name, command);
        }

        /** As if its machine had lost its power. */
        private void kill() throws IOException, InterruptedException {
            List<ProcessHandle> all = new ArrayList<>(
                    Objects.requireNonNull(patroni).descendants().toList());
            all.add(patroni.toHandle());
            Path file = data.resolve("postmaster.pid");
            if (Files.exists(file)) {
                ProcessHandle.of(Long.parseLong(Files.readAllLines(file).get(0).strip()))
                        .ifPresent(postmaster -> {
                            all.add(postmaster);
                            all.addAll(postmaster.descendants().toList());
                        });
            }
            all.forEach(ProcessHandle::destroyForcibly);
            all.forEach(process -> ServerPair.until(() -> !process.isAlive()));
        }

        private boolean leads() {
            return query("SELECT NOT pg_is_in_recovery()").equals("t");
        }

        private boolean maySucceed() {
            try {
                var request = (HttpURLConnection)
                        URI.create(http(apiPort) + "/synchronous").toURL().openConnection();
                request.setConnectTimeout(ANSWER_MILLIS);
                request.setReadTimeout(ANSWER_MILLIS);
                return request.getResponseCode() == HttpURLConnection.HTTP_OK;
            } catch (IOException notThere) {
                return false;
            }
        }

        /** What a query finds; nothing while the server does not answer, which is the question here. */
        private String query(String sql) {
            try (Connection connection = DriverManager.getConnection(url());
                    Statement statement = connection.createStatement();
                    ResultSet rows = statement.executeQuery(sql)) {
                return rows.next() ? String.valueOf(rows.getString(1)) : "";
            } catch (SQLException notThere) {
                return "";
            }
        }
    }

    /** The URL of both, of which the primary is used. */
    public String url() {
        return "jdbc:postgresql://127.0.0.1:" + members.get(0).port + ",127.0.0.1:" + members.get(1).port
                + "/postgres?user=postgres&targetServerType=primary&hostRecheckSeconds=1&connectTimeout=2&socketTimeout=40";
    }

    /**
     * Returns when one of the two leads and Patroni would promote the other one: it promotes none but the standby that it has noted
     * as synchronous, which it does a while after the server says so.
     */
    public void awaitBoth() {
        until(() -> members.stream().anyMatch(Member::leads) && members.stream().anyMatch(Member::maySucceed));
    }

    /** Says what the programs have logged last if it is in vain. */
    private void until(BooleanSupplier condition) {
        try {
            ServerPair.until(condition);
        } catch (AssertionError e) {
            StringBuilder said = new StringBuilder("waited in vain");
            try (Stream<Path> logs =
                    Files.list(directory).filter(file -> file.toString().endsWith(".log"))) {
                for (Path log : logs.toList()) {
                    List<String> lines = Files.readAllLines(log);
                    said.append("\n").append(log.getFileName());
                    lines.subList(Math.max(0, lines.size() - LOG_LINES), lines.size())
                            .forEach(line -> said.append("\n    ").append(line));
                }
            } catch (IOException unreadable) {
                e.addSuppressed(unreadable);
            }
            throw new AssertionError(said.toString(), e);
        }
    }

    /**
     * Kills the leader with its Patroni and says so at once; then Patroni makes the other one the leader, in its own time, and the
     * killed one comes back as its standby.
     */
    public void takeOver(Runnable killed) throws IOException, InterruptedException {
        Member leader = members.stream().filter(Member::leads).findFirst().orElseThrow();
        Member other = members.get(1 - members.indexOf(leader));
        leader.kill();
        killed.run();
        until(other::leads);
        leader.start();
    }

    @Override
    public void close() throws IOException, InterruptedException {
        for (Member member : members) {
            member.kill();
        }
        etcd.destroy();
        if (!etcd.waitFor(STOP_SECONDS, TimeUnit.SECONDS)) {
            etcd.destroyForcibly().waitFor();
        }
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}

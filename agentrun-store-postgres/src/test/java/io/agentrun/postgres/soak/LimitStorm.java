package io.agentrun.postgres.soak;

import com.zaxxer.hikari.HikariDataSource;
import io.agentrun.AgentRunStore;
import io.agentrun.error.StoreUnavailableException;
import io.agentrun.lease.ExpiredQuery;
import io.agentrun.limit.Limit;
import io.agentrun.limit.LimitKey;
import io.agentrun.model.BackendProfile;
import io.agentrun.model.CancelMode;
import io.agentrun.model.Owner;
import io.agentrun.model.RunSpec;
import io.agentrun.model.TenantScope;
import io.agentrun.postgres.PostgresAgentRunStore;
import io.agentrun.postgres.testing.OwnServer;
import io.agentrun.postgres.testing.ServerPair;
import io.agentrun.postgres.testing.TestDatabase;
import io.agentrun.queue.NewQueueTask;
import io.agentrun.queue.QueueQuery;
import io.agentrun.queue.QueueScope;
import io.agentrun.queue.QueueTask;
import io.agentrun.queue.RetryPolicy;
import io.agentrun.queue.TaskState;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;

/**
 * A storm on limits: callers in two processes take, end, give back and lose tasks under a hundred limits, and one of the processes is
 * killed every few seconds. Meanwhile the database is asked, in one statement each time, whether more attempts are under way than a
 * limit allows and whether exactly those count that are; afterwards, whether any window has had a start more, and whether a slot is
 * left over.
 *
 * <p>Not thread-safe: one thread at a time.
 */
public final class LimitStorm {

    private static final int CALLERS_OF_PROCESS = 16;
    private static final int RUNNING_LIMITS = 60;
    private static final int START_LIMITS = 39;
    /** Of the limits of what runs at once, those that are changed all the time; they are exceeded for a while when they are lowered. */
    private static final int CHANGED = 10;

    private static final int WAITING = 200;
    private static final long KILL_NANOS = Duration.ofSeconds(5).toNanos();
    private static final Duration PERIOD = Duration.ofSeconds(2);
    private static final Owner OWNER = new Owner("storm", "storm");
    private static final LimitKey ALL = LimitKey.tenant(OWNER.tenantId());
    private static final int MOST_OF_ALL = 24;
    private static final String LABEL = "key";

    /** Values with more attempts under way than their limit allows, but for those whose limits are changed. */
    private static final String EXCEEDED = """
            SELECT l.limit_key, l.most, count(*)
            FROM {schema}.agentrun_limits l
            JOIN {schema}.agentrun_queue_tasks t
                ON l.limit_key = E'label\\nkey\\n' || (t.limit_labels ->> 'key') OR l.limit_key = E'tenant\\n' || t.tenant_id
            WHERE t.state = 'running' AND l.kind = 'running' AND l.limit_key NOT LIKE '%changed%'
            GROUP BY l.limit_key, l.most
            HAVING count(*) > l.most
            """;

    /** Attempts under way that do not count as often as limits count them, and runs that count and are not under way. */
    private static final String UNEVEN = """
            SELECT COALESCE(u.run_id, s.run_id), u.limits, s.slots
            FROM (
                SELECT t.latest_attempt ->> 'runId' AS run_id, count(*) AS limits
                FROM {schema}.agentrun_limits l
                JOIN {schema}.agentrun_queue_tasks t
                    ON l.limit_key = E'label\\nkey\\n' || (t.limit_labels ->> 'key')
                        OR l.limit_key = E'tenant\\n' || t.tenant_id
                WHERE t.state = 'running' AND l.kind = 'running'
                GROUP BY t.id) u
            FULL JOIN (
                SELECT run_id, count(*) AS slots
                FROM {schema}.agentrun_limit_slots
                WHERE run_id IS NOT NULL
                GROUP BY run_id) s ON s.run_id = u.run_id
            WHERE u.limits IS DISTINCT FROM s.slots
            """;

    /** Starts that are earlier than a period after the one that is as many before them as the limit allows. */
    private static final String TOO_SOON = """
            SELECT key, most, at, before
            FROM (
                SELECT
                    t.limit_labels ->> 'key' AS key, l.most, l.period, r.created_at AS at,
                    lag(r.created_at, l.most) OVER (PARTITION BY l.limit_key ORDER BY r.created_at, r.id) AS before
                FROM {schema}.agentrun_runs r
                JOIN {schema}.agentrun_queue_tasks t ON t.id = r.task_id
                JOIN {schema}.agentrun_limits l ON l.limit_key = E'label\\nkey\\n' || (t.limit_labels ->> 'key')
                WHERE l.kind = 'starts') starts
            WHERE at < before + period
            """;

    private final Path directory;
    private final Random random;
    private final List<String> faults = new ArrayList<>();
    private final List<Process> processes = new ArrayList<>();
    private String url = "";
    private int lives;
    private int kills;
    private int looks;

    private LimitStorm(Path directory, long seed) {
        this.directory = directory;
        this.random = new Random(seed);
    }

    /** What a storm came to. Immutable. */
    public record Report(int kills, int looks, long attempts, List<String> faults) {

        /** Returns one line of figures. */
        public String line() {
            return "limits storm: " + attempts + " attempts, " + kills + " kills, " + looks + " looks, " + faults.size()
                    + " faults";
        }
    }

    /** Runs the program; its properties are {@code soak.seconds}, 120 unless given, and {@code soak.seed}, drawn unless given. */
    public static void main(String[] args) throws Exception {
        String given = System.getProperty("soak.seed", "");
        long seed = given.isEmpty() ? new Random().nextInt(1_000_000) : Long.parseLong(given);
        Report report = run(new SoakPlan(Duration.ofSeconds(Integer.getInteger("soak.seconds", 120)), seed));
        report.faults().stream().limit(50).forEach(System.out::println);
        System.out.println(report.line());
        System.exit(report.faults().isEmpty() ? 0 : 1);
    }

    /** Does as planned. */
    public static Report run(SoakPlan plan) throws Exception {
        Path directory = Files.createTempDirectory("agentrun-limits");
        try (OwnServer server = OwnServer.start();
                TestDatabase database = server.database();
                HikariDataSource pool = ServerPair.pool(database.url(), 4);
                PostgresAgentRunStore store = SoakProcess.store(pool)) {
            return new LimitStorm(directory, plan.seed()).on(store, pool, database.url(), plan.time());
        }
    }

    private Report on(PostgresAgentRunStore store, HikariDataSource pool, String databaseUrl, Duration time)
            throws Exception {
        url = databaseUrl;
        List<String> values = limits(store);
        processes.add(begin());
        processes.add(begin());
        long end = System.nanoTime() + time.toNanos();
        long nextKill = System.nanoTime() + KILL_NANOS;
        while (System.nanoTime() < end) {
            feed(store, values);
            store.leases().recoverExpired(ExpiredQuery.in(TenantScope.all()));
            change(store);
            look(pool);
            if (System.nanoTime() > nextKill) {
                kill(random.nextInt(processes.size()));
                nextKill = System.nanoTime() + KILL_NANOS;
            }
        }
        for (Process process : processes) {
            stop(process);
        }
        endAll(store);
        look(pool);
        ask(pool, TOO_SOON, "a start too soon");
        ask(pool, "SELECT * FROM {schema}.agentrun_limit_slots WHERE run_id IS NOT NULL", "a slot is left over");
        return new Report(kills, looks, attempts(pool), List.copyOf(faults));
    }

    private List<String> limits(AgentRunStore store) {
        List<String> values = new ArrayList<>();
        for (int i = 0; i < RUNNING_LIMITS; i++) {
            String value = (i < CHANGED ? "changed-" : "running-") + i;
            store.limits().set(Limit.running(LimitKey.label(LABEL, value), 1 + i % 4));
            values.add(value);
        }
        for (int i = 0; i < START_LIMITS; i++) {
            store.limits().set(Limit.starts(LimitKey.label(LABEL, "starts-" + i), 1 + i % 3, PERIOD));
            values.add("starts-" + i);
        }
        store.limits().set(Limit.running(ALL, MOST_OF_ALL));
        return values;
    }

    private void feed(AgentRunStore store, List<String> values) {
        long waiting = store.queue().stats(QueueScope.all()).byState().getOrDefault(TaskState.PENDING, 0L);
        List<NewQueueTask> more = new ArrayList<>();
        for (long i = waiting; i < WAITING; i++) {
            more.add(NewQueueTask.builder(OWNER, "storm", "a task", RunSpec.of(BackendProfile.CODEX))
                    .limitLabels(Map.of(LABEL, values.get(random.nextInt(values.size()))))
                    .retry(RetryPolicy.of(2, Duration.ZERO))
                    .build());
        }
        store.queue().createAll(more);
    }

    private void change(AgentRunStore store) {
        if (random.nextInt(10) == 0) {
            LimitKey key = LimitKey.label(LABEL, "changed-" + random.nextInt(CHANGED));
            try {
                store.limits().set(Limit.running(key, random.nextInt(5)));
            } catch (StoreUnavailableException e) {
                if (e.reason() != StoreUnavailableException.Reason.LOCK_TIMEOUT) {
                    throw e;
                }
                // The transaction of a killed process is not over yet: the next change comes soon.
            }
        }
    }

    private void look(HikariDataSource pool) throws SQLException {
        looks++;
        ask(pool, EXCEEDED, "a limit is exceeded");
        ask(pool, UNEVEN, "a run counts as often as it should not");
    }

    private void ask(HikariDataSource pool, String sql, String what) throws SQLException {
        try (Connection connection = pool.getConnection();
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(inSchema(sql))) {
            while (rows.next()) {
                StringBuilder fault = new StringBuilder(what).append(':');
                for (int i = 1; i <= rows.getMetaData().getColumnCount(); i++) {
                    fault.append(' ').append(rows.getString(i));
                }
                faults.add(fault.toString());
            }
        }
    }

    private static long attempts(HikariDataSource pool) throws SQLException {
        try (Connection connection = pool.getConnection();
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(inSchema("SELECT count(*) FROM {schema}.agentrun_runs"))) {
            rows.next();
            return rows.getLong(1);
        }
    }

    private Process begin() throws IOException {
        lives++;
        return new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx192m",
                        "-XX:TieredStopAtLevel=1",
                        "-XX:+UseSerialGC",
                        "-cp",
                        System.getProperty("java.class.path"),
                        LimitStormProcess.class.getName(),
                        url,
                        "p" + lives,
                        String.valueOf(CALLERS_OF_PROCESS),
                        String.valueOf(random.nextInt(1_000_000)))
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("p" + lives + ".out").toFile())
                .start();
    }

    private void kill(int which) throws IOException, InterruptedException {
        Process process = processes.get(which);
        if (!process.isAlive()) {
            faults.add("a process ended by itself with " + process.exitValue() + ": see " + directory);
        }
        process.destroyForcibly().waitFor();
        processes.set(which, begin());
        kills++;
    }

    private void stop(Process process) throws IOException, InterruptedException {
        if (process.isAlive()) {
            process.getOutputStream().close();
        }
        if (!process.waitFor(60, TimeUnit.SECONDS)) {
            faults.add("a process does not stop");
            process.destroyForcibly().waitFor();
        } else if (process.exitValue() != 0) {
            faults.add("a process ended with " + process.exitValue() + ": see " + directory);
        }
    }

    private static void endAll(AgentRunStore store) {
        for (TaskState state : List.of(TaskState.RUNNING, TaskState.PENDING)) {
            List<QueueTask> open;
            do {
                open = store.queue()
                        .list(QueueQuery.in(TenantScope.all()).withState(state).withLimit(100))
                        .items();
                open.forEach(task -> store.queue().cancel(task.id(), "over", CancelMode.FORCE));
            } while (!open.isEmpty());
        }
    }

    private static String inSchema(String sql) {
        return sql.replace("{schema}", '"' + TestDatabase.SCHEMA.replace("\"", "\"\"") + '"');
    }
}

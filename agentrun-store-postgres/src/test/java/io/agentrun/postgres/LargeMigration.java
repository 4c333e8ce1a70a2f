package io.agentrun.postgres;

import io.agentrun.postgres.testing.OwnServer;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.flywaydb.core.Flyway;
import org.postgresql.ds.PGSimpleDataSource;

/**
 * Migrates a large schema of version 5 while statements of its hosts go on, and prints how long each migration took, which locks it had
 * for how long, and the longest that a statement waited. A program, not a test: see CONTRIBUTING.md.
 *
 * <p>Not thread-safe: one thread.
 */
public final class LargeMigration {

    /** Between two statements of a host: often enough to see a short lock, seldom enough to leave the server to the migration. */
    private static final Duration PAUSE = Duration.ofMillis(5);

    private static final String SCHEMA = "agentrun";

    /** Each run has ten events, a task, a session and a command. */
    private static final int EVENTS_OF_A_RUN = 10;

    private static final String FILL = """
            INSERT INTO agentrun.agentrun_sessions (
                session_id, tenant_id, project_id, backend_profile, metadata, version, execution_state, terminal_status,
                storage_state, storage_generation, created_at, updated_at, feed_xid)
            SELECT
                's' || i, 't' || i % 10, 'p' || i % 3, 'codex', '{"note": "about this"}', i, 'terminal', 'completed',
                'none', 0, statement_timestamp(), statement_timestamp(), CAST(CAST(1 + i / 250 AS text) AS xid8)
            FROM generate_series({from}, {to}) AS i;

            INSERT INTO agentrun.agentrun_queue_tasks (
                id, tenant_id, project_id, queue, lane, title, priority, state, version, backend_profile, provider_id,
                workspace_ref, execution_policy, payload, created_at, updated_at, feed_xid)
            SELECT
                'qt_' || i, 't' || i % 10, 'p' || i % 3, 'q' || i % 4, 'l' || i % 5, 'Task ' || i, i % 7,
                (ARRAY['pending', 'completed', 'failed', 'cancelled'])[1 + i % 4], i, 'codex', 'default', '{}', '{}',
                '{"prompt": "mend the defect"}', statement_timestamp(), statement_timestamp(),
                CAST(CAST(1 + i / 250 AS text) AS xid8)
            FROM generate_series({from}, {to}) AS i;

            INSERT INTO agentrun.agentrun_runs (
                id, tenant_id, project_id, workspace_ref, provider_id, backend_profile, execution_policy, session_id,
                created_at)
            SELECT
                'run_' || i, 't' || i % 10, 'p' || i % 3, '{}', 'default', 'codex', '{}', 's' || i, statement_timestamp()
            FROM generate_series({from}, {to}) AS i;

            INSERT INTO agentrun.agentrun_run_state (
                run_id, status, epoch, event_seq, command_seq, attempt, updated_at, created_at, tenant_id, project_id,
                backend_profile, provider_id, session_id)
            SELECT
                'run_' || i, CASE WHEN i % 100 = 0 THEN 'pending' ELSE 'completed' END, 1, {events}, 1, 1,
                statement_timestamp(), statement_timestamp(), 't' || i % 10, 'p' || i % 3, 'codex', 'default', 's' || i
            FROM generate_series({from}, {to}) AS i;

            INSERT INTO agentrun.agentrun_commands (
                id, run_id, session_id, seq, type, payload, state, ordinal, deliverable, terminal_status, created_at,
                updated_at)
            SELECT
                'cmd_' || i, 'run_' || i, 's' || i, 1, 'turn', '{"prompt": "go"}', 'completed', 1, true, 'completed',
                statement_timestamp(), statement_timestamp()
            FROM generate_series({from}, {to}) AS i;

            INSERT INTO agentrun.agentrun_events (id, run_id, seq, type, payload, created_at)
            SELECT
                'evt_' || i || '_' || seq, 'run_' || i, seq, 'assistant_message',
                jsonb_build_object('text', 'a line of output of the agent, about as long as such lines are', 'line', seq),
                statement_timestamp()
            FROM generate_series({from}, {to}) AS i, generate_series(1, {events}) AS seq;
            """;

    /** What hosts do meanwhile, each again and again; what a migration locks they wait for. */
    private static final Map<String, String> STATEMENTS = Map.of(
            "read a run",
            "SELECT status FROM agentrun.agentrun_run_state WHERE run_id = 'run_1'",
            "read events",
            "SELECT count(payload) FROM agentrun.agentrun_events WHERE run_id = 'run_1'",
            "extend a lease",
            "UPDATE agentrun.agentrun_run_state SET updated_at = statement_timestamp() WHERE run_id = 'run_1'",
            "append an event",
            "INSERT INTO agentrun.agentrun_events (id, run_id, seq, type, payload, created_at)"
                    + " SELECT 'evt_' || run_id || (max(seq) + 1), run_id, max(seq) + 1, 'assistant_message', '{}', statement_timestamp() FROM agentrun.agentrun_events"
                    + " WHERE run_id = 'run_2' GROUP BY run_id",
            "change a task",
            "UPDATE agentrun.agentrun_queue_tasks SET updated_at = statement_timestamp() WHERE id = 'qt_1'");

    private static final String LOCKS = """
            SELECT c.relname || ' ' || l.mode
            FROM pg_locks l
            JOIN pg_class c ON c.oid = l.relation
            JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname = 'agentrun'
            WHERE l.granted AND c.relkind = 'r'
                AND l.mode IN ('AccessExclusiveLock', 'ExclusiveLock', 'ShareRowExclusiveLock', 'ShareLock')
            """;

    private LargeMigration() {}

    /** Does it, with as many events as the property {@code events} says, ten million unless given. */
    public static void main(String[] args) throws Exception {
        long events = Long.getLong("events", 10_000_000);
        try (OwnServer server = OwnServer.start();
                Connection connection = DriverManager.getConnection(server.url())) {
            PGSimpleDataSource source = new PGSimpleDataSource();
            source.setUrl(server.url());
            versionFive(source);
            fill(connection, events / EVENTS_OF_A_RUN);
            migrate(source, connection);
        }
    }

    private static void versionFive(PGSimpleDataSource source) {
        Flyway.configure(PostgresMigrations.class.getClassLoader())
                .dataSource(source)
                .defaultSchema(SCHEMA)
                .schemas(SCHEMA)
                .table(PostgresMigrations.HISTORY)
                .locations("classpath:" + MigrationScripts.LOCATION)
                .placeholderReplacement(false)
                .baselineOnMigrate(true)
                .baselineVersion("0")
                .target("5")
                .load()
                .migrate();
    }

    private static void fill(Connection connection, long runs) throws SQLException {
        long begun = System.nanoTime();
        long step = 50_000;
        try (Statement statement = connection.createStatement()) {
            for (long from = 1; from <= runs; from += step) {
                statement.execute(FILL.replace("{from}", String.valueOf(from))
                        .replace("{to}", String.valueOf(Math.min(runs, from + step - 1)))
                        .replace("{events}", String.valueOf(EVENTS_OF_A_RUN)));
            }
            statement.execute("VACUUM ANALYZE");
            statement.execute("CHECKPOINT");
            print(
                    "%,d runs, tasks, sessions and commands with %,d events in %,d s, %s",
                    runs,
                    runs * EVENTS_OF_A_RUN,
                    TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - begun),
                    text(statement, "SELECT pg_size_pretty(pg_database_size(current_database()))"));
        }
    }

    private static void migrate(PGSimpleDataSource source, Connection connection) throws Exception {
        ExecutorService migrating = Executors.newSingleThreadExecutor();
        ExecutorService hosts = Executors.newCachedThreadPool();
        try (Connection watching = source.getConnection()) {
            long begun = System.nanoTime();
            Future<Boolean> migration = migrating.submit(() -> {
                PostgresMigrations.in(source, SCHEMA).migrate();
                return true;
            });
            Map<String, Future<Long>> waits = new TreeMap<>();
            STATEMENTS.forEach((name, sql) -> waits.put(name, hosts.submit(longest(source, sql, migration))));
            Map<String, Long> held = locks(watching, migration);
            migration.get();
            print("migrated in %,d ms", TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begun));
            for (Map.Entry<String, Future<Long>> wait : waits.entrySet()) {
                print(
                        "%-20s waited for %,d ms at most",
                        wait.getKey(), wait.getValue().get());
            }
            held.forEach((lock, millis) -> print("%-60s %,d ms", lock, millis));
            try (Statement statement = connection.createStatement();
                    ResultSet rows = statement.executeQuery(
                            "SELECT version, description, execution_time FROM agentrun." + PostgresMigrations.HISTORY
                                    + " WHERE CAST(version AS integer) > 5 ORDER BY installed_rank")) {
                while (rows.next()) {
                    print("V%-4s %-30s %,d ms", rows.getString(1), rows.getString(2), rows.getLong(3));
                }
            }
        } finally {
            migrating.shutdownNow();
            hosts.shutdownNow();
        }
    }

    private static Callable<Long> longest(PGSimpleDataSource source, String sql, Future<?> until) {
        return () -> {
            long longest = 0;
            try (Connection host = source.getConnection();
                    PreparedStatement statement = host.prepareStatement(sql)) {
                while (!until.isDone()) {
                    long begun = System.nanoTime();
                    statement.execute();
                    longest = Math.max(longest, System.nanoTime() - begun);
                    LockSupport.parkNanos(PAUSE.toNanos());
                }
            }
            return TimeUnit.NANOSECONDS.toMillis(longest);
        };
    }

    /** The longest that each strong lock was seen without a break. */
    private static Map<String, Long> locks(Connection watching, Future<?> until) throws SQLException {
        Map<String, Long> since = new TreeMap<>();
        Map<String, Long> longest = new TreeMap<>();
        try (Statement statement = watching.createStatement()) {
            while (!until.isDone()) {
                List<String> now = new ArrayList<>();
                try (ResultSet rows = statement.executeQuery(LOCKS)) {
                    while (rows.next()) {
                        now.add(rows.getString(1));
                    }
                }
                since.keySet().retainAll(now);
                for (String lock : now) {
                    long begun = since.computeIfAbsent(lock, key -> System.nanoTime());
                    longest.merge(lock, TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begun), Math::max);
                }
                LockSupport.parkNanos(PAUSE.toNanos());
            }
        }
        return longest;
    }

    private static String text(Statement statement, String sql) throws SQLException {
        try (ResultSet row = statement.executeQuery(sql)) {
            row.next();
            return row.getString(1);
        }
    }

    @SuppressWarnings("SystemOut")
    private static void print(String format, Object... values) {
        System.out.println(String.format(Locale.ROOT, format, values));
    }
}

package io.agentrun.postgres.testing;

import com.zaxxer.hikari.HikariDataSource;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.function.Supplier;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * Measures what a call costs: round trips, SQL statements, row versions, HOT updates, index entries, bytes of the write-ahead log.
 *
 * <p>The store has one connection, whose counters of rows are flushed after each call. A server older than PostgreSQL 15 cannot
 * do that, and writes a log of other lengths than the baseline's: there round trips and statements are measured alone, and the
 * other costs are 0. Not thread-safe: one thread at a time.
 */
public final class CostMeter {

    private static final String ROWS = """
            SELECT COALESCE(sum(n_tup_ins + n_tup_upd + n_tup_del), 0) || ' ' || COALESCE(sum(n_tup_hot_upd), 0)
            FROM pg_stat_user_tables
            """;

    /** An entry that finds its leaf full splits it, and is in one of the halves. */
    private static final String ENTRIES = """
            SELECT count(*)
            FROM pg_get_wal_records_info('{from}', '{to}')
            WHERE resource_manager = 'Btree'
                AND record_type IN ('INSERT_LEAF', 'INSERT_POST', 'SPLIT_L', 'SPLIT_R')
            """;

    private static final String WAL = "SELECT pg_current_wal_insert_lsn() - '0/0'";

    private final TestDatabase database;
    private final HikariDataSource pool;
    private final CountingDataSource trips;
    private final DataSource dataSource;
    private final boolean flushes;
    private long statements;

    /**
     * What one call cost.
     *
     * @param trips executes, batches, commits and rollbacks
     * @param statements SQL statements in them; a script of three has three
     * @param rows row versions inserted, updated and deleted
     * @param hot those of the updated ones that no index had to hear of
     * @param entries what was inserted into indexes
     * @param wal bytes of the write-ahead log
     */
    public record Cost(long trips, long statements, long rows, long hot, long entries, long wal) {

        /** Returns what both have cost at least. */
        public Cost least(Cost other) {
            return new Cost(
                    Math.min(trips, other.trips),
                    Math.min(statements, other.statements),
                    Math.min(rows, other.rows),
                    Math.min(hot, other.hot),
                    Math.min(entries, other.entries),
                    Math.min(wal, other.wal));
        }
    }

    private CostMeter(TestDatabase database) {
        this.database = database;
        pool = database.pool(1);
        trips = CountingDataSource.over(pool);
        dataSource = proxy(DataSource.class, trips.dataSource(), null);
        flushes = Integer.parseInt(database.query("SHOW server_version_num").get(0)) >= 150_000;
    }

    /**
     * A meter on the first database of a server of its own. Pages are not written to the log as a whole, nobody vacuums, and
     * no checkpoint comes in between: what is left is what the calls write.
     */
    public static CostMeter on(OwnServer server) {
        TestDatabase database = server.database();
        for (String setting : new String[] {
            "full_page_writes = off", "autovacuum = off", "checkpoint_timeout = '1h'", "max_wal_size = '8GB'"
        }) {
            database.execute("ALTER SYSTEM SET " + setting);
        }
        database.execute("SELECT pg_reload_conf()");
        CostMeter meter = new CostMeter(database);
        if (meter.flushes) {
            database.execute("CREATE EXTENSION IF NOT EXISTS pg_walinspect");
        }
        return meter;
    }

    /** What the store is to use. */
    public DataSource dataSource() {
        return dataSource;
    }

    /** What the call costs. */
    public Cost of(Supplier<?> call) {
        long statementsBefore = statements;
        long[] rowsBefore = rows();
        long walBefore = wal();

        int tripsOfCall = trips.of(call);

        long walAfter = wal();
        long statementsAfter = statements;
        long[] rowsAfter = rows();
        return new Cost(
                tripsOfCall,
                statementsAfter - statementsBefore,
                rowsAfter[0] - rowsBefore[0],
                rowsAfter[1] - rowsBefore[1],
                entries(walBefore, walAfter),
                walAfter - walBefore);
    }

    private long entries(long from, long to) {
        if (from == to) {
            return 0;
        }
        // What was not committed may not be on the disk yet, from where the log is read.
        database.execute("SELECT pg_logical_emit_message(true, 'agentrun', 'flush')");
        return Long.parseLong(
                database.query(ENTRIES.replace("{from}", lsn(from)).replace("{to}", lsn(to)))
                        .get(0));
    }

    private static String lsn(long position) {
        return String.format("%X/%X", position >>> 32, position & 0xFFFF_FFFFL);
    }

    private long wal() {
        return flushes ? Long.parseLong(database.query(WAL).get(0)) : 0;
    }

    private long[] rows() {
        if (!flushes) {
            return new long[2];
        }
        try (Connection connection = pool.getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute("SELECT pg_stat_force_next_flush()");
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
        String[] found = database.query(ROWS).get(0).split(" ", -1);
        return new long[] {Long.parseLong(found[0]), Long.parseLong(found[1])};
    }

    private <T> T proxy(Class<T> type, Object target, @Nullable String sql) {
        return type.cast(Proxy.newProxyInstance(
                type.getClassLoader(), new Class<?>[] {type}, (proxy, method, arguments) -> {
                    String given = arguments != null && arguments.length > 0 && arguments[0] instanceof String text
                            ? text
                            : sql;
                    if (counts(target, method.getName(), sql, given)) {
                        statements += SqlText.statements(given == null ? "" : given);
                    }
                    try {
                        return wrapped(method.invoke(target, arguments), given);
                    } catch (InvocationTargetException e) {
                        throw e.getCause() == null ? e : e.getCause();
                    }
                }));
    }

    /** A batch counts when it is added to, everything else when it is sent. */
    private static boolean counts(Object target, String method, @Nullable String prepared, @Nullable String given) {
        if (!(target instanceof Statement)) {
            return false;
        }
        boolean text = target instanceof PreparedStatement ? prepared != null : given != null;
        return text && (method.equals("addBatch") || (method.startsWith("execute") && !method.contains("Batch")));
    }

    private @Nullable Object wrapped(@Nullable Object result, @Nullable String sql) {
        if (result instanceof Connection connection) {
            return proxy(Connection.class, connection, null);
        }
        if (result instanceof PreparedStatement statement) {
            return proxy(PreparedStatement.class, statement, sql);
        }
        return result instanceof Statement statement ? proxy(Statement.class, statement, null) : result;
    }
}

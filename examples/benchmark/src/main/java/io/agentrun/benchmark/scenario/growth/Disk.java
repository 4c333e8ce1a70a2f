package io.agentrun.benchmark.scenario.growth;

import io.agentrun.benchmark.postgres.Bed;
import io.agentrun.benchmark.report.Result;
import io.agentrun.benchmark.scenario.Lab;
import java.sql.SQLException;

/**
 * What days of work take of the disk: live and dead rows, tables and indexes, the log, and the time of autovacuum.
 *
 * <p>Not thread-safe: one thread at a time.
 */
final class Disk {

    private static final String LOG = "SELECT pg_current_wal_insert_lsn() - '0/0'";
    private static final String SIZE = """
            SELECT COALESCE(sum(pg_total_relation_size(c.oid)), 0)
            FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
            WHERE n.nspname = '{name}' AND c.relkind = 'r'
            """;
    private static final String ROWS =
            "SELECT COALESCE(sum(%s), 0) FROM pg_stat_all_tables WHERE schemaname = '{name}'";

    /** Counted from PostgreSQL 18 on. */
    private static final String VACUUM_MILLIS = "total_autovacuum_time";

    private static final String COUNTS_VACUUM = "SELECT count(*) FROM information_schema.columns"
            + " WHERE table_name = 'pg_stat_all_tables' AND column_name = '" + VACUUM_MILLIS + "'";

    private final Bed bed;
    private final boolean countsVacuum;
    private double log;

    Disk(Bed bed) throws SQLException {
        this.bed = bed;
        this.countsVacuum = bed.number(COUNTS_VACUUM) > 0;
        this.log = bed.number(LOG);
    }

    /** Adds the lines of a day on which so many tasks have ended. */
    void report(Lab lab, int day, int tasks) throws SQLException {
        double now = bed.number(LOG);
        add(lab, day, "write-ahead log for each task", (now - log) / tasks, "bytes");
        log = now;
        add(lab, day, "tables and indexes", bed.number(SIZE) / (1 << 20), "MiB");
        add(lab, day, "live rows", bed.number(String.format(ROWS, "n_live_tup")), "rows");
        add(lab, day, "dead rows", bed.number(String.format(ROWS, "n_dead_tup")), "rows");
        if (countsVacuum) {
            add(lab, day, "autovacuum so far", bed.number(String.format(ROWS, VACUUM_MILLIS)) / 1_000, "s");
        }
    }

    private static void add(Lab lab, int day, String name, double value, String unit) {
        lab.report(Result.of("day " + day + ": " + name, 8, value, unit));
    }
}

package io.agentrun.postgres.internal.register;

import io.agentrun.json.StoredRecords;
import io.agentrun.model.TenantScope;
import io.agentrun.postgres.internal.db.Script;
import io.agentrun.postgres.internal.db.Tx;
import io.agentrun.postgres.internal.table.Columns;
import io.agentrun.queue.NewQueueTask;
import io.agentrun.schedule.DueSchedules;
import io.agentrun.schedule.MissedPolicy;
import io.agentrun.schedule.NewSchedule;
import io.agentrun.schedule.Schedule;
import io.agentrun.schedule.ScheduleKey;
import io.agentrun.schedule.ScheduleState;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.statement.StatementContext;

/**
 * {@code agentrun_schedules}. What a schedule creates is one text, as records are stored whole: nobody asks for a part of it.
 *
 * <p>Thread-safe.
 */
public final class ScheduleTable {

    private static final String COLUMNS = """
            c.tenant_id, c.project_id, c.name, c.rule, c.zone, c.task, c.missed, c.begin_within_micros, c.state, c.revision,
            c.last_at, c.task_id, c.created_at, c.updated_at
            """;

    /** The schedule of the key. */
    private static final String GET = "SELECT " + COLUMNS + """
            FROM {schema}.agentrun_schedules c
            WHERE c.tenant_id = :tenant_id AND c.project_id = :project_id AND c.name = :name
            """;

    /** The schedule of the key, locked. */
    public static final String LOCK = GET + "FOR NO KEY UPDATE";

    /** A new schedule; no row comes back where there is one of the key. */
    public static final String INSERT = """
            INSERT INTO {schema}.agentrun_schedules AS c (
                tenant_id, project_id, name, rule, zone, task, missed, begin_within_micros, state, revision, last_at, task_id,
                created_at, updated_at)
            VALUES (
                :tenant_id, :project_id, :name, :rule, :zone, :task, :missed, :begin_within, :state, :revision, :last_at,
                :task_id, :created_at, :updated_at)
            ON CONFLICT DO NOTHING
            RETURNING true AS known
            """;

    /** Everything of a schedule that may change; it is locked. */
    public static final String UPDATE = """
            UPDATE {schema}.agentrun_schedules
            SET rule = :rule,
                zone = :zone,
                task = :task,
                missed = :missed,
                begin_within_micros = :begin_within,
                state = :state,
                revision = :revision,
                last_at = :last_at,
                task_id = :task_id,
                updated_at = :updated_at
            WHERE tenant_id = :tenant_id AND project_id = :project_id AND name = :name
            RETURNING true AS known
            """;

    /** Deletes the schedule of the key. */
    public static final String DELETE = """
            DELETE FROM {schema}.agentrun_schedules
            WHERE tenant_id = :tenant_id AND project_id = :project_id AND name = :name
            """;

    /** The time by which schedules are due. */
    private static final String NOW = "SELECT {schema}.agentrun_now() AS now";

    private static final String LIST = "SELECT " + COLUMNS + """
            FROM {schema}.agentrun_schedules c
            WHERE true
            """;

    private static final String TENANT = "AND c.tenant_id = :tenant_id\n";
    private static final String PROJECT = "AND c.project_id = :project_id\n";
    private static final String AFTER =
            "AND (c.tenant_id, c.project_id, c.name) > (:after_tenant, :after_project, :after_name)\n";
    private static final String IN_ORDER = "ORDER BY c.tenant_id, c.project_id, c.name LIMIT :limit";
    private static final String DUE = "AND c.state = 'active' AND c.last_at <= {schema}.agentrun_now()\n";
    private static final String LONGEST_PASSED = "ORDER BY c.last_at, c.tenant_id, c.project_id, c.name LIMIT :limit";

    private ScheduleTable() {}

    /** Returns the schedule of the key. */
    public static Optional<Schedule> find(Tx tx, ScheduleKey key) {
        Script script = bind(new Script(), key);
        Script.Rows<Schedule> schedule = script.query(GET, ScheduleTable::schedule);
        tx.execute(script);
        return schedule.first();
    }

    /**
     * Returns one page of schedules.
     *
     * @param after the tenant, project and name of the last one that was shown; none for the first page
     */
    public static List<Schedule> list(Tx tx, TenantScope scope, List<String> after, int limit) {
        Script script = new Script().bind("limit", limit);
        StringBuilder sql = scoped(script, scope);
        if (!after.isEmpty()) {
            sql.append(AFTER);
            script.bind("after_tenant", after.get(0))
                    .bind("after_project", after.get(1))
                    .bind("after_name", after.get(2));
        }
        Script.Rows<Schedule> schedules = script.query(sql.append(IN_ORDER).toString(), ScheduleTable::schedule);
        tx.execute(script);
        return schedules.all();
    }

    /** Returns the schedules that are to be advanced, the longest passed first. */
    public static DueSchedules due(Tx tx, TenantScope scope, int limit) {
        Script script = new Script().bind("limit", limit);
        String sql = scoped(script, scope).append(DUE).append(LONGEST_PASSED).toString();
        Script.Rows<Schedule> due = script.query(sql, ScheduleTable::schedule);
        Script.Rows<Instant> now = script.query(NOW, (row, context) -> Columns.instant(row, "now"));
        tx.execute(script);
        return new DueSchedules(due.all(), now.first().orElseThrow());
    }

    private static StringBuilder scoped(Script script, TenantScope scope) {
        StringBuilder sql = new StringBuilder(LIST);
        if (scope.tenantId() != null) {
            sql.append(TENANT);
            script.bind("tenant_id", scope.tenantId());
        }
        if (scope.projectId() != null) {
            sql.append(PROJECT);
            script.bind("project_id", scope.projectId());
        }
        return sql;
    }

    /** Gives the parameters of a key. */
    public static Script bind(Script script, ScheduleKey key) {
        return script.bind("tenant_id", key.owner().tenantId())
                .bind("project_id", key.owner().projectId())
                .bind("name", key.name());
    }

    /** Gives {@link #INSERT} or {@link #UPDATE} its parameters. */
    public static Script bind(Script script, Schedule schedule) {
        NewSchedule given = schedule.given();
        return bind(script, schedule.key())
                .bind("rule", given.rule())
                .bind("zone", given.zone())
                .bind("task", StoredRecords.write(given.task()).toString())
                .bind("missed", given.missed().wire())
                .bind("begin_within", given.beginWithin().toNanos() / 1_000)
                .bind("state", schedule.state().wire())
                .bind("revision", schedule.revision())
                .bind("last_at", schedule.last())
                .bind("task_id", schedule.taskId())
                .bind("created_at", schedule.createdAt())
                .bind("updated_at", schedule.updatedAt());
    }

    /** Returns the schedule in the row. */
    public static Schedule schedule(ResultSet row, StatementContext context) throws SQLException {
        NewQueueTask task = StoredRecords.read(Columns.text(row, "task"), NewQueueTask.class);
        NewSchedule given = new NewSchedule(
                Columns.text(row, "name"),
                Columns.text(row, "rule"),
                Columns.text(row, "zone"),
                task,
                MissedPolicy.fromWire("missed", Columns.text(row, "missed")),
                Duration.of(row.getLong("begin_within_micros"), ChronoUnit.MICROS));
        return new Schedule(
                given,
                ScheduleState.fromWire("state", Columns.text(row, "state")),
                row.getLong("revision"),
                Columns.instant(row, "last_at"),
                row.getString("task_id"),
                Columns.instant(row, "created_at"),
                Columns.instant(row, "updated_at"));
    }
}

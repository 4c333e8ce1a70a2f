package io.agentrun.postgres.internal.table;

import io.agentrun.model.Owner;
import io.agentrun.model.TenantScope;
import io.agentrun.postgres.internal.db.Script;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What a tenant view adds to a statement that finds its row by an id: the owner of that row. The condition stands beside the one
 * that finds the row, in the same statement, so that a view costs no statement more; outside of a view the statement is as it
 * was, plan and all.
 *
 * <p>A statement is a constant, and what is made of it is kept, one for each shape of scope.
 *
 * <p>Immutable.
 *
 * @param scope what the view shows; all for a store that is no view
 */
public record OwnerGuard(TenantScope scope) {

    /** Of a store that is no view: adds nothing. */
    public static final OwnerGuard NONE = new OwnerGuard(TenantScope.all());

    /** An item without a tenant or project, of no view or of one of all projects, is compared with itself. */
    private static final String EACH =
            " AND r.tenant_id = COALESCE((CAST(:view_tenants AS text[]))[CAST(q.item AS integer)],"
                    + " r.tenant_id) AND r.project_id = COALESCE((CAST(:view_projects AS text[]))[CAST(q.item AS integer)],"
                    + " r.project_id)";

    private static final ConcurrentHashMap<List<String>, String> GUARDED = new ConcurrentHashMap<>();

    /** Returns whether the view shows what the owner has. */
    public boolean includes(Owner owner) {
        return scope.includes(owner);
    }

    /**
     * Returns the statement with the owner beside a condition on a row that has one: of a run's narrow row, a session, a task.
     *
     * @param alias the row's, with its dot; empty where the statement has none
     * @param condition what finds the row, as it stands in the statement, such as {@code s.run_id = :run_id}
     */
    public String row(String sql, String alias, String condition) {
        return guarded(sql, condition, owner(alias));
    }

    /**
     * Returns the statement with the owner beside a condition on a row that has none but belongs to one that has.
     *
     * @param table the table of the row that has the owner
     * @param link the key of that table and the column that refers to it, such as {@code v.run_id = c.run_id}
     */
    public String child(String sql, String condition, String table, String link) {
        String owner = owner("v.");
        return guarded(
                sql,
                condition,
                owner.isEmpty() ? "" : " AND EXISTS (SELECT FROM {schema}." + table + " v WHERE " + link + owner + ")");
    }

    private String owner(String alias) {
        if (scope.tenantId() == null) {
            return "";
        }
        String tenant = " AND " + alias + "tenant_id = :view_tenant_id";
        return scope.projectId() == null ? tenant : tenant + " AND " + alias + "project_id = :view_project_id";
    }

    private static String guarded(String sql, String condition, String owner) {
        return owner.isEmpty() ? sql : with(sql, condition, owner);
    }

    /**
     * Returns the statement with more beside a condition.
     *
     * @throws IllegalStateException if the statement has no such condition, or more than one: a defect of the store
     */
    private static String with(String sql, String condition, String more) {
        return GUARDED.computeIfAbsent(List.of(sql, condition, more), parts -> {
            int at = sql.indexOf(condition);
            if (at < 0 || sql.indexOf(condition, at + 1) >= 0) {
                throw new IllegalStateException("no single place for the owner beside: " + condition);
            }
            int end = at + condition.length();
            return sql.substring(0, end) + more + sql.substring(end);
        });
    }

    /** Gives a guarded statement its parameters. */
    public Script bind(Script script) {
        if (scope.tenantId() != null) {
            script.bind("view_tenant_id", scope.tenantId());
        }
        if (scope.projectId() != null) {
            script.bind("view_project_id", scope.projectId());
        }
        return script;
    }

    /**
     * Returns a statement for many items with the owner beside the condition that finds each row, and gives it the parameters;
     * the statement as it is where no item is of a view.
     *
     * @param sql finds the row {@code r} of the item {@code q} with {@code r.run_id = q.run_id}
     * @param guards one for each item, in their order
     */
    public static String each(String sql, Script script, List<OwnerGuard> guards) {
        if (guards.stream().allMatch(guard -> guard.scope.tenantId() == null)) {
            return sql;
        }
        script.bindArray(
                "view_tenants",
                "text",
                guards.stream().map(guard -> guard.scope.tenantId()).toArray());
        script.bindArray(
                "view_projects",
                "text",
                guards.stream().map(guard -> guard.scope.projectId()).toArray());
        return with(sql, "r.run_id = q.run_id", EACH);
    }
}

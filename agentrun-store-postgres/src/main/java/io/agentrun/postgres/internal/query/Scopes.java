package io.agentrun.postgres.internal.query;

import io.agentrun.model.TenantScope;
import io.agentrun.postgres.internal.db.Script;

/** Puts the condition of a tenant scope into a statement. */
final class Scopes {

    private Scopes() {}

    /** Adds what the scope asks for, in the table's words, and its parameters. */
    static void add(Script script, StringBuilder sql, TenantScope scope, String tenant, String project) {
        sql.append(conditions(scope, tenant, project));
        bind(script, scope);
    }

    /** Returns what the scope asks for, in the table's words. */
    static String conditions(TenantScope scope, String tenant, String project) {
        return (scope.tenantId() == null ? "" : tenant) + (scope.projectId() == null ? "" : project);
    }

    /** Gives the conditions their parameters. */
    static void bind(Script script, TenantScope scope) {
        if (scope.tenantId() != null) {
            script.bind("tenant_id", scope.tenantId());
        }
        if (scope.projectId() != null) {
            script.bind("project_id", scope.projectId());
        }
    }
}

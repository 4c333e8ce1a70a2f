package io.agentrun.postgres.internal.query;

import io.agentrun.model.TenantScope;
import io.agentrun.postgres.internal.db.Script;

/** Puts the condition of a tenant scope into a statement. */
final class Scopes {

    private Scopes() {}

    /** Adds what the scope asks for, in the table's words, and its parameters. */
    static void add(Script script, StringBuilder sql, TenantScope scope, String tenant, String project) {
        if (scope.tenantId() != null) {
            sql.append(tenant);
            script.bind("tenant_id", scope.tenantId());
        }
        if (scope.projectId() != null) {
            sql.append(project);
            script.bind("project_id", scope.projectId());
        }
    }
}

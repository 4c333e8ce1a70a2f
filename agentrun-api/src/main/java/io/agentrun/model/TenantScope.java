package io.agentrun.model;

import io.agentrun.check.Require;
import io.agentrun.check.Texts;
import io.agentrun.error.InvalidInputException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Whose records a list, a feed, a statistic or a claim may see: everybody's, one tenant's, or one project's.
 *
 * <p>Make one with {@link #all()}, {@link #tenant} or {@link #project}.
 *
 * <p>Immutable.
 *
 * @param tenantId the tenant, or null for all
 * @param projectId the project of that tenant, or null for all of its projects
 */
public record TenantScope(
        @Nullable String tenantId, @Nullable String projectId) {

    /**
     * Checks the ids.
     *
     * @throws InvalidInputException if an id breaks the rule for ids, or a project is given without its tenant
     */
    public TenantScope {
        Texts.idOrNull("tenantId", tenantId);
        Texts.idOrNull("projectId", projectId);
        if (projectId != null && tenantId == null) {
            throw new InvalidInputException("tenantId", "must be given with a projectId");
        }
    }

    /** Returns the scope of a host's own work: every tenant. */
    public static TenantScope all() {
        return new TenantScope(null, null);
    }

    /** Returns the scope of one tenant, all of its projects. */
    public static TenantScope tenant(String tenantId) {
        return new TenantScope(Texts.id("tenantId", tenantId), null);
    }

    /** Returns the scope of one project of one tenant. */
    public static TenantScope project(String tenantId, String projectId) {
        return new TenantScope(Texts.id("tenantId", tenantId), Texts.id("projectId", projectId));
    }

    /** Returns whether what belongs to the owner may be seen in this scope. */
    public boolean includes(Owner owner) {
        return (tenantId == null || tenantId.equals(owner.tenantId()))
                && (projectId == null || projectId.equals(owner.projectId()));
    }

    /**
     * Returns the scope of what is in both this scope and the other one; empty if nothing can be, as for two tenants. The
     * order does not matter.
     *
     * @throws InvalidInputException if the other scope is null
     */
    public Optional<TenantScope> intersect(TenantScope other) {
        Require.given("scope", other);
        if (conflict(tenantId, other.tenantId) || conflict(projectId, other.projectId)) {
            return Optional.empty();
        }
        return Optional.of(new TenantScope(
                tenantId == null ? other.tenantId : tenantId, projectId == null ? other.projectId : projectId));
    }

    private static boolean conflict(@Nullable String one, @Nullable String other) {
        return one != null && other != null && !one.equals(other);
    }

    /**
     * Returns a stable text of this scope. Audience: store authors, who bind the cursors of feeds to it with
     * {@code io.agentrun.backend.Cursors}.
     */
    public String fingerprint() {
        return (tenantId == null ? "" : "tenant=" + tenantId)
                + '\n'
                + (projectId == null ? "" : "project=" + projectId);
    }
}

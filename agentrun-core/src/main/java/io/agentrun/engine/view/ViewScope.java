package io.agentrun.engine.view;

import io.agentrun.check.Require;
import io.agentrun.error.TenantPolicyException;
import io.agentrun.model.Owner;
import io.agentrun.model.TenantScope;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Whose records a store shows: everybody's, those of a tenant view's scope, or nobody's, where the scopes of two views have
 * nothing in common.
 *
 * <p>Immutable.
 *
 * @param shown the scope, or null for nobody's
 */
public record ViewScope(@Nullable TenantScope shown) {

    /** Stands for the filters of a list of which a view shows nothing, in its cursors. */
    public static final String NOTHING = "nothing";

    /** The scope of a store that is no view. */
    public static final ViewScope EVERYBODY = new ViewScope(TenantScope.all());

    /**
     * Returns the scope of a view of a view.
     *
     * @throws io.agentrun.error.InvalidInputException if the scope is null
     */
    public ViewScope within(TenantScope scope) {
        TenantScope given = Require.given("scope", scope);
        return new ViewScope(narrow(given).orElse(null));
    }

    /** Returns whether nothing is left out. */
    public boolean isEverybody() {
        return shown != null && shown.tenantId() == null;
    }

    /** Returns whether what the owner has is shown. */
    public boolean includes(Owner owner) {
        return shown != null && shown.includes(owner);
    }

    /** Returns what of the asked scope is shown; empty if nothing is. */
    public Optional<TenantScope> narrow(TenantScope asked) {
        return shown == null ? Optional.empty() : shown.intersect(asked);
    }

    /**
     * Requires that a new record belongs to an owner that is shown.
     *
     * @throws TenantPolicyException if it does not
     */
    public void require(String what, Owner owner) {
        if (!includes(owner)) {
            throw TenantPolicyException.outside(what, owner.tenantId(), owner.projectId());
        }
    }
}

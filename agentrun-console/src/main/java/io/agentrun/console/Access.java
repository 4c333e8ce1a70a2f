package io.agentrun.console;

import io.agentrun.check.Require;
import io.agentrun.check.Texts;
import io.agentrun.model.TenantScope;
import java.util.EnumSet;
import java.util.Set;

/**
 * What somebody may see and do in the console. A host makes one for each request, from its own users and roles.
 *
 * <p>Immutable.
 *
 * @param who the name of the person, as the reason of a cancel will say it; 1 to 200 characters, by the rule for labels
 * @param scope whose records are there: everything is done in the tenant view of this scope
 * @param actions what may be done beside reading
 */
public record Access(String who, TenantScope scope, Set<Action> actions) {

    /**
     * Copies the actions.
     *
     * @throws io.agentrun.error.InvalidInputException if the name breaks the rule for labels, or a component is null
     */
    public Access {
        Texts.label("who", who);
        Require.given("scope", scope);
        actions = Set.copyOf(Require.given("actions", actions));
    }

    /** Returns an access that sees what the scope includes and changes nothing. */
    public static Access reading(String who, TenantScope scope) {
        return new Access(who, scope, Set.of());
    }

    /** Returns an access that sees what the scope includes and may do everything with it. */
    public static Access everything(String who, TenantScope scope) {
        return new Access(who, scope, EnumSet.allOf(Action.class));
    }

    /** Returns whether the action may be done; an examination of the store needs a scope of all tenants too. */
    public boolean allows(Action action) {
        return actions.contains(action) && (action != Action.DOCTOR || scope.tenantId() == null);
    }
}

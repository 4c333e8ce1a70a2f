package io.agentrun.example;

import io.agentrun.AgentRunStore;
import io.agentrun.model.TenantScope;
import io.agentrun.run.Run;

/** What a page of a host does with an id that comes from outside; the README quotes it. Thread-safe. */
public final class TenantPage {

    private TenantPage() {}

    // README begins
    static Run shown(AgentRunStore store, String tenantOfTheLogin, String runIdOfTheUrl) {
        AgentRunStore view = store.within(TenantScope.tenant(tenantOfTheLogin));
        return view.runs().get(runIdOfTheUrl); // another tenant's run: NotFoundException
    }
    // README ends
}

package io.agentrun.console;

import io.agentrun.console.Console.Route;
import io.agentrun.model.TenantScope;
import io.agentrun.session.SessionFilter;
import io.agentrun.session.SessionQuery;
import java.util.Map;

/** Sessions. Their runs are a list of runs. Thread-safe. */
final class SessionRoutes {

    private SessionRoutes() {}

    static void addTo(Map<String, Route> routes) {
        routes.put("/api/sessions", SessionRoutes::sessions);
        routes.put("/api/session", SessionRoutes::session);
    }

    private static Object sessions(Call call) {
        String filter = call.optional("filter");
        return call.store()
                .sessions()
                .list(new SessionQuery(
                        TenantScope.all(),
                        filter == null ? SessionFilter.ALL : SessionFilter.fromWire("filter", filter),
                        null,
                        null,
                        call.optional("cursor"),
                        call.limit()));
    }

    private static Object session(Call call) {
        String id = call.id();
        return Json.of(
                "session", call.store().sessions().get(id),
                "explanation", InspectRoutes.chain(call.store().inspect().session(id)));
    }
}

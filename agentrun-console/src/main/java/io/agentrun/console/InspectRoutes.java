package io.agentrun.console;

import io.agentrun.InspectStore;
import io.agentrun.StoreHealth;
import io.agentrun.console.Console.Route;
import io.agentrun.error.NotFoundException;
import io.agentrun.inspect.Explanation;
import io.agentrun.inspect.Reason;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Who somebody is, how the store is, and why a record does not move. Thread-safe. */
final class InspectRoutes {

    private InspectRoutes() {}

    static void addTo(Map<String, Route> routes) {
        routes.put("/api/me", InspectRoutes::me);
        routes.put("/api/explain", InspectRoutes::explain);
    }

    private static Object me(Call call) {
        Set<Action> allowed = EnumSet.noneOf(Action.class);
        for (Action action : Action.values()) {
            if (call.access().allows(action)) {
                allowed.add(action);
            }
        }
        StoreHealth health = call.store().health();
        return Json.of(
                "who", call.access().who(), "scope", call.access().scope(), "actions", allowed, "health", health);
    }

    private static Object explain(Call call) {
        String id = call.id();
        InspectStore inspect = call.store().inspect();
        List<Function<String, Explanation>> kinds =
                List.of(inspect::task, inspect::run, inspect::command, inspect::session);
        for (Function<String, Explanation> kind : kinds) {
            Explanation explanation = explained(kind, id);
            if (explanation != null) {
                return Json.of("explanation", chain(explanation));
            }
        }
        throw new NotFoundException("task, run, command or session", id);
    }

    /** Returns the explanation; null if there is no record of this kind. */
    private static @Nullable Explanation explained(Function<String, Explanation> kind, String id) {
        try {
            return kind.apply(id);
        } catch (NotFoundException noneOfThisKind) {
            return null;
        }
    }

    /** Returns the explanation and those of the records with which it moves, the last one with what it all waits for. */
    static List<Map<String, @Nullable Object>> chain(Explanation explanation) {
        List<Map<String, @Nullable Object>> chain = new ArrayList<>();
        Explanation at = explanation;
        while (at != null) {
            Explanation other = at.reason() instanceof Reason.With with ? with.other() : null;
            chain.add(Json.of(
                    "kind", at.kind(),
                    "id", at.id(),
                    "state", at.state(),
                    "since", at.since().toString(),
                    "next", at.next(),
                    "text", other == null ? at.reason().text() : null,
                    // As a value of its own: in a map of anything its kind would be left out.
                    "reason", other == null ? Json.MAPPER.valueToTree(at.reason()) : null));
            at = other;
        }
        return chain;
    }
}

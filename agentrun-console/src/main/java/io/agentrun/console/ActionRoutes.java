package io.agentrun.console;

import io.agentrun.check.Texts;
import io.agentrun.command.NewCommand;
import io.agentrun.console.Console.Route;
import io.agentrun.error.InvalidInputException;
import io.agentrun.json.JsonObject;
import io.agentrun.model.CancelMode;
import io.agentrun.queue.TaskRetry;
import java.util.Map;
import java.util.concurrent.Semaphore;

/** What changes something, and the examination of a store, which takes its time. Thread-safe. */
final class ActionRoutes {

    /** What the paths of all actions begin with. */
    static final String PATH = "/api/do/";

    private static final int MAX_REASON = 1_000;

    private ActionRoutes() {}

    static void addTo(Map<String, Route> routes) {
        Semaphore examining = new Semaphore(1);
        routes.put(PATH + "cancel-run", ActionRoutes::cancelRun);
        routes.put(PATH + "cancel-task", ActionRoutes::cancelTask);
        routes.put(PATH + "steer", ActionRoutes::steer);
        routes.put(PATH + "retry", ActionRoutes::retry);
        routes.put(PATH + "doctor", call -> doctor(call, examining));
    }

    private static Object cancelRun(Call call) throws Refusal {
        CancelMode mode = mode(call);
        return call.store().runs().cancel(id(call), reason(call), mode);
    }

    private static Object cancelTask(Call call) throws Refusal {
        CancelMode mode = mode(call);
        return call.store().queue().cancel(id(call), reason(call), mode);
    }

    private static String id(Call call) {
        return Texts.id("id", call.text("id"));
    }

    private static CancelMode mode(Call call) throws Refusal {
        CancelMode mode = CancelMode.fromWire("mode", call.text("mode"));
        call.require(mode == CancelMode.FORCE ? Action.FORCE : Action.CANCEL);
        return mode;
    }

    /** The reason says who asked, whatever the person wrote. */
    private static String reason(Call call) {
        String given = call.optionalText("reason");
        String by = call.access().who() + ", in the console";
        if (given == null || given.isBlank()) {
            return by;
        }
        if (given.length() > MAX_REASON) {
            throw new InvalidInputException("reason", "must not have more than " + MAX_REASON + " characters");
        }
        return given + " (" + by + ")";
    }

    private static Object steer(Call call) throws Refusal {
        call.require(Action.STEER);
        NewCommand steer = NewCommand.steer(JsonObject.of("prompt", call.text("text")))
                .expecting(call.optionalText("turn"))
                .withIdempotencyKey(call.optionalText("key"));
        return call.store().commands().create(id(call), steer);
    }

    /** Under the page's key, so that a repeated request tries the task again once. */
    private static Object retry(Call call) throws Refusal {
        call.require(Action.RETRY);
        return call.store().queue().retry(TaskRetry.of(id(call)).withIdempotencyKey(call.optionalText("key")));
    }

    private static Object doctor(Call call, Semaphore examining) throws Refusal {
        call.require(Action.DOCTOR);
        if (!examining.tryAcquire()) {
            throw new Refusal(429, "busy", "the store is being examined already");
        }
        try {
            return call.store().inspect().doctor();
        } finally {
            examining.release();
        }
    }
}

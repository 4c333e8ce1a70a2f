package io.agentrun.tck.sabotage;

import io.agentrun.StoreHealth;
import io.agentrun.error.StoreUnavailableException;
import io.agentrun.error.StoreUnavailableException.Reason;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.function.BooleanSupplier;

/** A store in front of a database that cannot be reached while a switch says so. */
final class Outage {

    private Outage() {}

    /** Puts the switch in front of each store of the given one. */
    static void over(PassingStore store, BooleanSupplier cutOff) {
        store.runs = over(store.runs, cutOff);
        store.leases = over(store.leases, cutOff);
        store.commands = over(store.commands, cutOff);
        store.events = over(store.events, cutOff);
        store.runners = over(store.runners, cutOff);
        store.sessions = over(store.sessions, cutOff);
        store.storage = over(store.storage, cutOff);
        store.queue = over(store.queue, cutOff);
        store.limits = over(store.limits, cutOff);
        store.questions = over(store.questions, cutOff);
        store.schedules = over(store.schedules, cutOff);
        store.inspect = over(store.inspect, cutOff);
        store.upkeep = () -> {
            if (cutOff.getAsBoolean()) {
                throw away();
            }
            return store.real.upkeep();
        };
        StoreHealth away = StoreHealth.unreachable("broken", "the database is away");
        store.health = () -> cutOff.getAsBoolean() ? away : store.real.health();
    }

    private static StoreUnavailableException away() {
        return new StoreUnavailableException(Reason.UNREACHABLE, "the database is away", null);
    }

    private static <T> T over(T real, BooleanSupplier cutOff) {
        Class<?> type = real.getClass().getInterfaces()[0];
        Object proxy =
                Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, (self, method, arguments) -> {
                    if (cutOff.getAsBoolean()) {
                        throw away();
                    }
                    try {
                        return method.invoke(real, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
        @SuppressWarnings("unchecked") // the only interface of the engine's class
        T same = (T) proxy;
        return same;
    }
}

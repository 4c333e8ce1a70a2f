package io.agentrun.worker;

import io.agentrun.AgentRunStore;
import io.agentrun.error.StoreUnavailableException;
import io.agentrun.error.StoreUnavailableException.Reason;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.concurrent.atomic.AtomicBoolean;

/** A store that can be made unavailable, every call of it. Thread-safe. */
final class Outage {

    private final AtomicBoolean away = new AtomicBoolean();
    private final AgentRunStore store;

    Outage(AgentRunStore real) {
        store = (AgentRunStore) around(AgentRunStore.class, real);
    }

    AgentRunStore store() {
        return store;
    }

    void begin() {
        away.set(true);
    }

    void end() {
        away.set(false);
    }

    private Object around(Class<?> type, Object real) {
        return Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, (proxy, method, args) -> {
            boolean part = method.getReturnType().getName().matches("io.agentrun.[A-Z][a-z]+Store");
            requireThere(part);
            try {
                Object result = method.invoke(real, args);
                // An answer that comes after the outage has begun is lost.
                requireThere(part || !method.getName().startsWith("await"));
                return part ? around(method.getReturnType(), result) : result;
            } catch (InvocationTargetException e) {
                throw e.getCause();
            }
        });
    }

    private void requireThere(boolean anyway) {
        if (!anyway && away.get()) {
            throw new StoreUnavailableException(Reason.UNREACHABLE, "away", null);
        }
    }
}

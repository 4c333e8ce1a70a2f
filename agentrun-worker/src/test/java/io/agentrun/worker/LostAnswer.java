package io.agentrun.worker;

import io.agentrun.AgentRunStore;
import io.agentrun.error.StoreUnavailableException;
import io.agentrun.error.StoreUnavailableException.Reason;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.concurrent.atomic.AtomicBoolean;

/** A store that does the first call of one name and loses its answer. Thread-safe. */
final class LostAnswer {

    private final String call;
    private final AtomicBoolean lost = new AtomicBoolean();
    private final AgentRunStore store;

    LostAnswer(AgentRunStore real, String call) {
        this.call = call;
        this.store = (AgentRunStore) around(AgentRunStore.class, real);
    }

    AgentRunStore store() {
        return store;
    }

    private Object around(Class<?> type, Object real) {
        return Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, (proxy, method, args) -> {
            try {
                Object result = method.invoke(real, args);
                if (method.getName().equals(call) && lost.compareAndSet(false, true)) {
                    throw new StoreUnavailableException(Reason.UNREACHABLE, "the answer is lost", null);
                }
                return method.getReturnType().getName().matches("io.agentrun.[A-Z][a-z]+Store")
                        ? around(method.getReturnType(), result)
                        : result;
            } catch (InvocationTargetException e) {
                throw e.getCause();
            }
        });
    }
}

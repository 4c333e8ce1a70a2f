package io.agentrun.k8s.apiserver;

import io.agentrun.AgentRunStore;
import io.agentrun.k8s.kubectl.KubectlHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A process that dies after so many steps: store and handler go on working as they are, and after the last step every
 * call of either ends in {@link Stopped}, as if nobody were there to make it.
 */
public final class Stopper {

    /** The process is dead. */
    public static final class Stopped extends RuntimeException {
        private static final long serialVersionUID = 1L;
    }

    private final AtomicInteger left;

    public Stopper(int steps) {
        this.left = new AtomicInteger(steps);
    }

    public AgentRunStore store(AgentRunStore store) {
        return proxy(AgentRunStore.class, store, true);
    }

    public KubectlHandler kubectl(KubectlHandler kubectl) {
        return proxy(KubectlHandler.class, kubectl, false);
    }

    private <T> T proxy(Class<T> type, T target, boolean parts) {
        return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, (self, method, args) -> {
            if (method.getDeclaringClass() == Object.class) {
                return method.invoke(target, args);
            }
            try {
                if (parts) {
                    return part(method.getReturnType(), method.invoke(target, args));
                }
                if (left.get() <= 0) {
                    throw new Stopped();
                }
                Object result = method.invoke(target, args);
                if (left.decrementAndGet() <= 0) {
                    throw new Stopped();
                }
                return result;
            } catch (InvocationTargetException e) {
                throw e.getTargetException();
            }
        }));
    }

    private <T> T part(Class<T> type, Object target) {
        return proxy(type, type.cast(target), false);
    }
}

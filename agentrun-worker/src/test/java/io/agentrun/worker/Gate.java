package io.agentrun.worker;

import io.agentrun.AgentRunStore;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;

/** A store whose calls of one name wait until they may go on. Thread-safe. */
final class Gate {

    private final String call;
    private final AtomicInteger passing;
    private final CountDownLatch reached = new CountDownLatch(1);
    private final CountDownLatch opened = new CountDownLatch(1);
    private final AgentRunStore store;

    Gate(AgentRunStore real, String call) {
        this(real, call, 0);
    }

    private Gate(AgentRunStore real, String call, int passing) {
        this.call = call;
        this.passing = new AtomicInteger(passing);
        this.store = (AgentRunStore) around(AgentRunStore.class, real);
    }

    /** One that the first call goes through. */
    static Gate afterFirst(AgentRunStore real, String call) {
        return new Gate(real, call, 1);
    }

    AgentRunStore store() {
        return store;
    }

    /** Waits until such a call was made. */
    void awaitCall() throws InterruptedException {
        reached.await();
    }

    void open() {
        opened.countDown();
    }

    private Object around(Class<?> type, Object real) {
        return Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, (proxy, method, args) -> {
            if (method.getName().equals(call) && passing.getAndDecrement() <= 0) {
                pass();
            }
            try {
                Object result = method.invoke(real, args);
                return method.getReturnType().getName().matches("io.agentrun.[A-Z][a-z]+Store")
                        ? around(method.getReturnType(), result)
                        : result;
            } catch (InvocationTargetException e) {
                throw e.getCause();
            }
        });
    }

    /** An interrupt is kept for the store, which goes by its own rules. */
    private void pass() {
        reached.countDown();
        boolean interrupted = false;
        boolean through = false;
        while (!through) {
            try {
                opened.await();
                through = true;
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}

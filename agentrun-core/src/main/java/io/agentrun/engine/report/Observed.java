package io.agentrun.engine.report;

import io.agentrun.StoreCall;
import io.agentrun.StoreListener;
import io.agentrun.error.AgentRunException;
import io.agentrun.model.TraceContext;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A part of a store whose calls a listener hears of.
 *
 * <p>Thread-safe if both are.
 */
public final class Observed implements InvocationHandler {

    private final OperatorLog log = OperatorLog.named("io.agentrun.store");
    private final String store;
    private final Object real;
    private final StoreListener listener;

    private Observed(String store, Object real, StoreListener listener) {
        this.store = store;
        this.real = real;
        this.listener = listener;
    }

    /**
     * Returns the part as it is if nobody listens.
     *
     * @param api the interface, all of whose methods are operations
     * @param store what {@link StoreCall#store} says
     */
    public static <T> T by(StoreListener listener, Class<T> api, String store, T real) {
        if (listener == StoreListener.NONE) {
            return real;
        }
        Observed observed = new Observed(store, real, listener);
        return api.cast(Proxy.newProxyInstance(api.getClassLoader(), new Class<?>[] {api}, observed));
    }

    @Override
    public @Nullable Object invoke(Object proxy, Method method, Object @Nullable [] arguments) throws Throwable {
        if (method.getDeclaringClass() == Object.class) {
            return ofObject(proxy, method, arguments);
        }
        tell(() -> listener.begins(store, method.getName()));
        Object[] given = arguments == null ? null : TracedInput.of(arguments, this::trace);
        long start = System.nanoTime();
        String failure = StoreCall.UNEXPECTED;
        try {
            Object answer = method.invoke(real, given);
            failure = null;
            return answer;
        } catch (InvocationTargetException e) {
            Throwable thrown = e.getTargetException();
            if (thrown instanceof AgentRunException known) {
                failure = known.code();
            }
            throw thrown;
        } finally {
            StoreCall call = new StoreCall(store, method.getName(), Math.max(0, System.nanoTime() - start), failure);
            tell(() -> listener.ended(call));
        }
    }

    private @Nullable Object ofObject(Object proxy, Method method, Object @Nullable [] arguments) {
        return switch (method.getName()) {
            case "equals" -> arguments != null && proxy == arguments[0];
            case "hashCode" -> System.identityHashCode(proxy);
            default -> "observed " + store;
        };
    }

    private Optional<TraceContext> trace() {
        try {
            return listener.trace();
        } catch (RuntimeException e) {
            log.warn("a listener of the store failed", e);
            return Optional.empty();
        }
    }

    private void tell(Runnable what) {
        try {
            what.run();
        } catch (RuntimeException e) {
            log.warn("a listener of the store failed", e);
        }
    }
}

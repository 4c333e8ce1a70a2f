package io.agentrun.tck.sabotage;

import io.agentrun.AgentRunStore;
import io.agentrun.tck.StoreFixture;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** A store that does nothing at all and answers as little as it can: nothing, none, no, zero. */
final class EmptyFixture implements StoreFixture {

    private final AgentRunStore store = empty(AgentRunStore.class);
    private final AgentRunStore second = empty(AgentRunStore.class);

    private static <T> T empty(Class<T> type) {
        Object proxy =
                Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, (self, method, arguments) -> {
                    Class<?> answer = method.getReturnType();
                    if (method.getDeclaringClass() == Object.class) {
                        return switch (method.getName()) {
                            case "hashCode" -> System.identityHashCode(self);
                            case "equals" -> self == arguments[0];
                            default -> "a store that does nothing";
                        };
                    }
                    if (answer == Optional.class) {
                        return Optional.empty();
                    }
                    if (answer == List.class) {
                        return List.of();
                    }
                    return answer.isInterface() ? empty(answer) : null;
                });
        return type.cast(proxy);
    }

    @Override
    public String name() {
        return "nothing";
    }

    @Override
    public AgentRunStore store() {
        return store;
    }

    @Override
    public AgentRunStore second() {
        return second;
    }

    @Override
    public void advance(Duration by) {}

    @Override
    public Reach cutOff() {
        return Reach.ALWAYS_THERE;
    }

    @Override
    public void close() {}
}

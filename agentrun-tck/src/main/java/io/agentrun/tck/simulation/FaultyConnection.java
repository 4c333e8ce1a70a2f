package io.agentrun.tck.simulation;

import io.agentrun.AgentRunStore;
import io.agentrun.command.CommandDelivery;
import io.agentrun.error.AgentRunException;
import io.agentrun.error.StoreUnavailableException;
import io.agentrun.error.StoreUnavailableException.Reason;
import io.agentrun.event.EventPage;
import io.agentrun.lease.LeaseSignal;
import io.agentrun.lease.RunLease;
import io.agentrun.queue.TakeRequest;
import io.agentrun.queue.Taken;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.Collection;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * How a machine reaches the store: calls take their time, fail while the machine is cut off, and lose answers. A waiting
 * call waits by the simulation's time.
 *
 * <p>Confined to its simulation.
 */
final class FaultyConnection {

    private final Machine machine;
    private final World world;

    FaultyConnection(Machine machine, World world) {
        this.machine = machine;
        this.world = world;
    }

    AgentRunStore to(AgentRunStore real) {
        return (AgentRunStore) around(AgentRunStore.class, real);
    }

    private Object around(Class<?> type, Object real) {
        return Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, (proxy, method, args) -> {
            if (method.getReturnType().getName().matches("io\\.agentrun\\.[A-Z][A-Za-z]*Store")) {
                return around(method.getReturnType(), Objects.requireNonNull(invoke(method, real, args)));
            }
            if (method.getDeclaringClass() == Object.class || method.getName().equals("close")) {
                return method.getName().equals("close") ? null : invoke(method, real, args);
            }
            return call(method, real, args == null ? new Object[0] : args);
        });
    }

    private @Nullable Object call(Method method, Object real, Object[] args) throws Throwable {
        world.letTimePass(machine);
        String what = machine.name() + " " + method.getName();
        requireReachable(what);
        Object answer;
        try {
            answer = awaited(method, real, args, what);
        } catch (AgentRunException refused) {
            world.happen(what + " refused: " + refused.code());
            throw refused;
        }
        if (!isNothing(answer)) {
            world.happen(what);
        }
        note(answer);
        if (world.losesAnswer(machine)) {
            world.happen(what + " answer lost");
            throw new StoreUnavailableException(Reason.TIMEOUT, "the answer was lost", null);
        }
        world.letTimePass(machine);
        requireReachable(what);
        return answer;
    }

    private void requireReachable(String what) {
        if (machine.isCutOff()) {
            world.happen(what + " unreachable");
            throw new StoreUnavailableException(Reason.UNREACHABLE, "cut off", null);
        }
    }

    /** Calls; a call that would wait is made again whenever something has happened, until its time is over. */
    private @Nullable Object awaited(Method method, Object real, Object[] args, String what) throws Throwable {
        Object[] given = args.clone();
        long until = world.now() + takeTimeout(method, given).toNanos();
        while (true) {
            Object answer = invoke(method, real, given);
            if (!isNothing(answer) || world.now() >= until) {
                return answer instanceof Map<?, ?> map ? new TreeMap<>(map) : answer;
            }
            Fiber.park(until, world.happened());
            requireReachable(what);
        }
    }

    /** Returns how long the call may wait, and makes it one that does not. */
    private static Duration takeTimeout(Method method, Object[] args) {
        if (args.length == 1 && args[0] instanceof TakeRequest request) {
            args[0] = request.withTimeout(Duration.ZERO);
            return request.timeout();
        }
        int last = args.length - 1;
        if (method.getName().startsWith("await") && last >= 0 && args[last] instanceof Duration timeout) {
            args[last] = Duration.ZERO;
            return timeout;
        }
        return Duration.ZERO;
    }

    private static boolean isNothing(@Nullable Object answer) {
        if (answer instanceof CommandDelivery delivery) {
            return delivery.commands().isEmpty() && delivery.signal() == LeaseSignal.CONTINUE;
        }
        if (answer instanceof EventPage page) {
            return page.items().isEmpty() && !page.ended();
        }
        return (answer instanceof Collection<?> list && list.isEmpty())
                || (answer instanceof Map<?, ?> map && map.isEmpty())
                || (answer instanceof Optional<?> optional && optional.isEmpty());
    }

    private static @Nullable Object invoke(Method method, Object real, Object @Nullable [] args) throws Throwable {
        try {
            return method.invoke(real, args);
        } catch (InvocationTargetException e) {
            throw e.getCause() == null ? e : e.getCause();
        }
    }

    /** Notes who got which lease when, the answer of which may still be lost. */
    private void note(@Nullable Object answer) {
        if (answer instanceof RunLease lease) {
            world.judge().leased(machine, lease.run());
        } else if (answer instanceof Taken taken) {
            world.judge().leased(machine, taken.lease().run());
        } else if (answer instanceof Optional<?> optional) {
            optional.ifPresent(this::note);
        } else if (answer instanceof Collection<?> all) {
            all.forEach(this::note);
        }
    }
}

package io.agentrun.micrometer;

import io.agentrun.StoreCall;
import io.agentrun.StoreListener;
import io.agentrun.check.Require;
import io.agentrun.model.TraceContext;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationRegistry;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Makes an observation {@code agentrun.store} of each call of a store: give it to the store's builder as its listener.
 *
 * <p>The tag {@code call} is part and operation ({@code events.append}), {@code code} the code of the error or {@code none}. The
 * observation is current while the call lasts, so that the spans of the database are below it. What fails says its code to the handlers,
 * never its message.
 *
 * <p>Runs and tasks are created in the trace of that observation, if a tracer of the host writes W3C Trace Context: {@link ObservedAgent}
 * goes on with it.
 *
 * <p>Thread-safe.
 */
public final class StoreObservations implements StoreListener {

    /** The name of the observation. */
    public static final String NAME = "agentrun.store";

    /** The calls whose trace goes on with what they create. */
    private static final Set<String> CREATING = Set.of("runs.create", "queue.create", "queue.createAll");

    private final ObservationRegistry registry;

    // Not static: two listeners of one store would end each other's observations. There is one for each store, and it
    // is emptied.
    @SuppressWarnings("ThreadLocalUsage")
    private final ThreadLocal<@Nullable Open> open = new ThreadLocal<>();

    /** A call that has begun, and the one that it began in: a handler may call the store too. */
    private static final class Open {

        private final Observation observation;
        private final @Nullable Open outer;
        private Observation.@Nullable Scope scope;

        private Open(Observation observation, @Nullable Open outer) {
            this.observation = observation;
            this.outer = outer;
        }
    }

    private StoreObservations(ObservationRegistry registry) {
        this.registry = registry;
    }

    /**
     * Returns a listener that makes observations in the registry; {@link StoreListener#NONE}, which costs nothing, if that is the one that
     * does nothing.
     *
     * @throws io.agentrun.error.InvalidInputException if the registry is null
     */
    public static StoreListener in(ObservationRegistry registry) {
        return Require.given("registry", registry).isNoop() ? StoreListener.NONE : new StoreObservations(registry);
    }

    @Override
    public void begins(String store, String operation) {
        String name = store + "." + operation;
        Observation observation = Observation.createNotStarted(
                        NAME, () -> CREATING.contains(name) ? Traces.sending() : new Observation.Context(), registry)
                .contextualName("agentrun " + name)
                .lowCardinalityKeyValue("call", name);
        Open call = new Open(observation, open.get());
        open.set(call);
        observation.start();
        call.scope = observation.openScope();
    }

    @Override
    public Optional<TraceContext> trace() {
        Open call = open.get();
        return call == null ? Optional.empty() : Traces.sent(call.observation);
    }

    @Override
    public void ended(StoreCall call) {
        Open begun = open.get();
        if (begun == null) {
            return;
        }
        if (begun.outer == null) {
            open.remove();
        } else {
            open.set(begun.outer);
        }
        Observation observation = begun.observation;
        String failure = call.failure();
        observation.lowCardinalityKeyValue("code", failure == null ? Tags.NOTHING : failure);
        if (failure != null) {
            observation.error(new ObservedFailure(failure));
        }
        if (begun.scope != null) {
            begun.scope.close();
        }
        observation.stop();
    }
}

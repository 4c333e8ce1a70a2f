package io.agentrun.micrometer;

import io.agentrun.model.TraceContext;
import io.micrometer.observation.Observation;
import io.micrometer.observation.transport.Kind;
import io.micrometer.observation.transport.ReceiverContext;
import io.micrometer.observation.transport.SenderContext;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Takes a trace from an observation and gives it to another one, by what a host's tracer writes and reads. Without a tracer, or with one
 * that writes another form than W3C Trace Context, nothing comes out.
 *
 * <p>Pure functions. Thread-safe.
 */
final class Traces {

    private static final String TRACEPARENT = "traceparent";
    private static final String TRACESTATE = "tracestate";

    private Traces() {}

    /** Returns the context of an observation whose trace goes on elsewhere: its start writes where. */
    static Observation.Context sending() {
        SenderContext<Map<String, String>> context = new SenderContext<>(
                (headers, name, value) -> {
                    if (headers != null) {
                        headers.put(name, value);
                    }
                },
                Kind.PRODUCER);
        context.setCarrier(new HashMap<>());
        return context;
    }

    /** Returns what the start of the observation wrote. */
    static Optional<TraceContext> sent(Observation observation) {
        if (observation.getContext() instanceof SenderContext<?> sender
                && sender.getCarrier() instanceof Map<?, ?> headers) {
            return TraceContext.of(text(headers.get(TRACEPARENT)), text(headers.get(TRACESTATE)));
        }
        return Optional.empty();
    }

    private static @Nullable String text(@Nullable Object header) {
        return header instanceof String text ? text : null;
    }

    /** Returns the context of an observation that goes on with the trace, of an ordinary one if there is none. */
    static Observation.Context receiving(Optional<TraceContext> trace) {
        if (trace.isEmpty()) {
            return new Observation.Context();
        }
        Map<String, String> headers = new HashMap<>();
        headers.put(TRACEPARENT, trace.get().traceparent());
        String state = trace.get().tracestate();
        if (state != null) {
            headers.put(TRACESTATE, state);
        }
        ReceiverContext<Map<String, String>> context = new ReceiverContext<>(Map::get, Kind.CONSUMER);
        context.setCarrier(headers);
        return context;
    }
}

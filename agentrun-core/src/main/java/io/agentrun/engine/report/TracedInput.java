package io.agentrun.engine.report;

import io.agentrun.model.RunSpec;
import io.agentrun.model.TraceContext;
import io.agentrun.queue.NewQueueTask;
import io.agentrun.run.NewRun;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Puts the runs and tasks that a call is to create into the trace in which it is made. Pure functions. Thread-safe. */
final class TracedInput {

    private TracedInput() {}

    /**
     * Returns the arguments, with what they create in the trace unless it is in one already.
     *
     * @param trace asked once at most, and only if the call creates something
     */
    static @Nullable Object[] of(@Nullable Object[] arguments, Supplier<Optional<TraceContext>> trace) {
        for (int i = 0; i < arguments.length; i++) {
            if (creates(arguments[i])) {
                Optional<TraceContext> known = trace.get();
                if (known.isEmpty()) {
                    return arguments;
                }
                @Nullable Object[] traced = arguments.clone();
                traced[i] = traced(arguments[i], known.get());
                return traced;
            }
        }
        return arguments;
    }

    private static boolean creates(@Nullable Object argument) {
        return argument instanceof NewRun
                || argument instanceof NewQueueTask
                || (argument instanceof List<?> list && !list.isEmpty() && list.get(0) instanceof NewQueueTask);
    }

    private static @Nullable Object traced(@Nullable Object argument, TraceContext trace) {
        if (argument instanceof NewRun run) {
            return run.withSpec(traced(run.spec(), trace));
        }
        if (argument instanceof NewQueueTask task) {
            return task.withSpec(traced(task.spec(), trace));
        }
        if (argument instanceof List<?> list) {
            List<@Nullable Object> all = new ArrayList<>(list.size());
            list.forEach(each -> all.add(traced(each, trace)));
            return all;
        }
        return argument;
    }

    private static RunSpec traced(RunSpec spec, TraceContext trace) {
        return spec.traceContext().isPresent() ? spec : spec.withTraceContext(trace);
    }
}

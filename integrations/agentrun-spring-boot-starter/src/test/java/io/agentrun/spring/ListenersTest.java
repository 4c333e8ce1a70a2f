package io.agentrun.spring;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentrun.StoreCall;
import io.agentrun.StoreListener;
import io.agentrun.model.TraceContext;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Several listeners of a host as one. */
class ListenersTest {

    private static final TraceContext TRACE =
            new TraceContext("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", null);

    private static StoreListener in(Optional<TraceContext> trace) {
        return new StoreListener() {
            @Override
            public Optional<TraceContext> trace() {
                return trace;
            }

            @Override
            public void ended(StoreCall call) {}
        };
    }

    @Test
    void the_trace_of_a_call_is_what_the_first_says_that_knows_one() {
        StoreListener counting = call -> {};

        assertThat(Listeners.all(List.of(counting, in(Optional.empty()), in(Optional.of(TRACE))))
                        .trace())
                .contains(TRACE);
        assertThat(Listeners.all(List.of(counting, counting)).trace()).isEmpty();
    }
}

package io.agentrun.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.agentrun.error.InvalidInputException;
import io.agentrun.json.JsonObject;
import io.agentrun.queue.NewQueueTask;
import io.agentrun.run.NewRun;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class TraceContextTest {

    private static final String PARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    private static final TraceContext TRACE =
            TraceContext.of(PARENT, "vendor=1,tenant@system=a b").orElseThrow();
    private static final RunSpec SPEC = RunSpec.of(BackendProfile.CODEX);

    @Test
    void two_headers_of_the_standard_are_kept_as_they_are() {
        assertThat(TRACE.traceparent()).isEqualTo(PARENT);
        assertThat(TRACE.tracestate()).isEqualTo("vendor=1,tenant@system=a b");
        assertThat(TRACE.environment())
                .isEqualTo(Map.of("TRACEPARENT", PARENT, "TRACESTATE", "vendor=1,tenant@system=a b"));
        assertThat(TraceContext.of(PARENT, null).orElseThrow().environment()).isEqualTo(Map.of("TRACEPARENT", PARENT));
    }

    @Test
    void a_parent_of_a_later_version_is_read_as_one_of_the_known() {
        assertThat(TraceContext.of(PARENT.replaceFirst("00", "cc") + "-what-will-be", null))
                .contains(new TraceContext(PARENT, null));
    }

    @Test
    void a_malformed_parent_is_no_trace() {
        List<String> malformed = List.of(
                "",
                "00",
                PARENT + "-more",
                PARENT + "\n",
                PARENT.toUpperCase(Locale.ROOT),
                PARENT.replaceFirst("00", "ff"),
                PARENT.replace("b7ad6b7169203331", "0000000000000000"),
                PARENT.replace("0af7651916cd43dd8448eb211c80319c", "0".repeat(32)),
                PARENT.replace("-01", "-1"),
                PARENT.replaceFirst("00", "cc") + "-" + "x".repeat(300));

        assertThat(malformed).allSatisfy(parent -> {
            assertThat(TraceContext.of(parent, "vendor=1")).isEmpty();
            assertThatExceptionOfType(InvalidInputException.class)
                    .isThrownBy(() -> new TraceContext(parent, null))
                    .withMessageContaining("traceparent");
        });
        assertThat(TraceContext.of(null, "vendor=1")).isEmpty();
    }

    @Test
    void a_state_that_is_malformed_or_too_long_is_dropped_alone() {
        List<String> malformed = List.of(
                "",
                " ",
                "novalue",
                "vendor=a\nOTHER=b",
                "vendor=\u00e4",
                "Vendor=1",
                "vendor=" + "x".repeat(257),
                members(33),
                "a=" + "x".repeat(200) + ",b=" + "x".repeat(200) + ",c=" + "x".repeat(200));

        assertThat(malformed).allSatisfy(state -> {
            assertThat(TraceContext.of(PARENT, state)).contains(new TraceContext(PARENT, null));
            assertThatExceptionOfType(InvalidInputException.class)
                    .isThrownBy(() -> new TraceContext(PARENT, state))
                    .withMessageContaining("tracestate");
        });
        assertThat(TraceContext.of(PARENT, members(32)).orElseThrow().tracestate())
                .isEqualTo(members(32));
    }

    private static String members(int number) {
        return IntStream.range(0, number).mapToObj(i -> "v" + i + "=1").collect(Collectors.joining(","));
    }

    @Test
    void a_spec_carries_it_beside_what_else_its_trace_sink_says() {
        RunSpec spec = SPEC.toBuilder().traceSink(JsonObject.of("url", "u")).build();

        RunSpec traced = spec.withTraceContext(TRACE);

        assertThat(spec.traceContext()).isEmpty();
        assertThat(traced.traceContext()).contains(TRACE);
        assertThat(traced.traceSink())
                .isEqualTo(JsonObject.of("url", "u", "traceparent", PARENT, "tracestate", TRACE.tracestate()));
        assertThat(traced.withTraceContext(new TraceContext(PARENT, null)).traceSink())
                .isEqualTo(JsonObject.of("url", "u", "traceparent", PARENT));
        assertThat(traced.withoutTraceContext()).isEqualTo(spec);
        assertThat(SPEC.withTraceContext(TRACE).withoutTraceContext()).isEqualTo(SPEC);
    }

    @Test
    void what_a_trace_sink_says_malformed_is_no_trace() {
        assertThat(sink("traceparent", "nonsense").traceContext()).isEmpty();
        assertThat(sink("traceparent", 7).traceContext()).isEmpty();
        assertThat(sink("tracestate", "vendor=1").traceContext()).isEmpty();
    }

    private static RunSpec sink(String name, Object value) {
        return SPEC.toBuilder().traceSink(JsonObject.of(name, value)).build();
    }

    @Test
    void contents_in_different_traces_are_equal() {
        Owner owner = new Owner("t", "p");
        RunSpec traced = SPEC.withTraceContext(TRACE);
        NewRun run = NewRun.builder(owner, SPEC).build();
        NewQueueTask task = NewQueueTask.builder(owner, "q", "T", SPEC).build();

        assertThat(run.withSpec(traced).contentHash()).isEqualTo(run.contentHash());
        assertThat(task.withSpec(traced).contentHash()).isEqualTo(task.contentHash());
        assertThat(task.withSpec(sink("url", "u")).contentHash()).isNotEqualTo(task.contentHash());
    }
}

package io.agentrun.micrometer;

import static org.assertj.core.api.Assertions.assertThat;

import brave.Span;
import brave.Tracing;
import brave.handler.MutableSpan;
import brave.handler.SpanHandler;
import brave.propagation.CurrentTraceContext;
import brave.propagation.ThreadLocalCurrentTraceContext;
import brave.propagation.TraceContext;
import brave.sampler.Sampler;
import io.agentrun.command.FinishedTurn;
import io.agentrun.event.EventType;
import io.agentrun.memory.InMemoryAgentRunStore;
import io.agentrun.model.BackendProfile;
import io.agentrun.model.Outcome;
import io.agentrun.model.Owner;
import io.agentrun.model.RunSpec;
import io.agentrun.model.TurnResult;
import io.agentrun.queue.NewQueueTask;
import io.agentrun.queue.QueueTask;
import io.agentrun.worker.Agent;
import io.agentrun.worker.AgentWorker;
import io.agentrun.worker.ProcessAgent;
import io.agentrun.worker.WorkerListener;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationHandler.FirstMatchingCompositeObservationHandler;
import io.micrometer.observation.ObservationRegistry;
import io.micrometer.tracing.Tracer;
import io.micrometer.tracing.brave.bridge.BraveBaggageManager;
import io.micrometer.tracing.brave.bridge.BraveCurrentTraceContext;
import io.micrometer.tracing.brave.bridge.BravePropagator;
import io.micrometer.tracing.brave.bridge.BraveTracer;
import io.micrometer.tracing.brave.bridge.W3CPropagation;
import io.micrometer.tracing.handler.DefaultTracingObservationHandler;
import io.micrometer.tracing.handler.PropagatingReceiverTracingObservationHandler;
import io.micrometer.tracing.handler.PropagatingSenderTracingObservationHandler;
import io.micrometer.tracing.propagation.Propagator;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * One trace from the request of a user to the process of an agent. Host and worker have a registry and a tracer each, as two processes
 * have: what one knows of the other is in the store alone.
 */
class TraceTest {

    /** The observations of a process, and the spans that its tracer would send. */
    private static final class Observed implements AutoCloseable {

        private final Queue<MutableSpan> spans = new ConcurrentLinkedQueue<>();
        private final CurrentTraceContext current = ThreadLocalCurrentTraceContext.create();
        private final Tracing tracing = Tracing.newBuilder()
                .currentTraceContext(current)
                .propagationFactory(new W3CPropagation())
                .traceId128Bit(true)
                .sampler(Sampler.ALWAYS_SAMPLE)
                .addSpanHandler(new SpanHandler() {
                    @Override
                    public boolean end(TraceContext context, MutableSpan span, Cause cause) {
                        spans.add(span);
                        return true;
                    }
                })
                .build();
        private final ObservationRegistry registry = ObservationRegistry.create();

        private Observed() {
            Tracer tracer =
                    new BraveTracer(tracing.tracer(), new BraveCurrentTraceContext(current), new BraveBaggageManager());
            Propagator propagator = new BravePropagator(tracing);
            registry.observationConfig()
                    .observationHandler(new FirstMatchingCompositeObservationHandler(
                            new PropagatingReceiverTracingObservationHandler<>(tracer, propagator),
                            new PropagatingSenderTracingObservationHandler<>(tracer, propagator),
                            new DefaultTracingObservationHandler(tracer)));
        }

        /** Returns the span, which there is once. */
        private MutableSpan span(String name) {
            List<MutableSpan> found =
                    spans.stream().filter(span -> name.equals(span.name())).toList();
            assertThat(found).hasSize(1);
            return found.get(0);
        }

        @Override
        public void close() {
            tracing.close();
        }
    }

    private final Observed host = new Observed();
    private final Observed worker = new Observed();
    private final InMemoryAgentRunStore store = InMemoryAgentRunStore.builder()
            .listener(StoreObservations.in(host.registry))
            .build();
    private final BlockingQueue<FinishedTurn> finished = new LinkedBlockingQueue<>();

    @AfterEach
    void close() {
        store.close();
        host.close();
        worker.close();
    }

    private QueueTask task() {
        return store.queue()
                .create(NewQueueTask.builder(new Owner("t", "p"), "fixes", "a task", RunSpec.of(BackendProfile.CODEX))
                        .build());
    }

    private QueueTask taskOfARequest() {
        Observation request = Observation.start("http.server.requests", host.registry);
        try (Observation.Scope scope = request.openScope()) {
            return task();
        } finally {
            request.stop();
        }
    }

    private void work(Agent agent) throws InterruptedException {
        try (AgentWorker started = AgentWorker.builder(store, "host")
                .agent(ObservedAgent.of(worker.registry, agent))
                .listener(new WorkerListener() {
                    @Override
                    public void finished(FinishedTurn turn) {
                        finished.add(turn);
                    }
                })
                .start()) {
            assertThat(finished.poll(60, TimeUnit.SECONDS)).isNotNull();
            assertThat(started).isNotNull();
        }
    }

    @Test
    void an_agent_s_span_is_below_the_request_that_created_its_task() throws Exception {
        taskOfARequest();

        work(turn -> TurnResult.of(Outcome.completed()));

        MutableSpan request = host.span("http.server.requests");
        MutableSpan created = host.span("agentrun queue.create");
        MutableSpan turn = worker.span("agentrun turn");
        assertThat(created.parentId()).isEqualTo(request.id());
        assertThat(turn.parentId()).isEqualTo(created.id());
        assertThat(turn.traceId()).isEqualTo(request.traceId());
        assertThat(turn.kind()).isEqualTo(Span.Kind.CONSUMER);
        assertThat(worker.spans).hasSize(1);
    }

    @Test
    void a_process_is_below_the_turn_that_started_it() throws Exception {
        QueueTask task = taskOfARequest();

        work(ProcessAgent.of(turn -> new ProcessBuilder("sh", "-c", "echo $TRACEPARENT")));

        MutableSpan start = worker.span("agentrun start");
        assertThat(start.parentId()).isEqualTo(worker.span("agentrun turn").id());
        assertThat(output(task)).containsExactly("00-" + start.traceId() + "-" + start.id() + "-01");
        assertThat(start.traceId()).isEqualTo(host.span("http.server.requests").traceId());
    }

    @Test
    void a_task_without_a_request_begins_a_trace_of_its_own() throws Exception {
        QueueTask task = task();
        MutableSpan created = host.span("agentrun queue.create");

        work(turn -> TurnResult.of(Outcome.completed()));

        assertThat(created.parentId()).isNull();
        assertThat(task.spec().traceContext().orElseThrow().traceparent()).contains(created.traceId());
        assertThat(worker.span("agentrun turn").traceId()).isEqualTo(created.traceId());
    }

    private List<String> output(QueueTask task) {
        String run = store.runs().listByTask(task.id(), null, 1).items().get(0).id();
        return store.events().list(run, 0, 500).items().stream()
                .filter(event -> event.type().equals(EventType.COMMAND_OUTPUT))
                .map(event -> event.payload().string("text").orElse(""))
                .toList();
    }
}

package io.agentrun.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.agentrun.AgentRunStore;
import io.agentrun.StoreCall;
import io.agentrun.StoreListener;
import io.agentrun.error.NotFoundException;
import io.agentrun.event.EventType;
import io.agentrun.event.NewEvent;
import io.agentrun.json.JsonObject;
import io.agentrun.json.Redactor;
import io.agentrun.model.BackendProfile;
import io.agentrun.model.Owner;
import io.agentrun.model.RunSpec;
import io.agentrun.model.TenantScope;
import io.agentrun.model.TraceContext;
import io.agentrun.queue.Dispatch;
import io.agentrun.queue.DispatchRequest;
import io.agentrun.queue.NewQueueTask;
import io.agentrun.queue.QueueTask;
import io.agentrun.run.NewRun;
import io.agentrun.run.Run;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

/** What a listener of a store hears; the engine tells it for all stores. */
class StoreListenerTest {

    private static final NewRun RUN = NewRun.builder(new Owner("t", "p"), RunSpec.of(BackendProfile.CODEX))
            .build();

    private final ConcurrentLinkedQueue<StoreCall> heard = new ConcurrentLinkedQueue<>();

    private InMemoryAgentRunStore store() {
        return InMemoryAgentRunStore.builder().listener(heard::add).build();
    }

    private List<String> names() {
        return heard.stream().map(StoreCall::name).toList();
    }

    @Test
    void each_call_of_the_host_is_told_once_whatever_it_calls_inside() {
        try (AgentRunStore store = store()) {
            Run run = store.runs().create(RUN);
            store.leases().claim(run.id(), "runner", Duration.ofMinutes(1));
            store.events().list(run.id(), 0, 10);
        }

        assertThat(names()).containsExactly("runs.create", "leases.claim", "events.list");
        assertThat(heard).allMatch(call -> call.failed().isEmpty() && call.nanos() >= 0);
    }

    @Test
    void a_call_that_throws_is_told_with_the_code_of_its_error_and_throws_the_same() {
        try (AgentRunStore store = store()) {
            assertThatThrownBy(() -> store.runs().get("run_none")).isInstanceOf(NotFoundException.class);
        }

        assertThat(heard).extracting(StoreCall::failure).containsExactly("not-found");
    }

    @Test
    void what_is_no_error_of_the_library_is_told_as_unexpected() {
        Redactor broken = new Redactor() {
            @Override
            public String redact(String text) {
                throw new IllegalStateException("broken");
            }

            @Override
            public JsonObject redact(JsonObject json) {
                throw new IllegalStateException("broken");
            }
        };
        try (AgentRunStore store = InMemoryAgentRunStore.builder()
                .listener(heard::add)
                .redactor(broken)
                .build()) {
            Run run = store.runs().create(RUN);
            NewEvent event = new NewEvent(EventType.DIFF, JsonObject.of("text", "hello"));

            assertThatThrownBy(() -> store.events().appendUnfenced(run.id(), List.of(event)))
                    .isInstanceOf(IllegalStateException.class);
        }

        assertThat(heard).extracting(StoreCall::failure).containsExactly(null, StoreCall.UNEXPECTED);
    }

    @Test
    void views_and_siblings_are_heard_too() {
        try (InMemoryAgentRunStore store = store()) {
            store.within(TenantScope.tenant("t")).runs().create(RUN);
            store.sibling().runs().create(RUN);
        }

        assertThat(names()).containsExactly("runs.create", "runs.create");
    }

    @Test
    void a_call_is_told_when_it_begins_too_on_the_same_thread_also_if_it_then_fails() {
        List<String> told = new CopyOnWriteArrayList<>();
        StoreListener both = new StoreListener() {
            @Override
            public void begins(String store, String operation) {
                told.add("begins " + store + "." + operation + " "
                        + Thread.currentThread().getName());
            }

            @Override
            public void ended(StoreCall call) {
                told.add("ended " + call.name() + " " + Thread.currentThread().getName());
            }
        };
        try (AgentRunStore store =
                InMemoryAgentRunStore.builder().listener(both).build()) {
            assertThatThrownBy(() -> store.runs().get("run_none")).isInstanceOf(NotFoundException.class);
        }

        String thread = Thread.currentThread().getName();
        assertThat(told).containsExactly("begins runs.get " + thread, "ended runs.get " + thread);
    }

    @Test
    void a_call_that_waits_is_told_with_the_wait() {
        try (AgentRunStore store = store()) {
            Run run = store.runs().create(RUN);
            long last = store.events().list(run.id(), 0, 10).nextAfterSeq();
            heard.clear();

            store.events().await(run.id(), last, 10, Duration.ofMillis(30));
        }

        assertThat(heard)
                .singleElement()
                .satisfies(call -> assertThat(call.nanos())
                        .isGreaterThanOrEqualTo(Duration.ofMillis(30).toNanos()));
    }

    @Test
    void a_listener_that_throws_changes_nothing_for_the_caller() {
        StoreListener broken = new StoreListener() {
            @Override
            public void begins(String store, String operation) {
                throw new IllegalStateException("broken");
            }

            @Override
            public void ended(StoreCall call) {
                throw new IllegalStateException("broken");
            }
        };
        try (AgentRunStore store =
                InMemoryAgentRunStore.builder().listener(broken).build()) {
            Run run = store.runs().create(RUN);

            assertThat(store.runs().get(run.id())).isEqualTo(run);
            assertThatThrownBy(() -> store.runs().get("run_none")).isInstanceOf(NotFoundException.class);
        }
    }

    private static final TraceContext TRACE =
            new TraceContext("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", "vendor=1");
    private static final NewQueueTask TASK =
            NewQueueTask.builder(RUN.owner(), "fixes", "a task", RUN.spec()).build();

    /** A listener of calls that are all made in one trace. */
    private static StoreListener in(Supplier<Optional<TraceContext>> trace) {
        return new StoreListener() {
            @Override
            public Optional<TraceContext> trace() {
                return trace.get();
            }

            @Override
            public void ended(StoreCall call) {}
        };
    }

    private static AgentRunStore store(Supplier<Optional<TraceContext>> trace) {
        return InMemoryAgentRunStore.builder().listener(in(trace)).build();
    }

    @Test
    void runs_and_tasks_are_created_in_the_trace_of_the_call_and_so_are_the_runs_of_tasks() {
        try (AgentRunStore store = store(() -> Optional.of(TRACE))) {
            Run run = store.runs().create(RUN);
            QueueTask task = store.within(TenantScope.tenant("t")).queue().create(TASK);
            List<QueueTask> tasks = store.queue().createAll(List.of(TASK, TASK));
            Dispatch dispatch =
                    store.queue().dispatchNext(DispatchRequest.any()).orElseThrow();

            assertThat(run.spec().traceContext()).contains(TRACE);
            assertThat(task.spec().traceContext()).contains(TRACE);
            assertThat(tasks).extracting(each -> each.spec().traceContext()).containsOnly(Optional.of(TRACE));
            assertThat(dispatch.run().spec().traceContext()).contains(TRACE);
        }
    }

    @Test
    void what_the_host_has_put_into_a_trace_stays_in_it() {
        TraceContext other = new TraceContext(TRACE.traceparent().replace("b7ad", "b7ae"), null);
        try (AgentRunStore store = store(() -> Optional.of(TRACE))) {
            Run run = store.runs().create(RUN.withSpec(RUN.spec().withTraceContext(other)));

            assertThat(run.spec().traceContext()).contains(other);
        }
    }

    @Test
    void only_calls_that_create_something_are_asked_for_their_trace_and_once() {
        AtomicInteger asked = new AtomicInteger();
        try (AgentRunStore store = store(() -> {
            asked.incrementAndGet();
            return Optional.empty();
        })) {
            Run run = store.runs().create(RUN);
            store.queue().createAll(List.of(TASK, TASK));
            store.runs().get(run.id());
            store.events().appendUnfenced(run.id(), List.of(new NewEvent(EventType.DIFF, JsonObject.empty())));
        }

        assertThat(asked).hasValue(2);
    }

    @Test
    void a_listener_that_cannot_say_the_trace_changes_nothing_for_the_caller() {
        try (AgentRunStore store = store(() -> {
            throw new IllegalStateException("broken");
        })) {
            assertThat(store.runs().create(RUN).spec()).isEqualTo(RUN.spec());
        }
    }
}

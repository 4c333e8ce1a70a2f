package io.agentrun.worker;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentrun.model.BackendProfile;
import io.agentrun.model.RunSpec;
import io.agentrun.model.TraceContext;
import io.agentrun.queue.NewQueueTask;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** The trace in which a task was created, in the environment of what works on it. */
class TracedTurnTest extends AgentWorkerScenario {

    private static final String SAY = "echo \"${TRACEPARENT-none} ${TRACESTATE-none}\"";
    private static final TraceContext TRACE =
            new TraceContext("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", "vendor=1");
    private static final TraceContext BELOW =
            new TraceContext("00-0af7651916cd43dd8448eb211c80319c-00f067aa0ba902b7-01", null);

    private static ProcessBuilder shell() {
        ProcessBuilder shell = new ProcessBuilder("sh", "-c", SAY);
        shell.environment().keySet().removeAll(List.of("TRACEPARENT", "TRACESTATE"));
        return shell;
    }

    /** Lets the agent work on a task of this trace, and returns what its process has said. */
    private List<String> output(Agent agent, Optional<TraceContext> trace) throws InterruptedException {
        RunSpec spec = RunSpec.of(BackendProfile.CODEX);
        RunSpec traced = trace.map(spec::withTraceContext).orElse(spec);
        try (AgentWorker worker = worker(store, agent).start()) {
            store.queue()
                    .create(NewQueueTask.builder(OWNER, "fixes", "a task", traced)
                            .build());
            assertThat(worker).isNotNull();
            return output(next(told.finished).run().id());
        }
    }

    @Test
    void a_process_learns_the_trace_in_which_its_task_was_created() throws Exception {
        assertThat(output(ProcessAgent.of(turn -> shell()), Optional.of(TRACE)))
                .containsExactly(TRACE.traceparent() + " vendor=1");
    }

    @Test
    void without_a_trace_a_process_learns_none() throws Exception {
        assertThat(output(ProcessAgent.of(turn -> shell()), Optional.empty())).containsExactly("none none");
    }

    @Test
    void whoever_observes_the_turn_says_what_its_processes_are_below() throws Exception {
        Agent agent = ProcessAgent.of(turn -> shell());

        List<String> output = output(
                turn -> {
                    turn.traceBy(() -> Optional.of(BELOW));
                    return agent.run(turn);
                },
                Optional.of(TRACE));

        assertThat(output).containsExactly(BELOW.traceparent() + " none");
    }

    @Test
    void an_observer_that_knows_no_trace_leaves_the_one_of_the_task() throws Exception {
        AtomicReference<Optional<TraceContext>> seen = new AtomicReference<>(Optional.empty());

        output(
                turn -> {
                    turn.traceBy(Optional::empty);
                    seen.set(turn.trace());
                    return DONE;
                },
                Optional.of(TRACE));

        assertThat(seen.get()).contains(TRACE);
    }

    @Test
    void a_builder_that_says_a_trace_itself_is_left_alone() throws Exception {
        ProcessBuilder own = shell();
        own.environment().put("TRACEPARENT", "its own");

        assertThat(output(ProcessAgent.of(turn -> own), Optional.of(TRACE))).containsExactly("its own none");
    }

    @Test
    void a_builder_is_afterwards_as_it_was_so_that_the_next_turn_has_its_own_trace() throws Exception {
        ProcessBuilder shared = shell();
        shared.environment().put("TRACESTATE", "of somebody else");
        Map<String, String> before = Map.copyOf(shared.environment());

        assertThat(output(ProcessAgent.of(turn -> shared), Optional.of(BELOW)))
                .containsExactly(BELOW.traceparent() + " none");

        assertThat(shared.environment()).isEqualTo(before);
        assertThat(output(ProcessAgent.of(turn -> shared), Optional.of(TRACE)))
                .containsExactly(TRACE.traceparent() + " vendor=1");
    }
}

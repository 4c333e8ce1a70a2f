package io.agentrun.worker.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.agentrun.AgentRunStore;
import io.agentrun.error.InvalidInputException;
import io.agentrun.error.LeaseConflictException;
import io.agentrun.event.EventBatch;
import io.agentrun.event.EventType;
import io.agentrun.event.NewEvent;
import io.agentrun.event.RunEvent;
import io.agentrun.json.JsonObject;
import io.agentrun.lease.Fence;
import io.agentrun.memory.InMemoryAgentRunStore;
import io.agentrun.model.Outcome;
import io.agentrun.worker.stream.EventWriter;
import io.agentrun.worker.testing.Background;
import io.agentrun.worker.testing.EventStoreProxy;
import io.agentrun.worker.testing.Leased;
import io.agentrun.worker.time.ThreadScheduler;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class AgentProcessTest {

    private static final Duration LONG = Duration.ofMinutes(10);

    private final AgentRunStore store = InMemoryAgentRunStore.create();
    private final Leased run = new Leased(store);
    private final ThreadScheduler threads = ThreadScheduler.ofThreads(4);
    private final EventWriter writer =
            EventWriter.builder(store.events(), run.fence()).scheduler(threads).build();

    @AfterEach
    void close() {
        writer.close();
        threads.close();
        store.close();
    }

    private AgentProcess start(String script) throws IOException {
        return AgentProcess.start(new ProcessBuilder("sh", "-c", script), threads);
    }

    @Test
    void the_output_of_a_process_is_written_and_its_exit_code_makes_the_outcome() throws Exception {
        try (AgentProcess agent = start("echo one; echo two >&2; printf three; exit 3")) {
            agent.output(writer.output());
            agent.errorOutput(writer.lines(EventType.ERROR, text -> JsonObject.of("text", text)));

            ProcessExit exit = agent.await();
            writer.flush();

            assertThat(exit.outcome().status().wire()).isEqualTo("failed");
            assertThat(exit.message()).isEqualTo("exit code 3");
            assertThat(run.texts()).containsExactlyInAnyOrder("one", "two", "three");
        }
    }

    @Test
    void a_process_that_succeeds_completes() throws Exception {
        try (AgentProcess agent = start("cat")) {
            agent.output(writer.output());
            agent.process().getOutputStream().write("typed\n".getBytes(java.nio.charset.StandardCharsets.UTF_8));
            agent.process().getOutputStream().close();

            assertThat(agent.await().outcome()).isEqualTo(Outcome.completed());
            writer.flush();
            assertThat(run.texts()).containsExactly("typed");
            assertThat(agent.end(Duration.ZERO)).isFalse();
        }
    }

    @Test
    void a_process_that_a_signal_ended_is_named_by_it() throws Exception {
        try (AgentProcess agent = start("kill -9 $$")) {
            ProcessExit exit = agent.await();

            assertThat(exit.signal()).hasValue(9);
            assertThat(exit.message()).isEqualTo("ended by SIGKILL (exit code 137)");
            assertThat(exit.succeeded()).isFalse();
        }
        assertThat(new ProcessExit(255).signal()).isEmpty();
        assertThatThrownBy(() -> new ProcessExit(-1)).isInstanceOf(InvalidInputException.class);
    }

    @Test
    void ending_a_process_ends_all_that_it_started() throws Exception {
        try (AgentProcess agent = start("sh -c 'sleep 1000 & sleep 1001; true' & sleep 1002; true")) {
            Background.until(() -> agent.process().descendants().count() >= 4);
            List<ProcessHandle> family = agent.process().descendants().toList();

            assertThat(agent.end(LONG)).isTrue();

            assertThat(agent.await().signal()).hasValue(15);
            Background.until(() -> family.stream().noneMatch(ProcessHandle::isAlive));
        }
    }

    @Test
    void a_process_that_ignores_the_request_is_killed_after_the_grace_period() throws Exception {
        try (AgentProcess agent = start("trap '' TERM; echo ready; sh -c 'sleep 1000; true'; sleep 1000")) {
            agent.output(writer.output());
            Background.until(() -> agent.process().descendants().count() >= 2);
            List<ProcessHandle> family = agent.process().descendants().toList();

            agent.end(Duration.ofMillis(50));

            assertThat(agent.await().signal()).hasValue(9);
            Background.until(() -> family.stream().noneMatch(ProcessHandle::isAlive));
        }
    }

    @Test
    void closing_kills_at_once() throws Exception {
        AgentProcess agent = start("trap '' TERM; sleep 1000; true");
        agent.output(writer.output());
        Background.until(() -> agent.process().descendants().count() >= 1);
        List<ProcessHandle> family = agent.process().descendants().toList();

        agent.close();
        agent.close();

        assertThat(agent.process().waitFor()).isEqualTo(137);
        Background.until(() -> family.stream().noneMatch(ProcessHandle::isAlive));
    }

    @Test
    void output_that_is_closed_early_ends_nothing_but_the_output() throws Exception {
        try (AgentProcess agent = start("echo last words; exec >&- 2>&-; sleep 0.3; exit 5")) {
            agent.output(writer.output());

            assertThat(agent.await().code()).isEqualTo(5);
            writer.flush();
            assertThat(run.texts()).containsExactly("last words");
        }
    }

    @Test
    void background_processes_of_an_agent_are_not_waited_for() throws Exception {
        try (AgentProcess agent = start("sleep 1000 & echo $!")) {
            agent.output(writer.output());

            assertThat(agent.await().succeeded()).isTrue();

            writer.flush();
            assertThat(run.texts()).hasSize(1);
            ProcessHandle left =
                    ProcessHandle.of(Long.parseLong(run.texts().get(0))).orElseThrow();
            assertThat(left.destroyForcibly()).isTrue();
        }
    }

    @Test
    void a_lost_lease_kills_the_process_and_says_so() throws Exception {
        try (AgentProcess agent = start("while true; do echo line; done")) {
            agent.output(writer.output());
            Background.until(() -> !run.texts().isEmpty());

            run.lose();

            assertThatThrownBy(agent::await).isInstanceOf(LeaseConflictException.class);
            assertThat(agent.process().isAlive()).isFalse();
        }
    }

    @Test
    void a_million_lines_arrive_in_order_and_once() throws Exception {
        AtomicLong next = new AtomicLong(1);
        EventStoreProxy checking = new EventStoreProxy(store.events()) {
            @Override
            public List<RunEvent> append(Fence fence, EventBatch batch) {
                for (NewEvent event : batch.events()) {
                    assertThat(event.payload().string("text")).contains(String.valueOf(next.getAndIncrement()));
                }
                return List.of();
            }
        };
        try (EventWriter flooded = EventWriter.builder(checking, run.fence())
                        .scheduler(threads)
                        .build();
                AgentProcess agent = start("seq 1 1000000")) {
            agent.output(flooded.output());

            assertThat(agent.await().succeeded()).isTrue();
            flooded.flush();

            assertThat(next).hasValue(1_000_001);
        }
    }

    @Test
    void output_without_a_line_end_arrives_whole() throws Exception {
        AtomicLong chars = new AtomicLong();
        EventStoreProxy counting = new EventStoreProxy(store.events()) {
            @Override
            public List<RunEvent> append(Fence fence, EventBatch batch) {
                batch.events()
                        .forEach(event -> chars.addAndGet(
                                event.payload().string("text").orElse("").length()));
                return List.of();
            }
        };
        try (EventWriter flooded = EventWriter.builder(counting, run.fence())
                        .scheduler(threads)
                        .build();
                AgentProcess agent = start("head -c 33554432 /dev/zero | tr '\\0' x")) {
            agent.output(flooded.output());

            assertThat(agent.await().succeeded()).isTrue();
            flooded.flush();

            assertThat(chars).hasValue(32 << 20);
        }
    }
}

package io.agentrun.example;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentrun.AgentRunStore;
import io.agentrun.h2.H2AgentRunStore;
import io.agentrun.lease.ClaimRequest;
import io.agentrun.lease.ExpiredQuery;
import io.agentrun.lease.RunLease;
import io.agentrun.memory.InMemoryAgentRunStore;
import io.agentrun.model.CancelMode;
import io.agentrun.model.TenantScope;
import io.agentrun.queue.Dispatch;
import io.agentrun.queue.DispatchRequest;
import io.agentrun.queue.QueueTask;
import io.agentrun.queue.TaskState;
import io.agentrun.run.Run;
import io.agentrun.run.RunStatus;
import io.agentrun.session.SessionFilter;
import io.agentrun.session.SessionQuery;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class LocalAgentsTest {
    private static final Options OPTIONS = Options.defaults().withTail(null);

    /** Time is that of the wall: no load may outlast a lease. */
    private static final Duration LONG = Duration.ofHours(1);

    @TempDir
    Path directory;

    /** A whole run, on each store. */
    abstract class WholeRun {
        abstract AgentRunStore open();

        @Test
        void every_task_is_worked_off_and_reported() throws Exception {
            try (AgentRunStore store = open()) {
                Agents agents = agents(store, """
                        {"title": "one", "command": "echo first; echo second >&2", "session": "s"}
                        {"title": "two", "command": "echo other", "session": "s"}
                        {"title": "flaky", "command": "echo x >> $AGENTRUN_SCRATCH/n; [ $(wc -l < $AGENTRUN_SCRATCH/n) -ge 3 ]", "attempts": 3}
                        {"title": "much", "command": "seq 3000"}
                        {"title": "odd", "command": "printf 'a\\\\000b\\\\r50%%\\\\r100%%'"}
                        """);

                int code = agents.run();

                assertThat(code).isZero();
                assertThat(agents.output(agents.runs("one").get(0))).containsExactly("first", "second");
                assertThat(agents.runs("flaky"))
                        .extracting(Run::status)
                        .containsExactly(RunStatus.FAILED, RunStatus.FAILED, RunStatus.COMPLETED);
                assertThat(agents.output(agents.runs("much").get(0))).hasSizeGreaterThan(400);
                assertThat(agents.output(agents.runs("odd").get(0))).containsExactly("a\uFFFDb", "50%", "100%");
                assertThat(agents.runs("two").get(0).createdAt())
                        .isAfterOrEqualTo(agents.runs("one").get(0).updatedAt());
                assertThat(agents.printed())
                        .contains("failed, failed, completed")
                        .contains("unread session");
                assertThat(unread(store)).isZero();
            }
        }
    }

    @Nested
    class InMemory extends WholeRun {
        @Override
        AgentRunStore open() {
            return InMemoryAgentRunStore.create();
        }
    }

    @Nested
    class OnAFile extends WholeRun {
        @Override
        AgentRunStore open() {
            return InMemoryAgentRunStore.open(directory.resolve("store"));
        }
    }

    @Nested
    class InH2 extends WholeRun {
        @Override
        AgentRunStore open() {
            return H2AgentRunStore.onFile(directory.resolve("h2")).open();
        }
    }

    @Test
    void a_task_without_attempts_left_fails_with_its_exit_code() throws Exception {
        try (AgentRunStore store = InMemoryAgentRunStore.create()) {
            Agents agents = agents(store, "{\"title\": \"bad\", \"command\": \"exit 7\", \"attempts\": 2}");

            int code = agents.run();

            assertThat(code).isEqualTo(1);
            assertThat(agents.task("bad").outcome()).extracting("message").isEqualTo("exit code 7");
            assertThat(agents.runs("bad")).hasSize(2);
        }
    }

    @Test
    void after_a_stop_the_same_run_goes_on_at_the_next_start() throws Exception {
        Path gate = directory.resolve("gate");
        Path file = directory.resolve("store");
        String lines = """
                {"title": "held", "command": "echo begun; while [ ! -e '%s' ]; do sleep 0.05; done; echo done"}
                {"title": "quick", "command": "true"}
                """.formatted(gate);

        try (AgentRunStore store = InMemoryAgentRunStore.open(file)) {
            Agents agents = agents(store, lines);
            agents.start();
            agents.awaitLine("held", "begun");
            agents.await("quick", task -> task.state() == TaskState.COMPLETED);
            assertThat(agents.stop()).isEqualTo(LocalAgents.STOPPED);
            assertThat(agents.runs("held").get(0).status()).isEqualTo(RunStatus.PENDING);
            assertThat(agents.printed()).contains("1 run given back");
        }
        Files.createFile(gate);

        try (AgentRunStore store = InMemoryAgentRunStore.open(file)) {
            Agents agents = agents(store, lines);
            assertThat(agents.run()).isZero();
            assertThat(agents.printed()).contains("0 queued now, 2 there already");
            assertThat(agents.runs("quick")).hasSize(1);
            assertThat(agents.task("held").attempts()).isEqualTo(1);
            assertThat(agents.runs("held")).singleElement().satisfies(run -> {
                assertThat(run.status()).isEqualTo(RunStatus.COMPLETED);
                assertThat(agents.output(run)).containsExactly("begun", "begun", "done");
            });
        }
    }

    private static final String ASKS = """
            {"title": "careful", "ask": "Delete build/?", "command": "echo answered $AGENTRUN_ANSWER"}
            {"title": "quick", "command": "true"}
            """;

    @Test
    void a_task_that_asks_is_answered_on_the_command_line_of_a_later_start() throws Exception {
        Path file = directory.resolve("store");
        try (AgentRunStore store = InMemoryAgentRunStore.open(file)) {
            Agents agents = agents(store, ASKS);

            assertThat(agents.run()).isEqualTo(Main.NOT_COMPLETED);

            assertThat(agents.runs("careful").get(0).status()).isEqualTo(RunStatus.WAITING);
            assertThat(agents.task("quick").state()).isEqualTo(TaskState.COMPLETED);
            assertThat(agents.printed()).contains("careful: Delete build/?").contains("--answer 'careful=TEXT'");
        }

        try (AgentRunStore store = InMemoryAgentRunStore.open(file)) {
            Agents agents =
                    new Agents(store, directory, ASKS, OPTIONS.withLease(LONG).withAnswer("careful=yes, do"));

            assertThat(agents.run()).isZero();

            assertThat(agents.runs("careful")).singleElement().satisfies(run -> {
                assertThat(run.status()).isEqualTo(RunStatus.COMPLETED);
                assertThat(agents.output(run)).contains("answered yes, do");
            });
        }
    }

    @Test
    void a_task_that_asks_is_answered_in_the_same_start_too() throws Exception {
        try (AgentRunStore store = InMemoryAgentRunStore.create()) {
            Agents agents =
                    new Agents(store, directory, ASKS, OPTIONS.withLease(LONG).withAnswer("1=no"));

            assertThat(agents.run()).isZero();

            assertThat(agents.output(agents.runs("careful").get(0))).contains("answered no");
        }
    }

    @Test
    void a_graceful_cancel_ends_the_process_and_what_it_started() throws Exception {
        try (AgentRunStore store = InMemoryAgentRunStore.create()) {
            Agents agents = agents(store, endless(3));
            agents.start();
            QueueTask running = agents.awaitLine("endless", "begun");
            List<ProcessHandle> children = ProcessHandle.current().descendants().toList();

            store.queue().cancel(running.id(), "changed my mind");

            assertThat(agents.exitCode()).isEqualTo(1);
            assertThat(agents.task("endless").state()).isEqualTo(TaskState.CANCELLED);
            assertThat(agents.task("endless").outcome()).extracting("message").isEqualTo("changed my mind");
            assertThat(agents.runs("endless")).hasSize(1);
            assertThat(children).isNotEmpty().allSatisfy(Agents::assertEnds);
        }
    }

    @Test
    void a_forced_cancel_kills_the_process_and_nothing_more_is_written() throws Exception {
        try (AgentRunStore store = InMemoryAgentRunStore.create()) {
            Agents agents = agents(store, endless(1));
            agents.start();
            QueueTask running = agents.awaitLine("endless", "begun");
            List<ProcessHandle> children = ProcessHandle.current().descendants().toList();

            store.queue().cancel(running.id(), "at once", CancelMode.FORCE);

            assertThat(agents.exitCode()).isEqualTo(1);
            assertThat(agents.task("endless").state()).isEqualTo(TaskState.CANCELLED);
            assertThat(children).isNotEmpty().allSatisfy(Agents::assertEnds);
        }
    }

    @Test
    void the_task_named_by_cancel_is_cancelled_once_it_runs() throws Exception {
        try (AgentRunStore store = InMemoryAgentRunStore.create()) {
            Agents agents = new Agents(
                    store, directory, endless(1), OPTIONS.withLease(LONG).withCancel("endless"));

            int code = agents.run();

            assertThat(code).isEqualTo(1);
            assertThat(agents.task("endless").state()).isEqualTo(TaskState.CANCELLED);
        }
    }

    @Test
    void the_run_of_a_worker_that_is_gone_is_recovered_and_its_task_tried_again() throws Exception {
        try (AgentRunStore store = InMemoryAgentRunStore.create()) {
            Agents agents = agents(store, "{\"title\": \"left\", \"command\": \"echo mine\", \"attempts\": 2}");
            store.queue().create(agents.newTask("left"));
            Dispatch dispatch =
                    store.queue().dispatchNext(DispatchRequest.any()).orElseThrow();
            RunLease lease = store.leases()
                    .claimNext(ClaimRequest.by("gone", Duration.ofMillis(100)))
                    .orElseThrow();
            store.commands().acknowledge(lease.fence(), dispatch.turn().id());
            // The first pass of the recovery, and with this lease the only one, must find it.
            ExpiredQuery expired = ExpiredQuery.in(TenantScope.all());
            while (store.leases().listExpired(expired).isEmpty()) {
                Thread.onSpinWait();
            }

            int code = agents.run();

            assertThat(code).isZero();
            assertThat(agents.runs("left"))
                    .extracting(Run::status)
                    .containsExactly(RunStatus.FAILED, RunStatus.COMPLETED);
            assertThat(agents.printed()).contains("recovered");
        }
    }

    private Agents agents(AgentRunStore store, String lines) throws IOException {
        return new Agents(store, directory, lines, OPTIONS.withLease(LONG));
    }

    /** The shell waits for a child, so that there are descendants to end. */
    private static String endless(int attempts) {
        return "{\"title\": \"endless\", \"command\": \"echo begun; sleep 300; echo never\", \"attempts\": " + attempts
                + "}";
    }

    private static int unread(AgentRunStore store) {
        SessionQuery query = SessionQuery.in(TenantScope.all())
                .withFilter(SessionFilter.UNREAD)
                .withReaderId("terminal");
        return store.sessions().list(query).items().size();
    }
}

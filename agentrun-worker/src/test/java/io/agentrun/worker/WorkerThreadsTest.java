package io.agentrun.worker;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentrun.worker.testing.Background;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

/** How many threads a worker takes. */
class WorkerThreadsTest extends AgentWorkerScenario {

    private static final int AGENTS = 50;

    /** Of the loop 4, for output 8, and one for the time of each. */
    private static final int WORKER = 14;

    @Test
    void each_running_agent_takes_a_thread_and_a_run_that_waits_takes_none() throws Exception {
        Set<Thread> before = Thread.getAllStackTraces().keySet();
        CountDownLatch running = new CountDownLatch(AGENTS);
        for (int i = 0; i < AGENTS + 10; i++) {
            task("task " + i);
        }
        try (AgentWorker worker = worker(store, turn -> {
                    turn.events().line("begun");
                    running.countDown();
                    free.await();
                    return DONE;
                })
                .slots(AGENTS)
                .start()) {
            running.await();
            List<String> names = Thread.getAllStackTraces().keySet().stream()
                    .filter(thread -> !before.contains(thread))
                    .map(Thread::getName)
                    .toList();

            assertThat(names)
                    .filteredOn(name -> name.startsWith("agentrun-agent-"))
                    .hasSize(AGENTS);
            assertThat(names)
                    .filteredOn(name -> name.startsWith("agentrun-stream-"))
                    .hasSizeLessThanOrEqualTo(WORKER);
            assertThat(worker).isNotNull();
            free.countDown();
            for (int i = 0; i < AGENTS + 10; i++) {
                next(told.finished);
            }
        }
    }

    @Test
    void a_closed_worker_leaves_no_thread() {
        Set<Thread> before = Thread.getAllStackTraces().keySet();
        AgentWorker worker = worker(store, turn -> DONE).start();

        worker.close(Duration.ZERO);

        Background.until(() -> Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> !before.contains(thread) && thread.isAlive())
                .noneMatch(thread -> thread.getName().startsWith("agentrun-agent-")
                        || thread.getName().startsWith("agentrun-stream-")));
    }
}

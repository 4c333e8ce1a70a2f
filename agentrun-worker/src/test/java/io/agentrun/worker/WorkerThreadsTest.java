package io.agentrun.worker;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentrun.command.NewCommand;
import io.agentrun.json.JsonObject;
import io.agentrun.model.TenantScope;
import io.agentrun.model.TurnResult;
import io.agentrun.queue.DispatchRequest;
import io.agentrun.run.Run;
import io.agentrun.run.RunQuery;
import io.agentrun.run.RunStatus;
import io.agentrun.worker.testing.Background;
import java.lang.reflect.InvocationTargetException;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** How many threads a worker takes. */
class WorkerThreadsTest extends AgentWorkerScenario {

    private static final int AGENTS = 50;

    /** Tasks that nobody works on, and of these, those that have a run already. */
    private static final int WAITING = 300;

    private static final int DISPATCHED = 20;

    /** Of the loop 4, for output 8, and one for the time of each. */
    private static final int WORKER = 14;

    /** Of all runs; the agents that work at a moment, and the most that did. */
    private final AtomicInteger tasks = new AtomicInteger();

    private final AtomicInteger working = new AtomicInteger();
    private final AtomicInteger mostWorking = new AtomicInteger();
    private final CountDownLatch running = new CountDownLatch(AGENTS);

    /** Virtual threads where the JDK has them; where not, a pool with a thread for each slot. */
    private static ExecutorService threadsOfTheJdk() {
        try {
            Object threads =
                    Executors.class.getMethod("newVirtualThreadPerTaskExecutor").invoke(null);
            return (ExecutorService) Objects.requireNonNull(threads);
        } catch (NoSuchMethodException e) {
            return Executors.newFixedThreadPool(AGENTS);
        } catch (IllegalAccessException | InvocationTargetException e) {
            throw new LinkageError("no virtual threads", e);
        }
    }

    /** Returns the names of the platform threads with the prefix that were not there before. */
    private static List<String> threads(Set<Thread> before, String prefix) {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> !before.contains(thread))
                .map(Thread::getName)
                .filter(name -> name.startsWith(prefix))
                .toList();
    }

    /** Makes runs that wait, beside tasks that wait; all of them are for the worker. */
    private void waiting() {
        for (int i = 0; i < AGENTS + WAITING; i++) {
            task("task " + i);
        }
        for (int i = 0; i < DISPATCHED; i++) {
            store.queue().dispatchNext(DispatchRequest.fromQueue("fixes"));
        }
    }

    /** Waits until all may go on. */
    private TurnResult work(Turn turn) throws Exception {
        mostWorking.accumulateAndGet(working.incrementAndGet(), Math::max);
        turn.events().line("begun");
        running.countDown();
        free.await();
        working.decrementAndGet();
        return DONE;
    }

    /** Lets a further turn wait in each run that an agent works on. */
    private void furtherTurns() {
        RunQuery atWork =
                RunQuery.in(TenantScope.all()).withStatus(RunStatus.RUNNING).withLimit(AGENTS + 1);
        List<Run> runs = store.runs().list(atWork).items();
        assertThat(runs).hasSize(AGENTS);
        runs.forEach(run -> store.commands().create(run.id(), NewCommand.turn(JsonObject.of("prompt", "more"))));
    }

    private void finish(int turns) throws InterruptedException {
        free.countDown();
        for (int i = 0; i < turns; i++) {
            next(told.finished);
        }
    }

    @Test
    void each_running_agent_takes_a_thread_and_a_run_that_waits_takes_none() throws Exception {
        Set<Thread> before = Thread.getAllStackTraces().keySet();
        waiting();
        try (AgentWorker worker = worker(store, this::work).slots(AGENTS).start()) {
            running.await();
            furtherTurns();

            assertThat(threads(before, "agentrun-agent-")).hasSize(AGENTS);
            assertThat(threads(before, "agentrun-stream-")).hasSizeLessThanOrEqualTo(WORKER);
            assertThat(worker).isNotNull();
            finish(AGENTS + WAITING + AGENTS);
        }
        assertThat(mostWorking).hasValue(AGENTS);
    }

    @Test
    void an_executor_gets_a_task_for_each_run_once_its_agent_may_work_and_a_run_that_waits_is_none() throws Exception {
        ExecutorService threads = threadsOfTheJdk();
        Executor counting = task -> {
            tasks.incrementAndGet();
            threads.execute(task);
        };
        Set<Thread> before = Thread.getAllStackTraces().keySet();
        waiting();
        try (AgentWorker worker =
                worker(store, this::work).slots(AGENTS).executor(counting).start()) {
            running.await();
            furtherTurns();

            assertThat(tasks).hasValue(AGENTS);
            assertThat(working).hasValue(AGENTS);
            assertThat(threads(before, "agentrun-agent-")).isEmpty();
            assertThat(threads(before, "agentrun-stream-")).hasSizeLessThanOrEqualTo(WORKER);
            assertThat(worker).isNotNull();
            finish(AGENTS + WAITING + AGENTS);
        } finally {
            threads.shutdown();
        }
        assertThat(tasks).hasValue(AGENTS + WAITING);
        assertThat(mostWorking).hasValue(AGENTS);
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

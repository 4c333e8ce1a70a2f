package io.agentrun.benchmark.scenario.stream;

import io.agentrun.benchmark.measure.Median;
import io.agentrun.benchmark.postgres.Bed;
import io.agentrun.benchmark.report.Names;
import io.agentrun.benchmark.report.Result;
import io.agentrun.benchmark.scenario.Lab;
import io.agentrun.benchmark.scenario.Scenario;
import io.agentrun.command.FinishedTurn;
import io.agentrun.json.JsonObject;
import io.agentrun.model.BackendProfile;
import io.agentrun.model.Outcome;
import io.agentrun.model.Owner;
import io.agentrun.model.RunSpec;
import io.agentrun.model.TurnResult;
import io.agentrun.queue.NewQueueTask;
import io.agentrun.run.Run;
import io.agentrun.worker.AgentWorker;
import io.agentrun.worker.Turn;
import io.agentrun.worker.WorkerListener;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * How long one worker takes for a thousand agents at once, each of which prints 20 lines over a second, under leases of 10 seconds. A
 * lease that is lost, or a heartbeat that fails, ends the benchmark.
 */
public final class WorkerScenario implements Scenario {

    private static final int AGENTS = 1_000;
    private static final int LINES = 20;
    private static final long PAUSE_MILLIS = 50;
    private static final Duration LEASE = Duration.ofSeconds(10);
    private static final Owner OWNER = new Owner("benchmark", "worker");

    @Override
    public String key() {
        return "worker";
    }

    @Override
    public String what() {
        return "tasks a second by one worker with 1,000 agents at once, each printing 20 lines over a second";
    }

    @Override
    public void run(Lab lab) throws Exception {
        try (Bed bed = lab.bed()) {
            List<Double> perSecond = new ArrayList<>();
            for (int round = 0; round < lab.pace().rounds(); round++) {
                perSecond.add(work(bed, "queue-" + round));
            }
            lab.report(Result.ofRate(Names.WORKER, AGENTS, Median.of(perSecond)));
        }
    }

    private static double work(Bed bed, String queue) throws Exception {
        for (int i = 0; i < AGENTS; i++) {
            bed.store()
                    .queue()
                    .create(NewQueueTask.builder(OWNER, queue, "task", RunSpec.of(BackendProfile.CODEX))
                            .payload(JsonObject.of("prompt", "task " + i))
                            .build());
        }
        CountDownLatch finished = new CountDownLatch(AGENTS);
        AtomicInteger lost = new AtomicInteger();
        long begin = System.nanoTime();
        try (AgentWorker worker = AgentWorker.builder(bed.store(), "host-" + queue)
                .queue(queue)
                .slots(AGENTS)
                .lease(LEASE)
                .agent(WorkerScenario::print)
                .listener(counter(finished, lost))
                .start()) {
            finished.await();
            double seconds = (System.nanoTime() - begin) / 1e9;
            worker.close(Duration.ZERO);
            if (lost.get() > 0) {
                throw new IllegalStateException(lost + " leases were lost, or heartbeats failed");
            }
            return AGENTS / seconds;
        }
    }

    private static TurnResult print(Turn turn) throws InterruptedException {
        for (int i = 1; i <= LINES; i++) {
            Thread.sleep(PAUSE_MILLIS);
            turn.events().line("line " + i + " of " + turn.prompt());
        }
        return TurnResult.of(Outcome.completed());
    }

    private static WorkerListener counter(CountDownLatch finished, AtomicInteger lost) {
        return new WorkerListener() {
            @Override
            public void finished(FinishedTurn turn) {
                finished.countDown();
            }

            @Override
            public void lost(Run run, String reason) {
                lost.incrementAndGet();
                finished.countDown();
            }

            @Override
            public void failed(String call, RuntimeException failure) {
                if (call.equals("heartbeat")) {
                    lost.incrementAndGet();
                }
            }
        };
    }
}

package io.agentrun.micrometer;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentrun.AgentRunStore;
import io.agentrun.command.FinishedTurn;
import io.agentrun.error.FailureKind;
import io.agentrun.memory.InMemoryAgentRunStore;
import io.agentrun.model.BackendProfile;
import io.agentrun.model.Outcome;
import io.agentrun.model.Owner;
import io.agentrun.model.RunSpec;
import io.agentrun.model.TurnResult;
import io.agentrun.question.NewQuestion;
import io.agentrun.queue.NewQueueTask;
import io.agentrun.queue.QueueScope;
import io.agentrun.run.Run;
import io.agentrun.worker.Agent;
import io.agentrun.worker.AgentWorker;
import io.agentrun.worker.MaintenanceListener;
import io.agentrun.worker.WorkerListener;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.observation.DefaultMeterObservationHandler;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationHandler;
import io.micrometer.observation.ObservationRegistry;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Agents, the worker, maintenance and the queue. */
class WorkerObservationTest {

    private final MeterRegistry meters = new SimpleMeterRegistry();
    private final ObservationRegistry observations = ObservationRegistry.create();
    private final AgentRunStore store = InMemoryAgentRunStore.create();
    private final BlockingQueue<FinishedTurn> finished = new LinkedBlockingQueue<>();

    @BeforeEach
    void open() {
        observations.observationConfig().observationHandler(new DefaultMeterObservationHandler(meters));
    }

    @AfterEach
    void close() {
        store.close();
    }

    private void task(String backend) {
        store.queue()
                .create(NewQueueTask.builder(
                                new Owner("t", "p"), "fixes", "a task", RunSpec.of(BackendProfile.of(backend)))
                        .build());
    }

    private void work(Agent agent, String backend) throws InterruptedException {
        WorkerListener counting = WorkerMeters.in(meters).worker();
        WorkerListener both = new WorkerListener() {
            @Override
            public void finished(FinishedTurn turn) {
                counting.finished(turn);
                finished.add(turn);
            }
        };
        try (AgentWorker worker = AgentWorker.builder(store, "host")
                .agent(ObservedAgent.of(observations, agent))
                .listener(both)
                .start()) {
            task(backend);
            assertThat(finished.poll(60, TimeUnit.SECONDS)).isNotNull();
            assertThat(worker).isNotNull();
        }
    }

    private long turns(String backend, String status, String failure) {
        return meters.get("agentrun.turn")
                .tags("backend", backend, "status", status, "failure", failure)
                .timer()
                .count();
    }

    @Test
    void a_turn_is_observed_on_the_agent_s_thread_and_by_how_it_ended() throws Exception {
        AtomicReference<Observation> seen = new AtomicReference<>();
        work(
                turn -> {
                    seen.set(observations.getCurrentObservation());
                    return TurnResult.of(Outcome.completed());
                },
                "codex");
        work(turn -> TurnResult.of(Outcome.blocked(FailureKind.of("needs-key"), "secret words")), "codex");

        assertThat(seen.get().getContext().getName()).isEqualTo("agentrun.turn");
        assertThat(turns("codex", "completed", "none")).isEqualTo(1);
        assertThat(turns("codex", "blocked", "needs-key")).isEqualTo(1);
        assertThat(meters.get("agentrun.worker.turns")
                        .tag("status", "completed")
                        .counter()
                        .count())
                .isEqualTo(1);
        assertThat(meters.getMeters().toString()).doesNotContain("secret words");
    }

    @Test
    void a_turn_that_is_parked_is_observed_and_is_no_error() throws Exception {
        CountDownLatch parked = new CountDownLatch(1);
        WorkerListener counting = WorkerMeters.in(meters).worker();
        WorkerListener both = new WorkerListener() {
            @Override
            public void parked(Run run) {
                counting.parked(run);
                parked.countDown();
            }
        };
        Agent asking = Agent.resuming(turn -> {
            turn.ask(NewQuestion.of("which one?"));
            return TurnResult.of(Outcome.completed());
        });
        Agent observed = ObservedAgent.of(observations, asking);
        try (AgentWorker worker = AgentWorker.builder(store, "host")
                .agent(observed)
                .parkAfter(Duration.ZERO)
                .listener(both)
                .start()) {
            task("codex");
            assertThat(parked.await(60, TimeUnit.SECONDS)).isTrue();
            assertThat(worker).isNotNull();
        }

        assertThat(observed.resumes()).isTrue();
        assertThat(turns("codex", "parked", "none")).isEqualTo(1);
        assertThat(meters.get("agentrun.worker.parked").counter().count()).isEqualTo(1);
        assertThat(store.queue().stats(QueueScope.all()).waiting()).isEqualTo(1);
    }

    @Test
    void an_agent_that_throws_is_observed_without_what_it_says() throws Exception {
        AtomicReference<Throwable> error = new AtomicReference<>();
        observations.observationConfig().observationHandler(new ObservationHandler<>() {
            @Override
            public void onError(Observation.Context context) {
                error.set(context.getError());
            }

            @Override
            public boolean supportsContext(Observation.Context context) {
                return true;
            }
        });

        work(
                turn -> {
                    throw new IllegalStateException("the prompt");
                },
                "codex");

        assertThat(turns("codex", "thrown", "backend-failed")).isEqualTo(1);
        assertThat(error.get()).hasMessage("backend-failed");
    }

    @Test
    void backends_beyond_fifty_are_one() {
        Tags tags = new Tags();
        for (int i = 0; i < Tags.MOST; i++) {
            assertThat(tags.bounded("backend-" + i)).isEqualTo("backend-" + i);
        }

        assertThat(tags.bounded("another")).isEqualTo("other");
        assertThat(tags.bounded("backend-7")).isEqualTo("backend-7");
    }

    @Test
    void passes_of_maintenance_are_counted_with_what_they_changed() {
        MaintenanceListener maintenance = WorkerMeters.in(meters).maintenance();

        maintenance.passed("recover", 3);
        maintenance.passed("recover", 0);
        maintenance.failed("purge", new IllegalStateException("the database"));

        assertThat(meters.get("agentrun.maintenance.changed")
                        .tag("task", "recover")
                        .counter()
                        .count())
                .isEqualTo(3);
        assertThat(meters.get("agentrun.maintenance.passes")
                        .tags("task", "recover", "outcome", "passed")
                        .counter()
                        .count())
                .isEqualTo(2);
        assertThat(meters.get("agentrun.maintenance.passes")
                        .tags("task", "purge", "outcome", "failed")
                        .counter()
                        .count())
                .isEqualTo(1);
    }

    @Test
    void the_queue_is_counted_once_for_all_its_meters_and_again_when_that_is_old() {
        AtomicLong now = new AtomicLong();
        new QueueMeters(store.queue(), QueueScope.all(), now::get).bindTo(meters);
        task("codex");
        task("codex");

        assertThat(gauge("agentrun.queue.tasks", "state", "pending")).isEqualTo(2);
        assertThat(gauge("agentrun.queue.due", "queue", "all")).isEqualTo(2);
        task("codex");
        now.addAndGet(TimeUnit.SECONDS.toNanos(14));
        assertThat(gauge("agentrun.queue.tasks", "state", "pending")).isEqualTo(2);
        now.addAndGet(TimeUnit.SECONDS.toNanos(1));
        assertThat(gauge("agentrun.queue.tasks", "state", "pending")).isEqualTo(3);
        assertThat(gauge("agentrun.queue.oldest", "queue", "all")).isNotNegative();

        store.close();
        now.addAndGet(TimeUnit.SECONDS.toNanos(15));
        assertThat(gauge("agentrun.queue.tasks", "state", "pending")).isNaN();
        assertThat(gauge("agentrun.queue.due", "queue", "all")).isNaN();
    }

    private double gauge(String name, String tag, String value) {
        Meter meter = meters.get(name).tag(tag, value).meter();
        return meter.measure().iterator().next().getValue();
    }
}

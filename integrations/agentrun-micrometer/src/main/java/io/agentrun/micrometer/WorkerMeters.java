package io.agentrun.micrometer;

import io.agentrun.check.Require;
import io.agentrun.command.FinishedTurn;
import io.agentrun.model.Outcome;
import io.agentrun.run.Run;
import io.agentrun.worker.MaintenanceListener;
import io.agentrun.worker.WorkerListener;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;

/**
 * Counts what a worker and maintenance do: give it to their builders as their listener; one for each registry is enough.
 *
 * <ul>
 *   <li>{@code agentrun.worker.turns} by {@code status}: turns that have ended and are stored;
 *   <li>{@code agentrun.worker.lost}: runs that the worker no longer held; {@code agentrun.worker.released}: runs given back;
 *       {@code agentrun.worker.parked}: runs parked until questions have ended;
 *   <li>{@code agentrun.worker.retries} by {@code call}: calls of the store that failed;
 *   <li>{@code agentrun.maintenance.passes} by {@code task} and {@code outcome} ({@code passed}, {@code failed});
 *   <li>{@code agentrun.maintenance.changed} by {@code task}: records that a pass changed.
 * </ul>
 *
 * <p>Thread-safe.
 */
public final class WorkerMeters {

    private final MeterRegistry registry;
    private final Tags tasks = new Tags();
    private final Tags calls = new Tags();

    private WorkerMeters(MeterRegistry registry) {
        this.registry = registry;
    }

    /**
     * Returns meters in the registry.
     *
     * @throws io.agentrun.error.InvalidInputException if the registry is null
     */
    public static WorkerMeters in(MeterRegistry registry) {
        return new WorkerMeters(Require.given("registry", registry));
    }

    /** Returns what counts for a worker. */
    public WorkerListener worker() {
        return new WorkerListener() {
            @Override
            public void finished(FinishedTurn turn) {
                Outcome outcome = turn.turn().outcome();
                String status =
                        outcome == null ? Tags.NOTHING : outcome.status().wire();
                count("agentrun.worker.turns", "status", status);
            }

            @Override
            public void lost(Run run, String reason) {
                count("agentrun.worker.lost");
            }

            @Override
            public void parked(Run run) {
                count("agentrun.worker.parked");
            }

            @Override
            public void released(Run run) {
                count("agentrun.worker.released");
            }

            @Override
            public void failed(String call, RuntimeException failure) {
                count("agentrun.worker.retries", "call", calls.bounded(call));
            }
        };
    }

    /** Returns what counts for maintenance. */
    public MaintenanceListener maintenance() {
        return new MaintenanceListener() {
            @Override
            public void passed(String task, long changed) {
                String name = tasks.bounded(task);
                count("agentrun.maintenance.passes", "task", name, "outcome", "passed");
                counter("agentrun.maintenance.changed", "task", name).increment((double) changed);
            }

            @Override
            public void failed(String task, RuntimeException failure) {
                count("agentrun.maintenance.passes", "task", tasks.bounded(task), "outcome", "failed");
            }
        };
    }

    private void count(String name, String... tags) {
        counter(name, tags).increment();
    }

    private Counter counter(String name, String... tags) {
        return registry.counter(name, tags);
    }
}

package io.agentrun.tck.simulation;

import io.agentrun.AgentRunStore;
import io.agentrun.json.JsonObject;
import io.agentrun.model.BackendProfile;
import io.agentrun.model.Owner;
import io.agentrun.model.RunSpec;
import io.agentrun.queue.NewQueueTask;
import io.agentrun.queue.RetryPolicy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Consumer;

/** One task under a lease of two minutes, and one fault to the machine that has it. */
final class FixedPlan implements Plan {

    static final Duration FAULT_AT = Duration.ofSeconds(20);

    private final World world;
    private final Work work;
    private final Consumer<Machine> fault;
    private final List<String> taskIds = new ArrayList<>();

    FixedPlan(World world, Work work, Consumer<Machine> fault) {
        this.world = world;
        this.work = work;
        this.fault = fault;
    }

    @Override
    public void begin(AgentRunStore store) {
        world.boot();
        taskIds.add(store.queue()
                .create(NewQueueTask.builder(new Owner("t", "p"), "simulated", "task", RunSpec.of(BackendProfile.CODEX))
                        .payload(JsonObject.of("prompt", "task"))
                        .retry(RetryPolicy.of(3, Duration.ofSeconds(1)))
                        .build())
                .id());
        world.at(FAULT_AT, () -> {
            Machine victim = world.alive().get(0);
            fault.accept(victim);
            world.judge().disturbed(victim, Long.MAX_VALUE);
            world.boot();
        });
    }

    @Override
    public Duration lease() {
        return Duration.ofMinutes(2);
    }

    @Override
    public double lostAnswers() {
        return 0;
    }

    @Override
    public Work work(SplittableRandom own) {
        return work;
    }

    @Override
    public List<String> taskIds() {
        return taskIds;
    }

    /** Some time after the task has ended, so that a zombie has its chance. */
    @Override
    public boolean isDone() {
        return world.now() > Duration.ofSeconds(400).toNanos()
                && world.store().queue().get(taskIds.get(0)).state().terminal();
    }
}

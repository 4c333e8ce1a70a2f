package io.agentrun.tck.simulation;

import io.agentrun.AgentRunStore;
import io.agentrun.json.JsonObject;
import io.agentrun.model.BackendProfile;
import io.agentrun.model.Owner;
import io.agentrun.model.RunSpec;
import io.agentrun.queue.NewQueueTask;
import io.agentrun.queue.RetryPolicy;
import io.agentrun.run.SessionRef;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * What befalls hosts by chance: which tasks come, and which machines are killed, paused or cut off, and when.
 *
 * <p>Confined to its simulation.
 */
final class RandomPlan implements Plan {

    private static final Owner OWNER = new Owner("simulated", "project");
    private static final Duration LEASE = Duration.ofSeconds(30);
    private static final int MACHINES = 2;

    /** Each of which may cost an attempt; after the last fault none does. */
    private static final int ATTEMPTS = 50;

    private final World world;
    private final SplittableRandom random;
    private final double lostAnswers;
    private final List<String> taskIds = new ArrayList<>();
    private int expected;

    RandomPlan(World world, SplittableRandom random) {
        this.world = world;
        this.random = random;
        this.lostAnswers = new double[] {0, 0, 0.02, 0.1}[random.nextInt(4)];
    }

    @Override
    public void begin(AgentRunStore store) {
        for (int i = 0; i < MACHINES; i++) {
            world.boot();
        }
        expected = random.nextInt(2, 6);
        for (int i = 1; i <= expected; i++) {
            String title = "task " + i;
            world.at(millis(0, 60_000), () -> create(store, title));
        }
        int faults = random.nextInt(0, 5);
        for (int i = 0; i < faults; i++) {
            world.at(millis(1_000, 150_000), this::fault);
        }
    }

    private Duration millis(long from, long to) {
        return Duration.ofMillis(random.nextLong(from, to));
    }

    private void create(AgentRunStore store, String title) {
        NewQueueTask.Builder task = NewQueueTask.builder(OWNER, "simulated", title, RunSpec.of(BackendProfile.CODEX))
                .payload(JsonObject.of("prompt", title))
                .retry(RetryPolicy.of(ATTEMPTS, Duration.ofSeconds(1)));
        if (random.nextBoolean()) {
            task.session(SessionRef.of("session-" + random.nextInt(2)));
        }
        String id = store.queue().create(task.build()).id();
        taskIds.add(id);
        world.happen(id + " is created");
    }

    private void fault() {
        List<Machine> alive = world.alive();
        Machine victim = alive.get(random.nextInt(alive.size()));
        Duration time = millis(2_000, 100_000);
        switch (random.nextInt(3)) {
            case 0 -> {
                world.happen(victim.name() + " is killed");
                world.judge().disturbed(victim, Long.MAX_VALUE);
                world.end(victim);
                world.at(millis(1_000, 20_000), world::boot);
                // Two could be killed at the same time.
                if (world.alive().isEmpty()) {
                    world.boot();
                }
            }
            case 1 -> {
                world.happen(victim.name() + " stands still for " + time);
                victim.pause(time);
                world.judge().disturbed(victim, world.now() + time.toNanos());
            }
            default -> {
                world.happen(victim.name() + " is cut off for " + time);
                victim.cutOff(time);
                world.judge().disturbed(victim, world.now() + time.toNanos());
            }
        }
    }

    @Override
    public Duration lease() {
        return LEASE;
    }

    @Override
    public double lostAnswers() {
        return lostAnswers;
    }

    /** Some work takes longer than a lease. */
    @Override
    public Work work(SplittableRandom own) {
        return new Work(own.nextInt(1, 7), Duration.ofMillis(own.nextLong(500, 15_000)));
    }

    @Override
    public List<String> taskIds() {
        return taskIds;
    }

    @Override
    public boolean isDone() {
        return taskIds.size() == expected
                && taskIds.stream()
                        .allMatch(id -> world.store().queue().get(id).state().terminal());
    }
}

package io.agentrun.tck.simulation;

import io.agentrun.AgentRunStore;
import io.agentrun.lease.ExpiredQuery;
import io.agentrun.lease.Recovery;
import io.agentrun.lease.RecoveryOutcome;
import io.agentrun.memory.InMemoryAgentRunStore;
import io.agentrun.model.TenantScope;
import io.agentrun.run.Run;
import io.agentrun.tck.SettableClock;
import io.agentrun.worker.time.Scheduler;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/**
 * One simulation under way: the store, the machines, the time, and what happens next.
 *
 * <p>Confined to the thread that runs it and to its fibers, of which one runs at a time.
 */
final class World {

    private static final Duration RECOVERY = Duration.ofSeconds(5);
    private static final Duration LONGEST = Duration.ofMinutes(30);
    private static final long SHORTEST_CALL_NANOS = 1_000_000;
    private static final long LONGEST_CALL_NANOS = 20_000_000;

    private final SimulatedHost host;
    private final long seed;
    private final SplittableRandom random;
    private final SettableClock clock = SettableClock.at(Instant.parse("2026-01-01T00:00:00Z"));
    private final Map<String, Integer> ids = new HashMap<>();
    private final AgentRunStore store = InMemoryAgentRunStore.builder()
            .clock(clock)
            .ticker(() -> this.now)
            .ids(this::id)
            .build();
    private final Judge judge = new Judge(this);
    private final Plan plan;
    private final List<Machine> machines = new ArrayList<>();
    private final List<Fiber> fibers = new ArrayList<>();
    private final List<Task> tasks = new ArrayList<>();
    private final List<String> trace = new ArrayList<>();
    private long now;
    private long happened;
    private int started;

    /** Something that is due at a time: of a machine, or of the simulation itself. */
    private static final class Task {
        private final @Nullable Machine machine;
        private final long at;
        private final Runnable work;

        private Task(@Nullable Machine machine, long at, Runnable work) {
            this.machine = machine;
            this.at = at;
            this.work = work;
        }
    }

    World(SimulatedHost host, long seed, BiFunction<World, SplittableRandom, Plan> plan) {
        this.host = host;
        this.seed = seed;
        this.random = new SplittableRandom(seed);
        this.plan = plan.apply(this, random.split());
    }

    private String id(String prefix) {
        return String.format(Locale.ROOT, "%s_%07d", prefix, ids.merge(prefix, 1, Integer::sum));
    }

    SimulationReport run() {
        try (AgentRunStore open = store) {
            plan.begin(open);
            at(RECOVERY, this::recover);
            while (!plan.isDone()
                    && now < LONGEST.toNanos()
                    && judge.violations().isEmpty()
                    && step()) {
                // One fiber or task after the other.
            }
            if (judge.violations().isEmpty()) {
                judge.examine(plan.taskIds());
            }
        } finally {
            machines.forEach(this::end);
        }
        return new SimulationReport(seed, judge.violations(), trace);
    }

    /** Lets one of those that can go on do so; where none can, the time moves to the next that is due. False if nothing is. */
    private boolean step() {
        List<Fiber> ready = new ArrayList<>();
        for (Fiber fiber : fibers) {
            if (!fiber.machine().isPaused() && fiber.isReady(now, happened)) {
                ready.add(fiber);
            }
        }
        List<Task> due = new ArrayList<>();
        for (Task task : tasks) {
            if (dueAt(task) <= now) {
                due.add(task);
            }
        }
        if (ready.isEmpty() && due.isEmpty()) {
            return moveTime();
        }
        int chosen = random.nextInt(ready.size() + due.size());
        if (chosen < ready.size()) {
            resume(ready.get(chosen));
        } else {
            begin(due.get(chosen - ready.size()));
        }
        return true;
    }

    private void begin(Task task) {
        tasks.remove(task);
        Machine machine = task.machine;
        if (machine == null) {
            task.work.run();
        } else {
            spawn(machine, task.work);
        }
    }

    private long dueAt(Task task) {
        return task.machine == null ? task.at : Math.max(task.at, task.machine.pausedUntil());
    }

    private boolean moveTime() {
        long next = Long.MAX_VALUE;
        for (Fiber fiber : fibers) {
            next = Math.min(next, Math.max(fiber.until(), fiber.machine().pausedUntil()));
        }
        for (Task task : tasks) {
            next = Math.min(next, dueAt(task));
        }
        if (next == Long.MAX_VALUE) {
            return false;
        }
        clock.advance(Duration.ofNanos(Math.max(0, next - now)));
        now = Math.max(now, next);
        return true;
    }

    private void resume(Fiber fiber) {
        fiber.resume();
        if (fiber.isOver()) {
            fibers.remove(fiber);
            happened++;
            Throwable failure = fiber.failure();
            if (failure != null) {
                judge.violation(fiber.machine().name() + " threw " + failure);
            }
        }
    }

    void spawn(Machine machine, Runnable body) {
        if (!machine.isDead()) {
            fibers.add(new Fiber(machine, body));
        }
    }

    Scheduler.Timer schedule(Machine machine, long delay, Runnable work) {
        Task task = new Task(machine, now + delay, work);
        if (!machine.isDead()) {
            tasks.add(task);
        }
        return () -> tasks.removeIf(other -> other == task);
    }

    /** Does something of the simulation's own after a time. */
    void at(Duration delay, Runnable work) {
        tasks.add(new Task(null, now + delay.toNanos(), work));
    }

    /** Starts the host on a new machine. */
    void boot() {
        Machine machine = new Machine(this, "host-" + ++started);
        machines.add(machine);
        happen(machine.name() + " starts");
        spawn(machine, () -> {
            try {
                host.start(machine);
            } catch (Exception e) {
                throw new IllegalStateException("the host could not be started: " + e.getMessage(), e);
            }
        });
    }

    List<Machine> alive() {
        return machines.stream().filter(machine -> !machine.isDead()).toList();
    }

    /** Kills the machine: its threads end where they stand. */
    void end(Machine machine) {
        machine.kill();
        tasks.removeIf(task -> task.machine == machine);
        for (Fiber fiber : List.copyOf(fibers)) {
            if (fiber.machine() == machine) {
                while (!fiber.isOver()) {
                    fiber.resume();
                }
                fibers.remove(fiber);
            }
        }
    }

    private void recover() {
        for (Recovery recovery : store.leases().recoverExpired(ExpiredQuery.in(TenantScope.all()))) {
            if (recovery.outcome() != RecoveryOutcome.NOT_NEEDED) {
                happen("recovery of " + recovery.runId() + ": "
                        + recovery.outcome().wire());
                judge.recovered(recovery.runId());
            }
        }
        at(RECOVERY, this::recover);
    }

    /** Lets a call be on its way for a while. */
    void letTimePass(Machine machine) {
        long until = now + random.nextLong(SHORTEST_CALL_NANOS, LONGEST_CALL_NANOS);
        if (machine.isDead()) {
            throw new Killed();
        }
        Fiber.park(until, -1);
    }

    boolean losesAnswer(Machine machine) {
        boolean lost = random.nextDouble() < plan.lostAnswers();
        if (lost) {
            judge.disturbed(machine, now);
        }
        return lost;
    }

    /** Notes something that others may wait for. */
    void happen(String what) {
        happened++;
        trace.add(String.format(Locale.ROOT, "%.6f %s", now / 1e9, what));
    }

    Work work(Run run) {
        String taskId = Objects.requireNonNull(run.taskId());
        return plan.work(new SplittableRandom(seed * 31 + taskId.hashCode()));
    }

    Duration lease() {
        return plan.lease();
    }

    AgentRunStore store() {
        return store;
    }

    Judge judge() {
        return judge;
    }

    long now() {
        return now;
    }

    long happened() {
        return happened;
    }
}

package io.agentrun.tck.simulation;

import io.agentrun.AgentRunStore;
import io.agentrun.check.Require;
import io.agentrun.run.Run;
import io.agentrun.worker.time.Scheduler;
import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.Lock;

/**
 * What a host has of the machine that it runs on.
 *
 * <p>Thread-safe among the threads of its simulation.
 */
public final class Machine {

    private final World world;
    private final String name;
    private final AgentRunStore store;
    private boolean dead;
    private long pausedUntil;
    private long cutOffUntil;

    Machine(World world, String name) {
        this.world = world;
        this.name = name;
        this.store = new FaultyConnection(this, world).to(world.store());
    }

    /** Returns the id under which the host of this machine holds leases. */
    public String runnerId() {
        return name;
    }

    /** Returns the store, as this machine reaches it. */
    public AgentRunStore store() {
        return store;
    }

    /** Returns how long a lease should be; the simulation's faults are as long as a few of them. */
    public Duration lease() {
        return world.lease();
    }

    /** Returns what tells the time and runs tasks of the host. */
    public Scheduler scheduler() {
        return new MachineScheduler();
    }

    /** Returns what runs agents, each on a thread of its own. */
    public Executor executor() {
        return task -> world.spawn(this, Require.given("task", task));
    }

    /** Lets time pass. */
    public void sleep(Duration time) throws InterruptedException {
        if (Thread.interrupted()) {
            throw new InterruptedException();
        }
        Fiber.park(world.now() + Require.given("time", time).toNanos(), -1);
        if (Thread.interrupted()) {
            throw new InterruptedException();
        }
    }

    /** Takes the lines of an agent. */
    @FunctionalInterface
    public interface LineWriter {

        /** Stores a line as an event of type {@code command_output} with the {@code text}, or sees to it that it will be stored. */
        void write(String line) throws InterruptedException;
    }

    /**
     * Does what the agent of a turn does: it takes its time and writes some lines, each of which must stand in the run once and in
     * order. A host lets it run once for each lease under which it works on the turn.
     *
     * @param run the run as its lease has it
     */
    public void work(Run run, LineWriter to) throws InterruptedException {
        Work work = world.work(Require.given("run", run));
        for (int i = 1; i <= work.lines(); i++) {
            sleep(work.pause());
            to.write(work.line(run.epoch(), i));
        }
    }

    String name() {
        return name;
    }

    long now() {
        return world.now();
    }

    boolean isDead() {
        return dead;
    }

    boolean isPaused() {
        return world.now() < pausedUntil;
    }

    long pausedUntil() {
        return pausedUntil;
    }

    boolean isCutOff() {
        return world.now() < cutOffUntil;
    }

    void kill() {
        dead = true;
    }

    void pause(Duration time) {
        pausedUntil = world.now() + time.toNanos();
    }

    void cutOff(Duration time) {
        cutOffUntil = world.now() + time.toNanos();
    }

    /** Runs the tasks of the machine by the simulation's time. */
    private final class MachineScheduler implements Scheduler {

        @Override
        public long nanoTime() {
            return world.now();
        }

        @Override
        public void execute(Runnable task) {
            world.spawn(Machine.this, task);
        }

        @Override
        public Timer schedule(Duration delay, Runnable task) {
            return world.schedule(Machine.this, Math.max(0, delay.toNanos()), task);
        }

        @Override
        public long await(Lock lock, Condition condition, long nanos) throws InterruptedException {
            long until = world.now() + nanos;
            lock.unlock();
            try {
                Fiber.park(until, world.happened());
            } finally {
                lock.lock();
            }
            if (Thread.interrupted()) {
                throw new InterruptedException();
            }
            return until - world.now();
        }
    }
}

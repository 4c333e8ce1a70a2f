package io.agentrun.tck.simulation;

import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;

/**
 * A thread that runs only while it is told to: of all fibers and the thread of the simulation, one runs at a time, so that what they
 * share needs no lock, and the order of everything is that of the simulation.
 *
 * <p>Confined to its simulation.
 */
final class Fiber {

    private static final ExecutorService THREADS = Executors.newCachedThreadPool(task -> {
        Thread thread = new Thread(task, "simulated");
        thread.setDaemon(true);
        return thread;
    });

    private static final ThreadLocal<@Nullable Fiber> CURRENT = new ThreadLocal<>();

    private final Semaphore go = new Semaphore(0);
    private final Semaphore back = new Semaphore(0);
    private final Machine machine;
    private boolean over;
    private @Nullable Throwable failure;

    /** Until when it waits at most, by the simulation's time. */
    private long until;

    /** What had happened when it began to wait: it goes on once more has. */
    private long seen = -1;

    Fiber(Machine machine, Runnable body) {
        this.machine = machine;
        this.until = machine.now();
        THREADS.execute(() -> run(body));
    }

    private void run(Runnable body) {
        CURRENT.set(this);
        go.acquireUninterruptibly();
        try {
            if (!machine.isDead()) {
                body.run();
            }
        } catch (Killed e) {
            // It was on a machine that is no more.
        } catch (Throwable e) {
            failure = e;
        } finally {
            CURRENT.remove();
            Thread.interrupted();
            over = true;
            back.release();
        }
    }

    /** Lets it run until it waits or ends; called by the thread of the simulation. */
    void resume() {
        go.release();
        back.acquireUninterruptibly();
    }

    /** Waits until the time has come or, with a number of happenings, until there are more; called by the fiber itself. */
    static void park(long until, long seen) {
        Fiber fiber = CURRENT.get();
        if (fiber == null) {
            throw new IllegalStateException("a thread of its own waits: use the machine's executor");
        }
        if (fiber.machine.isDead()) {
            throw new Killed();
        }
        fiber.until = until;
        fiber.seen = seen;
        fiber.back.release();
        fiber.go.acquireUninterruptibly();
        if (fiber.machine.isDead()) {
            throw new Killed();
        }
    }

    boolean isReady(long now, long happened) {
        return until <= now || (seen >= 0 && seen < happened);
    }

    long until() {
        return until;
    }

    boolean isOver() {
        return over;
    }

    Machine machine() {
        return machine;
    }

    @Nullable
    Throwable failure() {
        return failure;
    }
}

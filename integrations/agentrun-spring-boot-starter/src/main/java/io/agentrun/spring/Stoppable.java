package io.agentrun.spring;

import org.springframework.context.SmartLifecycle;

/**
 * Begins when everything else has begun, and ends before everything else: before the web server waits for its requests, and before the
 * store and the data source close. What ends, ends beside its likes, each on a thread of its own.
 *
 * <p>Thread-safe.
 */
abstract class Stoppable implements SmartLifecycle {

    private final Object lock = new Object();
    private boolean running;

    /** Begins. */
    abstract void begin();

    /** Ends, and returns when that is done. */
    abstract void end();

    @Override
    public final void start() {
        synchronized (lock) {
            if (running) {
                return;
            }
            running = true;
        }
        begin();
    }

    @Override
    public final void stop() {
        synchronized (lock) {
            if (!running) {
                return;
            }
            running = false;
        }
        end();
    }

    @Override
    public final void stop(Runnable callback) {
        Thread ending = new Thread(
                () -> {
                    try {
                        stop();
                    } finally {
                        callback.run();
                    }
                },
                "agentrun-end");
        ending.setDaemon(true);
        ending.start();
    }

    @Override
    public final boolean isRunning() {
        synchronized (lock) {
            return running;
        }
    }

    /** The last to begin, the first to end. */
    @Override
    public final int getPhase() {
        return DEFAULT_PHASE;
    }
}

package io.agentrun.postgres.internal.db;

import java.util.LinkedHashSet;
import java.util.Set;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jspecify.annotations.Nullable;

/**
 * Tells the other stores what was committed here, outside of the callers' path: what comes in while one message is on its
 * way goes with the next. A message that cannot be sent is dropped; who waits looks by itself.
 *
 * <p>Thread-safe.
 */
final class Announcer {

    /** Between two messages; the first after a quiet while goes at once. A store that appends all the time spends little on it. */
    private static final long PAUSE_NANOS = 15_000_000;

    private static final long PAUSE_AFTER_FAILURE_NANOS = 100_000_000;

    private static final int MAX_SIGNALS = 1_000;

    private final Jdbi jdbi;
    private final Settings settings;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition added = lock.newCondition();
    private Set<String> signals = new LinkedHashSet<>();
    private @Nullable Thread thread;
    private boolean closed;

    Announcer(Connections connections, Settings settings) {
        this.jdbi = Jdbis.over(connections, settings);
        this.settings = settings;
    }

    void add(Set<String> more) {
        lock.lock();
        try {
            if (closed) {
                return;
            }
            if (signals.size() >= MAX_SIGNALS) {
                signals.clear();
                signals.add(Wakeups.ALL);
            } else {
                signals.addAll(more);
            }
            if (thread == null) {
                thread = new Thread(this::run, "agentrun-announcer");
                thread.setDaemon(true);
                thread.start();
            }
            added.signal();
        } finally {
            lock.unlock();
        }
    }

    private void run() {
        for (Set<String> next = take(); next != null; next = take()) {
            try (Handle handle = jdbi.open()) {
                Wakeups.announcement(settings, next).execute(handle);
            } catch (RuntimeException e) {
                // Only a hint is lost. A database that is down is not asked again at once.
                LockSupport.parkNanos(PAUSE_AFTER_FAILURE_NANOS);
            }
            LockSupport.parkNanos(PAUSE_NANOS);
        }
    }

    private @Nullable Set<String> take() {
        lock.lock();
        try {
            while (signals.isEmpty() && !closed) {
                added.awaitUninterruptibly();
            }
            if (closed) {
                return null;
            }
            Set<String> taken = signals;
            signals = new LinkedHashSet<>();
            return taken;
        } finally {
            lock.unlock();
        }
    }

    void close() {
        lock.lock();
        try {
            closed = true;
            added.signal();
        } finally {
            lock.unlock();
        }
    }
}

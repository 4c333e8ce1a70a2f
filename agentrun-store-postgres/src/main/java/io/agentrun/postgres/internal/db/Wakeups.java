package io.agentrun.postgres.internal.db;

import io.agentrun.backend.Interest;
import io.agentrun.backend.Signal;
import io.agentrun.error.StoreUnavailableException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * Wakes calls that wait: those of this store directly after a commit, those of other stores by a notification. All of it
 * is a hint; a waiting call looks by itself every now and then, and that is the truth.
 *
 * <p>Thread-safe.
 */
final class Wakeups {

    /** How many looks in a row may fail. */
    private static final int MAX_LOST = 3;

    /** In place of a signal: whoever waits looks. */
    static final String ALL = "*";

    /** In characters: a notification holds less than 8,000 bytes. */
    private static final int MAX_PAYLOAD = 2_300;

    private static final String NOTIFY = """
            SELECT pg_notify(:channel, payload)
            FROM unnest(:payloads) AS payload
            """;

    private static final String NOTIFY_LAZILY = """
            SELECT set_config('synchronous_commit', 'off', true), pg_notify(:channel, payload)
            FROM unnest(:payloads) AS payload
            """;

    private final ConcurrentHashMap<String, Set<Semaphore>> waiting = new ConcurrentHashMap<>();
    private final Set<WideWaiter> wideWaiters = ConcurrentHashMap.newKeySet();
    private final Settings settings;
    private final Listener listener;
    private final Announcer announcer;

    /** A call that waits for many runs. Thread-safe. */
    private record WideWaiter(Interest interest, Semaphore woken) {}

    Wakeups(DataSource dataSource, Settings settings) {
        this.settings = settings;
        this.listener = new Listener(dataSource, channel(settings), this::heard);
        this.announcer = new Announcer(dataSource, settings);
    }

    /** Wakes who waits for these signals, here at once and elsewhere soon. */
    void committed(Set<String> signals) {
        if (signals.isEmpty()) {
            return;
        }
        signals.forEach(this::wake);
        if (settings.notifications()) {
            announcer.add(signals);
        }
    }

    <T> @Nullable T await(String signal, Duration timeout, Supplier<@Nullable T> look, Runnable requireOpen) {
        Semaphore mine = new Semaphore(0);
        waiting.compute(signal, (name, others) -> {
            Set<Semaphore> all = others == null ? ConcurrentHashMap.newKeySet() : others;
            all.add(mine);
            return all;
        });
        try {
            return await(mine, timeout, look, requireOpen);
        } finally {
            waiting.computeIfPresent(signal, (name, all) -> {
                all.remove(mine);
                return all.isEmpty() ? null : all;
            });
        }
    }

    <T> @Nullable T awaitAny(Interest interest, Duration timeout, Supplier<@Nullable T> look, Runnable requireOpen) {
        WideWaiter mine = new WideWaiter(interest, new Semaphore(0));
        Runnable detach = interest.attach(mine.woken()::release);
        wideWaiters.add(mine);
        try {
            return await(mine.woken(), timeout, look, requireOpen);
        } finally {
            wideWaiters.remove(mine);
            detach.run();
        }
    }

    private <T> @Nullable T await(Semaphore mine, Duration timeout, Supplier<@Nullable T> look, Runnable requireOpen) {
        if (settings.notifications()) {
            listener.start();
        }
        long end = System.nanoTime() + timeout.toNanos();
        int lost = 0;
        while (true) {
            requireOpen.run();
            try {
                T seen = look.get();
                if (seen != null || end - System.nanoTime() <= 0) {
                    return seen;
                }
                lost = 0;
            } catch (StoreUnavailableException e) {
                // One lost connection ends no wait; a database that is down does.
                if (++lost > MAX_LOST || !e.retryable() || end - System.nanoTime() <= 0) {
                    throw e;
                }
            }
            long pause =
                    Math.min(end - System.nanoTime(), settings.pollInterval().toNanos());
            if (!sleep(mine, Math.max(0, pause))) {
                return look.get();
            }
        }
    }

    /** Returns whether the thread may go on waiting; an interrupted one keeps its flag. */
    private static boolean sleep(Semaphore mine, long nanos) {
        try {
            if (mine.tryAcquire(nanos, TimeUnit.NANOSECONDS)) {
                mine.drainPermits();
            }
            return true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private void heard(String payload) {
        for (String signal : payload.split(",", -1)) {
            wake(signal);
        }
    }

    private void wake(String signal) {
        if (signal.equals(ALL)) {
            waiting.values().forEach(all -> all.forEach(Semaphore::release));
            wideWaiters.forEach(waiter -> {
                waiter.interest().unsure();
                waiter.woken().release();
            });
            return;
        }
        if (!wideWaiters.isEmpty()) {
            Signal given = new Signal(signal);
            for (WideWaiter waiter : wideWaiters) {
                if (waiter.interest().includes(given)) {
                    waiter.woken().release();
                }
            }
        }
        Set<Semaphore> found = waiting.get(signal);
        if (found != null) {
            found.forEach(Semaphore::release);
        }
    }

    void close() {
        listener.close();
        announcer.close();
        wake(ALL);
    }

    static String channel(Settings settings) {
        return "agentrun_" + Integer.toHexString(settings.schema().name().hashCode());
    }

    /** Sends the signals with the step that runs: in the host's transaction, when that commits. */
    static void announce(Tx tx, Settings settings, Collection<String> signals) {
        tx.execute(announcement(NOTIFY, settings, signals));
    }

    /** Sends the signals alone; nobody waits for this hint to reach the disk. */
    static Script announcement(Settings settings, Collection<String> signals) {
        return announcement(NOTIFY_LAZILY, settings, signals);
    }

    private static Script announcement(String sql, Settings settings, Collection<String> signals) {
        return new Script()
                .run(sql)
                .bind("channel", channel(settings))
                .bindArray("payloads", "text", payloads(signals).toArray());
    }

    private static List<String> payloads(Collection<String> signals) {
        List<String> payloads = new ArrayList<>(1);
        StringBuilder payload = new StringBuilder();
        for (String signal : signals) {
            // Ids are the host's in part: what is too long, or has the separator in it, wakes everybody.
            String safe = signal.indexOf(',') >= 0 ? ALL : signal;
            if (payload.length() + safe.length() > MAX_PAYLOAD) {
                payloads.add(payload.toString());
                payload.setLength(0);
            }
            payload.append(payload.length() == 0 ? "" : ",").append(safe);
        }
        payloads.add(payload.toString());
        return payloads;
    }
}

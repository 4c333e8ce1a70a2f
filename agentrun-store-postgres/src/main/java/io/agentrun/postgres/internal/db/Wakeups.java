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

    /** A notification holds less than 8,000 bytes, of which names of signals have one for each character. */
    private static final int MAX_PAYLOAD = 7_500;

    private static final String NOTIFY = """
            SELECT pg_catalog.pg_notify(:channel, payload)
            FROM pg_catalog.unnest(:payloads) AS payload
            """;

    private static final String NOTIFY_LAZILY = """
            SELECT pg_catalog.set_config('synchronous_commit', 'off', true), pg_catalog.pg_notify(:channel, payload)
            FROM pg_catalog.unnest(:payloads) AS payload
            """;

    private final ConcurrentHashMap<String, Set<Semaphore>> waiting = new ConcurrentHashMap<>();
    private final Set<WideWaiter> wideWaiters = ConcurrentHashMap.newKeySet();
    private final Settings settings;
    private final Listener listener;
    private final Announcer announcer;
    private final HostCommits hostCommits;

    /** A call that waits for many runs. Thread-safe. */
    private record WideWaiter(Interest interest, Semaphore woken) {}

    Wakeups(DataSource dataSource, Connections connections, Settings settings) {
        this.settings = settings;
        DataSource direct = settings.listening().direct();
        this.listener = new Listener(
                direct == null ? dataSource : direct,
                channel(settings),
                settings.listening().quiet(),
                this::heard);
        this.announcer = new Announcer(connections, settings);
        this.hostCommits = new HostCommits(connections, settings, this::wake);
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

    /**
     * Wakes who waits here for these signals once the host's transaction has ended, unless its notification does that. The
     * transaction is that of the server process.
     */
    void written(int pid, Set<String> signals) {
        if (!listener.isListening() && !settings.pooling().callerThreadOnly()) {
            hostCommits.watch(pid, signals);
        }
    }

    /** Returns the connection that the store keeps to itself, its listener's. */
    Listener listener() {
        return listener;
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
        // An empty payload is a listener that tries its connection out.
        for (String signal : payload.split(",", -1)) {
            if (!signal.isEmpty()) {
                wake(signal);
            }
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
        hostCommits.close();
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
            if (payload.length() + signal.length() > MAX_PAYLOAD) {
                payloads.add(payload.toString());
                payload.setLength(0);
            }
            payload.append(payload.length() == 0 ? "" : ",").append(signal);
        }
        payloads.add(payload.toString());
        return payloads;
    }
}

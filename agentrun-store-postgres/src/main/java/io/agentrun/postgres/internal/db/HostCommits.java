package io.agentrun.postgres.internal.db;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jspecify.annotations.Nullable;

/**
 * Wakes the store's own waiting calls when a transaction of the host has ended, for a store that hears no notifications. It looks
 * which transaction the host's server process is in: soon at first, then more seldom, because a transaction that has lasted long
 * will not end just now. The host's own connection is asked nothing.
 *
 * <p>Thread-safe.
 */
final class HostCommits {

    private static final long FIRST_PAUSE_NANOS = 2_000_000;
    private static final long MAX_PAUSE_NANOS = 200_000_000;
    private static final int MAX_TRANSACTIONS = 1_000;

    private static final String TRANSACTIONS = """
            SELECT a.pid, CAST(a.backend_xid AS text) AS xid
            FROM pg_catalog.pg_stat_get_activity(CAST(NULL AS integer)) a
            WHERE a.pid = ANY (:pids) AND a.backend_xid IS NOT NULL
            """;

    private final Jdbi jdbi;
    private final Consumer<String> wake;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final Map<Integer, Watched> watched = new HashMap<>();
    private long pause = FIRST_PAUSE_NANOS;
    private @Nullable Thread thread;
    private boolean closed;

    HostCommits(Connections connections, Settings settings, Consumer<String> wake) {
        this.jdbi = Jdbis.over(connections, settings);
        this.wake = wake;
    }

    /** Holds the transaction of a server process, once it was seen, and whom its end wakes. */
    private static final class Watched {
        private final Set<String> signals = new HashSet<>(4);
        private @Nullable String xid;
    }

    private record Found(int pid, String xid) {}

    /** Wakes who waits for the signals when the transaction of the server process has ended. */
    void watch(int pid, Set<String> signals) {
        lock.lock();
        try {
            if (closed || (watched.size() >= MAX_TRANSACTIONS && !watched.containsKey(pid))) {
                // Whoever waits looks by itself.
                return;
            }
            watched.computeIfAbsent(pid, unknown -> new Watched()).signals.addAll(signals);
            pause = FIRST_PAUSE_NANOS;
            if (thread == null) {
                thread = new Thread(this::run, "agentrun-host-commits");
                thread.setDaemon(true);
                thread.start();
            }
            changed.signal();
        } finally {
            lock.unlock();
        }
    }

    private void run() {
        for (List<Integer> pids = next(); pids != null; pids = next()) {
            try (Handle handle = jdbi.open()) {
                Script script = new Script()
                        .bindArray(
                                "pids",
                                "bigint",
                                pids.stream().map(Integer::longValue).toArray());
                Script.Rows<Found> rows = script.query(
                        TRANSACTIONS, (row, context) -> new Found(row.getInt("pid"), row.getString("xid")));
                script.execute(handle);
                settle(pids, rows.all());
            } catch (RuntimeException e) {
                // A database that is down is asked again later; whoever waits looks by itself meanwhile.
                settle(List.of(), List.of());
            }
        }
    }

    /** Returns the processes to ask for, after a pause; null when the store is closed. */
    private @Nullable List<Integer> next() {
        lock.lock();
        try {
            while (watched.isEmpty() && !closed) {
                changed.awaitUninterruptibly();
            }
            long left = pause;
            while (left > 0 && !closed) {
                left = changed.awaitNanos(left);
            }
            pause = Math.min(pause * 2, MAX_PAUSE_NANOS);
            return closed ? null : new ArrayList<>(watched.keySet());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return null;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Wakes for the transactions that have ended: their process is in none, or in another one than before. One that is seen for
     * the first time may have come after the one that is watched, so that it wakes as well.
     */
    private void settle(List<Integer> asked, List<Found> found) {
        Map<Integer, String> now = new HashMap<>();
        found.forEach(row -> now.put(row.pid(), row.xid()));
        Set<String> ended = new HashSet<>();
        lock.lock();
        try {
            for (int pid : asked) {
                Watched transaction = watched.get(pid);
                String xid = now.get(pid);
                if (transaction == null || (xid != null && xid.equals(transaction.xid))) {
                    continue;
                }
                ended.addAll(transaction.signals);
                if (xid != null && transaction.xid == null) {
                    transaction.xid = xid;
                } else {
                    watched.remove(pid);
                }
            }
        } finally {
            lock.unlock();
        }
        ended.forEach(wake);
    }

    void close() {
        lock.lock();
        try {
            closed = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }
}

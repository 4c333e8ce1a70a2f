package io.agentrun.postgres.testing;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariDataSource;
import io.agentrun.error.StoreUnavailableException;
import io.agentrun.model.BackendProfile;
import io.agentrun.model.ChangePage;
import io.agentrun.model.Owner;
import io.agentrun.model.RunSpec;
import io.agentrun.model.TenantScope;
import io.agentrun.postgres.PostgresAgentRunStore;
import io.agentrun.queue.NewQueueTask;
import io.agentrun.queue.QueueTask;
import io.agentrun.session.Session;
import io.agentrun.session.SessionUpsert;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Writers and a reader of both feeds on one running store, through a failover of its servers: nothing is opened again.
 *
 * <p>Not thread-safe: one thread at a time.
 */
public final class FailoverLoad {

    private static final int WRITERS = 3;
    private static final int EACH_PHASE = 60;
    private static final Owner OWNER = new Owner("t", "p");
    private static final TenantScope ALL = TenantScope.all();

    private final String url;
    private final String prefix;
    private final Set<String> acknowledged = ConcurrentHashMap.newKeySet();
    private final Map<String, Long> seen = new ConcurrentHashMap<>();
    private final AtomicInteger written = new AtomicInteger();
    private final AtomicInteger shown = new AtomicInteger();
    private final AtomicInteger restarts = new AtomicInteger();
    private final AtomicLong firstWriteAfter = new AtomicLong();
    private final AtomicBoolean stopped = new AtomicBoolean();
    private final Map<String, Long> stored = new TreeMap<>();
    private volatile long killedAt = Long.MAX_VALUE;

    /** For servers with this URL; the prefix is in all names, so that several may work on one database one after the other. */
    public FailoverLoad(String url, String prefix) {
        this.url = url;
        this.prefix = prefix;
    }

    /** What kills the primary, says so at once, and returns when another one is on its way. */
    public interface Failover {
        void run(Runnable killed) throws Exception;
    }

    /** Writes and reads, has the primary replaced, and writes and reads to the end. */
    public void failOver(Runnable beforeTheEnd, Failover failover) throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(WRITERS + 1);
        try (HikariDataSource pool = ServerPair.pool(url, WRITERS + 3);
                PostgresAgentRunStore store = TestDatabase.quietStore(pool)) {
            List<Future<?>> work = new ArrayList<>();
            for (int w = 0; w < WRITERS; w++) {
                int writer = w;
                work.add(threads.submit(() -> write(store, writer)));
            }
            AtomicBoolean read = new AtomicBoolean();
            Future<?> reader = threads.submit(() -> read(store, read));
            writeAndRead();
            assertThat(store.upkeep().feedsMarked()).isTrue();
            writeAndRead();
            beforeTheEnd.run();

            failover.run(() -> killedAt = System.nanoTime());
            writeAndRead();
            stopped.set(true);
            for (Future<?> each : work) {
                each.get();
            }
            read.set(true);
            reader.get();
            for (QueueTask task : new Everything(store).tasks()) {
                stored.put(task.title(), task.version());
            }
            for (Session session : new Everything(store).sessions()) {
                stored.put(session.id(), session.version());
            }
        } finally {
            stopped.set(true);
            threads.shutdownNow();
        }
    }

    /** Returns when so many more writes are acknowledged, and the reader has been shown something since. */
    public void writeAndRead() {
        int from = written.get();
        ServerPair.until(() -> written.get() >= from + EACH_PHASE);
        int seenBefore = shown.get();
        ServerPair.until(() -> shown.get() > seenBefore);
    }

    /** Each write is repeated until it is acknowledged; it names its own id or key, so that it is done once. */
    private void write(PostgresAgentRunStore store, int writer) {
        for (int i = 0; !stopped.get(); i++) {
            String name = prefix + writer + "-" + i;
            boolean done = false;
            while (!done) {
                try {
                    store.sessions().upsert(session("s-" + name));
                    acknowledged.add("s-" + name);
                    store.queue().create(task("t-" + name));
                    acknowledged.add("t-" + name);
                    done = true;
                } catch (StoreUnavailableException e) {
                    assertThat(e.retryable()).as(String.valueOf(e.reason())).isTrue();
                    LockSupport.parkNanos(20_000_000);
                }
            }
            if (written.incrementAndGet() > 0 && System.nanoTime() > killedAt) {
                firstWriteAfter.compareAndSet(0, System.nanoTime());
            }
        }
    }

    /** Reads both feeds, beginning with no cursor once, to the end after the last write. */
    private void read(PostgresAgentRunStore store, AtomicBoolean last) {
        @Nullable String sessions = null;
        @Nullable String tasks = null;
        while (true) {
            boolean end = last.get();
            try {
                ChangePage<Session> changed = store.sessions().changes(ALL, sessions, 50);
                sessions = changed.cursor();
                changed.items().forEach(session -> seen.put(session.id(), session.version()));
                ChangePage<QueueTask> added = store.queue().changes(ALL, tasks, 50);
                tasks = added.cursor();
                added.items().forEach(task -> seen.put(task.title(), task.version()));
                shown.addAndGet(changed.items().size() + added.items().size());
                restarts.addAndGet((changed.restarted() ? 1 : 0) + (added.restarted() ? 1 : 0));
                if (end && !changed.more() && !added.more()) {
                    return;
                }
            } catch (StoreUnavailableException e) {
                LockSupport.parkNanos(20_000_000);
            }
        }
    }

    /** What was acknowledged and is not stored. */
    public Set<String> lost() {
        Set<String> lost = new HashSet<>(acknowledged);
        lost.removeAll(stored.keySet());
        return lost;
    }

    /** What is stored, and the reader was not shown in that version. */
    public Map<String, Long> missed() {
        Map<String, Long> missed = new HashMap<>(stored);
        missed.entrySet().removeIf(entry -> entry.getValue().equals(seen.get(entry.getKey())));
        return missed;
    }

    /** Prints the figures of a round, of servers of this kind. */
    public void print(String kind, int round) {
        assertThat(restarts.get()).isGreaterThanOrEqualTo(2);
        System.out.printf(
                "failover, %s, round %d: %d writes acknowledged, %d of them lost, %d records stored, 0 missed,"
                        + " %d shown, first write %d ms after the kill%n",
                kind,
                round,
                acknowledged.size(),
                lost().size(),
                stored.size(),
                shown.get(),
                Duration.ofNanos(firstWriteAfter.get() - killedAt).toMillis());
    }

    /** A session of this id. */
    public static SessionUpsert session(String id) {
        return SessionUpsert.builder(id, OWNER, BackendProfile.CODEX).build();
    }

    /** A task with this title, which is its key too. */
    public static NewQueueTask task(String title) {
        return NewQueueTask.builder(OWNER, "q", title, RunSpec.of(BackendProfile.CODEX))
                .idempotencyKey(title)
                .build();
    }
}

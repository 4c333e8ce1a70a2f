package io.agentrun.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.zaxxer.hikari.HikariDataSource;
import io.agentrun.error.StoreUnavailableException;
import io.agentrun.error.StoreUnavailableException.Reason;
import io.agentrun.model.BackendProfile;
import io.agentrun.model.ChangePage;
import io.agentrun.model.Owner;
import io.agentrun.model.RunSpec;
import io.agentrun.model.TenantScope;
import io.agentrun.postgres.testing.ServerPair;
import io.agentrun.postgres.testing.TestDatabase;
import io.agentrun.queue.NewQueueTask;
import io.agentrun.queue.QueueQuery;
import io.agentrun.queue.QueueScope;
import io.agentrun.queue.QueueTask;
import io.agentrun.session.Session;
import io.agentrun.session.SessionQuery;
import io.agentrun.session.SessionTraceQuery;
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
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * One running store through the death of the primary: writers and a reader of both feeds go on over the same pool, and nothing is
 * opened again. {@code -Dagentrun.failover.rounds=20} makes it twenty rounds of each kind.
 */
@Tag("machine")
class FailoverTest {

    private static final int ROUNDS = Integer.getInteger("agentrun.failover.rounds", 3);
    private static final int WRITERS = 3;
    private static final int EACH_PHASE = 60;
    private static final Owner OWNER = new Owner("t", "p");
    private static final TenantScope ALL = TenantScope.all();

    @Test
    void with_a_synchronous_standby_no_acknowledged_write_and_no_change_is_lost() throws Exception {
        for (int round = 1; round <= ROUNDS; round++) {
            try (ServerPair servers = ServerPair.start()) {
                servers.makeSynchronous();
                Load load = new Load(servers);
                load.promoteUnderLoad(() -> {});

                assertThat(load.lost()).isEmpty();
                assertThat(load.missed()).isEmpty();
                load.print("synchronous", round);
            }
        }
    }

    @Test
    void with_a_standby_that_lags_no_change_of_the_new_primary_is_missed() throws Exception {
        for (int round = 1; round <= ROUNDS; round++) {
            try (ServerPair servers = ServerPair.start()) {
                Load load = new Load(servers);
                load.promoteUnderLoad(() -> {
                    servers.cutOff();
                    // The reader goes far beyond what the new primary will have.
                    load.writeAndRead(EACH_PHASE);
                });

                assertThat(load.lost()).isNotEmpty();
                assertThat(load.missed()).isEmpty();
                load.print("asynchronous", round);
            }
        }
    }

    @Test
    void a_standby_is_read_from_and_gives_no_feeds() throws Exception {
        try (ServerPair servers = ServerPair.start();
                HikariDataSource pool = servers.pool(2);
                PostgresAgentRunStore store = TestDatabase.quietStore(pool);
                HikariDataSource replica = servers.standbyPool(2);
                PostgresAgentRunStore reading = TestDatabase.quietStore(replica)) {
            Session session = store.sessions().upsert(session("s"));
            QueueTask task = store.queue().create(task("t"));
            ServerPair.until(() -> reading.sessions().find("s").isPresent()
                    && !reading.queue().list(QueueQuery.in(ALL)).items().isEmpty());

            assertThat(reading.sessions().get("s")).isEqualTo(session);
            assertThat(reading.sessions().list(SessionQuery.in(ALL)).items()).hasSize(1);
            assertThat(reading.sessions().trace(SessionTraceQuery.of("s")).items())
                    .isEmpty();
            assertThat(reading.queue().list(QueueQuery.in(ALL)).items()).containsExactly(task);
            assertThat(reading.queue().snapshot(QueueScope.all()).items()).containsExactly(task);
            assertThat(reading.health().ready()).isFalse();
            assertThat(reading.health().message()).contains("takes no writes");
            assertThatThrownBy(() -> reading.sessions().changes(ALL, null, 10))
                    .isInstanceOfSatisfying(
                            StoreUnavailableException.class,
                            e -> assertThat(e.reason()).isEqualTo(Reason.READ_ONLY));
        }
    }

    private static SessionUpsert session(String id) {
        return SessionUpsert.builder(id, OWNER, BackendProfile.CODEX).build();
    }

    private static NewQueueTask task(String title) {
        return NewQueueTask.builder(OWNER, "q", title, RunSpec.of(BackendProfile.CODEX))
                .idempotencyKey(title)
                .build();
    }

    /** Writers and a reader on one store. */
    private static final class Load {

        private final ServerPair servers;
        private final Set<String> acknowledged = ConcurrentHashMap.newKeySet();
        private final Map<String, Long> seen = new ConcurrentHashMap<>();
        private final AtomicInteger written = new AtomicInteger();
        private final AtomicInteger shown = new AtomicInteger();
        private final AtomicInteger restarts = new AtomicInteger();
        private final AtomicLong firstWriteAfter = new AtomicLong();
        private final AtomicBoolean stopped = new AtomicBoolean();
        private volatile long killedAt = Long.MAX_VALUE;
        private final Map<String, Long> stored = new TreeMap<>();

        private Load(ServerPair servers) {
            this.servers = servers;
        }

        private void promoteUnderLoad(Runnable beforeTheEnd) throws Exception {
            ExecutorService threads = Executors.newFixedThreadPool(WRITERS + 1);
            try (HikariDataSource pool = servers.pool(WRITERS + 3);
                    PostgresAgentRunStore store = TestDatabase.quietStore(pool)) {
                List<Future<?>> work = new ArrayList<>();
                for (int w = 0; w < WRITERS; w++) {
                    int writer = w;
                    work.add(threads.submit(() -> write(store, writer)));
                }
                AtomicBoolean read = new AtomicBoolean();
                Future<?> reader = threads.submit(() -> read(store, read));
                writeAndRead(EACH_PHASE);
                assertThat(store.upkeep().feedsMarked()).isTrue();
                writeAndRead(EACH_PHASE);
                beforeTheEnd.run();

                servers.killPrimary();
                killedAt = System.nanoTime();
                servers.promote();
                writeAndRead(EACH_PHASE);
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
        private void writeAndRead(int more) {
            int from = written.get();
            ServerPair.until(() -> written.get() >= from + more);
            int seenBefore = shown.get();
            ServerPair.until(() -> shown.get() > seenBefore);
        }

        /** Each write is repeated until it is acknowledged; it names its own id or key, so that it is done once. */
        private void write(PostgresAgentRunStore store, int writer) {
            for (int i = 0; !stopped.get(); i++) {
                String name = writer + "-" + i;
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
        private Set<String> lost() {
            Set<String> lost = new HashSet<>(acknowledged);
            lost.removeAll(stored.keySet());
            return lost;
        }

        /** What is stored, and the reader was not shown in that version. */
        private Map<String, Long> missed() {
            Map<String, Long> missed = new HashMap<>(stored);
            missed.entrySet().removeIf(entry -> entry.getValue().equals(seen.get(entry.getKey())));
            return missed;
        }

        private void print(String kind, int round) {
            assertThat(restarts.get()).isGreaterThanOrEqualTo(2);
            System.out.printf(
                    "failover, %s standby, round %d: %d writes acknowledged, %d of them lost, %d records stored, 0 missed,"
                            + " %d shown, first write %d ms after the kill%n",
                    kind,
                    round,
                    acknowledged.size(),
                    lost().size(),
                    stored.size(),
                    shown.get(),
                    Duration.ofNanos(firstWriteAfter.get() - killedAt).toMillis());
        }
    }

    /** All sessions and tasks of a store, page by page. */
    private record Everything(PostgresAgentRunStore store) {

        private List<Session> sessions() {
            List<Session> all = new ArrayList<>();
            SessionQuery query = SessionQuery.in(ALL).withLimit(500);
            while (true) {
                var page = store.sessions().list(query);
                page.items().forEach(summary -> all.add(summary.session()));
                if (page.nextCursor() == null) {
                    return all;
                }
                query = query.withCursor(page.nextCursor());
            }
        }

        private List<QueueTask> tasks() {
            List<QueueTask> all = new ArrayList<>();
            QueueQuery query = QueueQuery.in(ALL).withLimit(500);
            while (true) {
                var page = store.queue().list(query);
                all.addAll(page.items());
                if (page.nextCursor() == null) {
                    return all;
                }
                query = query.withCursor(page.nextCursor());
            }
        }
    }
}

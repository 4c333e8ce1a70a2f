package io.agentrun.id;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class IdSourceTest {
    private static final int THREADS = 4;
    private static final int EACH = 20_000;

    @Test
    void an_id_is_its_prefix_and_a_version_7_uuid_of_now() {
        long before = Instant.now().toEpochMilli();

        String id = IdSource.timeOrdered().next(IdSource.RUN);

        assertThat(id).matches("run_[0-9a-f]{32}");
        UUID uuid = uuid(id);
        assertThat(uuid.version()).isEqualTo(7);
        assertThat(uuid.variant()).isEqualTo(2);
        // other tests of this JVM may have borrowed some milliseconds ahead of the clock
        assertThat(uuid.getMostSignificantBits() >>> 16).isBetween(before, before + 60_000);
    }

    @Test
    void every_prefix_stands_in_front_of_32_digits() {
        for (String prefix : List.of(
                IdSource.RUN,
                IdSource.COMMAND,
                IdSource.EVENT,
                IdSource.QUEUE_TASK,
                IdSource.RUNNER_JOB,
                IdSource.RUNNER)) {
            assertThat(IdSource.timeOrdered().next(prefix))
                    .startsWith(prefix + "_")
                    .hasSize(prefix.length() + 33);
        }
    }

    @Test
    void ids_rise_on_every_thread_and_none_is_given_twice() throws Exception {
        IdSource ids = IdSource.timeOrdered();
        CyclicBarrier start = new CyclicBarrier(THREADS);
        Callable<List<String>> caller = () -> {
            List<String> mine = new ArrayList<>(EACH);
            start.await();
            for (int i = 0; i < EACH; i++) {
                mine.add(ids.next("x"));
            }
            return mine;
        };

        List<List<String>> given = onThreads(caller);

        Set<String> all = new HashSet<>();
        for (List<String> mine : given) {
            assertThat(mine).isSorted();
            all.addAll(mine);
        }
        assertThat(all).hasSize(THREADS * EACH);
    }

    @Test
    void an_id_that_is_asked_for_after_another_was_given_is_higher_whichever_threads_ask() throws Exception {
        AtomicReference<String> highest = new AtomicReference<>("");
        Callable<List<String>> caller = () -> {
            List<String> wrong = new ArrayList<>();
            for (int i = 0; i < EACH; i++) {
                String seen = highest.get();
                String id = IdSource.timeOrdered().next("x");
                if (id.compareTo(seen) <= 0) {
                    wrong.add(seen + " then " + id);
                }
                highest.accumulateAndGet(id, (a, b) -> a.compareTo(b) > 0 ? a : b);
            }
            return wrong;
        };

        List<List<String>> wrong = onThreads(caller);

        assertThat(wrong).allSatisfy(list -> assertThat(list).isEmpty());
    }

    private static List<List<String>> onThreads(Callable<List<String>> caller) throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(THREADS);
        try {
            List<Future<List<String>>> futures = new ArrayList<>();
            for (int i = 0; i < THREADS; i++) {
                futures.add(threads.submit(caller));
            }
            List<List<String>> results = new ArrayList<>();
            for (Future<List<String>> future : futures) {
                results.add(future.get());
            }
            return results;
        } finally {
            threads.shutdownNow();
        }
    }

    private static UUID uuid(String id) {
        String hex = id.substring(id.indexOf('_') + 1);
        return new UUID(
                Long.parseUnsignedLong(hex.substring(0, 16), 16), Long.parseUnsignedLong(hex.substring(16), 16));
    }
}

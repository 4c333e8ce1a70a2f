package io.agentrun.id;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
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

    @Test
    void the_random_bits_of_every_id_are_drawn_anew_so_that_known_ids_tell_nothing_about_the_next() {
        List<Long> drawn = new ArrayList<>();
        Random generator = new Random(1);
        IdSource ids = new TimeOrderedIds(() -> {
            drawn.add(generator.nextLong());
            return drawn.get(drawn.size() - 1);
        });

        List<String> given = Stream.generate(() -> ids.next("run")).limit(1_000).toList();

        // All 62 bits behind the time are those that were drawn for this id, and each was drawn for one id alone.
        assertThat(drawn).hasSize(1_000).doesNotHaveDuplicates();
        for (int i = 0; i < given.size(); i++) {
            assertThat(uuid(given.get(i)).getLeastSignificantBits() << 2 >>> 2).isEqualTo(drawn.get(i) >>> 2);
        }
    }

    @Test
    void the_bits_are_those_of_the_secure_generator_and_none_is_given_twice() {
        byte[] source = new byte[3 * SecureBits.NUMBERS * Long.BYTES];
        new Random(2).nextBytes(source);
        ByteBuffer left = ByteBuffer.wrap(source);
        SecureBits bits = new SecureBits(new SecureRandom() {
            private static final long serialVersionUID = 1L;

            @Override
            public void nextBytes(byte[] bytes) {
                left.get(bytes);
            }
        });

        ByteBuffer given = ByteBuffer.allocate(source.length);
        while (given.hasRemaining()) {
            given.putLong(bits.getAsLong());
        }

        assertThat(given.array()).isEqualTo(source);
    }

    @Test
    void two_sources_and_two_ids_of_one_millisecond_share_no_bits_by_a_common_secret() {
        // The attack on ids that mix their time with one secret: from two ids, undo the mixing, take the secret, and
        // compute the bits of a third. Here equal times give other bits.
        Set<Long> lows = new HashSet<>();
        IdSource one = new TimeOrderedIds(new SecureBits());
        IdSource other = new TimeOrderedIds(new SecureBits());

        for (int i = 0; i < 10_000; i++) {
            lows.add(uuid(one.next("a")).getLeastSignificantBits());
            lows.add(uuid(other.next("a")).getLeastSignificantBits());
        }

        assertThat(lows).hasSize(20_000);
        assertThat(lows.stream().reduce(0L, (a, b) -> a | b)).isEqualTo(0xbfff_ffff_ffff_ffffL);
        assertThat(lows.stream().reduce(-1L, (a, b) -> a & b)).isEqualTo(0x8000_0000_0000_0000L);
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

package io.agentrun.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentrun.tck.Race;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Callers that meet, without a database. */
class LineTest {

    private static final int CALLERS = 8;
    private static final int EACH = 400;
    private static final long FOREVER = TimeUnit.DAYS.toNanos(1);

    @Test
    void everything_is_worked_on_once_and_each_caller_gets_its_own() {
        Queue<Integer> worked = new ConcurrentLinkedQueue<>();
        Line<Integer, Integer> line = new Line<>(
                String::valueOf,
                input -> 1,
                items -> items.forEach(item -> {
                    worked.add(item.input());
                    item.succeed(item.input() * 2);
                }));

        List<Race.Finish<List<Integer>>> finishes = Race.of(CALLERS, caller -> () -> {
            List<Integer> wrong = new ArrayList<>();
            for (int n = caller * EACH; n < (caller + 1) * EACH; n++) {
                Integer got = line.settle(n);
                if (got == null || got != n * 2) {
                    wrong.add(n);
                }
            }
            return wrong;
        });

        assertThat(Race.values(finishes)).hasSize(CALLERS).allMatch(List::isEmpty);
        assertThat(worked)
                .containsExactlyInAnyOrderElementsOf(
                        IntStream.range(0, CALLERS * EACH).boxed().toList());
    }

    @Test
    void work_that_is_held_up_does_not_hold_up_those_who_wait_behind_it() throws InterruptedException {
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch over = new CountDownLatch(1);
        Line<String, String> line = new Line<>(
                String::valueOf,
                input -> 1,
                items -> items.forEach(item -> {
                    if (item.input().equals("slow")) {
                        begun.countDown();
                        awaitUninterrupted(over);
                    }
                    item.succeed("done " + item.input());
                }));
        Future<Race.Finish<String>> slow = Race.background(() -> String.valueOf(line.settle("slow")));
        begun.await();

        List<Race.Finish<String>> quick = Race.of(3, i -> () -> String.valueOf(line.settle("quick " + i)));

        assertThat(Race.values(quick)).containsExactly("done quick 0", "done quick 1", "done quick 2");
        assertThat(slow.isDone()).isFalse();
        over.countDown();
        assertThat(Race.await(slow).value()).isEqualTo("done slow");
    }

    private static void awaitUninterrupted(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void a_second_one_works_once_as_much_waits_as_the_first_has_in_hand() throws InterruptedException {
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch over = new CountDownLatch(1);
        Queue<Integer> sizes = new ConcurrentLinkedQueue<>();
        Line<String, String> line = new Line<>(
                input -> input,
                input -> input.equals("slow") ? 5 : 1,
                items -> {
                    sizes.add(items.size());
                    if (items.get(0).input().equals("slow")) {
                        begun.countDown();
                        awaitUninterrupted(over);
                    }
                    items.forEach(item -> item.succeed("done"));
                },
                FOREVER);
        Future<Race.Finish<String>> slow = Race.background(() -> String.valueOf(line.settle("slow")));
        begun.await();

        List<Race.Finish<String>> quick = Race.of(5, i -> () -> String.valueOf(line.settle("quick " + i)));

        assertThat(Race.values(quick)).hasSize(5).containsOnly("done");
        assertThat(sizes).containsExactly(1, 5);
        over.countDown();
        assertThat(Race.await(slow).value()).isEqualTo("done");
    }

    @Test
    void what_is_in_somebodys_hands_waits_for_that_one() {
        Set<String> inHand = ConcurrentHashMap.newKeySet();
        Queue<String> twice = new ConcurrentLinkedQueue<>();
        Line<Integer, Integer> line = new Line<>(
                input -> "key " + input % 3,
                input -> 1,
                items -> {
                    Set<String> keys = items.stream()
                            .map(item -> "key " + item.input() % 3)
                            .collect(Collectors.toSet());
                    keys.stream().filter(key -> !inHand.add(key)).forEach(twice::add);
                    items.forEach(item -> item.succeed(item.input()));
                    inHand.removeAll(keys);
                },
                FOREVER);

        List<Race.Finish<Integer>> finishes = Race.of(CALLERS, caller -> () -> {
            int settled = 0;
            for (int n = 0; n < EACH; n++) {
                Integer got = line.settle(caller + n);
                settled += got != null && got == caller + n ? 1 : 0;
            }
            return settled;
        });

        assertThat(Race.values(finishes)).hasSize(CALLERS).containsOnly(EACH);
        assertThat(twice).isEmpty();
    }

    @Test
    void what_the_work_throws_reaches_everybody_it_was_for() {
        Line<Integer, Integer> line = new Line<>(String::valueOf, input -> 1, items -> {
            throw new IllegalStateException("broken");
        });

        List<Race.Finish<Integer>> finishes = Race.of(CALLERS, caller -> () -> line.settle(caller));

        assertThat(Race.failures(finishes)).hasSize(CALLERS).allMatch(failure -> "broken".equals(failure.getMessage()));
    }

    @Test
    void work_that_an_error_cut_off_leaves_nobody_without_an_outcome() {
        Line<Integer, Integer> line = new Line<>(String::valueOf, input -> 1, items -> {
            throw new StackOverflowError("deep");
        });

        List<Race.Finish<Integer>> finishes = Race.of(CALLERS, caller -> () -> line.settle(caller));

        assertThat(Race.failures(finishes)).hasSize(CALLERS);
    }
}

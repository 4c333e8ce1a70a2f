package io.agentrun.postgres.internal.shortcut;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentrun.backend.Attempt;
import io.agentrun.error.StoreUnavailableException;
import io.agentrun.error.StoreUnavailableException.Reason;
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
import java.util.function.Function;
import java.util.function.ToIntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Concurrent callers of group commit, without a database. */
class GroupCommitTest {

    private static final int CALLERS = 8;
    private static final int EACH = 400;
    private static final long FOREVER = TimeUnit.DAYS.toNanos(1);

    /** Executes a batch of any size: the outcomes, one for each input. */
    private interface Execution<I, O> {
        List<Attempt<O>> of(List<I> inputs);
    }

    private static <I, O> GroupCommit.Operation<I, O> operation(
            Function<I, String> key, ToIntFunction<I> weight, Execution<I, O> execution) {
        return new GroupCommit.Operation<>() {
            @Override
            public String key(I input) {
                return key.apply(input);
            }

            @Override
            public int weight(I input) {
                return weight.applyAsInt(input);
            }

            @Override
            public Attempt<O> executeAlone(I input) {
                return execution.of(List.of(input)).get(0);
            }

            @Override
            public void executeCombined(List<Waiter<I, O>> batch) {
                List<Attempt<O>> outcomes =
                        execution.of(batch.stream().map(Waiter::input).toList());
                for (int i = 0; i < batch.size(); i++) {
                    batch.get(i).settle(outcomes.get(i));
                }
            }
        };
    }

    private static <I, O> List<Attempt<O>> done(List<I> inputs, Function<I, O> value) {
        return inputs.stream().map(value).map(Attempt::done).toList();
    }

    @Test
    void everything_is_executed_once_and_each_caller_gets_its_own_value() {
        Queue<Integer> executed = new ConcurrentLinkedQueue<>();
        GroupCommit<Integer, Integer> group = new GroupCommit<>(operation(String::valueOf, input -> 1, inputs -> {
            executed.addAll(inputs);
            return done(inputs, input -> input * 2);
        }));

        List<Race.Finish<List<Integer>>> finishes = Race.of(CALLERS, caller -> () -> {
            List<Integer> wrong = new ArrayList<>();
            for (int n = caller * EACH; n < (caller + 1) * EACH; n++) {
                if (!group.execute(n).equals(Attempt.done(n * 2))) {
                    wrong.add(n);
                }
            }
            return wrong;
        });

        assertThat(Race.values(finishes)).hasSize(CALLERS).allMatch(List::isEmpty);
        assertThat(executed)
                .containsExactlyInAnyOrderElementsOf(
                        IntStream.range(0, CALLERS * EACH).boxed().toList());
    }

    @Test
    void a_lone_item_that_is_refused_is_executed_once() {
        Queue<String> executed = new ConcurrentLinkedQueue<>();
        GroupCommit<String, String> group = new GroupCommit<>(operation(input -> input, input -> 1, inputs -> {
            executed.addAll(inputs);
            return List.of(new Attempt.Refused<>());
        }));

        Attempt<String> attempt = group.execute("refused");

        assertThat(attempt).isEqualTo(new Attempt.Refused<>());
        assertThat(executed).containsExactly("refused");
    }

    @Test
    void a_contended_item_is_executed_alone_exactly_once_more() throws InterruptedException {
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch over = new CountDownLatch(1);
        Queue<List<String>> executed = new ConcurrentLinkedQueue<>();
        GroupCommit<String, String> group = new GroupCommit<>(
                operation(input -> input, input -> input.equals("slow") ? 3 : 1, inputs -> {
                    if (inputs.contains("slow")) {
                        begun.countDown();
                        awaitUninterrupted(over);
                    } else {
                        executed.add(inputs.stream().sorted().toList());
                    }
                    boolean alone = inputs.size() == 1;
                    return inputs.stream()
                            .<Attempt<String>>map(input -> switch (input) {
                                case "contended" -> alone ? Attempt.done(input) : new Attempt.Contended<>();
                                case "lost" -> alone ? new Attempt.Refused<>() : new Attempt.Contended<>();
                                default -> Attempt.done(input);
                            })
                            .toList();
                }),
                FOREVER);
        Future<Race.Finish<Attempt<String>>> slow = Race.background(() -> group.execute("slow"));
        begun.await();
        List<String> inputs = List.of("contended", "lost", "plain");

        List<Race.Finish<Attempt<String>>> finishes = Race.of(3, i -> () -> group.execute(inputs.get(i)));

        over.countDown();
        assertThat(Race.await(slow).value()).isEqualTo(Attempt.done("slow"));
        assertThat(Race.values(finishes))
                .containsExactly(Attempt.done("contended"), new Attempt.Refused<>(), Attempt.done("plain"));
        assertThat(executed).containsExactlyInAnyOrder(inputs, List.of("contended"), List.of("lost"));
    }

    @Test
    void a_batch_that_is_held_up_does_not_hold_up_those_who_wait_behind_it() throws InterruptedException {
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch over = new CountDownLatch(1);
        GroupCommit<String, String> group = new GroupCommit<>(operation(String::valueOf, input -> 1, inputs -> {
            if (inputs.contains("slow")) {
                begun.countDown();
                awaitUninterrupted(over);
            }
            return done(inputs, input -> "done " + input);
        }));
        Future<Race.Finish<Attempt<String>>> slow = Race.background(() -> group.execute("slow"));
        begun.await();

        List<Race.Finish<Attempt<String>>> quick = Race.of(3, i -> () -> group.execute("quick " + i));

        assertThat(Race.values(quick))
                .containsExactly(
                        Attempt.done("done quick 0"), Attempt.done("done quick 1"), Attempt.done("done quick 2"));
        assertThat(slow.isDone()).isFalse();
        over.countDown();
        assertThat(Race.await(slow).value()).isEqualTo(Attempt.done("done slow"));
    }

    @Test
    void a_waiter_out_of_patience_starts_a_batch_whatever_is_in_flight() throws InterruptedException {
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch over = new CountDownLatch(1);
        GroupCommit<String, String> group = new GroupCommit<>(
                operation(input -> input.substring(0, 1), input -> input.equals("heavy") ? 500 : 1, inputs -> {
                    if (inputs.contains("heavy")) {
                        begun.countDown();
                        awaitUninterrupted(over);
                    }
                    return done(inputs, input -> input);
                }));
        Future<Race.Finish<Attempt<String>>> heavy = Race.background(() -> group.execute("heavy"));
        begun.await();

        Attempt<String> light = group.execute("light");
        Attempt<String> sameKey = group.execute("h of the same key");

        assertThat(light).isEqualTo(Attempt.done("light"));
        assertThat(sameKey).isEqualTo(Attempt.done("h of the same key"));
        assertThat(heavy.isDone()).isFalse();
        over.countDown();
        assertThat(Race.await(heavy).value()).isEqualTo(Attempt.done("heavy"));
    }

    private static void awaitUninterrupted(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void a_second_batch_starts_once_as_much_is_queued_as_the_first_one_weighs() throws InterruptedException {
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch over = new CountDownLatch(1);
        Queue<Integer> sizes = new ConcurrentLinkedQueue<>();
        GroupCommit<String, String> group = new GroupCommit<>(
                operation(input -> input, input -> input.equals("slow") ? 5 : 1, inputs -> {
                    sizes.add(inputs.size());
                    if (inputs.get(0).equals("slow")) {
                        begun.countDown();
                        awaitUninterrupted(over);
                    }
                    return done(inputs, input -> "done");
                }),
                FOREVER);
        Future<Race.Finish<Attempt<String>>> slow = Race.background(() -> group.execute("slow"));
        begun.await();

        List<Race.Finish<Attempt<String>>> quick = Race.of(5, i -> () -> group.execute("quick " + i));

        assertThat(Race.values(quick)).hasSize(5).containsOnly(Attempt.done("done"));
        assertThat(sizes).containsExactly(1, 5);
        over.countDown();
        assertThat(Race.await(slow).value()).isEqualTo(Attempt.done("done"));
    }

    @Test
    void an_input_whose_key_is_in_flight_waits_for_that_batch() {
        Set<String> inFlight = ConcurrentHashMap.newKeySet();
        Queue<String> twice = new ConcurrentLinkedQueue<>();
        GroupCommit<Integer, Integer> group = new GroupCommit<>(
                operation(input -> "key " + input % 3, input -> 1, inputs -> {
                    Set<String> keys =
                            inputs.stream().map(input -> "key " + input % 3).collect(Collectors.toSet());
                    keys.stream().filter(key -> !inFlight.add(key)).forEach(twice::add);
                    List<Attempt<Integer>> outcomes = done(inputs, input -> input);
                    inFlight.removeAll(keys);
                    return outcomes;
                }),
                FOREVER);

        List<Race.Finish<Integer>> finishes = Race.of(CALLERS, caller -> () -> {
            int settled = 0;
            for (int n = 0; n < EACH; n++) {
                settled += group.execute(caller + n).equals(Attempt.done(caller + n)) ? 1 : 0;
            }
            return settled;
        });

        assertThat(Race.values(finishes)).hasSize(CALLERS).containsOnly(EACH);
        assertThat(twice).isEmpty();
    }

    @Test
    void an_exception_of_the_execution_is_thrown_to_every_caller_of_the_batch() {
        GroupCommit<Integer, Integer> group = new GroupCommit<>(operation(String::valueOf, input -> 1, inputs -> {
            throw new IllegalStateException("broken");
        }));

        List<Race.Finish<Attempt<Integer>>> finishes = Race.of(CALLERS, caller -> () -> group.execute(caller));

        assertThat(Race.failures(finishes)).hasSize(CALLERS).allMatch(failure -> "broken".equals(failure.getMessage()));
    }

    @Test
    void an_execution_that_an_error_cut_off_leaves_no_caller_without_an_outcome() {
        GroupCommit<Integer, Integer> group = new GroupCommit<>(operation(String::valueOf, input -> 1, inputs -> {
            throw new StackOverflowError("deep");
        }));

        List<Race.Finish<Attempt<Integer>>> finishes = Race.of(CALLERS, caller -> () -> group.execute(caller));

        assertThat(Race.failures(finishes)).hasSize(CALLERS);
    }

    @Test
    void inputs_of_a_batch_that_an_error_cut_off_are_not_executed_again() throws InterruptedException {
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch over = new CountDownLatch(1);
        Queue<String> executed = new ConcurrentLinkedQueue<>();
        GroupCommit<String, String> group = new GroupCommit<>(
                operation(input -> input, input -> input.equals("slow") ? 3 : 1, inputs -> {
                    if (inputs.contains("slow")) {
                        begun.countDown();
                        awaitUninterrupted(over);
                    } else {
                        executed.addAll(inputs);
                        throw new StackOverflowError("deep");
                    }
                    return done(inputs, input -> input);
                }),
                FOREVER);
        Future<Race.Finish<Attempt<String>>> slow = Race.background(() -> group.execute("slow"));
        begun.await();

        List<Race.Finish<Attempt<String>>> finishes = Race.of(3, i -> () -> group.execute("quick " + i));

        over.countDown();
        assertThat(Race.await(slow).value()).isEqualTo(Attempt.done("slow"));
        assertThat(Race.failures(finishes)).hasSize(3);
        assertThat(executed).containsExactlyInAnyOrder("quick 0", "quick 1", "quick 2");
    }

    @ParameterizedTest
    @CsvSource({"2, 1000", "1000, 10"})
    void one_caller_more_than_may_wait_is_refused_at_once_and_the_others_are_executed(int waiting, long bytes)
            throws Exception {
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch over = new CountDownLatch(1);
        GroupCommit<String, String> group = new GroupCommit<>(
                heavy(operation(input -> input, input -> input.equals("first") ? 100 : 1, inputs -> {
                    if (inputs.contains("first")) {
                        begun.countDown();
                        awaitUninterrupted(over);
                    }
                    return done(inputs, input -> input);
                })),
                FOREVER,
                waiting,
                bytes);
        Future<Race.Finish<Attempt<String>>> first = Race.background(() -> group.execute("first"));
        begun.await();

        List<Future<Race.Finish<Attempt<String>>>> others = IntStream.range(0, 3)
                .mapToObj(i -> Race.background(() -> group.execute("other " + i)))
                .toList();
        while (others.stream().noneMatch(Future::isDone)) {
            Thread.onSpinWait();
        }
        over.countDown();

        assertThat(Race.await(first).value()).isEqualTo(Attempt.done("first"));
        List<Race.Finish<Attempt<String>>> finishes = new ArrayList<>();
        for (Future<Race.Finish<Attempt<String>>> other : others) {
            finishes.add(Race.await(other));
        }
        assertThat(Race.failures(finishes))
                .singleElement()
                .isInstanceOfSatisfying(
                        StoreUnavailableException.class,
                        e -> assertThat(e.reason()).isEqualTo(Reason.POOL_EXHAUSTED));
    }

    /** The same operation, each of whose inputs holds five bytes. */
    private static <I, O> GroupCommit.Operation<I, O> heavy(GroupCommit.Operation<I, O> operation) {
        return new GroupCommit.Operation<>() {
            @Override
            public String key(I input) {
                return operation.key(input);
            }

            @Override
            public int weight(I input) {
                return operation.weight(input);
            }

            @Override
            public long bytes(I input) {
                return 5;
            }

            @Override
            public Attempt<O> executeAlone(I input) {
                return operation.executeAlone(input);
            }

            @Override
            public void executeCombined(List<Waiter<I, O>> batch) {
                operation.executeCombined(batch);
            }
        };
    }
}

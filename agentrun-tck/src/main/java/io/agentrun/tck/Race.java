package io.agentrun.tck;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/**
 * Calls that begin at the same moment, each on its own thread, with every outcome given back as a value.
 *
 * <p>Thread-safe.
 */
public final class Race {

    private static final long PATIENCE_SECONDS = 120;
    private static final Set<Thread.State> PARKED = EnumSet.of(Thread.State.WAITING, Thread.State.TIMED_WAITING);
    private static final long LOOK_MILLIS = 3;
    private static final int PARKED_LOOKS = 6;
    private static final int LOOKS = 330;

    private Race() {}

    /**
     * How one call ended: with a value, or with an exception.
     *
     * @param <T> the value's type
     */
    public record Finish<T>(@Nullable T value, @Nullable Throwable failure) {

        /** Whether the call returned. */
        public boolean succeeded() {
            return failure == null;
        }
    }

    /**
     * Runs the given number of calls at once and returns their outcomes in the order of their numbers.
     *
     * @param call gives the call of a number, from 0
     * @throws AssertionError if a call has not ended within two minutes
     */
    public static <T> List<Finish<T>> of(int calls, IntFunction<Callable<T>> call) {
        CyclicBarrier start = new CyclicBarrier(calls);
        ExecutorService threads = Executors.newFixedThreadPool(calls);
        try {
            List<Future<Finish<T>>> futures = new ArrayList<>();
            for (int i = 0; i < calls; i++) {
                Callable<T> mine = call.apply(i);
                futures.add(threads.submit(() -> {
                    start.await(PATIENCE_SECONDS, TimeUnit.SECONDS);
                    return finish(mine);
                }));
            }
            List<Finish<T>> finishes = new ArrayList<>();
            for (Future<Finish<T>> future : futures) {
                finishes.add(await(future));
            }
            return List.copyOf(finishes);
        } finally {
            threads.shutdownNow();
        }
    }

    /** The values of the calls that returned. */
    public static <T> List<T> values(List<Finish<T>> finishes) {
        List<T> values = new ArrayList<>();
        for (Finish<T> finish : finishes) {
            T value = finish.value();
            if (finish.succeeded() && value != null) {
                values.add(value);
            }
        }
        return List.copyOf(values);
    }

    /** The exceptions of the calls that threw. */
    public static <T> List<Throwable> failures(List<Finish<T>> finishes) {
        List<Throwable> failures = new ArrayList<>();
        for (Finish<T> finish : finishes) {
            Throwable failure = finish.failure();
            if (failure != null) {
                failures.add(failure);
            }
        }
        return List.copyOf(failures);
    }

    /**
     * Starts a call on a thread of its own and returns once that thread runs; for calls that wait.
     *
     * @return the call's outcome, to be asked for with a timeout
     */
    public static <T> Future<Finish<T>> background(Callable<T> call) {
        return started(call).future();
    }

    /**
     * Starts a call on a thread of its own and returns once it waits: what is done then meets a call that has looked and found nothing,
     * so that a wake-up that is left out is missed. A call waits if its thread is parked at several looks in a row; for one that
     * has ended, or that waits in another way, the answer comes after a second at the latest.
     *
     * @return the call's outcome, to be asked for with a timeout
     */
    public static <T> Future<Finish<T>> waiting(Callable<T> call) {
        Started<T> started = started(call);
        int parked = 0;
        for (int look = 0;
                look < LOOKS && parked < PARKED_LOOKS && !started.future().isDone();
                look++) {
            parked = PARKED.contains(started.thread().getState()) ? parked + 1 : 0;
            pause();
        }
        return started.future();
    }

    private record Started<T>(Future<Finish<T>> future, Thread thread) {}

    private static <T> Started<T> started(Callable<T> call) {
        CompletableFuture<Thread> running = new CompletableFuture<>();
        FutureTask<Finish<T>> future = new FutureTask<>(() -> {
            running.complete(Thread.currentThread());
            return finish(call);
        });
        Thread thread = new Thread(future, "kit-background");
        thread.setDaemon(true);
        thread.start();
        return new Started<>(future, running.join());
    }

    private static void pause() {
        try {
            Thread.sleep(LOOK_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted while a call was started", e);
        }
    }

    /**
     * The outcome of a background call.
     *
     * @throws AssertionError if it has not ended within two minutes
     */
    public static <T> Finish<T> await(Future<Finish<T>> future) {
        try {
            return future.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (TimeoutException e) {
            throw new AssertionError("a call is still running after " + PATIENCE_SECONDS + " s", e);
        } catch (ExecutionException e) {
            throw new AssertionError("a call could not be started", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted while waiting for a call", e);
        }
    }

    /**
     * The value of a background call.
     *
     * @throws AssertionError if it threw, or has not ended within two minutes
     */
    public static <T> T value(Future<Finish<T>> future) {
        Finish<T> finish = await(future);
        T value = finish.value();
        if (value == null) {
            throw new AssertionError("the call returned nothing", finish.failure());
        }
        return value;
    }

    private static <T> Finish<T> finish(Callable<T> call) {
        try {
            return new Finish<>(call.call(), null);
        } catch (Throwable failure) {
            return new Finish<>(null, failure);
        }
    }
}

package io.agentrun.postgres;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;

/**
 * Where callers that meet go on together. One of them at a time works for all that it finds waiting; who comes meanwhile
 * waits, and the first of those is the next to work. A caller that meets nobody works at once, for itself. One that has
 * waited long, because the work before it is held up, works beside it.
 *
 * <p>Thread-safe.
 */
final class Line<I, O> {

    private static final int MAX_WEIGHT = 1_000;
    private static final long PATIENCE_NANOS = 50_000_000;

    private final ToIntFunction<I> weight;
    private final Consumer<List<Pending<I, O>>> work;
    private final ReentrantLock lock = new ReentrantLock();
    private final ArrayDeque<Place<I, O>> waiting = new ArrayDeque<>();
    private int working;

    /**
     * @param weight of one input; those that go together weigh {@value #MAX_WEIGHT} at most, unless it is a single one
     * @param work settles what it is given; what it throws fails them all
     */
    Line(ToIntFunction<I> weight, Consumer<List<Pending<I, O>>> work) {
        this.weight = weight;
        this.work = work;
    }

    /** A caller that waits, until its item is settled or it is its turn to work. */
    private static final class Place<I, O> {
        private final Pending<I, O> item;
        private final Thread caller = Thread.currentThread();
        private volatile boolean over;
        private @Nullable List<Place<I, O>> turn;

        private Place(Pending<I, O> item) {
            this.item = item;
        }

        private void end() {
            over = true;
            LockSupport.unpark(caller);
        }
    }

    /**
     * Returns once this thread or another has done the work for the input; null if the work left it without an outcome.
     *
     * @throws RuntimeException what the work failed with
     */
    @Nullable
    O settle(I input) {
        Pending<I, O> item = new Pending<>(input);
        Place<I, O> mine = new Place<>(item);
        List<Place<I, O>> turn = enter(mine);
        if (turn == null) {
            turn = await(mine);
        }
        if (turn != null) {
            try {
                work(turn.stream().map(place -> place.item).toList());
            } finally {
                // The next ones first: they have waited longest.
                leave();
                for (Place<I, O> place : turn) {
                    if (place != mine) {
                        place.end();
                    }
                }
            }
        }
        return item.outcome();
    }

    private void work(List<Pending<I, O>> items) {
        try {
            work.accept(items);
        } catch (RuntimeException e) {
            items.forEach(item -> item.fail(e));
        } catch (Error e) {
            // Nobody may try again what was perhaps done.
            RuntimeException cutOff = new IllegalStateException("the work was cut off", e);
            items.forEach(item -> item.fail(cutOff));
            throw e;
        }
    }

    private @Nullable List<Place<I, O>> enter(Place<I, O> mine) {
        lock.lock();
        try {
            if (working > 0) {
                waiting.add(mine);
                return null;
            }
            working++;
            return List.of(mine);
        } finally {
            lock.unlock();
        }
    }

    /** Those to work for, the caller first; null if its item was settled meanwhile. */
    private @Nullable List<Place<I, O>> await(Place<I, O> mine) {
        boolean interrupted = false;
        long patienceEnds = System.nanoTime() + PATIENCE_NANOS;
        while (!mine.over) {
            long left = patienceEnds - System.nanoTime();
            if (left <= 0) {
                overtake(mine);
                patienceEnds += PATIENCE_NANOS;
            } else {
                LockSupport.parkNanos(this, left);
            }
            // With the flag set nothing would park. What is on its way is not called back.
            interrupted |= Thread.interrupted();
        }
        if (interrupted) {
            mine.caller.interrupt();
        }
        return mine.turn;
    }

    /** Lets the caller work too, unless somebody works for it already. */
    private void overtake(Place<I, O> mine) {
        lock.lock();
        try {
            if (waiting.remove(mine)) {
                waiting.addFirst(mine);
                mine.turn = take();
                mine.over = true;
                working++;
            }
        } finally {
            lock.unlock();
        }
    }

    private void leave() {
        Place<I, O> next;
        lock.lock();
        try {
            working--;
            next = waiting.peek();
            if (next == null || working > 0) {
                return;
            }
            next.turn = take();
            working++;
        } finally {
            lock.unlock();
        }
        next.end();
    }

    /** Those that wait, the first in any case, the others while their weight allows it. */
    private List<Place<I, O>> take() {
        List<Place<I, O>> taken = new ArrayList<>(waiting.size());
        int total = 0;
        for (Place<I, O> place = waiting.peek(); place != null; place = waiting.peek()) {
            total += weight.applyAsInt(place.item.input());
            if (!taken.isEmpty() && total > MAX_WEIGHT) {
                break;
            }
            taken.add(waiting.remove());
        }
        return taken;
    }
}

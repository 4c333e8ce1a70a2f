package io.agentrun.postgres;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Where callers that meet go on together. One of them at a time works for all that it finds waiting; who comes meanwhile
 * waits, and the first of those is the next to work. A caller that meets nobody works at once, for itself. One that has
 * waited long, because the work before it is held up, works beside it.
 *
 * <p>Thread-safe.
 */
final class AppendLine {

    private static final int MAX_EVENTS = 1_000;
    private static final long PATIENCE_NANOS = 50_000_000;

    private final Consumer<List<PendingAppend>> work;
    private final ReentrantLock lock = new ReentrantLock();
    private final ArrayDeque<Place> waiting = new ArrayDeque<>();
    private int working;

    /** @param work settles every append that it is given; it throws nothing */
    AppendLine(Consumer<List<PendingAppend>> work) {
        this.work = work;
    }

    /** A caller that waits, until its append is settled or it is its turn to work. */
    private static final class Place {
        private final PendingAppend append;
        private final Thread caller = Thread.currentThread();
        private volatile boolean over;
        private @Nullable List<Place> turn;

        private Place(PendingAppend append) {
            this.append = append;
        }

        private void end() {
            over = true;
            LockSupport.unpark(caller);
        }
    }

    /** Returns once the append is settled, by this thread or by another. */
    void settle(PendingAppend append) {
        Place mine = new Place(append);
        List<Place> turn = enter(mine);
        if (turn == null) {
            turn = await(mine);
        }
        if (turn == null) {
            return;
        }
        try {
            work.accept(turn.stream().map(place -> place.append).toList());
        } finally {
            // The next ones first: they have waited longest.
            leave();
            for (Place place : turn) {
                if (place != mine) {
                    place.end();
                }
            }
        }
    }

    private @Nullable List<Place> enter(Place mine) {
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

    /** Those to work for, the caller first; null if its append was settled meanwhile. */
    private @Nullable List<Place> await(Place mine) {
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
    private void overtake(Place mine) {
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
        Place next;
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

    /** Those that wait, the first in any case, the others while their events fit. */
    private List<Place> take() {
        List<Place> taken = new ArrayList<>(waiting.size());
        int events = 0;
        for (Place place = waiting.peek(); place != null; place = waiting.peek()) {
            events += place.append.events().size();
            if (!taken.isEmpty() && events > MAX_EVENTS) {
                break;
            }
            taken.add(waiting.remove());
        }
        return taken;
    }
}

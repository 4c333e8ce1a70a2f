package io.agentrun.postgres;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;

/**
 * Where callers that meet go on together: one of them works for all that it finds waiting, and who comes meanwhile waits. A
 * caller that meets nobody works at once, for itself. Beside the first a second one works as soon as as much waits as the
 * first has in hand, so that one is at work while the other waits for the disk, and both have their hands full. What is
 * worked on is not worked on twice: an input whose key is in somebody's hands waits for that one. A caller that has waited
 * long, because the work before it is held up, works beside it in any case.
 *
 * <p>Thread-safe.
 */
final class Line<I, O> {

    private static final int MAX_WEIGHT = 1_000;
    private static final int MAX_WORKING = 2;
    private static final int WOKEN_BEFORE_THE_NEXT = 4;
    private static final long PATIENCE_NANOS = 50_000_000;

    private final long patience;
    private final Function<I, String> key;
    private final ToIntFunction<I> weight;
    private final Consumer<List<Pending<I, O>>> work;
    private final ReentrantLock lock = new ReentrantLock();
    private final ArrayDeque<Place> ready = new ArrayDeque<>();
    private final ArrayDeque<Place> held = new ArrayDeque<>();
    private final Map<String, Integer> keysInHand = new HashMap<>();
    private long readyWeight;
    private long weightInHand;
    private int working;
    private boolean starting;

    /**
     * @param key what an input is about
     * @param weight of one input; those that go together weigh {@value #MAX_WEIGHT} at most, unless it is a single one
     * @param work settles what it is given; what it throws fails them all
     */
    Line(Function<I, String> key, ToIntFunction<I> weight, Consumer<List<Pending<I, O>>> work) {
        this(key, weight, work, PATIENCE_NANOS);
    }

    /** A line whose callers wait so long behind work that is held up. */
    Line(Function<I, String> key, ToIntFunction<I> weight, Consumer<List<Pending<I, O>>> work, long patience) {
        this.patience = patience;
        this.key = key;
        this.weight = weight;
        this.work = work;
    }

    /** A caller in the line, until its item is settled or it is its turn to work. */
    private final class Place {
        private final Pending<I, O> item;
        private final String about;
        private final int weighs;
        private final Thread caller = Thread.currentThread();
        private volatile boolean over;
        private boolean leads;
        private @Nullable List<Place> turn;

        private Place(I input) {
            this.item = new Pending<>(input);
            this.about = key.apply(input);
            this.weighs = weight.applyAsInt(input);
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
        Place mine = new Place(input);
        if (!enter(mine)) {
            await(mine);
        }
        if (mine.leads) {
            lead();
        }
        List<Place> turn = mine.turn;
        if (turn != null) {
            try {
                work(turn.stream().map(place -> place.item).toList());
            } finally {
                // A few may be back before the next one takes what is there; it does not wait for all to be woken.
                int before = Math.min(WOKEN_BEFORE_THE_NEXT, turn.size());
                end(turn.subList(0, before), mine);
                leave(turn);
                end(turn.subList(before, turn.size()), mine);
            }
        }
        return mine.item.outcome();
    }

    private void end(List<Place> places, Place worker) {
        for (Place place : places) {
            if (place != worker) {
                place.end();
            }
        }
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

    /** Whether the caller is to work at once. */
    private boolean enter(Place mine) {
        Place next = null;
        lock.lock();
        try {
            if (keysInHand.containsKey(mine.about)) {
                held.add(mine);
                return false;
            }
            ready.add(mine);
            readyWeight += mine.weighs;
            if (worthIt()) {
                next = start(takeReady());
            }
        } finally {
            lock.unlock();
        }
        if (next != null && next != mine) {
            next.end();
        }
        return next == mine;
    }

    /** Returns with a turn to work, or once the item was settled. */
    private void await(Place mine) {
        boolean interrupted = false;
        long patienceEnds = System.nanoTime() + patience;
        while (!mine.over) {
            long left = patienceEnds - System.nanoTime();
            if (left <= 0) {
                overtake(mine);
                patienceEnds += patience;
            } else {
                LockSupport.parkNanos(this, left);
            }
            // With the flag set nothing would park. What is on its way is not called back.
            interrupted |= Thread.interrupted();
        }
        if (interrupted) {
            mine.caller.interrupt();
        }
    }

    /** Lets the caller work too, unless somebody works for it already. */
    private void overtake(Place mine) {
        lock.lock();
        try {
            if (starting) {
                return;
            }
            if (ready.remove(mine)) {
                ready.addFirst(mine);
                start(takeReady()).over = true;
            } else if (held.remove(mine)) {
                start(List.of(mine)).over = true;
            }
        } finally {
            lock.unlock();
        }
    }

    private void leave(List<Place> turn) {
        Place next;
        lock.lock();
        try {
            working--;
            for (Place place : turn) {
                weightInHand -= place.weighs;
                keysInHand.merge(place.about, -1, (before, change) -> before + change == 0 ? null : before + change);
            }
            Iterator<Place> others = held.iterator();
            while (others.hasNext()) {
                Place other = others.next();
                if (!keysInHand.containsKey(other.about)) {
                    others.remove();
                    ready.add(other);
                    readyWeight += other.weighs;
                }
            }
            if (!worthIt()) {
                return;
            }
            next = ready.getFirst();
            next.leads = true;
            starting = true;
        } finally {
            lock.unlock();
        }
        next.end();
    }

    /** Takes what is there now that the caller is awake. */
    private void lead() {
        lock.lock();
        try {
            starting = false;
            start(takeReady());
        } finally {
            lock.unlock();
        }
    }

    /** Whether somebody else is to work now. */
    private boolean worthIt() {
        boolean enough = working == 0 || readyWeight >= weightInHand;
        return !starting && !ready.isEmpty() && working < MAX_WORKING && enough;
    }

    /** Returns who of them works: the caller, if it is one of them, because it is awake, or else the first. */
    private Place start(List<Place> turn) {
        Place worker = turn.get(0);
        for (Place place : turn) {
            weightInHand += place.weighs;
            keysInHand.merge(place.about, 1, Integer::sum);
            if (place.caller == Thread.currentThread()) {
                worker = place;
            }
        }
        working++;
        worker.turn = turn;
        return worker;
    }

    /** Those that are ready, the first in any case, the others while their weight allows it. */
    private List<Place> takeReady() {
        List<Place> taken = new ArrayList<>(ready.size());
        long total = 0;
        for (Place place = ready.peek(); place != null; place = ready.peek()) {
            total += place.weighs;
            if (!taken.isEmpty() && total > MAX_WEIGHT) {
                break;
            }
            readyWeight -= place.weighs;
            taken.add(ready.remove());
        }
        return taken;
    }
}

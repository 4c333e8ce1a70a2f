package io.agentrun.memory;

import io.agentrun.backend.Interest;
import io.agentrun.backend.Signal;
import io.agentrun.backend.StoreReads;
import io.agentrun.backend.StoreTx;
import java.time.Clock;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import java.util.function.LongUnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Runs steps one at a time over the state, and makes each durable before its caller hears of it.
 *
 * <p>Group commit: callers that write to a synced file at the same moment share one sync. Each queues its step, and one of them leads: it
 * runs all steps that are queued, syncs once, lets the callers of these steps go, and only then releases the lock, so that a reader never
 * sees what a crash could take back. The first whose step has come meanwhile leads next. Who is let go takes no lock: callers who had to
 * would wait behind the steps and syncs of those who are faster.
 *
 * <p>Thread-safe.
 */
final class StepExecutor {

    /** Where change sets go before they are acknowledged. */
    interface Durability {

        /** Keeps a change set; it may be lost in a crash until {@link #sync}. */
        void append(List<Write> changeSet);

        /** Makes all change sets so far as durable as was asked for. */
        void sync();

        /** Tries to make durable what a failed {@link #append} or {@link #sync} has left; throws if that fails again. */
        void resume();

        /** Does work that grew with the journal, between steps; what fails here fails no step. */
        void tidy(MemoryState state);

        /** Returns what is wrong though all goes on, or null. */
        @Nullable
        String problem();

        void close();
    }

    private final ReentrantLock lock;
    private final MemoryState state;
    private final Clock clock;
    private final @Nullable Durability durability;
    private final ConcurrentLinkedQueue<QueuedStep<?>> queue = new ConcurrentLinkedQueue<>();
    private final AtomicBoolean led = new AtomicBoolean();
    private final Map<Signal, Waiters> waiters = new HashMap<>();
    private final List<WideWaiter> wideWaiters = new ArrayList<>(1);
    private int users;

    /** The failure after which memory is ahead of the file, until writing it has succeeded; guarded by the lock. */
    private @Nullable RuntimeException broken;

    StepExecutor(MemoryState state, Clock clock, @Nullable Durability durability) {
        this.state = state;
        this.clock = clock;
        this.durability = durability;
        // A leader holds the lock for a sync, and may lead again at once: readers must come between.
        this.lock = new ReentrantLock(durability != null);
    }

    /** Counts one more user of the state. */
    void enter() {
        lock.lock();
        try {
            users++;
        } finally {
            lock.unlock();
        }
    }

    /** Counts one user less, wakes all that wait, and closes the file behind the last one. */
    void leave() {
        lock.lock();
        try {
            users--;
            waiters.values().forEach(waiting -> waiting.condition.signalAll());
            wideWaiters.forEach(waiter -> waiter.condition().signalAll());
            if (users == 0 && durability != null) {
                durability.close();
            }
        } finally {
            lock.unlock();
        }
    }

    /**
     * Returns what is wrong though all goes on, or null.
     *
     * @throws RuntimeException the failure of a write, while it stands
     */
    @Nullable
    String problem() {
        lock.lock();
        try {
            requireDurable();
            return durability == null ? null : durability.problem();
        } finally {
            lock.unlock();
        }
    }

    /**
     * Refuses to go on while memory is ahead of the file: nobody may read what a crash could take back. Each call tries to write
     * what is left, so that the store goes on by itself once there is room again.
     */
    private void requireDurable() {
        if (broken != null && durability != null) {
            try {
                durability.resume();
                broken = null;
            } catch (RuntimeException e) {
                broken = e;
                throw e;
            }
        }
    }

    List<Write> contents() {
        lock.lock();
        try {
            return state.writes().toList();
        } finally {
            lock.unlock();
        }
    }

    <T extends @Nullable Object> T read(Runnable requireOpen, Function<StoreReads, T> look) {
        lock.lock();
        try {
            requireOpen.run();
            requireDurable();
            return look.apply(new MemoryReads(state, clock));
        } finally {
            lock.unlock();
        }
    }

    <T extends @Nullable Object> T write(Runnable requireOpen, Function<StoreTx, T> step) {
        requireOpen.run();
        if (durability == null) {
            return writeAlone(requireOpen, step);
        }
        QueuedStep<T> mine = new QueuedStep<>(requireOpen, step);
        queue.add(mine);
        boolean interrupted = false;
        while (!mine.settled) {
            if (led.compareAndSet(false, true)) {
                lead(mine, durability);
            } else {
                LockSupport.park(this);
                interrupted |= Thread.interrupted();
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        return mine.outcome();
    }

    private void lead(QueuedStep<?> mine, Durability journal) {
        lock.lock();
        try {
            if (!mine.settled) {
                runQueue(journal);
            }
        } finally {
            lock.unlock();
            led.set(false);
            // Whoever was refused to lead has queued its step before.
            QueuedStep<?> next = queue.peek();
            if (next != null) {
                LockSupport.unpark(next.caller);
            }
        }
    }

    private <T extends @Nullable Object> T writeAlone(Runnable requireOpen, Function<StoreTx, T> step) {
        lock.lock();
        try {
            requireOpen.run();
            MemoryTx tx = new MemoryTx(state, clock);
            T result = step.apply(tx);
            wake(tx.writes());
            return result;
        } finally {
            lock.unlock();
        }
    }

    /** Looks until there is something to see, waiting for the signal in between; null after the timeout. */
    <T> @Nullable T await(
            Runnable requireOpen, Signal signal, long timeoutNanos, Function<StoreReads, @Nullable T> look) {
        lock.lock();
        try {
            return await(requireOpen, timeoutNanos, look, left -> waitFor(signal, left));
        } finally {
            lock.unlock();
        }
    }

    /** Looks until there is something to see, waiting in between for whatever is of interest; null after the timeout. */
    <T> @Nullable T awaitAny(
            Runnable requireOpen, Interest interest, long timeoutNanos, Function<StoreReads, @Nullable T> look) {
        lock.lock();
        WideWaiter mine = new WideWaiter(interest, lock.newCondition());
        Runnable detach = interest.attach(() -> wake(mine));
        wideWaiters.add(mine);
        try {
            return await(requireOpen, timeoutNanos, look, left -> waitFor(mine.condition(), left));
        } finally {
            wideWaiters.remove(mine);
            detach.run();
            lock.unlock();
        }
    }

    private void wake(WideWaiter waiter) {
        lock.lock();
        try {
            waiter.condition().signalAll();
        } finally {
            lock.unlock();
        }
    }

    private <T> @Nullable T await(
            Runnable requireOpen, long timeoutNanos, Function<StoreReads, @Nullable T> look, LongUnaryOperator pause) {
        long left = timeoutNanos;
        while (true) {
            requireOpen.run();
            requireDurable();
            T seen = look.apply(new MemoryReads(state, clock));
            if (seen != null || left <= 0) {
                return seen;
            }
            left = pause.applyAsLong(left);
        }
    }

    private long waitFor(Signal signal, long nanos) {
        Waiters mine = waiters.computeIfAbsent(signal, name -> new Waiters(lock.newCondition()));
        mine.count++;
        try {
            return waitFor(mine.condition, nanos);
        } finally {
            mine.count--;
            if (mine.count == 0) {
                waiters.remove(signal, mine);
            }
        }
    }

    @SuppressWarnings("WaitNotInLoop") // the caller looks again
    private static long waitFor(Condition condition, long nanos) {
        try {
            return condition.awaitNanos(nanos);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return 0;
        }
    }

    private void runQueue(Durability journal) {
        List<QueuedStep<?>> ran = new ArrayList<>();
        ArrayDeque<Write> written = new ArrayDeque<>();
        try {
            requireDurable();
        } catch (RuntimeException e) {
            for (QueuedStep<?> next = queue.poll(); next != null; next = queue.poll()) {
                next.settle(e);
            }
            return;
        }
        try {
            for (QueuedStep<?> next = queue.poll(); next != null; next = queue.poll()) {
                ran.add(next);
                List<Write> writes = next.run();
                if (!writes.isEmpty()) {
                    journal.append(writes);
                    written.addAll(writes);
                }
            }
            if (!written.isEmpty()) {
                journal.sync();
            }
        } catch (RuntimeException e) {
            broken = e;
        } catch (Error e) {
            // Nobody may wait for a step that nobody runs any more.
            ran.forEach(step -> step.settle(new IllegalStateException("the step was not kept", e)));
            throw e;
        }
        for (QueuedStep<?> done : ran) {
            done.settle(broken);
        }
        wake(written);
        if (broken == null && !written.isEmpty()) {
            journal.tidy(state);
        }
    }

    private void wake(Iterable<Write> writes) {
        if (waiters.isEmpty() && wideWaiters.isEmpty()) {
            return;
        }
        for (Write write : writes) {
            for (Signal signal : write.signals()) {
                Waiters waiting = waiters.get(signal);
                if (waiting != null) {
                    waiting.condition.signalAll();
                }
                for (WideWaiter waiter : wideWaiters) {
                    if (waiter.interest().includes(signal)) {
                        waiter.condition().signalAll();
                    }
                }
            }
        }
    }

    /** A call that waits for many runs. */
    private record WideWaiter(Interest interest, Condition condition) {}

    private static final class Waiters {
        private final Condition condition;
        private int count;

        private Waiters(Condition condition) {
            this.condition = condition;
        }
    }

    /** A step in the queue; its result and failure are guarded by the lock, and final once settled. */
    private final class QueuedStep<T extends @Nullable Object> {
        private final Runnable requireOpen;
        private final Function<StoreTx, T> step;
        private @Nullable T result;
        private @Nullable Throwable failure;
        private final Thread caller = Thread.currentThread();
        private volatile boolean settled;

        private QueuedStep(Runnable requireOpen, Function<StoreTx, T> step) {
            this.requireOpen = requireOpen;
            this.step = step;
        }

        private List<Write> run() {
            MemoryTx tx = new MemoryTx(state, clock);
            try {
                requireOpen.run();
                result = step.apply(tx);
            } catch (RuntimeException | Error thrown) {
                // It is the step's caller's, who may be another than the one that runs it.
                failure = thrown;
            }
            return tx.writes();
        }

        private void settle(@Nullable RuntimeException broken) {
            if (broken != null) {
                failure = broken;
            }
            settled = true;
            LockSupport.unpark(caller);
        }

        @SuppressWarnings("NullAway") // a step that did not fail has left its result, null only if T allows it
        private T outcome() {
            if (failure instanceof Error error) {
                throw error;
            }
            if (failure instanceof RuntimeException refused) {
                throw refused;
            }
            return result;
        }
    }
}

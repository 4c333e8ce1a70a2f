package io.agentrun.memory;

import io.agentrun.check.Times;
import io.agentrun.error.StoreClosedException;
import io.agentrun.id.IdSource;
import io.agentrun.json.Redactor;
import io.agentrun.model.Limits;
import io.agentrun.engine.Intake;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Runs operations one at a time over the state, and makes each durable before its caller hears of it.
 *
 * <p>Callers that write to a synced file at the same moment share one sync: each leaves its operation in a line, and
 * whoever gets the lock first runs all that stand there, syncs once, and only then lets go of the lock. A reader
 * therefore never sees what a crash could take back. Thread-safe.
 */
final class Engine {

    /** What the host chose for the store. */
    record Settings(Clock clock, IdSource ids, Redactor redactor, Limits limits) {}

    /** Where change sets go before they are acknowledged. */
    interface Durability {

        /** Keeps a change set; it may be lost in a crash until {@link #sync}. */
        void append(List<Write> changeSet);

        /** Makes all change sets so far as durable as was asked for. */
        void sync();

        /** Called between operations, for work that grew with the journal; what fails there fails no operation. */
        void tidy(MemoryState state);

        /** What is wrong though all goes on, or {@code null}. */
        @Nullable
        String problem();

        void close();
    }

    private final ReentrantLock lock = new ReentrantLock();
    private final MemoryState state;
    private final Settings settings;
    private final Intake intake;
    private final @Nullable Durability durability;
    private final ConcurrentLinkedQueue<Pending<?>> line = new ConcurrentLinkedQueue<>();
    private final Map<String, Waiters> waiters = new HashMap<>();
    private int openHandles;

    /** The failure after which memory is ahead of the file; guarded by the lock, read without it for an early answer. */
    private volatile @Nullable RuntimeException broken;

    Engine(MemoryState state, Settings settings, @Nullable Durability durability) {
        this.state = state;
        this.settings = settings;
        this.intake = new Intake(settings.limits(), settings.redactor());
        this.durability = durability;
    }

    /** Whoever has opened the store: its own flag, the common data. */
    final class Handle {
        private volatile boolean closed;

        /** Why the store is of no use any more, or what is wrong though all goes on, or {@code null}. */
        @Nullable
        String problem() {
            lock.lock();
            try {
                if (broken != null) {
                    return broken.getMessage();
                }
                return durability == null ? null : durability.problem();
            } finally {
                lock.unlock();
            }
        }

        boolean broken() {
            lock.lock();
            try {
                return broken != null;
            } finally {
                lock.unlock();
            }
        }

        private Handle() {}

        List<Write> contents() {
            lock.lock();
            try {
                return state.writes().toList();
            } finally {
                lock.unlock();
            }
        }

        /** The door through which input comes. */
        Intake intake() {
            return intake;
        }

        /** The store's time. */
        Instant now() {
            return Engine.now(settings.clock());
        }

        boolean closed() {
            return closed;
        }

        Handle sibling() {
            requireOpen();
            return open();
        }

        void requireOpen() {
            if (closed) {
                throw new StoreClosedException();
            }
            if (broken != null) {
                throw broken;
            }
        }

        <T> T read(Function<MemoryState, T> operation) {
            lock.lock();
            try {
                requireOpen();
                return operation.apply(state);
            } finally {
                lock.unlock();
            }
        }

        <T> T write(Function<Tx, T> operation) {
            requireOpen();
            if (durability == null) {
                return writeAlone(operation);
            }
            Pending<T> mine = new Pending<>(this, operation);
            line.add(mine);
            lock.lock();
            try {
                if (!mine.settled) {
                    runLine(durability);
                }
            } finally {
                lock.unlock();
            }
            return mine.outcome();
        }

        private <T> T writeAlone(Function<Tx, T> operation) {
            lock.lock();
            try {
                requireOpen();
                Tx tx = new Tx(state, settings);
                T result = operation.apply(tx);
                wake(tx.writes());
                return result;
            } finally {
                lock.unlock();
            }
        }

        /**
         * Looks again and again until there is something, waiting for the signal in between.
         *
         * @param look returns {@code null} while there is nothing to see
         * @return what was seen, or {@code null} after the timeout
         */
        <T> @Nullable T await(String signal, long timeoutNanos, Function<MemoryState, @Nullable T> look) {
            long left = timeoutNanos;
            lock.lock();
            try {
                while (true) {
                    requireOpen();
                    T seen = look.apply(state);
                    if (seen != null || left <= 0) {
                        return seen;
                    }
                    left = waitFor(signal, left);
                }
            } finally {
                lock.unlock();
            }
        }

        @SuppressWarnings("WaitNotInLoop") // the caller looks again
        private long waitFor(String signal, long nanos) {
            Waiters mine = waiters.computeIfAbsent(signal, name -> new Waiters(lock.newCondition()));
            mine.count++;
            try {
                return mine.condition.awaitNanos(nanos);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return 0;
            } finally {
                mine.count--;
                if (mine.count == 0) {
                    waiters.remove(signal, mine);
                }
            }
        }

        void close() {
            lock.lock();
            try {
                if (closed) {
                    return;
                }
                closed = true;
                openHandles--;
                waiters.values().forEach(waiting -> waiting.condition.signalAll());
                if (openHandles == 0 && durability != null) {
                    durability.close();
                }
            } finally {
                lock.unlock();
            }
        }
    }

    Handle open() {
        lock.lock();
        try {
            openHandles++;
            return new Handle();
        } finally {
            lock.unlock();
        }
    }

    private void runLine(Durability journal) {
        List<Pending<?>> ran = new ArrayList<>();
        ArrayDeque<Write> woken = new ArrayDeque<>();
        try {
            for (Pending<?> next = line.poll(); next != null; next = line.poll()) {
                ran.add(next);
                List<Write> writes = next.run();
                if (!writes.isEmpty()) {
                    journal.append(writes);
                    woken.addAll(writes);
                }
            }
            if (!woken.isEmpty()) {
                journal.sync();
            }
        } catch (RuntimeException e) {
            broken = e;
        }
        for (Pending<?> done : ran) {
            done.settle(broken);
        }
        wake(woken);
        if (broken == null && !woken.isEmpty()) {
            journal.tidy(state);
        }
    }

    private void wake(Iterable<Write> writes) {
        if (waiters.isEmpty()) {
            return;
        }
        for (Write write : writes) {
            String signal = Signals.of(write);
            Waiters waiting = signal == null ? null : waiters.get(signal);
            if (waiting != null) {
                waiting.condition.signalAll();
            }
        }
    }

    private static final class Waiters {
        private final Condition condition;
        private int count;

        private Waiters(Condition condition) {
            this.condition = condition;
        }
    }

    /** An operation in the line; its fields are guarded by the lock, and final once settled. */
    private final class Pending<T> {
        private final Handle handle;
        private final Function<Tx, T> operation;
        private @Nullable T result;
        private @Nullable RuntimeException failure;
        private boolean settled;

        private Pending(Handle handle, Function<Tx, T> operation) {
            this.handle = handle;
            this.operation = operation;
        }

        private List<Write> run() {
            Tx tx = new Tx(state, settings);
            try {
                handle.requireOpen();
                result = operation.apply(tx);
            } catch (RuntimeException refused) {
                failure = refused;
            }
            return tx.writes();
        }

        private void settle(@Nullable RuntimeException broken) {
            settled = true;
            if (broken != null) {
                failure = broken;
            }
        }

        @SuppressWarnings("NullAway") // an operation that did not fail has left its result, null only if T allows it
        private T outcome() {
            if (failure != null) {
                throw failure;
            }
            return result;
        }
    }

    static Instant now(Clock clock) {
        return Times.micros(clock.instant());
    }
}

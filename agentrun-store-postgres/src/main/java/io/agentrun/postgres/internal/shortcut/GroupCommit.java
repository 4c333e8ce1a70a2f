package io.agentrun.postgres.internal.shortcut;

import io.agentrun.backend.Attempt;
import io.agentrun.error.StoreUnavailableException;
import io.agentrun.error.StoreUnavailableException.Reason;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Group commit: one caller executes a batch for all queued callers, in one statement and one commit.
 *
 * <p><b>Algorithm.</b> A caller that finds no batch in flight executes its input alone, at once: there is no delay to collect
 * a batch. Callers that arrive while a batch is in flight wait in a queue, in the order of their arrival. When the batch
 * ends, its executor elects the first waiter of the queue; the elected waiter takes the whole queue, up to
 * {@value GroupQueue#MAX_BATCH_WEIGHT} in weight, as the next batch and executes it on its own thread. There is no thread of its own.
 *
 * <p>A second batch starts beside the first as soon as the queue weighs as much as the batch in flight. One of the two then
 * runs its statement while the other waits for the disk, and neither is small.
 *
 * <p><b>Keys.</b> Two batches in flight never contain the same key, because the second would only wait for the row lock of the
 * first. An input whose key is in flight is set aside until that batch ends. One batch may contain a key several times.
 *
 * <p><b>Outcomes.</b> A batch of one input is executed alone: the attempt is done, or refused because the guard did not hold. A
 * larger batch is executed by a combined statement, which skips rows that are locked. A row that it did not return was
 * locked, or its guard was false; the statement cannot tell these apart, and the attempt is contended. The caller of a
 * contended input then executes it alone, once, waiting for the row lock like any other statement.
 *
 * <p><b>Failures.</b> An exception of the execution reaches every caller of the batch. A waiter never stops waiting because its
 * thread is interrupted, since its input may be in flight already; the interrupt flag is kept.
 *
 * <p><b>Overload.</b> At most {@value GroupQueue#MAX_WAITING} callers wait, with 256 MiB in all; one more is refused at once.
 *
 * <p><b>Patience.</b> A waiter that has waited for 50 ms while the batches in flight are held up starts a batch
 * of its own, whatever is in flight: with the queue, or alone if its key is in flight. With the queue, what was in flight counts no more for
 * those who come later.
 *
 * <p>Thread-safe.
 *
 * @param <I> the input of a caller
 * @param <O> the value of an attempt that is done
 */
final class GroupCommit<I, O> {

    /**
     * Callers of a batch that are resumed before the next batch is formed: a few of them may queue their next input in time for
     * it. The others are resumed afterwards, because waking all of a large batch would delay the next one.
     */
    private static final int RESUMED_BEFORE_NEXT_BATCH = 4;

    /** Many times what a commit takes, so that a busy disk does not break up batches; little beside the length of a lease. */
    private static final long PATIENCE_NANOS = 50_000_000;

    private final Operation<I, O> operation;
    private final long patienceNanos;
    private final ReentrantLock lock = new ReentrantLock();
    private final GroupQueue<I, O> queue;

    GroupCommit(Operation<I, O> operation) {
        this(operation, PATIENCE_NANOS);
    }

    /** Chooses the patience, for tests. */
    GroupCommit(Operation<I, O> operation, long patienceNanos) {
        this(operation, patienceNanos, GroupQueue.MAX_WAITING, GroupQueue.MAX_WAITING_BYTES);
    }

    /** Chooses how many callers wait too, for tests. */
    GroupCommit(Operation<I, O> operation, long patienceNanos, int maxWaiting, long maxWaitingBytes) {
        this.operation = operation;
        this.patienceNanos = patienceNanos;
        this.queue = new GroupQueue<>(operation.maxInFlight(), maxWaiting, maxWaitingBytes);
    }

    /** What is executed, alone or combined. Thread-safe. */
    interface Operation<I, O> {

        /** Returns how many batches may be in flight at once, apart from those of impatient waiters. */
        default int maxInFlight() {
            return GroupQueue.MAX_BATCHES_IN_FLIGHT;
        }

        /** Returns what the input locks. */
        String key(I input);

        /** Returns what the input adds to the weight of its batch, at least 1. */
        int weight(I input);

        /** Returns how much the input holds in memory, about; 0 for one that is always small. */
        default long bytes(I input) {
            return 0;
        }

        /** Executes one input, waiting for its row lock. Returns done, or refused if the guard did not hold. */
        Attempt<O> executeAlone(I input);

        /** Executes at least two inputs in one statement, and settles those waiters whose outcome is certain. */
        void executeCombined(List<Waiter<I, O>> batch);
    }

    /**
     * Executes the input, on this thread or on that of another caller.
     *
     * @return done or refused
     * @throws StoreUnavailableException with {@code POOL_EXHAUSTED}, at once, if too many callers wait already, or what they want
     *     to have executed holds too much memory; nothing was done
     * @throws RuntimeException if the execution failed
     */
    Attempt<O> execute(I input) {
        Waiter<I, O> waiter =
                new Waiter<>(input, operation.key(input), operation.weight(input), operation.bytes(input));
        if (!enter(waiter)) {
            await(waiter);
        }
        if (waiter.elected()) {
            startElected();
        }
        List<Waiter<I, O>> batch = waiter.batch();
        if (batch != null) {
            try {
                execute(batch);
            } finally {
                int first = Math.min(RESUMED_BEFORE_NEXT_BATCH, batch.size());
                resume(batch.subList(0, first), waiter);
                leave(batch);
                resume(batch.subList(first, batch.size()), waiter);
            }
        }
        Attempt<O> outcome = waiter.outcome();
        return outcome instanceof Attempt.Contended ? operation.executeAlone(input) : outcome;
    }

    private void resume(List<Waiter<I, O>> waiters, Waiter<I, O> executor) {
        for (Waiter<I, O> waiter : waiters) {
            if (waiter != executor) {
                waiter.resume();
            }
        }
    }

    private void execute(List<Waiter<I, O>> batch) {
        try {
            if (batch.size() == 1) {
                Waiter<I, O> only = batch.get(0);
                only.settle(operation.executeAlone(only.input()));
            } else {
                operation.executeCombined(batch);
            }
        } catch (RuntimeException e) {
            batch.forEach(waiter -> waiter.fail(e));
        } catch (Error e) {
            // The batch may have committed: as contended inputs they would be executed again.
            RuntimeException cutOff = new IllegalStateException("an error cut off the batch", e);
            batch.forEach(waiter -> waiter.fail(cutOff));
            throw e;
        }
    }

    /** Queues the waiter. Returns whether it is to execute a batch at once. */
    private boolean enter(Waiter<I, O> waiter) {
        Waiter<I, O> executor;
        lock.lock();
        try {
            if (queue.isFull(waiter)) {
                throw new StoreUnavailableException(
                        Reason.POOL_EXHAUSTED, "too many calls wait to be combined already", null);
            }
            executor = queue.enter(waiter);
        } finally {
            lock.unlock();
        }
        if (executor != null && executor != waiter) {
            executor.resume();
        }
        return executor == waiter;
    }

    /** Returns once the input is settled, or the waiter has a batch to form or to execute. */
    private void await(Waiter<I, O> waiter) {
        boolean interrupted = false;
        long deadline = System.nanoTime() + patienceNanos;
        while (!waiter.resumed()) {
            long left = deadline - System.nanoTime();
            if (left <= 0) {
                startImpatiently(waiter);
                deadline += patienceNanos;
            } else {
                LockSupport.parkNanos(this, left);
            }
            // A thread whose interrupt flag is set does not park.
            interrupted |= Thread.interrupted();
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void startImpatiently(Waiter<I, O> waiter) {
        lock.lock();
        try {
            if (queue.startImpatiently(waiter)) {
                waiter.resumeSelf();
            }
        } finally {
            lock.unlock();
        }
    }

    private void startElected() {
        lock.lock();
        try {
            queue.startElected();
        } finally {
            lock.unlock();
        }
    }

    private void leave(List<Waiter<I, O>> batch) {
        Waiter<I, O> elected;
        lock.lock();
        try {
            elected = queue.leave(batch);
        } finally {
            lock.unlock();
        }
        if (elected != null) {
            elected.resume();
        }
    }
}

package io.agentrun.postgres.internal.shortcut;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The state of a {@link GroupCommit}: which waiters are queued, which keys and batches are in flight, and whether the next
 * batch is due.
 *
 * <p>Not thread-safe: one thread at a time, under the lock of the {@code GroupCommit}.
 */
final class GroupQueue<I, O> {

    /** Bounds the rows of one statement, and so how long its row locks are held and how large its arrays are. */
    static final int MAX_BATCH_WEIGHT = 1_000;

    /** One batch runs its statement while the other waits for the disk; a third would only make all of them smaller. */
    static final int MAX_BATCHES_IN_FLIGHT = 2;

    /** How many callers wait at most. */
    static final int MAX_WAITING = 10_000;

    /** How much their inputs hold in memory at most. */
    static final long MAX_WAITING_BYTES = 256L * 1024 * 1024;

    private final int maxInFlight;
    private final int maxWaiting;
    private final long maxWaitingBytes;

    private final ArrayDeque<Waiter<I, O>> queue = new ArrayDeque<>();
    /** Waiters whose key is in flight. */
    private final ArrayDeque<Waiter<I, O>> setAside = new ArrayDeque<>();
    /** How many inputs in flight have the key; without those that none has. */
    private final Map<String, Integer> keysInFlight = new HashMap<>();

    /** What the waiters in the queue and those set aside hold in memory. */
    private long waitingBytes;

    private long queuedWeight;
    private long weightInFlight;
    /** The batches in flight that count; not those that were held up when a waiter ran out of patience. */
    private final Set<List<Waiter<I, O>>> inFlight = Collections.newSetFromMap(new IdentityHashMap<>());
    /** Whether a waiter was elected that has not yet formed its batch. */
    private boolean electionPending;

    GroupQueue(int maxInFlight, int maxWaiting, long maxWaitingBytes) {
        this.maxInFlight = maxInFlight;
        this.maxWaiting = maxWaiting;
        this.maxWaitingBytes = maxWaitingBytes;
    }

    /** Returns whether one waiter more would be too many; the first one never is. */
    boolean isFull(Waiter<I, O> waiter) {
        int waiting = queue.size() + setAside.size();
        return waiting >= maxWaiting || (waiting > 0 && waitingBytes + waiter.bytes() > maxWaitingBytes);
    }

    /** Queues the waiter. Returns the executor of the batch that starts now, or null if none does. */
    @Nullable
    Waiter<I, O> enter(Waiter<I, O> waiter) {
        waitingBytes += waiter.bytes();
        if (keysInFlight.containsKey(waiter.key())) {
            setAside.add(waiter);
            return null;
        }
        add(waiter);
        return nextBatchIsDue() ? start(take()) : null;
    }

    /** Takes the batch out of what is in flight. Returns the waiter that is elected to form the next one, or null for none. */
    @Nullable
    Waiter<I, O> leave(List<Waiter<I, O>> batch) {
        if (inFlight.remove(batch)) {
            weightInFlight -= weight(batch);
        }
        for (Waiter<I, O> waiter : batch) {
            keysInFlight.computeIfPresent(waiter.key(), (key, count) -> count == 1 ? null : count - 1);
        }
        queueReleasedKeys();
        if (!nextBatchIsDue()) {
            return null;
        }
        Waiter<I, O> next = queue.getFirst();
        next.elect();
        electionPending = true;
        return next;
    }

    /** Starts the batch of the elected waiter: what is queued now that its thread runs, which is more than at its election. */
    void startElected() {
        electionPending = false;
        Waiter<I, O> unused = start(take());
    }

    /**
     * Starts a batch with the waiter beside those in flight, which count no more: so whoever comes later does not wait for what holds
     * them up. Returns whether it did: not if the input is in flight or settled already, or a batch is about to form.
     */
    boolean startImpatiently(Waiter<I, O> waiter) {
        if (electionPending) {
            return false;
        }
        if (queue.remove(waiter)) {
            queue.addFirst(waiter);
            inFlight.clear();
            weightInFlight = 0;
            return start(take()) == waiter;
        }
        return setAside.remove(waiter) && start(List.of(waiter)) == waiter;
    }

    private void add(Waiter<I, O> waiter) {
        queue.add(waiter);
        queuedWeight += waiter.weight();
    }

    private void queueReleasedKeys() {
        Iterator<Waiter<I, O>> waiters = setAside.iterator();
        while (waiters.hasNext()) {
            Waiter<I, O> waiter = waiters.next();
            if (!keysInFlight.containsKey(waiter.key())) {
                waiters.remove();
                add(waiter);
            }
        }
    }

    private boolean nextBatchIsDue() {
        boolean worthwhile = inFlight.isEmpty() || queuedWeight >= weightInFlight;
        return !electionPending && !queue.isEmpty() && inFlight.size() < maxInFlight && worthwhile;
    }

    /** Puts the batch in flight. Returns its executor: the current thread's waiter, which runs already, or else the first. */
    private Waiter<I, O> start(List<Waiter<I, O>> batch) {
        Waiter<I, O> executor = batch.get(0);
        for (Waiter<I, O> waiter : batch) {
            waitingBytes -= waiter.bytes();
            keysInFlight.merge(waiter.key(), 1, Integer::sum);
            if (waiter.isCurrentThread()) {
                executor = waiter;
            }
        }
        inFlight.add(batch);
        weightInFlight += weight(batch);
        executor.execute(batch);
        return executor;
    }

    private static long weight(List<? extends Waiter<?, ?>> batch) {
        return batch.stream().mapToLong(Waiter::weight).sum();
    }

    /** Takes the first waiters out of the queue, as many as the weight limit allows; the first one whatever it weighs. */
    private List<Waiter<I, O>> take() {
        List<Waiter<I, O>> taken = new ArrayList<>(queue.size());
        long total = 0;
        for (Waiter<I, O> waiter = queue.peek(); waiter != null; waiter = queue.peek()) {
            total += waiter.weight();
            if (!taken.isEmpty() && total > MAX_BATCH_WEIGHT) {
                break;
            }
            queuedWeight -= waiter.weight();
            taken.add(queue.remove());
        }
        return taken;
    }
}

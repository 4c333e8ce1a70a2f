package io.agentrun.worker.stream;

import io.agentrun.error.AgentRunException;
import io.agentrun.event.EventPage;
import io.agentrun.event.RunEvent;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * What the subscribers of one run share: its latest events, and the one call that waits for the next ones.
 *
 * <p>Thread-safe. Subscribers are signalled without its lock.
 */
final class RunTail {

    private static final long NOWHERE = -1;

    private final String runId;
    private final TailWaiter waiter;

    private final ReentrantLock lock = new ReentrantLock();
    private final EventRing ring;
    private final Set<TailSubscription> subscribers = new HashSet<>();
    private final Set<TailSubscription> waiting = new HashSet<>();

    /** The number of the last event that is known here. */
    private long tail = NOWHERE;

    private boolean ended;
    private boolean watched;

    RunTail(String runId, long ringBytes, TailWaiter waiter) {
        this.runId = runId;
        this.ring = new EventRing(ringBytes);
        this.waiter = waiter;
    }

    String runId() {
        return runId;
    }

    void add(TailSubscription subscriber) {
        lock.lock();
        try {
            subscribers.add(subscriber);
        } finally {
            lock.unlock();
        }
    }

    /** Forgets the subscriber; returns whether it was the last. */
    boolean remove(TailSubscription subscriber) {
        lock.lock();
        try {
            subscribers.remove(subscriber);
            waiting.remove(subscriber);
            return subscribers.isEmpty();
        } finally {
            lock.unlock();
        }
    }

    /** Says what a subscriber does that has seen the events up to this number and takes so many more. */
    TailStep next(TailSubscription subscriber, long after, int limit) {
        boolean watch;
        lock.lock();
        try {
            if (tail == NOWHERE || (ring.isEmpty() && after < tail)) {
                tail = after;
                ended = false;
            }
            if (after < tail) {
                boolean behind = after + 1 < ring.first();
                return behind ? new TailStep.Read() : new TailStep.Take(ring.after(after, limit));
            }
            if (ended) {
                return new TailStep.Done();
            }
            waiting.add(subscriber);
            watch = !watched;
            watched = true;
        } finally {
            lock.unlock();
        }
        if (watch) {
            waiter.watch(this);
        }
        return new TailStep.Wait();
    }

    /** The number after which somebody waits for an event; null if nobody waits, and then the watch is over. */
    @Nullable
    Long wanted() {
        lock.lock();
        try {
            watched = !waiting.isEmpty();
            return watched ? tail : null;
        } finally {
            lock.unlock();
        }
    }

    /** Takes what was found after a number, and wakes those who waited for it. */
    void found(long after, EventPage page) {
        List<TailSubscription> woken;
        lock.lock();
        try {
            if (after != tail) {
                // Somebody with a lower number came meanwhile, and the next page begins there.
                return;
            }
            for (RunEvent event : page.items()) {
                ring.add(event);
            }
            tail = page.nextAfterSeq();
            ended = page.ended();
            if (page.items().isEmpty() && !ended) {
                return;
            }
            woken = new ArrayList<>(waiting);
            waiting.clear();
        } finally {
            lock.unlock();
        }
        woken.forEach(TailSubscription::signal);
    }

    /** Ends all subscriptions with this error. */
    void fail(AgentRunException reason) {
        List<TailSubscription> all;
        lock.lock();
        try {
            all = new ArrayList<>(subscribers);
            waiting.clear();
            watched = false;
        } finally {
            lock.unlock();
        }
        all.forEach(subscriber -> subscriber.fail(reason));
    }
}

package io.agentrun.postgres.soak;

import io.agentrun.AgentRunStore;
import io.agentrun.error.NotFoundException;
import io.agentrun.error.StoreUnavailableException;
import io.agentrun.event.EventPage;
import io.agentrun.event.RunEvent;
import io.agentrun.model.ItemAnswer;
import io.agentrun.model.ItemAnswer.Done;
import io.agentrun.model.ItemAnswer.Refused;
import io.agentrun.model.Limits;
import io.agentrun.model.WaitSet;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;

/**
 * One reader of the events of many runs, from the first event of each to the last.
 *
 * <p>Not thread-safe: one thread at a time; runs may be added by others.
 */
final class EventTail implements Runnable {

    private static final long PAUSE_NANOS = 10_000_000;
    private static final int HASH_FACTOR = 31;

    private final AgentRunStore store;
    private final AtomicBoolean over;
    private final WaitSet<Long> waits = WaitSet.create();
    private final Map<String, Seen> seen = new ConcurrentHashMap<>();
    private final Queue<String> waiting = new ConcurrentLinkedQueue<>();
    private final List<String> faults = new CopyOnWriteArrayList<>();

    /** The number of the last event that was seen, a hash over the ids of all of them, and whether there are no more. */
    private record Seen(long last, long hash, boolean ended) {
        private static final Seen NOTHING = new Seen(0, 0, false);

        private Seen and(RunEvent event) {
            return new Seen(event.seq(), hash * HASH_FACTOR + event.id().hashCode(), ended);
        }
    }

    EventTail(AgentRunStore store, AtomicBoolean over) {
        this.store = store;
        this.over = over;
    }

    /** Reads the events of a run too; a run that is known changes nothing. */
    void follow(String runId) {
        if (seen.putIfAbsent(runId, Seen.NOTHING) == null) {
            waiting.add(runId);
        }
    }

    @Override
    public void run() {
        try {
            while (!over.get() || !waits.entries().isEmpty() || !waiting.isEmpty()) {
                while (!waiting.isEmpty() && waits.entries().size() < Limits.MAX_CALL_ITEMS) {
                    waits.put(waiting.remove(), 0L);
                }
                read();
            }
        } catch (RuntimeException | Error e) {
            faults.add("the reader of the events ended: " + e);
        }
    }

    private void read() {
        try {
            store.events().awaitAny(waits, Duration.ofMillis(200)).forEach(this::take);
        } catch (StoreUnavailableException e) {
            if (!e.retryable()) {
                throw e;
            }
            LockSupport.parkNanos(PAUSE_NANOS);
        }
    }

    private void take(String runId, ItemAnswer<EventPage> answer) {
        if (answer instanceof Refused<EventPage> refused) {
            if (refused.error() instanceof NotFoundException) {
                waits.remove(runId);
                seen.remove(runId);
            } else if (!refused.error().retryable()) {
                throw refused.error();
            }
            return;
        }
        EventPage page = ((Done<EventPage>) answer).value();
        Seen now = seen.getOrDefault(runId, Seen.NOTHING);
        for (RunEvent event : page.items()) {
            if (event.seq() != now.last() + 1) {
                faults.add("a reader of " + runId + " was shown event " + event.seq() + " behind " + now.last());
            }
            now = now.and(event);
        }
        seen.put(runId, new Seen(now.last(), now.hash(), page.ended()));
        if (page.ended()) {
            waits.remove(runId);
        } else {
            waits.put(runId, now.last());
        }
    }

    /** How many runs it has read to their end, the purged ones left out. */
    int runs() {
        return seen.size();
    }

    /** Says whether what it was shown of a run is what is stored; nothing of a run that it was not told of. */
    void compare(String runId, List<RunEvent> stored) {
        Seen shown = seen.get(runId);
        if (shown == null) {
            return;
        }
        Seen all = Seen.NOTHING;
        for (RunEvent event : stored) {
            all = all.and(event);
        }
        if (!shown.ended() || shown.last() != all.last() || shown.hash() != all.hash()) {
            faults.add("a reader of " + runId + " was shown " + shown + ", stored are " + all);
        }
    }

    /** What went wrong while reading and comparing. */
    List<String> faults() {
        return faults;
    }
}

package io.agentrun.tck.sabotage;

import io.agentrun.error.LeaseConflictException;
import io.agentrun.error.OutdatedBatchException;
import io.agentrun.event.EventBatch;
import io.agentrun.event.RunEvent;
import io.agentrun.lease.Fence;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Stores that remember numbered batches wrongly. */
final class BatchSabotage {

    private BatchSabotage() {}

    /** Numbers are not heard: what is sent twice is stored twice. */
    static void storedTwice(PassingStore store, SkewedClock clock) {
        store.events = new PassingEvents(store.events) {
            @Override
            public List<RunEvent> append(Fence fence, EventBatch batch) {
                return real.append(fence, batch.events());
            }
        };
    }

    /** The same number is the same batch, whatever is in it. */
    static Defect contentIsNotCompared() {
        Map<String, List<RunEvent>> stored = new ConcurrentHashMap<>();
        return (store, clock) -> store.events = new PassingEvents(store.events) {
            @Override
            public List<RunEvent> append(Fence fence, EventBatch batch) {
                try {
                    List<RunEvent> events = real.append(fence, batch);
                    stored.put(fence.tokenHash() + batch.number(), events);
                    return events;
                } catch (OutdatedBatchException refused) {
                    List<RunEvent> events = stored.get(fence.tokenHash() + batch.number());
                    if (events == null || refused.number() != refused.lastNumber()) {
                        throw refused;
                    }
                    return events;
                }
            }
        };
    }

    /** A batch that was overtaken is stored behind the later one. */
    static void olderIsStored(PassingStore store, SkewedClock clock) {
        store.events = new PassingEvents(store.events) {
            @Override
            public List<RunEvent> append(Fence fence, EventBatch batch) {
                try {
                    return real.append(fence, batch);
                } catch (OutdatedBatchException refused) {
                    return real.append(fence, batch.events());
                }
            }
        };
    }

    /** What an older epoch has stored is answered for ever. */
    static Defect outlivesItsEpoch() {
        Map<String, List<RunEvent>> stored = new ConcurrentHashMap<>();
        return (store, clock) -> store.events = new PassingEvents(store.events) {
            @Override
            public List<RunEvent> append(Fence fence, EventBatch batch) {
                String key = fence.tokenHash() + batch.number();
                try {
                    List<RunEvent> events = real.append(fence, batch);
                    stored.put(key, events);
                    return events;
                } catch (LeaseConflictException refused) {
                    List<RunEvent> events = stored.get(key);
                    if (events == null) {
                        throw refused;
                    }
                    return events;
                }
            }
        };
    }
}

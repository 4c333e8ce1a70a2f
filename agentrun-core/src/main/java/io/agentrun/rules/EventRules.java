package io.agentrun.rules;

import io.agentrun.error.InvalidInputException;
import io.agentrun.error.OutdatedBatchException;
import io.agentrun.event.EventType;
import io.agentrun.event.NewEvent;
import io.agentrun.lease.Fence;
import io.agentrun.rules.RunGuard.LastBatch;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What runners and hosts may append.
 *
 * <p>Pure functions. Thread-safe.
 */
public final class EventRules {

    private EventRules() {}

    /**
     * Refuses an event that looks like one of the store's own (E-6), so that a reader may believe those.
     *
     * @throws InvalidInputException naming {@code phase}, if it is a {@code backend_status} whose phase only the store writes
     */
    public static void requireForeign(NewEvent event) {
        if (event.type() == EventType.BACKEND_STATUS
                && event.payload()
                        .string(StreamEvents.PHASE)
                        .filter(StreamEvents.PHASES::contains)
                        .isPresent()) {
            throw new InvalidInputException("phase", "is one that only the store writes");
        }
    }

    /**
     * Returns the last batch if this is the same one repeated (E-7), and null for one that is new. It is asked before the fence
     * and the end of the run: a batch that was stored is answered for as long as its epoch is the run's.
     *
     * @throws OutdatedBatchException if it is neither the last batch nor a later one
     */
    public static @Nullable LastBatch repeated(RunHead run, Fence fence, BatchStamp batch) {
        LastBatch last = run.guard().lastBatch();
        if (last == null || run.epoch() != fence.epoch() || !run.guard().admits(fence)) {
            return null;
        }
        if (batch.number() > last.number()) {
            return null;
        }
        if (batch.number() == last.number() && batch.hash().equals(last.hash())) {
            return last;
        }
        throw new OutdatedBatchException(run.id(), batch.number(), last.number());
    }

    /**
     * Refuses an append by somebody who does not hold the run, or after its end (E-2).
     *
     * @param fence the runner's; null for events of the host
     * @throws io.agentrun.error.LeaseConflictException if the fence does not hold
     * @throws io.agentrun.error.AlreadyTerminalException if the run has ended
     */
    public static void requireAppendable(RunHead run, @Nullable Fence fence) {
        if (fence != null) {
            LeaseRules.requireHolder(run, fence);
        }
        RunRules.requireOpen(run);
    }

    /**
     * Returns the events appended, and the batch remembered if it has a number (E-1, E-2, E-7).
     *
     * @param lastEventSeq the number of the run's last event, 0 for none
     * @param batch null for events without a number
     */
    public static Change append(RunHead run, long lastEventSeq, @Nullable BatchStamp batch, List<NewEvent> events) {
        Change.Builder change = Change.builder();
        if (batch != null) {
            LastBatch last = new LastBatch(batch.number(), lastEventSeq + 1, events.size(), batch.hash());
            change.put(
                    run.toBuilder().epoch(run.claim(), run.guard().with(last)).build());
        }
        for (NewEvent event : events) {
            change.emit(new Emission(run.id(), event.type(), event.payload()));
        }
        return change.build();
    }
}

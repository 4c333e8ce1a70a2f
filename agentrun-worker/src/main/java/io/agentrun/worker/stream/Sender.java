package io.agentrun.worker.stream;

import io.agentrun.EventStore;
import io.agentrun.error.InvalidInputException;
import io.agentrun.error.OutdatedBatchException;
import io.agentrun.error.StoreUnavailableException;
import io.agentrun.event.EventBatch;
import io.agentrun.event.EventType;
import io.agentrun.event.NewEvent;
import io.agentrun.json.JsonObject;
import io.agentrun.lease.Fence;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Appends the batches of one writer, each under a number of its own, and repeats one that may not have been written.
 *
 * <p>Not thread-safe: one thread at a time.
 */
final class Sender {

    private final EventStore events;
    private final Fence fence;
    private final WriterSettings settings;
    private final BatchMaker maker = new BatchMaker();
    private final ArrayDeque<List<NewEvent>> unsent = new ArrayDeque<>();
    private long entryBytes;

    /** Of the batch that is first in line; it keeps its number while it is repeated. */
    private long number = BatchNumbers.next();

    /** How often that batch was sent without an answer. */
    private int failures;

    Sender(EventStore events, Fence fence, WriterSettings settings) {
        this.events = events;
        this.fence = fence;
        this.settings = settings;
    }

    String runId() {
        return fence.runId();
    }

    /** Makes events of the entries, which are to be sent next. */
    void prepare(List<Entry> entries, boolean all) {
        entryBytes = entries.stream().mapToLong(Entry::bytes).sum();
        List<NewEvent> batch = new ArrayList<>();
        long size = 0;
        for (NewEvent event : maker.make(entries, all)) {
            if (batch.size() == settings.batchEvents() || size >= settings.batchBytes()) {
                unsent.add(batch);
                batch = new ArrayList<>();
                size = 0;
            }
            batch.add(event);
            size += event.payload().sizeInBytes();
        }
        if (!batch.isEmpty()) {
            unsent.add(batch);
        }
    }

    /** How much of the buffer the entries took that were prepared last. */
    long entryBytes() {
        return entryBytes;
    }

    /** Returns whether text was held back. */
    boolean holds() {
        return maker.holds();
    }

    /**
     * Appends what is prepared.
     *
     * @return empty if all is written, or how long to wait before the next call
     * @throws io.agentrun.error.AgentRunException if nothing can be written any more
     */
    Optional<Duration> send() {
        while (!unsent.isEmpty()) {
            try {
                events.append(fence, EventBatch.numbered(number, unsent.element()));
                next();
            } catch (InvalidInputException e) {
                List<NewEvent> refused = unsent.element();
                next();
                divide(refused, e);
            } catch (OutdatedBatchException e) {
                // Another writer of this fence was faster. What was never sent before is simply the next batch.
                if (failures > 0) {
                    throw e;
                }
                number = BatchNumbers.above(e.lastNumber());
            } catch (StoreUnavailableException e) {
                if (!e.retryable()) {
                    throw e;
                }
                failures++;
                return Optional.of(Retries.delay(failures));
            }
        }
        return Optional.empty();
    }

    private void next() {
        unsent.remove();
        number = BatchNumbers.next();
        failures = 0;
    }

    /** One event that the store does not take must not stop the others: halves find it, and a word of it takes its place. */
    private void divide(List<NewEvent> refused, InvalidInputException why) {
        if (refused.size() > 1) {
            int middle = refused.size() / 2;
            unsent.addFirst(List.copyOf(refused.subList(middle, refused.size())));
            unsent.addFirst(List.copyOf(refused.subList(0, middle)));
            return;
        }
        NewEvent event = refused.get(0);
        if (event.type() == EventType.ERROR && event.payload().has("refused")) {
            throw why;
        }
        unsent.addFirst(List.of(new NewEvent(
                EventType.ERROR,
                JsonObject.of(
                        "text",
                        "an event was not stored: " + why.getMessage(),
                        "refused",
                        event.type().wire()))));
    }
}

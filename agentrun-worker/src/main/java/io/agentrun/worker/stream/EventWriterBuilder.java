package io.agentrun.worker.stream;

import io.agentrun.EventStore;
import io.agentrun.check.Require;
import io.agentrun.json.Redactor;
import io.agentrun.lease.Fence;
import io.agentrun.worker.time.Scheduler;
import io.agentrun.worker.time.ThreadScheduler;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Options of an {@link EventWriter}.
 *
 * <p>Not thread-safe: one thread at a time.
 */
public final class EventWriterBuilder {

    private final EventStore events;
    private final Fence fence;
    private @Nullable Scheduler scheduler;
    private Duration firstDelay = WriterSettings.DEFAULTS.firstDelay();
    private Duration interval = WriterSettings.DEFAULTS.interval();
    private Duration maxHold = WriterSettings.DEFAULTS.maxHold();
    private int batchEvents = WriterSettings.DEFAULTS.batchEvents();
    private int batchBytes = WriterSettings.DEFAULTS.batchBytes();
    private long bufferBytes = WriterSettings.DEFAULTS.bufferBytes();
    private Duration closeTimeout = WriterSettings.DEFAULTS.closeTimeout();
    private OutputText text = WriterSettings.DEFAULTS.text();
    private Redactor redactor = WriterSettings.DEFAULTS.redactor();

    EventWriterBuilder(EventStore events, Fence fence) {
        this.events = Require.given("events", events);
        this.fence = Require.given("fence", fence);
    }

    /**
     * What tells the time and lends the threads that append; a writer that is given none has a scheduler of its own with one
     * thread. One scheduler serves any number of writers; a writer occupies a thread only while it appends.
     */
    public EventWriterBuilder scheduler(Scheduler value) {
        scheduler = Require.given("scheduler", value);
        return this;
    }

    /** How long the first event after a pause waits for others to go with it; 50 milliseconds unless set. */
    public EventWriterBuilder firstDelay(Duration value) {
        firstDelay = value;
        return this;
    }

    /** How long it takes from one batch to the next while output flows and fills none; 250 milliseconds unless set. */
    public EventWriterBuilder interval(Duration value) {
        interval = value;
        return this;
    }

    /**
     * How long text is held back in which a secret may have begun, if nothing follows that decides it; 1 second unless set. After
     * that it is written, and what comes later of the secret is still masked.
     */
    public EventWriterBuilder maxHold(Duration value) {
        maxHold = value;
        return this;
    }

    /**
     * How large a batch gets: the most events, 500 unless set, and the bytes of payload after which it takes no more, 1 MiB unless
     * set. A full batch is sent at once. Neither may be over what the store takes in one append.
     */
    public EventWriterBuilder batch(int maxEvents, int maxBytes) {
        batchEvents = maxEvents;
        batchBytes = maxBytes;
        return this;
    }

    /** How many bytes may wait for the store before whoever writes has to wait too; 4 MiB unless set. */
    public EventWriterBuilder buffer(long maxBytes) {
        bufferBytes = maxBytes;
        return this;
    }

    /** How long {@link EventWriter#close} waits for the store; 30 seconds unless set. */
    public EventWriterBuilder closeTimeout(Duration value) {
        closeTimeout = value;
        return this;
    }

    /** How output becomes lines; {@link OutputText#standard()} unless set. */
    public EventWriterBuilder text(OutputText value) {
        text = value;
        return this;
    }

    /**
     * What masks secrets in text before it is cut into events; {@link Redactor#standard()} unless set. The store's own redactor
     * works on each event besides; give both the same.
     */
    public EventWriterBuilder redactor(Redactor value) {
        redactor = value;
        return this;
    }

    /**
     * A writer that has written nothing yet.
     *
     * @throws io.agentrun.error.InvalidInputException if an option is null, a time negative or a number less than 1
     */
    public EventWriter build() {
        WriterSettings is = new WriterSettings(
                firstDelay, interval, maxHold, batchEvents, batchBytes, bufferBytes, closeTimeout, text, redactor);
        Scheduler given = scheduler;
        if (given != null) {
            return new EventWriter(events, fence, is, given, () -> {});
        }
        ThreadScheduler own = ThreadScheduler.ofThreads(1);
        return new EventWriter(events, fence, is, own, own::close);
    }
}

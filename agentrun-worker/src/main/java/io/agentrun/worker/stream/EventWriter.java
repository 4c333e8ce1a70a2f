package io.agentrun.worker.stream;

import io.agentrun.EventStore;
import io.agentrun.check.Require;
import io.agentrun.error.AgentRunException;
import io.agentrun.error.StateConflictException;
import io.agentrun.error.StoreUnavailableException;
import io.agentrun.error.StoreUnavailableException.Reason;
import io.agentrun.event.EventType;
import io.agentrun.event.NewEvent;
import io.agentrun.json.JsonObject;
import io.agentrun.lease.Fence;
import io.agentrun.worker.time.Scheduler;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Appends an agent's output to its run: takes events and text from any thread, puts them into batches and appends these under
 * the fence, in order, one after the other.
 *
 * <p>A batch is sent 50 milliseconds after the first event that followed a pause, every 250 milliseconds while output flows, and
 * at once when it is full. What waits for the store is bounded; when it is full, {@code write} waits. Text is cleaned
 * ({@link OutputText}) and redacted across events ({@link TextStream}); its end is held back for up to a second if a secret may
 * have begun in it.
 *
 * <p>While the store is unavailable, the batch is repeated under its number: after 100 milliseconds, then after twice as long each
 * time, up to 5 seconds. If its answer alone was lost, the store answers with what it has, and no event stands in the run twice.
 * Let one writer work under a fence at a time: if another writer's batch was stored before the repetition, the store can no
 * longer tell whether the first attempt was stored, and the writer ends with
 * {@link io.agentrun.error.OutdatedBatchException}.
 *
 * <p>An event that the store refuses as input is replaced by an {@code error} event that says so. Everything else
 * ends the writer for good: the lease is lost, the run has ended or was purged, the store is closed, its trouble is none that
 * passes. Nothing is written after that, and every call throws what ended it.
 *
 * <p>Thread-safe. A writer occupies a thread of its scheduler only while it appends.
 */
public final class EventWriter implements AutoCloseable {

    /** Where only a signal ends the wait. */
    private static final long LONG = Duration.ofDays(1).toNanos();

    private final WriterSettings settings;
    private final Scheduler scheduler;
    private final Runnable afterClose;
    private final Sender sender;
    private final TextStream output;

    private final Alarm alarm;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final EntryQueue queue = new EntryQueue();

    /** Up to which entry everything is in the store. */
    private long durable;

    /** Up to which entry somebody waits for the store. */
    private long wanted;

    /** How many threads wait for room in the buffer. */
    private int waiting;

    private long firstQueuedAt;
    private long lastSentAt;
    private boolean held;
    private boolean sending;
    private boolean closed;
    private @Nullable AgentRunException end;

    EventWriter(EventStore events, Fence fence, WriterSettings settings, Scheduler scheduler, Runnable afterClose) {
        this.settings = settings;
        this.scheduler = scheduler;
        this.afterClose = afterClose;
        this.alarm = new Alarm(scheduler, this::onTime);
        this.sender = new Sender(events, fence, settings);
        this.output = lines(EventType.COMMAND_OUTPUT, text -> JsonObject.of("text", text));
        this.lastSentAt = scheduler.nanoTime() - settings.interval().toNanos();
    }

    /** Options of a writer that appends to the fence's run. */
    public static EventWriterBuilder builder(EventStore events, Fence fence) {
        return new EventWriterBuilder(events, fence);
    }

    /**
     * Writes an event. It is appended soon, not before this call returns; waits while the buffer is full.
     *
     * @throws io.agentrun.error.InvalidInputException if the event is null
     * @throws AgentRunException what ended the writer; {@code StateConflictException} if it was closed
     * @throws InterruptedException if the thread is interrupted while it waits; the event is not written
     */
    public void write(NewEvent event) throws InterruptedException {
        accept(List.of(Entry.of(Require.given("event", event))));
    }

    /** Does what {@link TextStream#line} does, for {@code command_output} events of the form {@code {text}}. */
    public void line(String text) throws InterruptedException {
        output.line(text);
    }

    /** The text whose lines become {@code command_output} events of the form {@code {text}}; the same every time. */
    public TextStream output() {
        return output;
    }

    /**
     * A further source of text, each of whose lines becomes an event.
     *
     * @param payload makes the payload of a line; it must not throw
     */
    public TextStream lines(EventType type, Function<String, JsonObject> payload) {
        return TextStream.ofLines(this, settings, type, payload);
    }

    /**
     * A further source of text that comes in pieces, such as the answer of a model: pieces that come soon after one another become
     * one event, and readers put the events' texts together. The last word is held back until the next, for up to a second.
     *
     * @param payload makes the payload of a piece; it must not throw
     */
    public TextStream pieces(EventType type, Function<String, JsonObject> payload) {
        return TextStream.ofPieces(this, settings, type, payload);
    }

    void accept(List<Entry> entries) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            for (Entry entry : entries) {
                awaitRoom(entry.bytes());
                if (queue.isEmpty()) {
                    firstQueuedAt = scheduler.nanoTime();
                }
                queue.add(entry);
                plan();
            }
            isOpen();
        } finally {
            lock.unlock();
        }
    }

    private void awaitRoom(int size) throws InterruptedException {
        waiting++;
        try {
            while (isOpen() && queue.bytes() > 0 && queue.bytes() + size > settings.bufferBytes()) {
                plan();
                scheduler.await(lock, changed, LONG);
            }
        } finally {
            waiting--;
        }
    }

    /** Returns true, or throws what ended the writer. */
    private boolean isOpen() {
        if (end != null) {
            throw end;
        }
        if (closed) {
            throw closedWriter();
        }
        return true;
    }

    /**
     * Sends what was written before this call, text that is held back too, and returns when the store has it.
     *
     * @throws AgentRunException what ended the writer
     * @throws InterruptedException if the thread is interrupted while it waits
     */
    public void flush() throws InterruptedException {
        while (!flush(Duration.ofDays(1))) {
            // It waits as long as the store is unavailable.
        }
    }

    /**
     * Does what {@link #flush()} does, and waits no longer than the given time.
     *
     * @return whether the store has everything
     * @throws AgentRunException what ended the writer
     * @throws InterruptedException if the thread is interrupted while it waits
     */
    public boolean flush(Duration timeout) throws InterruptedException {
        long left = Require.given("timeout", timeout).toNanos();
        lock.lockInterruptibly();
        try {
            long target = queue.accepted();
            wanted = Math.max(wanted, target);
            plan();
            while (durable < target && end == null && left > 0) {
                left = scheduler.await(lock, changed, left);
            }
            if (end != null) {
                throw end;
            }
            return durable >= target;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Ends the writer now: nothing more is written but a batch that is on its way, and every later call throws the reason. For
     * whoever learns by other means that the run is not ours any more. A second call does nothing.
     */
    public void stop(AgentRunException reason) {
        end(Require.given("reason", reason));
    }

    /** Returns what ended the writer; empty while it goes on. */
    public Optional<AgentRunException> ended() {
        lock.lock();
        try {
            return Optional.ofNullable(end);
        } finally {
            lock.unlock();
        }
    }

    /**
     * Takes nothing more, sends what is there, and returns when the store has it. Of a writer that has ended it does nothing: what
     * was not written is known by {@link #ended}. A second call does nothing.
     *
     * @throws StoreUnavailableException if the store did not take everything in time ({@code TIMEOUT}), or the thread was
     *     interrupted, which it then still is; nothing more is written
     */
    @Override
    public void close() {
        lock.lock();
        try {
            if (closed) {
                return;
            }
            closed = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        try {
            if (ended().isEmpty() && !flush(settings.closeTimeout())) {
                throw unwritten("the store did not take the last events in time");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw unwritten("interrupted before the store had the last events");
        } catch (AgentRunException e) {
            if (e != ended().orElse(null)) {
                throw e;
            }
        } finally {
            end(closedWriter());
            afterClose.run();
        }
    }

    private StateConflictException closedWriter() {
        return new StateConflictException("event writer of run", sender.runId(), "closed", "it was closed", false);
    }

    private static StoreUnavailableException unwritten(String message) {
        return new StoreUnavailableException(Reason.TIMEOUT, message, null);
    }

    /** Sees to it that what waits is sent when it is time; under the lock. */
    private void plan() {
        if (sending || end != null) {
            return;
        }
        boolean full = queue.size() >= settings.batchEvents() || queue.bytes() >= settings.batchBytes() || waiting > 0;
        if (wanted > durable || (full && !queue.isEmpty())) {
            alarm.cancel();
            sending = true;
            scheduler.execute(this::send);
        } else if (!queue.isEmpty()) {
            alarm.set(Math.max(
                    firstQueuedAt + settings.firstDelay().toNanos(),
                    lastSentAt + settings.interval().toNanos()));
        } else if (held) {
            alarm.set(lastSentAt + settings.maxHold().toNanos());
        }
    }

    private void onTime() {
        lock.lock();
        try {
            alarm.rung();
            if (sending || end != null) {
                return;
            }
            sending = true;
        } finally {
            lock.unlock();
        }
        send();
    }

    /** Makes a batch of what waits and appends it; on a thread of the scheduler, one at a time. */
    private void send() {
        List<Entry> entries;
        boolean all;
        lock.lock();
        try {
            // Without new text, what is held has been held long enough.
            all = queue.isEmpty();
            boolean flushes = wanted > durable;
            entries = queue.take(settings, flushes ? wanted : Long.MAX_VALUE);
            all |= flushes && queue.taken() >= wanted;
            lastSentAt = scheduler.nanoTime();
        } finally {
            lock.unlock();
        }
        boolean release = all;
        attempt(() -> {
            sender.prepare(entries, release);
            return true;
        });
        append();
    }

    /** Appends what was prepared, now and, while the store is unavailable, again later. */
    private void append() {
        Optional<Duration> again = attempt(sender::send).orElse(Optional.empty());
        lock.lock();
        try {
            if (end != null) {
                return;
            }
            if (again.isPresent()) {
                scheduler.schedule(again.get(), this::append);
                return;
            }
            held = sender.holds();
            durable = held ? durable : queue.taken();
            queue.stored(sender.entryBytes());
            sending = false;
            plan();
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Does the work, unless the writer has ended; what it throws ends the writer. */
    private <T> Optional<T> attempt(Supplier<T> work) {
        if (ended().isPresent()) {
            return Optional.empty();
        }
        try {
            return Optional.of(work.get());
        } catch (AgentRunException e) {
            end(e);
        } catch (RuntimeException e) {
            // The host's redactor or payload function; going on would leave out events.
            end(new StoreUnavailableException(Reason.INTERNAL, "an event could not be made", e));
        } catch (Error e) {
            end(new StoreUnavailableException(Reason.INTERNAL, "an event could not be made", null));
            throw e;
        }
        return Optional.empty();
    }

    private void end(AgentRunException reason) {
        lock.lock();
        try {
            if (end == null) {
                end = reason;
                queue.clear();
                alarm.cancel();
                changed.signalAll();
            }
        } finally {
            lock.unlock();
        }
    }
}

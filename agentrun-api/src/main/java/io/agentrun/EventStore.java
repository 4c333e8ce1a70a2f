package io.agentrun;

import io.agentrun.check.Require;
import io.agentrun.event.EventBatch;
import io.agentrun.event.EventPage;
import io.agentrun.event.NewEvent;
import io.agentrun.event.RunEvent;
import io.agentrun.lease.Fence;
import io.agentrun.model.ItemAnswer;
import io.agentrun.model.WaitSet;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * Appends events to runs and reads them, page by page or as they come.
 *
 * <p>The numbers of a run's events are 1, 2, 3 … without a gap, in the order in which they became visible: a reader that
 * has seen number n will never see a lower one appear. The last event of a run is its {@code terminal_status}; nothing
 * follows it.
 *
 * <p>What every operation checks first, and what each may throw besides, says {@link io.agentrun.AgentRunStore}.
 *
 * <p>Thread-safe.
 */
public interface EventStore {

    /**
     * Appends the runner's events, all or none, in the given order and with consecutive numbers; payloads are redacted first.
     *
     * <p>A batch with a number may be repeated after a lost answer: the same number with the same events returns what was
     * stored, also when the lease has run out or the run has ended since, as long as no other epoch has begun and no batch
     * with a higher number was appended. Numbers rise within an epoch; gaps are allowed, and a new epoch begins anew. So a
     * runner has one numbered batch under way at a time. Without a number a second call appends the events again.
     *
     * @param batch 1 to the store's {@code maxBatchEvents} events (1000 unless set otherwise); none is a
     *     {@code backend_status} with a phase of the store's own
     * @return the events as stored, in the same order
     * @throws io.agentrun.error.InvalidInputException if a parameter is null, the batch is empty or too long, a payload is
     *     over the store's {@code maxPayloadBytes}, or an event has a phase of the store's own
     * @throws io.agentrun.error.NotFoundException if there is no such run
     * @throws io.agentrun.error.OutdatedBatchException if the number is lower than that of the last numbered batch of this
     *     epoch, or the same with other events
     * @throws io.agentrun.error.LeaseConflictException if the fence does not hold
     * @throws io.agentrun.error.AlreadyTerminalException if the run has ended in the fence's own epoch
     */
    List<RunEvent> append(Fence fence, EventBatch batch);

    /** Does what {@link #append(Fence, EventBatch)} does with a batch without a number. */
    default List<RunEvent> append(Fence fence, List<NewEvent> events) {
        return append(fence, EventBatch.of(events));
    }

    /** Does what {@link #append(Fence, EventBatch)} does with one event and no number. */
    default RunEvent append(Fence fence, NewEvent event) {
        return append(fence, List.of(Require.given("event", event))).get(0);
    }

    /**
     * Appends the host's own events ("job created"), all or none, whoever holds the run. Never for a runner: without a
     * fence nothing keeps out a runner that has lost its lease. A second call appends them again; after a lost answer it is
     * unknown whether the first one did.
     *
     * @param events 1 to the store's {@code maxBatchEvents} (1000 unless set otherwise)
     * @return the events as stored, in the same order
     * @throws io.agentrun.error.InvalidInputException if the id breaks the rule for ids, the list or an event is null, the
     *     list is empty or too long, or a payload is over the store's {@code maxPayloadBytes}
     * @throws io.agentrun.error.NotFoundException if there is no such run
     * @throws io.agentrun.error.AlreadyTerminalException if the run has ended
     */
    List<RunEvent> appendUnfenced(String runId, List<NewEvent> events);

    /** Does what {@link #appendUnfenced(String, List)} does with one event. */
    default RunEvent appendUnfenced(String runId, NewEvent event) {
        return appendUnfenced(runId, List.of(Require.given("event", event))).get(0);
    }

    /**
     * Returns the run's events whose number is greater than the given one, by number; perhaps none. The page and its
     * {@code ended} are read at one moment.
     *
     * @param afterSeq 0 for the first page, then {@code nextAfterSeq} of the page before; a number that the run has not
     *     reached gives an empty page
     * @param limit the most events in the page, 1 to the store's {@code maxPage} (500 unless set otherwise); a page ends sooner
     *     when its payloads would have more than 8 MiB together, and has one event at least if there is one
     * @throws io.agentrun.error.InvalidInputException if the id breaks the rule for ids, {@code afterSeq} is negative, or
     *     the limit is out of range
     * @throws io.agentrun.error.NotFoundException if there is no such run
     */
    EventPage list(String runId, long afterSeq, int limit);

    /**
     * Returns what {@link #list} returns, as soon as there is an event in it or the stream has ended, and an empty page when
     * the time is over. A reader that goes on with {@code nextAfterSeq} until {@code ended} sees every event once.
     *
     * <p>Closing the store ends the wait with {@code StoreClosedException}; a thread that is interrupted gets what there
     * is and keeps its interrupt flag.
     *
     * @param timeout how long to wait, up to the store's {@code maxWait} (1 hour unless set otherwise); zero looks once
     * @throws io.agentrun.error.InvalidInputException as for {@link #list}; and if the timeout is null or out of range, or
     *     is not zero inside a transaction of the host, where waiting could see nothing new
     * @throws io.agentrun.error.NotFoundException if there is no such run, or it is purged while the call waits
     */
    EventPage await(String runId, long afterSeq, int limit, Duration timeout);

    /**
     * Waits for many runs as {@link #await} waits for one, and returns the pages that have an event or the end in them, by run id, as
     * soon as there is one. A page begins behind the number that stands beside its run in the set; 0 is before the first event. A run
     * that is purged is answered by a {@code NotFoundException}, one that cannot be read by a {@code StoreUnavailableException} with
     * {@code CORRUPT}. What is answered is news until the caller puts {@code nextAfterSeq} into the set, or removes the run. The map
     * is empty when the time is over or the set was woken.
     *
     * <p>All pages together have at most 1,000 events, or one for each run, and about 8 MiB of payloads; each run has its share, and
     * goes on with the next call. Runs may be put into the set and removed while the call waits. Closing the store and interrupts: as
     * with {@link #await}.
     *
     * @param waits at most 1,000 runs; none waits for the first to be put in
     * @param timeout how long to wait, up to the store's {@code maxWait} (1 hour unless set otherwise); zero looks once
     * @throws io.agentrun.error.InvalidInputException if the set is null, a number in it is negative, the timeout is null or out of
     *     range, or not zero inside a transaction of the host
     */
    Map<String, ItemAnswer<EventPage>> awaitAny(WaitSet<Long> waits, Duration timeout);
}

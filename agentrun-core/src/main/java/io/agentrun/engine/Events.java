package io.agentrun.engine;

import io.agentrun.EventStore;
import io.agentrun.backend.Attempt;
import io.agentrun.backend.LockMode;
import io.agentrun.backend.PageBytes;
import io.agentrun.backend.Shortcuts.Appended;
import io.agentrun.backend.Signal;
import io.agentrun.backend.StoreReads;
import io.agentrun.backend.StoreReads.EventSlice;
import io.agentrun.backend.StoreReads.Visibility;
import io.agentrun.backend.StoreTx;
import io.agentrun.backend.StoreTx.StoredRun;
import io.agentrun.check.Require;
import io.agentrun.error.NotFoundException;
import io.agentrun.event.EventBatch;
import io.agentrun.event.EventPage;
import io.agentrun.event.NewEvent;
import io.agentrun.event.RunEvent;
import io.agentrun.id.IdSource;
import io.agentrun.lease.Fence;
import io.agentrun.model.ItemAnswer;
import io.agentrun.model.WaitSet;
import io.agentrun.rules.BatchStamp;
import io.agentrun.rules.Change;
import io.agentrun.rules.EventRules;
import io.agentrun.rules.RunGuard.LastBatch;
import io.agentrun.rules.RunHead;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The events of every store. */
final class Events implements EventStore {

    /** The most events of an answer for many runs. */
    private static final int MOST_OF_CALL = 1_000;

    private final Context context;

    Events(Context context) {
        this.context = context;
    }

    @Override
    public List<RunEvent> append(Fence fence, EventBatch batch) {
        Fence given = Require.given("fence", fence);
        EventBatch asked = Require.given("batch", batch);
        List<NewEvent> kept = context.intake().events(asked.events());
        return append(given.runId(), given, stamp(given, asked), kept);
    }

    /** Hashes what was given, not what is kept: what the redactor makes of it may change between two calls. */
    private static @Nullable BatchStamp stamp(Fence fence, EventBatch batch) {
        Long number = batch.number();
        if (number == null) {
            return null;
        }
        List<String> texts = new ArrayList<>(2 * batch.events().size());
        for (NewEvent event : batch.events()) {
            texts.add(event.type().wire());
            texts.add(event.payload().toJson());
        }
        return new BatchStamp(number, fence.hashOf(texts));
    }

    @Override
    public List<RunEvent> appendUnfenced(String runId, List<NewEvent> events) {
        String id = context.intake().id("runId", runId);
        List<NewEvent> kept = context.intake().events(events);
        return append(id, null, null, kept);
    }

    private List<RunEvent> append(
            String runId, @Nullable Fence fence, @Nullable BatchStamp batch, List<NewEvent> events) {
        List<String> ids = new ArrayList<>(events.size());
        for (int i = 0; i < events.size(); i++) {
            ids.add(context.ids().next(IdSource.EVENT));
        }
        Attempt<Appended> attempt = context.backend().shortcuts().append(runId, fence, batch, ids, events);
        if (attempt instanceof Attempt.Done<Appended> done) {
            return appended(runId, ids, events, done.value());
        }
        if (attempt instanceof Attempt.Refused) {
            RunHead run = context.backend()
                    .read(reads -> reads.findHead(runId))
                    .orElseThrow(() -> new NotFoundException("run", runId));
            LastBatch stored = repeated(run, fence, batch);
            if (stored != null) {
                return context.backend().read(reads -> stored(reads, runId, stored));
            }
            EventRules.requireAppendable(run, fence);
        }
        return context.backend().write(tx -> append(tx, runId, fence, batch, events));
    }

    private static @Nullable LastBatch repeated(RunHead run, @Nullable Fence fence, @Nullable BatchStamp batch) {
        return fence == null || batch == null ? null : EventRules.repeated(run, fence, batch);
    }

    private static List<RunEvent> stored(StoreReads reads, String runId, LastBatch batch) {
        long last = batch.firstSeq() - 1 + batch.count();
        List<RunEvent> found = new ArrayList<>(batch.count());
        long after = batch.firstSeq() - 1;
        boolean cut = true;
        while (cut && after < last) {
            EventSlice slice = reads.events(runId, after, (int) (last - after), Visibility.ALL)
                    .orElseThrow(() -> new NotFoundException("run", runId));
            found.addAll(slice.items());
            cut = slice.cut() && !slice.items().isEmpty();
            after = found.isEmpty() ? after : found.get(found.size() - 1).seq();
        }
        return List.copyOf(found);
    }

    private static List<RunEvent> appended(String runId, List<String> ids, List<NewEvent> events, Appended appended) {
        List<RunEvent> stored = new ArrayList<>(ids.size());
        for (int i = 0; i < ids.size(); i++) {
            NewEvent event = events.get(i);
            stored.add(new RunEvent(
                    ids.get(i), runId, appended.before() + i + 1, event.type(), event.payload(), appended.at()));
        }
        return List.copyOf(stored);
    }

    private List<RunEvent> append(
            StoreTx tx, String runId, @Nullable Fence fence, @Nullable BatchStamp batch, List<NewEvent> events) {
        StoredRun run = tx.lockRun(runId, LockMode.WAIT).orThrow("run", runId);
        LastBatch stored = repeated(run.head(), fence, batch);
        if (stored != null) {
            return stored(tx, runId, stored);
        }
        EventRules.requireAppendable(run.head(), fence);
        Change change = EventRules.append(run.head(), run.lastEventSeq(), batch, events);
        return tx.write(change, context.ids()).events();
    }

    @Override
    public EventPage list(String runId, long afterSeq, int limit) {
        return await(runId, afterSeq, limit, Duration.ZERO);
    }

    @Override
    public EventPage await(String runId, long afterSeq, int limit, Duration timeout) {
        String id = context.intake().id("runId", runId);
        long after = context.intake().afterSeq(afterSeq);
        int size = context.intake().page(limit);
        Duration wait = context.intake().timeout(timeout);
        EventPage seen = context.backend().await(Signal.events(id), wait, reads -> {
            EventPage page = page(reads, id, after, size);
            return page.items().isEmpty() && !page.ended() ? null : page;
        });
        return seen == null ? new EventPage(id, List.of(), after, false) : seen;
    }

    @Override
    public Map<String, ItemAnswer<EventPage>> awaitAny(WaitSet<Long> waits, Duration timeout) {
        WaitSet<Long> given = Require.given("waits", waits);
        Duration wait = context.intake().timeout(timeout);
        given.entries().values().forEach(after -> Require.between("waits", after, 0L, Long.MAX_VALUE));
        Waits<Long, EventPage> call = new Waits<>(given, 'e', Events::news);
        Map<String, ItemAnswer<EventPage>> seen = context.backend().awaitAny(call, wait, call::look);
        return seen == null ? Map.of() : seen;
    }

    private static Map<String, ItemAnswer<EventPage>> news(StoreReads reads, Map<String, Long> after) {
        int limit = Math.max(1, MOST_OF_CALL / after.size());
        Map<String, EventSlice> found = reads.eventsOfAll(after, limit);
        Map<String, ItemAnswer<EventPage>> news = new HashMap<>();
        int share = PageBytes.MOST / Math.max(1, found.size());
        after.forEach((runId, seq) -> {
            EventSlice slice = found.get(runId);
            if (slice == null) {
                news.put(runId, ItemAnswer.refused(new NotFoundException("run", runId)));
                return;
            }
            EventPage page = page(runId, seq, slice.within(share));
            if (!page.items().isEmpty() || page.ended()) {
                news.put(runId, ItemAnswer.done(page));
            }
        });
        return news;
    }

    private static EventPage page(StoreReads reads, String runId, long after, int limit) {
        EventSlice slice = reads.events(runId, after, limit, Visibility.ALL)
                .orElseThrow(() -> new NotFoundException("run", runId));
        return page(runId, after, slice.within(PageBytes.MOST));
    }

    private static EventPage page(String runId, long after, EventSlice slice) {
        List<RunEvent> items = slice.items();
        long next = items.isEmpty() ? after : items.get(items.size() - 1).seq();
        return new EventPage(runId, items, next, slice.terminal() && next >= slice.lastSeq());
    }
}

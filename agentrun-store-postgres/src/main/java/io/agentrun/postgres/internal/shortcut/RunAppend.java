package io.agentrun.postgres.internal.shortcut;

import io.agentrun.backend.Attempt;
import io.agentrun.backend.Shortcuts.Appended;
import io.agentrun.event.NewEvent;
import io.agentrun.lease.Fence;
import io.agentrun.postgres.internal.shortcut.AppendBatch.Append;
import io.agentrun.rules.BatchStamp;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What a batch appends to one run with one fence: the events of its callers, one after the other.
 *
 * <p>Not thread-safe: one thread at a time.
 */
final class RunAppend {

    private final String runId;
    private final @Nullable Fence fence;
    private final @Nullable BatchStamp batch;
    private final List<Waiter<Append, Appended>> waiters = new ArrayList<>(1);
    private long eventCount;

    private RunAppend(Append first) {
        this.runId = first.runId();
        this.fence = first.fence();
        this.batch = first.batch();
    }

    /** Returns one for each run, with its first fence; a waiter with another fence, or beside a numbered batch, is in none. */
    static List<RunAppend> byRun(List<Waiter<Append, Appended>> batch) {
        Map<String, RunAppend> runs = new LinkedHashMap<>();
        for (Waiter<Append, Appended> waiter : batch) {
            Append input = waiter.input();
            RunAppend run = runs.computeIfAbsent(input.runId(), id -> new RunAppend(input));
            boolean alone = run.batch != null || input.batch() != null;
            if (run.waiters.isEmpty() || (!alone && Objects.equals(run.fence, input.fence()))) {
                run.waiters.add(waiter);
                run.eventCount += input.events().size();
            }
        }
        return List.copyOf(runs.values());
    }

    String runId() {
        return runId;
    }

    @Nullable
    Fence fence() {
        return fence;
    }

    @Nullable
    BatchStamp batch() {
        return batch;
    }

    long eventCount() {
        return eventCount;
    }

    /** Returns all events as if one caller appended them. */
    Append merged() {
        List<String> ids = new ArrayList<>();
        List<NewEvent> events = new ArrayList<>();
        for (Waiter<Append, Appended> waiter : waiters) {
            ids.addAll(waiter.input().ids());
            events.addAll(waiter.input().events());
        }
        return new Append(runId, fence, batch, ids, events);
    }

    /** Settles the waiters: each with the number before its own events, if the append of them all is done. */
    void settle(Attempt<Appended> attempt) {
        if (!(attempt instanceof Attempt.Done<Appended> done)) {
            waiters.forEach(waiter -> waiter.settle(attempt));
            return;
        }
        long before = done.value().before();
        for (Waiter<Append, Appended> waiter : waiters) {
            waiter.done(new Appended(before, done.value().at()));
            before += waiter.input().events().size();
        }
    }
}

package io.agentrun.tck.sabotage;

import io.agentrun.backend.StartingBackends;
import io.agentrun.event.EventPage;
import io.agentrun.event.NewEvent;
import io.agentrun.event.RunEvent;
import io.agentrun.memory.InMemoryAgentRunStore;
import io.agentrun.runner.Backend;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;

/** Stores that lose something when they are opened or closed, or between two looks. */
final class OpeningSabotage {

    private static final long MOMENT_NANOS = 200_000;

    private OpeningSabotage() {}

    static InMemoryAgentRunStore everythingIsDeleted(
            InMemoryAgentRunStore before, Supplier<InMemoryAgentRunStore> empty) {
        before.close();
        return empty.get();
    }

    static InMemoryAgentRunStore backendsAreSeededAgain(
            InMemoryAgentRunStore before, Supplier<InMemoryAgentRunStore> empty) {
        StartingBackends.all().forEach(before.runners()::saveBackend);
        return before;
    }

    /** Backends are kept in the memory of the process only. */
    static Defect savedBackendsAreLost() {
        AtomicInteger opened = new AtomicInteger();
        return (store, clock) -> {
            if (opened.incrementAndGet() > 2) {
                List<Backend> starting =
                        InMemoryAgentRunStore.create().runners().backends();
                store.runners = new PassingRunners(store.runners) {
                    @Override
                    public List<Backend> backends() {
                        return starting;
                    }
                };
            }
        };
    }

    /** An append is answered, or not, when the store has long been closed, and is stored in any case. */
    static void closesBesideCallsAtWork(PassingStore store, SkewedClock clock) {
        InMemoryAgentRunStore open = ((InMemoryAgentRunStore) store.real).sibling();
        store.events = new PassingEvents(store.events) {
            @Override
            public List<RunEvent> appendUnfenced(String runId, List<NewEvent> events) {
                // Refuses what begins after the close.
                real.list(runId, 0, 1);
                LockSupport.parkNanos(MOMENT_NANOS);
                return open.events().appendUnfenced(runId, events);
            }
        };
    }

    /** The run's state is read after the events. */
    static void endedByALaterLook(PassingStore store, SkewedClock clock) {
        store.events = new PassingEvents(store.events) {
            @Override
            public EventPage list(String runId, long after, int limit) {
                EventPage page = real.list(runId, after, limit);
                LockSupport.parkNanos(MOMENT_NANOS);
                boolean terminal = store.real.runs().get(runId).isTerminal();
                boolean whole = page.items().size() < limit;
                return new EventPage(runId, page.items(), page.nextAfterSeq(), page.ended() || (terminal && whole));
            }
        };
    }

    /** The events are read after the run's state. */
    static void endedByAnEarlierLook(PassingStore store, SkewedClock clock) {
        store.events = new PassingEvents(store.events) {
            @Override
            public EventPage list(String runId, long after, int limit) {
                boolean terminal = store.real.runs().get(runId).isTerminal();
                LockSupport.parkNanos(MOMENT_NANOS);
                EventPage page = real.list(runId, after, limit);
                return new EventPage(runId, page.items(), page.nextAfterSeq(), terminal && page.ended());
            }
        };
    }
}

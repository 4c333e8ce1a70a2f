package io.agentrun.tck.sabotage;

import static io.agentrun.rules.Rule.*;

import io.agentrun.StoreHealth;
import io.agentrun.error.StoreUnavailableException;
import io.agentrun.event.EventPage;
import io.agentrun.event.NewEvent;
import io.agentrun.event.RunEvent;
import io.agentrun.lease.Fence;
import io.agentrun.run.Run;
import io.agentrun.tck.suite.OutageSuite;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;

/** What a store may do wrong while its database cannot be reached, and afterwards. */
final class OutageSabotages {

    static final List<Sabotage> ALL = List.of(
            Sabotage.of(
                    "without its database a store answers an empty page",
                    Set.of(G_12),
                    OutageSabotages::emptyPages,
                    OutageSuite.class),
            Sabotage.of(
                    "without its database a store answers from memory",
                    Set.of(G_12),
                    OutageSabotages::answersFromMemory,
                    OutageSuite.class),
            Sabotage.of(
                    "without its database a store acknowledges what it drops",
                    Set.of(G_12),
                    OutageSabotages::drops,
                    OutageSuite.class),
            Sabotage.of(
                    "after an outage a store has to be opened again",
                    Set.of(G_12),
                    OutageSabotages::staysAway,
                    OutageSuite.class),
            Sabotage.of(
                    "an append whose answer was lost is sent again",
                    Set.of(G_12),
                    OutageSabotages::sendsAgain,
                    OutageSuite.class),
            Sabotage.of(
                    "health says that all is well",
                    Set.of(G_12),
                    (store, clock) -> store.health = () -> StoreHealth.ready("broken", null),
                    OutageSuite.class));

    private OutageSabotages() {}

    static void emptyPages(PassingStore store, SkewedClock clock) {
        store.events = new PassingEvents(store.events) {
            @Override
            public EventPage list(String runId, long after, int limit) {
                try {
                    return real.list(runId, after, limit);
                } catch (StoreUnavailableException e) {
                    return new EventPage(runId, List.of(), after, false);
                }
            }
        };
    }

    static void answersFromMemory(PassingStore store, SkewedClock clock) {
        Map<String, Run> seen = new ConcurrentHashMap<>();
        store.runs = new PassingRuns(store.runs) {
            @Override
            public Run get(String id) {
                try {
                    Run run = real.get(id);
                    seen.put(id, run);
                    return run;
                } catch (StoreUnavailableException e) {
                    Run run = seen.get(id);
                    if (run == null) {
                        throw e;
                    }
                    return run;
                }
            }
        };
    }

    static void drops(PassingStore store, SkewedClock clock) {
        store.events = new PassingEvents(store.events) {
            @Override
            public List<RunEvent> append(Fence fence, List<NewEvent> events) {
                try {
                    return real.append(fence, events);
                } catch (StoreUnavailableException e) {
                    List<RunEvent> answer = new ArrayList<>();
                    for (NewEvent event : events) {
                        answer.add(new RunEvent(
                                "evt_dropped",
                                fence.runId(),
                                1_000_000,
                                event.type(),
                                event.payload(),
                                clock.instant()));
                    }
                    return answer;
                }
            }
        };
    }

    static void staysAway(PassingStore store, SkewedClock clock) {
        AtomicBoolean broken = new AtomicBoolean();
        store.events = new PassingEvents(store.events) {
            @Override
            public List<RunEvent> append(Fence fence, List<NewEvent> events) {
                if (broken.get()) {
                    throw new StoreUnavailableException(
                            StoreUnavailableException.Reason.UNREACHABLE, "the connection is closed", null);
                }
                try {
                    return real.append(fence, events);
                } catch (StoreUnavailableException e) {
                    broken.set(true);
                    throw e;
                }
            }
        };
    }

    static void sendsAgain(PassingStore store, SkewedClock clock) {
        AtomicBoolean lost = new AtomicBoolean();
        store.events = new PassingEvents(store.events) {
            @Override
            public List<RunEvent> append(Fence fence, List<NewEvent> events) {
                try {
                    List<RunEvent> stored = real.append(fence, events);
                    return lost.getAndSet(false) ? real.append(fence, events) : stored;
                } catch (StoreUnavailableException e) {
                    lost.set(true);
                    throw e;
                }
            }
        };
    }
}

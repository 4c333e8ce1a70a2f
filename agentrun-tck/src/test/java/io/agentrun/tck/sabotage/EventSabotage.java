package io.agentrun.tck.sabotage;

import io.agentrun.command.Command;
import io.agentrun.error.AlreadyTerminalException;
import io.agentrun.event.EventPage;
import io.agentrun.event.NewEvent;
import io.agentrun.event.RunEvent;
import io.agentrun.json.JsonObject;
import io.agentrun.json.Redactor;
import io.agentrun.lease.Fence;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;

/** Stores whose streams of events cannot be relied on (D3, D12, D15). */
final class EventSabotage {

    private static final long UNHEARD_NANOS = 50_000_000;

    private EventSabotage() {}

    static Defect appendsAfterTheEnd() {
        Map<String, List<RunEvent>> late = new ConcurrentHashMap<>();
        return (store, clock) -> store.events = new PassingEvents(store.events) {
            @Override
            public List<RunEvent> append(Fence fence, List<NewEvent> events) {
                try {
                    return real.append(fence, events);
                } catch (AlreadyTerminalException over) {
                    return tail(fence.runId(), events);
                }
            }

            @Override
            public List<RunEvent> appendUnfenced(String runId, List<NewEvent> events) {
                try {
                    return real.appendUnfenced(runId, events);
                } catch (AlreadyTerminalException over) {
                    return tail(runId, events);
                }
            }

            private List<RunEvent> tail(String runId, List<NewEvent> events) {
                List<RunEvent> all = late.computeIfAbsent(runId, run -> new ArrayList<>());
                long next = real.list(runId, 0, 500).nextAfterSeq() + all.size();
                List<RunEvent> added = new ArrayList<>();
                for (NewEvent event : events) {
                    next++;
                    added.add(new RunEvent(
                            "evt_" + runId + next, runId, next, event.type(), event.payload(), Instant.EPOCH));
                }
                all.addAll(added);
                return added;
            }
        };
    }

    static void endedTooEarly(PassingStore store, SkewedClock clock) {
        store.events = new PassingEvents(store.events) {
            @Override
            public EventPage list(String runId, long after, int limit) {
                return seen(real.list(runId, after, limit));
            }

            @Override
            public EventPage await(String runId, long after, int limit, Duration timeout) {
                return seen(real.await(runId, after, limit, timeout));
            }

            private EventPage seen(EventPage page) {
                boolean ended = store.real.runs().get(page.runId()).isTerminal();
                return new EventPage(page.runId(), page.items(), page.nextAfterSeq(), ended);
            }
        };
    }

    static void neverEnded(PassingStore store, SkewedClock clock) {
        store.events = new PassingEvents(store.events) {
            @Override
            public EventPage list(String runId, long after, int limit) {
                EventPage page = real.list(runId, after, limit);
                return new EventPage(page.runId(), page.items(), page.nextAfterSeq(), false);
            }
        };
    }

    /** Two that append to one run at the same moment: MAX(seq) + 1 gives both the same number. */
    static Defect oneNumberForTwo() {
        Crossing crossing = new Crossing();
        return (store, clock) -> {
            store.commands = new PassingCommands(store.commands) {
                @Override
                public Command cancel(String id, String reason) {
                    return crossing.enter(real.get(id).runId(), "23505", () -> real.cancel(id, reason));
                }
            };
            store.events = new PassingEvents(store.events) {
                @Override
                public List<RunEvent> append(Fence fence, List<NewEvent> events) {
                    return crossing.enter(fence.runId(), "23505", () -> real.append(fence, events));
                }
            };
        };
    }

    static void batchInSteps(PassingStore store, SkewedClock clock) {
        store.events = new PassingEvents(store.events) {
            @Override
            public List<RunEvent> append(Fence fence, List<NewEvent> events) {
                if (events == null || events.size() < 2 || events.size() > 1000) {
                    return real.append(fence, events);
                }
                List<RunEvent> appended = new ArrayList<>();
                for (NewEvent event : events) {
                    appended.addAll(real.append(fence, List.of(event)));
                    LockSupport.parkNanos(20_000);
                }
                return appended;
            }
        };
    }

    /** What comes while a call waits is not heard; the end of the wait is brought forward, to be seen sooner. */
    static void lostWakeUp(PassingStore store, SkewedClock clock) {
        store.events = new PassingEvents(store.events) {
            @Override
            public EventPage await(String runId, long after, int limit, Duration timeout) {
                EventPage now = real.await(runId, after, limit, Duration.ZERO);
                if (!now.items().isEmpty()
                        || now.ended()
                        || timeout == null
                        || timeout.isZero()
                        || timeout.isNegative()) {
                    return now;
                }
                LockSupport.parkNanos(UNHEARD_NANOS);
                return now;
            }
        };
    }

    /** Looks for secrets in objects, and not in what stands in arrays. */
    static Redactor blindInArrays() {
        Redactor standard = Redactor.standard();
        return new Redactor() {
            @Override
            public JsonObject redact(JsonObject payload) {
                JsonObject redacted = standard.redact(payload);
                for (String key : payload.keys()) {
                    if (payload.list(key).isPresent()) {
                        redacted = redacted.with(key, payload.list(key).get());
                    }
                }
                return redacted;
            }

            @Override
            public String redact(String text) {
                return standard.redact(text);
            }
        };
    }
}

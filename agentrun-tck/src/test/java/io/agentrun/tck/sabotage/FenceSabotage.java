package io.agentrun.tck.sabotage;

import io.agentrun.command.Command;
import io.agentrun.error.InvalidInputException;
import io.agentrun.error.LeaseConflictException;
import io.agentrun.event.EventType;
import io.agentrun.event.NewEvent;
import io.agentrun.event.RunEvent;
import io.agentrun.json.JsonObject;
import io.agentrun.lease.Fence;
import io.agentrun.lease.Heartbeat;
import io.agentrun.lease.LeaseSignal;
import io.agentrun.lease.RunLease;
import io.agentrun.model.TurnResult;
import io.agentrun.run.Run;
import java.time.Duration;
import java.util.List;

/** Stores that a runner without a lease can write to (D7). */
final class FenceSabotage {

    private FenceSabotage() {}

    static void append(PassingStore store, SkewedClock clock) {
        store.events = new PassingEvents(store.events) {
            @Override
            public List<RunEvent> append(Fence fence, List<NewEvent> events) {
                return real.appendUnfenced(fence.runId(), events);
            }
        };
    }

    static Defect acknowledge() {
        KnownFences known = new KnownFences();
        return (store, clock) -> {
            known.listen(store);
            store.commands = new PassingCommands(store.commands) {
                @Override
                public Command acknowledge(Fence fence, String id) {
                    return real.acknowledge(known.current(fence), id);
                }
            };
        };
    }

    static Defect finishCommand() {
        KnownFences known = new KnownFences();
        return (store, clock) -> {
            known.listen(store);
            store.commands = new PassingCommands(store.commands) {
                @Override
                public Command finish(Fence fence, String id, TurnResult result) {
                    return real.finish(known.current(fence), id, result);
                }
            };
        };
    }

    static Defect finishRun() {
        KnownFences known = new KnownFences();
        return (store, clock) -> {
            known.listen(store);
            store.runs = new PassingRuns(store.runs) {
                @Override
                public Run finish(Fence fence, TurnResult result) {
                    return real.finish(known.current(fence), result);
                }
            };
        };
    }

    static Defect release() {
        KnownFences known = new KnownFences();
        return (store, clock) -> {
            known.listen(store);
            store.leases = new PassingLeases(store.leases) {
                @Override
                public Run release(Fence fence) {
                    return real.release(known.current(fence));
                }
            };
        };
    }

    static Defect heartbeat() {
        KnownFences known = new KnownFences();
        return (store, clock) -> {
            known.listen(store);
            store.leases = new PassingLeases(store.leases) {
                @Override
                public Heartbeat heartbeat(Fence fence, Duration lease) {
                    return real.heartbeat(known.current(fence), lease);
                }
            };
        };
    }

    static void heartbeatThrows(PassingStore store, SkewedClock clock) {
        store.leases = new PassingLeases(store.leases) {
            @Override
            public Heartbeat heartbeat(Fence fence, Duration lease) {
                Heartbeat beat = real.heartbeat(fence, lease);
                if (beat.signal() == LeaseSignal.LEASE_LOST) {
                    throw LeaseConflictException.lost(fence.runId(), fence.epoch());
                }
                return beat;
            }
        };
    }

    static void neverClaimed(PassingStore store, SkewedClock clock) {
        store.runs = new PassingRuns(store.runs) {
            @Override
            public Run finish(Fence fence, TurnResult result) {
                Run run = real.get(fence.runId());
                return run.epoch() == 0 && !run.isTerminal()
                        ? real.finishUnclaimed(run.id(), result.outcome())
                        : real.finish(fence, result);
            }
        };
    }

    /** Whoever knows run, runner and epoch may write. */
    static Defect tokenIsNotCompared() {
        KnownFences known = new KnownFences();
        return (store, clock) -> {
            known.listen(store);
            store.events = new PassingEvents(store.events) {
                @Override
                public List<RunEvent> append(Fence fence, List<NewEvent> events) {
                    return real.append(known.ofTheSame(fence), events);
                }
            };
            store.leases = new PassingLeases(store.leases) {
                @Override
                public Heartbeat heartbeat(Fence fence, Duration lease) {
                    return real.heartbeat(known.ofTheSame(fence), lease);
                }
            };
        };
    }

    /** The stream of a run shows the token of its holder. */
    static void tokenIsTold(PassingStore store, SkewedClock clock) {
        store.leases = new PassingLeases(store.leases) {
            @Override
            public RunLease claim(String runId, String runnerId, Duration lease) {
                RunLease claimed = real.claim(runId, runnerId, lease);
                String wire = claimed.fence().wire();
                JsonObject told = JsonObject.of("by", wire.substring(wire.indexOf('_') + 1));
                store.real.events().appendUnfenced(runId, new NewEvent(EventType.BACKEND_STATUS, told));
                return claimed;
            }
        };
    }

    /** Events that look like the store's own are stored as something else. */
    static void phasesOfTheStore(PassingStore store, SkewedClock clock) {
        store.events = new PassingEvents(store.events) {
            @Override
            public List<RunEvent> append(Fence fence, List<NewEvent> events) {
                try {
                    return real.append(fence, events);
                } catch (InvalidInputException refused) {
                    if (!refused.field().equals("phase")) {
                        throw refused;
                    }
                    return real.append(
                            fence,
                            events.stream()
                                    .map(event -> new NewEvent(EventType.TOOL_CALL, event.payload()))
                                    .toList());
                }
            }
        };
    }
}

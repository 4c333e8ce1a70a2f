package io.agentrun.tck.sabotage;

import io.agentrun.AgentRunStore;
import io.agentrun.command.Command;
import io.agentrun.error.LeaseConflictException;
import io.agentrun.event.NewEvent;
import io.agentrun.event.RunEvent;
import io.agentrun.lease.Fence;
import io.agentrun.lease.Heartbeat;
import io.agentrun.lease.LeaseSignal;
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

    static void acknowledge(PassingStore store, SkewedClock clock) {
        store.commands = new PassingCommands(store.commands) {
            @Override
            public Command acknowledge(Fence fence, String id) {
                return real.acknowledge(current(store.real, fence), id);
            }
        };
    }

    static void finishCommand(PassingStore store, SkewedClock clock) {
        store.commands = new PassingCommands(store.commands) {
            @Override
            public Command finish(Fence fence, String id, TurnResult result) {
                return real.finish(current(store.real, fence), id, result);
            }
        };
    }

    static void finishRun(PassingStore store, SkewedClock clock) {
        store.runs = new PassingRuns(store.runs) {
            @Override
            public Run finish(Fence fence, TurnResult result) {
                return real.finish(current(store.real, fence), result);
            }
        };
    }

    static void release(PassingStore store, SkewedClock clock) {
        store.leases = new PassingLeases(store.leases) {
            @Override
            public Run release(Fence fence) {
                return real.release(current(store.real, fence));
            }
        };
    }

    static void heartbeat(PassingStore store, SkewedClock clock) {
        store.leases = new PassingLeases(store.leases) {
            @Override
            public Heartbeat heartbeat(Fence fence, Duration lease) {
                return real.heartbeat(current(store.real, fence), lease);
            }
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

    /** The fence that holds, whoever asks. */
    static Fence current(AgentRunStore store, Fence given) {
        Run run = store.runs().get(given.runId());
        return run.epoch() == 0
                ? given
                : new Fence(run.id(), run.lease().map(lease -> lease.runnerId()).orElse(given.runnerId()), run.epoch());
    }
}

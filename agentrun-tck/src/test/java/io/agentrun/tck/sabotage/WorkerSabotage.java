package io.agentrun.tck.sabotage;

import io.agentrun.command.Acknowledgement;
import io.agentrun.command.Command;
import io.agentrun.command.CommandDelivery;
import io.agentrun.command.FinishedTurn;
import io.agentrun.command.SeenCommands;
import io.agentrun.error.AgentRunException;
import io.agentrun.lease.Fence;
import io.agentrun.lease.Heartbeat;
import io.agentrun.lease.RunLease;
import io.agentrun.model.ItemAnswer;
import io.agentrun.model.TurnResult;
import io.agentrun.model.WaitSet;
import io.agentrun.queue.Dispatch;
import io.agentrun.queue.TakeRequest;
import io.agentrun.queue.Taken;
import io.agentrun.run.Run;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Stores that do something else for a worker than they promise. */
final class WorkerSabotage {

    private WorkerSabotage() {}

    /** The first item that is refused ends the call. */
    static void oneRefusalStopsTheBatch(PassingStore store, SkewedClock clock) {
        store.leases = new PassingLeases(store.leases) {
            @Override
            public List<ItemAnswer<Heartbeat>> heartbeatAll(List<Fence> fences, Duration lease) {
                List<ItemAnswer<Heartbeat>> answers = real.heartbeatAll(fences, lease);
                answers.forEach(ItemAnswer::orThrow);
                return answers;
            }
        };
    }

    /** The answers come by run, not as they were asked for. */
    static void answersInAnotherOrder(PassingStore store, SkewedClock clock) {
        store.commands = new PassingCommands(store.commands) {
            @Override
            public List<ItemAnswer<Command>> acknowledgeAll(List<Acknowledgement> items) {
                List<ItemAnswer<Command>> answers = new ArrayList<>(real.acknowledgeAll(items));
                Collections.reverse(answers);
                return answers;
            }
        };
    }

    /** A turn and its run are ended one after the other, as a worker without finishTurn would do it. */
    static void turnAndRunInTwoSteps(PassingStore store, SkewedClock clock) {
        store.runs = new PassingRuns(store.runs) {
            @Override
            public FinishedTurn finishTurn(Fence fence, String commandId, TurnResult result) {
                Command turn = store.real.commands().finish(fence, commandId, result);
                Run run = real.finish(fence, result);
                return new FinishedTurn(turn, run, null);
            }
        };
    }

    /** What was given back waits until no task is due. */
    static void dueTasksFirst(PassingStore store, SkewedClock clock) {
        store.queue = new PassingQueue(store.queue) {
            @Override
            public List<Taken> take(TakeRequest request) {
                Optional<Dispatch> due = real.dispatchNext(request.filter());
                if (due.isEmpty()) {
                    return real.take(request);
                }
                Dispatch dispatch = due.get();
                RunLease lease = store.real.leases().claim(dispatch.run().id(), request.runnerId(), request.lease());
                return List.of(new Taken(dispatch.task(), lease, List.of(dispatch.turn())));
            }
        };
    }

    /** A take acknowledges what it hands out. */
    static void takeAcknowledges(PassingStore store, SkewedClock clock) {
        store.queue = new PassingQueue(store.queue) {
            @Override
            public List<Taken> take(TakeRequest request) {
                return real.take(request).stream()
                        .map(taken -> new Taken(
                                taken.task(),
                                taken.lease(),
                                taken.turns().stream()
                                        .map(turn -> store.real
                                                .commands()
                                                .acknowledge(taken.lease().fence(), turn.id()))
                                        .toList()))
                        .toList();
            }
        };
    }

    /** A waiting take looks again when its time is over, and no sooner. */
    static void takeIsNotWoken(PassingStore store, SkewedClock clock) {
        store.queue = new PassingQueue(store.queue) {
            @Override
            public List<Taken> take(TakeRequest request) {
                return real.take(request.withTimeout(Duration.ZERO));
            }
        };
    }

    /** What the caller has seen is not looked at. */
    static void oldNews(PassingStore store, SkewedClock clock) {
        store.commands = new PassingCommands(store.commands) {
            @Override
            public Map<String, ItemAnswer<CommandDelivery>> awaitAny(WaitSet<SeenCommands> waits, Duration time) {
                WaitSet<SeenCommands> forgetful = WaitSet.create();
                waits.entries().forEach((run, seen) -> forgetful.put(run, SeenCommands.nothing(seen.fence())));
                return real.awaitAny(forgetful, time);
            }
        };
    }

    /** A runner whose run is taken twice: the second take repeats the first answer. */
    static Defect takenTwice() {
        List<Taken> last = new ArrayList<>();
        return (store, clock) -> store.queue = new PassingQueue(store.queue) {
            @Override
            public List<Taken> take(TakeRequest request) {
                List<Taken> taken = real.take(request);
                synchronized (last) {
                    if (taken.isEmpty() && !last.isEmpty() && isHeld(last.get(0).lease())) {
                        return List.of(last.get(0));
                    }
                    if (!taken.isEmpty()) {
                        last.clear();
                        last.addAll(taken);
                    }
                    return taken;
                }
            }

            private boolean isHeld(RunLease lease) {
                try {
                    return store.real
                            .leases()
                            .heartbeat(lease.fence(), Duration.ofMinutes(1))
                            .signal()
                            .holds();
                } catch (AgentRunException gone) {
                    return false;
                }
            }
        };
    }
}

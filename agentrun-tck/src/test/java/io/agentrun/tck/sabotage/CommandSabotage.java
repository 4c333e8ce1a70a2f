package io.agentrun.tck.sabotage;

import io.agentrun.command.Command;
import io.agentrun.command.CommandDelivery;
import io.agentrun.command.CommandPage;
import io.agentrun.command.CommandState;
import io.agentrun.command.NewCommand;
import io.agentrun.command.OnBusy;
import io.agentrun.error.AlreadyTerminalException;
import io.agentrun.lease.Fence;
import io.agentrun.lease.LeaseSignal;
import io.agentrun.model.CancelMode;
import io.agentrun.model.TurnResult;
import io.agentrun.run.Run;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;

/** Stores that deliver or end commands wrongly (D3, D15, D19). */
final class CommandSabotage {

    private static final long UNHEARD_NANOS = 50_000_000;

    private CommandSabotage() {}

    static Defect leftOpenByTheEndOfTheRun() {
        Map<String, Command> left = new ConcurrentHashMap<>();
        return (store, clock) -> {
            store.runs = new PassingRuns(store.runs) {
                @Override
                public Run finish(Fence fence, TurnResult result) {
                    List<Command> before =
                            store.real.commands().list(fence.runId(), 0, 500).items();
                    Run run = real.finish(fence, result);
                    before.stream()
                            .filter(command -> !command.state().terminal())
                            .forEach(command -> left.putIfAbsent(command.id(), command));
                    return run;
                }
            };
            store.commands = new PassingCommands(store.commands) {
                @Override
                public Command get(String id) {
                    return seen(real.get(id));
                }

                @Override
                public CommandPage list(String runId, long after, int limit) {
                    CommandPage page = real.list(runId, after, limit);
                    return new CommandPage(
                            page.runId(), page.items().stream().map(this::seen).toList(), page.nextAfterSeq());
                }

                private Command seen(Command command) {
                    return left.getOrDefault(command.id(), command);
                }
            };
        };
    }

    static void waitingTurnIsDelivered(PassingStore store, SkewedClock clock) {
        store.commands = new PassingCommands(store.commands) {
            @Override
            public CommandDelivery await(Fence fence, int limit, Duration timeout) {
                CommandDelivery delivery = real.await(fence, limit, timeout);
                List<Command> all = new ArrayList<>(delivery.commands());
                for (Command command : real.list(fence.runId(), 0, 500).items()) {
                    if (command.state() == CommandState.PENDING && !all.contains(command) && all.size() < limit) {
                        all.add(command);
                    }
                }
                return switch (delivery.signal()) {
                    case CONTINUE, CANCEL_REQUESTED ->
                        new CommandDelivery(delivery.signal(), all, delivery.cancelRequest());
                    case LEASE_LOST, ENDED -> delivery;
                };
            }
        };
    }

    /** What comes while a call waits is not heard; the end of the wait is brought forward, to be seen sooner. */
    static void lostWakeUp(PassingStore store, SkewedClock clock) {
        store.commands = new PassingCommands(store.commands) {
            @Override
            public CommandDelivery await(Fence fence, int limit, Duration timeout) {
                CommandDelivery now = real.await(fence, limit, Duration.ZERO);
                if (now.signal() != LeaseSignal.CONTINUE
                        || !now.commands().isEmpty()
                        || timeout == null
                        || timeout.isZero()) {
                    return now;
                }
                LockSupport.parkNanos(UNHEARD_NANOS);
                return now;
            }
        };
    }

    static void replayAfterTheEndIsRefused(PassingStore store, SkewedClock clock) {
        store.commands = new PassingCommands(store.commands) {
            @Override
            public Command create(String runId, NewCommand command) {
                Run run = store.real.runs().get(runId);
                if (run.isTerminal()) {
                    throw new AlreadyTerminalException(
                            "run", runId, run.status().wire(), null);
                }
                return real.create(runId, command);
            }
        };
    }

    static void finishedWithoutAcknowledging(PassingStore store, SkewedClock clock) {
        store.commands = new PassingCommands(store.commands) {
            @Override
            public Command finish(Fence fence, String id, TurnResult result) {
                real.acknowledge(fence, id);
                return real.finish(fence, id, result);
            }
        };
    }

    static void rejectIsNotHeard(PassingStore store, SkewedClock clock) {
        store.commands = new PassingCommands(store.commands) {
            @Override
            public Command create(String runId, NewCommand command) {
                return real.create(
                        runId, command.onBusy() == OnBusy.REJECT ? command.withOnBusy(OnBusy.ENQUEUE) : command);
            }
        };
    }

    /** Finishing a command and cancelling its run at the same moment is a deadlock, which one of them hears of. */
    static Defect deadlock() {
        Crossing crossing = new Crossing();
        return (store, clock) -> {
            store.runs = new PassingRuns(store.runs) {
                @Override
                public Run cancel(String runId, String reason, CancelMode mode) {
                    return crossing.enter(runId, "40P01", () -> real.cancel(runId, reason, mode));
                }
            };
            store.commands = new PassingCommands(store.commands) {
                @Override
                public Command finish(Fence fence, String id, TurnResult result) {
                    return crossing.enter(fence.runId(), "40P01", () -> real.finish(fence, id, result));
                }
            };
        };
    }
}

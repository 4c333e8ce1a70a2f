package io.agentrun.tck.sabotage;

import static io.agentrun.rules.Rule.*;

import io.agentrun.command.Command;
import io.agentrun.command.CommandDelivery;
import io.agentrun.command.CommandPage;
import io.agentrun.command.Resumed;
import io.agentrun.error.AlreadyTerminalException;
import io.agentrun.error.RunWaitingException;
import io.agentrun.lease.Fence;
import io.agentrun.lease.Parking;
import io.agentrun.lease.RunLease;
import io.agentrun.limit.Limit;
import io.agentrun.model.CancelMode;
import io.agentrun.question.Question;
import io.agentrun.question.Reply;
import io.agentrun.queue.QueueScope;
import io.agentrun.queue.QueueStats;
import io.agentrun.run.Run;
import io.agentrun.run.RunStatus;
import io.agentrun.tck.suite.ParkEndSuite;
import io.agentrun.tck.suite.ParkLimitSuite;
import io.agentrun.tck.suite.ParkRefusalSuite;
import io.agentrun.tck.suite.ParkSuite;
import io.agentrun.tck.suite.QuestionRaceSuite;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.UnaryOperator;

/** What is done to a store that must park runs. */
final class ParkSabotages {

    static final List<Sabotage> ALL = List.of(
            Sabotage.of("a park is only said", Set.of(A_8), ParkSabotages::onlySaid, ParkSuite.class),
            Sabotage.of("a park gives the run back", Set.of(A_8, A_10), ParkSabotages::givesBack, ParkSuite.class),
            Sabotage.of("a park waits for one question", Set.of(A_9), ParkSabotages::waitsForOne, ParkSuite.class),
            Sabotage.of(
                    "a park of what has ended is refused",
                    Set.of(A_8),
                    ParkSabotages::refusesWhatHasEnded,
                    ParkSuite.class),
            Sabotage.of(
                    "a resumed turn is delivered without its answers",
                    Set.of(A_9),
                    delivering(resumed -> new Resumed(resumed.times(), resumed.waitsFor(), List.of())),
                    ParkSuite.class),
            Sabotage.of(
                    "a turn says that it was parked once, however often",
                    Set.of(A_9),
                    stored(resumed -> new Resumed(1, resumed.waitsFor(), resumed.results())),
                    ParkSuite.class),
            Sabotage.of(
                    "a claim takes the questions of a parked run back",
                    Set.of(A_10),
                    ParkSabotages::claimEndsQuestions,
                    ParkRefusalSuite.class),
            Sabotage.of(
                    "a graceful cancel waits for a runner",
                    Set.of(A_10),
                    ParkSabotages::gracefulWaits,
                    ParkEndSuite.class),
            Sabotage.of(
                    "a run that goes on counts towards no limit",
                    Set.of(A_11),
                    ParkSabotages::countsNever,
                    ParkLimitSuite.class),
            Sabotage.of(
                    "statistics forget what waits", Set.of(Q_9), ParkSabotages::statisticsForget, ParkLimitSuite.class),
            Sabotage.of(
                    "an answer to a run that ends meanwhile counts",
                    Set.of(A_2, A_5),
                    ParkSabotages::lateAnswerCounts,
                    QuestionRaceSuite.class,
                    ParkEndSuite.class));

    private ParkSabotages() {}

    private static void onlySaid(PassingStore store, SkewedClock clock) {
        store.leases = new PassingLeases(store.leases) {
            @Override
            public Parking park(Fence fence, List<String> questionIds) {
                store.real.leases().heartbeat(fence, Duration.ofMinutes(1));
                return new Parking.Parked(store.real.runs().get(fence.runId()));
            }
        };
    }

    private static void givesBack(PassingStore store, SkewedClock clock) {
        store.leases = new PassingLeases(store.leases) {
            @Override
            public Parking park(Fence fence, List<String> questionIds) {
                return new Parking.Parked(real.release(fence));
            }
        };
    }

    private static void waitsForOne(PassingStore store, SkewedClock clock) {
        store.leases = new PassingLeases(store.leases) {
            @Override
            public Parking park(Fence fence, List<String> questionIds) {
                return real.park(
                        fence, questionIds == null || questionIds.size() < 2 ? questionIds : questionIds.subList(0, 1));
            }
        };
    }

    private static void refusesWhatHasEnded(PassingStore store, SkewedClock clock) {
        store.leases = new PassingLeases(store.leases) {
            @Override
            public Parking park(Fence fence, List<String> questionIds) {
                Parking parking = real.park(fence, questionIds);
                if (parking instanceof Parking.Answered) {
                    throw new RunWaitingException(fence.runId());
                }
                return parking;
            }
        };
    }

    private static Command with(Command command, UnaryOperator<Resumed> change) {
        Resumed resumed = command.resumed();
        return resumed == null
                ? command
                : command.toBuilder().resumed(change.apply(resumed)).build();
    }

    private static Defect delivering(UnaryOperator<Resumed> change) {
        return (store, clock) -> store.commands = new PassingCommands(store.commands) {
            @Override
            public CommandDelivery await(Fence fence, int limit, Duration time) {
                CommandDelivery seen = real.await(fence, limit, time);
                List<Command> commands = seen.commands().stream()
                        .map(command -> with(command, change))
                        .toList();
                return new CommandDelivery(seen.signal(), commands, seen.cancelRequest());
            }
        };
    }

    private static Defect stored(UnaryOperator<Resumed> change) {
        return (store, clock) -> store.commands = new PassingCommands(store.commands) {
            @Override
            public CommandPage list(String id, long number, int limit) {
                var page = real.list(id, number, limit);
                List<Command> items = page.items().stream()
                        .map(command -> with(command, change))
                        .toList();
                return new CommandPage(page.runId(), items, page.nextAfterSeq());
            }
        };
    }

    private static void claimEndsQuestions(PassingStore store, SkewedClock clock) {
        store.leases = new PassingLeases(store.leases) {
            @Override
            public RunLease claim(String id, String text, Duration time) {
                try {
                    return real.claim(id, text, time);
                } catch (RunWaitingException e) {
                    for (Command command : store.real.commands().list(id, 0, 10).items()) {
                        Resumed resumed = command.resumed();
                        List<String> waits = resumed == null ? List.of() : resumed.waitsFor();
                        waits.forEach(question -> store.real.questions().withdraw(question, "claimed"));
                    }
                    return real.claim(id, text, time);
                }
            }
        };
    }

    private static void gracefulWaits(PassingStore store, SkewedClock clock) {
        store.runs = new PassingRuns(store.runs) {
            @Override
            public Run cancel(String id, String text, CancelMode input) {
                Run run = input == CancelMode.GRACEFUL ? real.get(id) : null;
                return run != null && run.status() == RunStatus.WAITING ? run : real.cancel(id, text, input);
            }
        };
    }

    /** The limits are away while somebody claims. */
    private static void countsNever(PassingStore store, SkewedClock clock) {
        store.leases = new PassingLeases(store.leases) {
            @Override
            public RunLease claim(String id, String text, Duration time) {
                List<Limit> limits =
                        new ArrayList<>(store.real.limits().list(null, 100).items());
                limits.forEach(limit -> store.real.limits().remove(limit.key(), limit.kind()));
                try {
                    return real.claim(id, text, time);
                } finally {
                    limits.forEach(limit -> store.real.limits().set(limit));
                }
            }
        };
    }

    private static void statisticsForget(PassingStore store, SkewedClock clock) {
        store.queue = new PassingQueue(store.queue) {
            @Override
            public QueueStats stats(QueueScope input) {
                QueueStats stats = real.stats(input);
                return new QueueStats(
                        stats.scope(),
                        stats.byState(),
                        stats.byLane(),
                        stats.due(),
                        0,
                        stats.oldestPendingAt(),
                        stats.generatedAt());
            }
        };
    }

    private static void lateAnswerCounts(PassingStore store, SkewedClock clock) {
        store.questions = new PassingQuestions(store.questions) {
            @Override
            public Question answer(String questionId, Reply reply, String answeredBy) {
                try {
                    return real.answer(questionId, reply, answeredBy);
                } catch (AlreadyTerminalException e) {
                    return real.get(questionId);
                }
            }
        };
    }
}

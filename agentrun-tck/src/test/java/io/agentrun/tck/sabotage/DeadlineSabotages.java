package io.agentrun.tck.sabotage;

import static io.agentrun.rules.Rule.Q_18;
import static io.agentrun.rules.Rule.Q_19;
import static io.agentrun.rules.Rule.R_11;

import io.agentrun.model.Deadlines;
import io.agentrun.model.Upkeep;
import io.agentrun.queue.NewQueueTask;
import io.agentrun.queue.QueueTask;
import io.agentrun.queue.TaskRetry;
import io.agentrun.rules.Rule;
import io.agentrun.run.NewRun;
import io.agentrun.run.Run;
import io.agentrun.tck.suite.DeadlineSuite;
import io.agentrun.tck.suite.ReplaceSuite;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** What may go wrong with tasks that replace others, and with deadlines. */
final class DeadlineSabotages {

    static final List<Sabotage> ALL = List.of(
            create("a replace key is forgotten", Set.of(Q_18), task -> rebuilt(task, null, task.deadlines())),
            create("a replacement keeps nothing of its time", Set.of(Q_18), DeadlineSabotages::atOnce),
            deadlines("the begin of a task has no deadline", Set.of(Q_19), given -> without(given, true)),
            deadlines("the end of a task has no deadline", Set.of(Q_19), given -> without(given, false)),
            deadlines(
                    "an attempt may take any time",
                    Set.of(R_11),
                    given -> given == null ? null : some(new Parts(given).within(null))),
            deadlines(
                    "there is no grace", Set.of(Q_19), given -> given == null ? null : given.withGrace(Duration.ZERO)),
            runs("a run has no deadline", Set.of(R_11), given -> null),
            runs("a run has no grace", Set.of(R_11), given -> given == null ? null : given.withGrace(Duration.ZERO)),
            Sabotage.of(
                    "upkeep judges nothing",
                    Set.of(Q_19, R_11),
                    (store, clock) -> store.upkeep = () -> Upkeep.NOTHING,
                    DeadlineSuite.class),
            Sabotage.of(
                    "upkeep counts nothing",
                    Set.of(Q_19, R_11),
                    (store, clock) -> {
                        var real = store.upkeep;
                        store.upkeep = () -> real.get().withOverdue(0);
                    },
                    DeadlineSuite.class),
            Sabotage.of(
                    "a retry keeps no deadline",
                    Set.of(Q_19),
                    (store, clock) -> store.queue = new PassingQueue(store.queue) {
                        @Override
                        public QueueTask retry(TaskRetry input) {
                            return real.retry(input.withDeadlines(null));
                        }
                    },
                    DeadlineSuite.class));

    private DeadlineSabotages() {}

    private record Parts(Deadlines given, @Nullable Duration within) {
        Parts(Deadlines given) {
            this(given, given.within());
        }

        Parts within(@Nullable Duration value) {
            return new Parts(given, value);
        }
    }

    private static @Nullable Deadlines some(Parts parts) {
        Deadlines given = parts.given();
        return given.beginBy() == null && given.endBy() == null && parts.within() == null
                ? null
                : new Deadlines(given.beginBy(), given.endBy(), parts.within(), given.grace());
    }

    private static @Nullable Deadlines without(@Nullable Deadlines given, boolean begin) {
        if (given == null) {
            return null;
        }
        Deadlines withinAlone = Deadlines.within(given.within() == null ? Duration.ofDays(30) : given.within());
        return begin
                ? withinAlone.withEndBy(given.endBy()).withGrace(given.grace())
                : withinAlone.withBeginBy(given.beginBy()).withGrace(given.grace());
    }

    private static NewQueueTask rebuilt(NewQueueTask task, @Nullable String replaceKey, @Nullable Deadlines deadlines) {
        return new NewQueueTask(
                task.owner(),
                task.place(),
                task.title(),
                task.spec(),
                task.content(),
                task.retry(),
                task.notBefore(),
                task.idempotencyKey(),
                replaceKey,
                deadlines,
                task.limitLabels());
    }

    private static NewQueueTask atOnce(NewQueueTask task) {
        return new NewQueueTask(
                task.owner(),
                task.place(),
                task.title(),
                task.spec(),
                task.content(),
                task.retry(),
                null,
                task.idempotencyKey(),
                task.replaceKey(),
                task.deadlines(),
                task.limitLabels());
    }

    private static Sabotage create(String what, Set<Rule> breaks, UnaryOperator<NewQueueTask> other) {
        return Sabotage.of(what, breaks, creating(other), ReplaceSuite.class);
    }

    private interface Other {
        @Nullable
        Deadlines of(@Nullable Deadlines given);
    }

    private static Sabotage deadlines(String what, Set<Rule> breaks, Other other) {
        return Sabotage.of(
                what,
                breaks,
                creating(task -> rebuilt(task, task.replaceKey(), other.of(task.deadlines()))),
                DeadlineSuite.class);
    }

    private static Defect creating(UnaryOperator<NewQueueTask> other) {
        return (store, clock) -> store.queue = new PassingQueue(store.queue) {
            @Override
            public QueueTask create(NewQueueTask input) {
                return real.create(other.apply(input));
            }
        };
    }

    private static Sabotage runs(String what, Set<Rule> breaks, Other other) {
        return Sabotage.of(
                what,
                breaks,
                (store, clock) -> store.runs = new PassingRuns(store.runs) {
                    @Override
                    public Run create(NewRun input) {
                        return real.create(new NewRun(
                                input.owner(),
                                input.spec(),
                                input.session(),
                                input.maxAttempts(),
                                input.idempotencyKey(),
                                other.of(input.deadlines())));
                    }
                },
                DeadlineSuite.class);
    }
}

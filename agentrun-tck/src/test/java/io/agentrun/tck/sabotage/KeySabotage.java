package io.agentrun.tck.sabotage;

import io.agentrun.command.Command;
import io.agentrun.command.NewCommand;
import io.agentrun.error.IdempotencyConflictException;
import io.agentrun.error.NotFoundException;
import io.agentrun.model.Owner;
import io.agentrun.model.TenantScope;
import io.agentrun.queue.NewQueueTask;
import io.agentrun.queue.QueueTask;
import io.agentrun.run.NewRun;
import io.agentrun.run.Run;
import io.agentrun.run.RunQuery;
import io.agentrun.runner.NewRunnerJob;
import io.agentrun.runner.RunnerJob;
import io.agentrun.session.Session;
import io.agentrun.session.SessionUpsert;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Stores that do not know a call again (D1, D2). */
final class KeySabotage {

    private static final String DUPLICATE = "23505 duplicate key value violates unique constraint";

    private KeySabotage() {}

    /** A key that the owner does not know is looked for everywhere. */
    static void anothersRunIsFound(PassingStore store, SkewedClock clock) {
        store.runs = new PassingRuns(store.runs) {
            @Override
            public Run getByKey(Owner owner, String key) {
                try {
                    return real.getByKey(owner, key);
                } catch (NotFoundException none) {
                    return real.list(RunQuery.in(TenantScope.all()).withLimit(500)).items().stream()
                            .filter(run -> run.idempotency() != null
                                    && run.idempotency().key().equals(key))
                            .findFirst()
                            .orElseThrow(() -> none);
                }
            }
        };
    }

    /** A task is found by its key until it has ended. */
    static void endedTasksAreNotFound(PassingStore store, SkewedClock clock) {
        store.queue = new PassingQueue(store.queue) {
            @Override
            public QueueTask getByKey(Owner owner, String key) {
                QueueTask task = real.getByKey(owner, key);
                if (task.state().terminal()) {
                    throw new NotFoundException("queue task", key);
                }
                return task;
            }
        };
    }

    /** Two callers with one new key at the same moment: one gets what the database said. */
    static Defect rawErrorForTasks() {
        Crossing crossing = new Crossing();
        return (store, clock) -> store.queue = new PassingQueue(store.queue) {
            @Override
            public QueueTask create(NewQueueTask task) {
                return task == null || task.idempotencyKey() == null
                        ? real.create(task)
                        : crossing.enter(task.idempotencyKey(), DUPLICATE, () -> real.create(task));
            }
        };
    }

    static Defect rawErrorForRuns() {
        Crossing crossing = new Crossing();
        return (store, clock) -> store.runs = new PassingRuns(store.runs) {
            @Override
            public Run create(NewRun run) {
                return run == null || run.idempotencyKey() == null
                        ? real.create(run)
                        : crossing.enter(run.idempotencyKey(), DUPLICATE, () -> real.create(run));
            }
        };
    }

    static Defect rawErrorForRunsOfANewSession() {
        Crossing crossing = new Crossing();
        return (store, clock) -> store.runs = new PassingRuns(store.runs) {
            @Override
            public Run create(NewRun run) {
                return run == null || run.session() == null || run.idempotencyKey() != null
                        ? real.create(run)
                        : crossing.enter(run.session().sessionId(), DUPLICATE, () -> real.create(run));
            }
        };
    }

    static Defect rawErrorForSessions() {
        Crossing crossing = new Crossing();
        return (store, clock) -> store.sessions = new PassingSessions(store.sessions) {
            @Override
            public Session upsert(SessionUpsert input) {
                return input == null
                        ? real.upsert(null)
                        : crossing.enter(input.sessionId(), DUPLICATE, () -> real.upsert(input));
            }
        };
    }

    static Defect rawErrorForCommands() {
        Crossing crossing = new Crossing();
        return (store, clock) -> store.commands = new PassingCommands(store.commands) {
            @Override
            public Command create(String runId, NewCommand command) {
                return command == null || command.idempotencyKey() == null
                        ? real.create(runId, command)
                        : crossing.enter(command.idempotencyKey(), DUPLICATE, () -> real.create(runId, command));
            }
        };
    }

    static Defect rawErrorForJobs() {
        Crossing crossing = new Crossing();
        return (store, clock) -> store.runners = new PassingRunners(store.runners) {
            @Override
            public RunnerJob saveJob(NewRunnerJob job) {
                return job == null || job.idempotencyKey() == null
                        ? real.saveJob(job)
                        : crossing.enter(job.idempotencyKey(), DUPLICATE, () -> real.saveJob(job));
            }
        };
    }

    /** A key belongs to everybody: another tenant gets the first one's run. */
    static Defect keysOfEverybody() {
        Map<String, Owner> owners = new ConcurrentHashMap<>();
        return (store, clock) -> store.runs = new PassingRuns(store.runs) {
            @Override
            public Run create(NewRun run) {
                if (run == null || run.idempotencyKey() == null) {
                    return real.create(run);
                }
                Owner first = owners.putIfAbsent(run.idempotencyKey(), run.owner());
                return real.create(
                        first == null
                                ? run
                                : new NewRun(
                                        first,
                                        run.spec(),
                                        run.session(),
                                        run.maxAttempts(),
                                        run.idempotencyKey(),
                                        run.deadlines()));
            }
        };
    }

    /** A key is enough: what was asked for under it is not compared. */
    static void otherContentIsAReplay(PassingStore store, SkewedClock clock) {
        store.runs = new PassingRuns(store.runs) {
            @Override
            public Run create(NewRun run) {
                try {
                    return real.create(run);
                } catch (IdempotencyConflictException other) {
                    return real.list(RunQuery.in(TenantScope.all()).withLimit(500)).items().stream()
                            .filter(known -> known.idempotency() != null
                                    && known.idempotency().key().equals(run.idempotencyKey()))
                            .findFirst()
                            .orElseThrow();
                }
            }
        };
    }

    /** A key is not looked at: every call makes a record. */
    static void keysAreNotKept(PassingStore store, SkewedClock clock) {
        store.runs = new PassingRuns(store.runs) {
            @Override
            public Run create(NewRun run) {
                return real.create(
                        run == null
                                ? null
                                : new NewRun(
                                        run.owner(),
                                        run.spec(),
                                        run.session(),
                                        run.maxAttempts(),
                                        null,
                                        run.deadlines()));
            }
        };
    }
}

package io.agentrun.tck.sabotage;

import io.agentrun.RunnerStore;
import io.agentrun.command.Command;
import io.agentrun.error.AlreadyTerminalException;
import io.agentrun.error.NotFoundException;
import io.agentrun.error.StoreClosedException;
import io.agentrun.event.EventPage;
import io.agentrun.model.CancelMode;
import io.agentrun.run.PurgeRequest;
import io.agentrun.run.PurgeResult;
import io.agentrun.run.Run;
import io.agentrun.runner.NewRunner;
import io.agentrun.runner.NewRunnerJob;
import io.agentrun.runner.Runner;
import io.agentrun.runner.RunnerJob;
import java.time.Duration;
import java.util.Optional;

/** Stores that accept what they should refuse, and stores of runners that count wrong (D12, D13, D14, D15). */
final class InputSabotage {

    private InputSabotage() {}

    /** A reason may hold what PostgreSQL cannot keep. */
    static void nul(PassingStore store, SkewedClock clock) {
        store.runs = new PassingRuns(store.runs) {
            @Override
            public Run cancel(String runId, String reason, CancelMode mode) {
                return real.cancel(runId, reason == null ? null : reason.replace("\0", ""), mode);
            }
        };
    }

    /** Half an emoji in a reason becomes a question mark. */
    static void loneSurrogate(PassingStore store, SkewedClock clock) {
        store.runs = new PassingRuns(store.runs) {
            @Override
            public Run cancel(String runId, String reason, CancelMode mode) {
                return real.cancel(runId, reason == null ? null : reason.replaceAll("\\p{Cs}", "?"), mode);
            }
        };
    }

    static void longIdsAreCut(PassingStore store, SkewedClock clock) {
        store.runs = new PassingRuns(store.runs) {
            @Override
            public Run get(String id) {
                return real.get(id != null && id.length() > 200 ? id.substring(0, 200) : id);
            }
        };
    }

    static void limitsAreClamped(PassingStore store, SkewedClock clock) {
        store.events = new PassingEvents(store.events) {
            @Override
            public EventPage list(String runId, long after, int limit) {
                return real.list(runId, after, Math.max(1, Math.min(500, limit)));
            }
        };
    }

    static void negativeWaitsAreNone(PassingStore store, SkewedClock clock) {
        store.events = new PassingEvents(store.events) {
            @Override
            public EventPage await(String runId, long after, int limit, Duration timeout) {
                return real.await(
                        runId, after, limit, timeout != null && timeout.isNegative() ? Duration.ZERO : timeout);
            }
        };
    }

    /** A job is saved for a command of another run. */
    static void jobOfAnotherRun(PassingStore store, SkewedClock clock) {
        store.runners = new PassingRunners(store.runners) {
            @Override
            public RunnerJob saveJob(NewRunnerJob job) {
                try {
                    return real.saveJob(job);
                } catch (NotFoundException other) {
                    Command command = store.real.commands().get(job.commandId());
                    return real.saveJob(job.toBuilder().runId(command.runId()).build());
                }
            }
        };
    }

    /** A job is saved for a run that has ended. */
    static void jobAfterTheEnd(PassingStore store, SkewedClock clock) {
        store.runners = new PassingRunners(store.runners) {
            @Override
            public RunnerJob saveJob(NewRunnerJob job) {
                try {
                    return real.saveJob(job);
                } catch (AlreadyTerminalException ended) {
                    return new RunnerJob(
                            "rjob_late",
                            job.runId(),
                            job.commandId(),
                            job.attemptId(),
                            job.runnerId(),
                            job.placement(),
                            job.result(),
                            null,
                            clock.instant(),
                            clock.instant());
                }
            }
        };
    }

    static void registrationForgets(PassingStore store, SkewedClock clock) {
        store.runners = new PassingRunners(store.runners) {
            @Override
            public Runner register(NewRunner runner) {
                Runner stored = real.register(runner);
                return new Runner(stored.id(), stored.info(), stored.heartbeatAt(), stored.heartbeatAt());
            }
        };
    }

    static void jobsHaveNoKeys(PassingStore store, SkewedClock clock) {
        RunnerStore real = store.runners;
        store.runners = new PassingRunners(real) {
            @Override
            public Optional<RunnerJob> findJob(String runId, String key) {
                return super.findJob(runId, key).filter(job -> false);
            }
        };
    }

    /** A purge takes as much as it finds. */
    static void purgeWithoutEnd(PassingStore store, SkewedClock clock) {
        store.runs = new PassingRuns(store.runs) {
            @Override
            public PurgeResult purge(PurgeRequest request) {
                return real.purge(
                        request == null ? null : new PurgeRequest(request.scope(), request.olderThan(), 1000));
            }
        };
    }

    /** After close, reads are still answered. */
    static Defect readsAfterClose() {
        return (store, clock) -> store.runs = new PassingRuns(store.runs) {
            @Override
            public Run get(String id) {
                try {
                    return real.get(id);
                } catch (StoreClosedException closed) {
                    throw new IllegalStateException("pool has been shut down");
                }
            }
        };
    }
}

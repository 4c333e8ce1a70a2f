package io.agentrun.h2;

import io.agentrun.IdSource;
import io.agentrun.Require;
import io.agentrun.command.Command;
import io.agentrun.error.NotFoundException;
import io.agentrun.rules.Intake;
import io.agentrun.rules.Keys;
import io.agentrun.rules.RunRules;
import io.agentrun.run.Run;
import io.agentrun.runner.Backend;
import io.agentrun.runner.JobQuery;
import io.agentrun.runner.NewBackend;
import io.agentrun.runner.NewRunner;
import io.agentrun.runner.NewRunnerJob;
import io.agentrun.runner.Runner;
import io.agentrun.runner.RunnerJob;
import io.agentrun.runner.RunnerStore;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The room of runners, their jobs, and backends. Thread-safe. */
record H2Runners(Database db, Intake in) implements RunnerStore {

    @Override
    public Runner register(NewRunner given) {
        NewRunner input = in.runner(given);
        return db.write(tx -> {
            String id = input.id() == null ? tx.newId(IdSource.RUNNER) : input.id();
            Runner runner = new Runner(
                    id,
                    input.info(),
                    Table.RUNNERS
                            .find(tx, "id = ?", id)
                            .map(Runner::registeredAt)
                            .orElseGet(tx::now),
                    tx.now());
            tx.update("MERGE INTO runners (id, document) KEY (id) VALUES (?, ?)", id, Documents.of(runner));
            return runner;
        });
    }

    @Override
    public Optional<Runner> find(String runnerId) {
        String id = in.id("runnerId", runnerId);
        return db.read(tx -> Table.RUNNERS.find(tx, "id = ?", id));
    }

    @Override
    public RunnerJob saveJob(NewRunnerJob given) {
        NewRunnerJob input = in.job(given);
        return db.write(tx -> {
            Run run = Table.RUNS.get(tx, input.runId());
            requireCommand(tx, run.id(), input.commandId());
            Optional<RunnerJob> first = find(tx, run.id(), input.idempotencyKey());
            return Changes.replayed(first, RunnerJob::idempotency, input::contentHash)
                    .orElseGet(() -> saved(tx, run, input));
        });
    }

    private static RunnerJob saved(Tx tx, Run run, NewRunnerJob input) {
        RunRules.requireOpen(run);
        RunnerJob job = new RunnerJob(
                tx.newId(IdSource.RUNNER_JOB),
                run.id(),
                input.commandId(),
                input.attemptId(),
                input.runnerId(),
                input.placement(),
                input.result(),
                Keys.of(input.idempotencyKey(), input::contentHash),
                tx.now(),
                tx.now());
        tx.update(
                "INSERT INTO jobs (id, run_id, command_id, idempotency_key, created_at, document) VALUES (?, ?, ?, ?,"
                        + " ?, ?)",
                job.id(),
                job.runId(),
                job.commandId(),
                input.idempotencyKey(),
                job.createdAt(),
                Documents.of(job));
        return job;
    }

    private static Optional<RunnerJob> find(Tx tx, String runId, @Nullable String key) {
        return Table.JOBS.find(tx, "run_id = ? AND idempotency_key = ?", runId, key);
    }

    @Override
    public Optional<RunnerJob> findJob(String runId, String idempotencyKey) {
        String id = in.id("runId", runId);
        String key = in.key("idempotencyKey", idempotencyKey);
        return db.read(tx -> find(tx, id, key));
    }

    @Override
    public List<RunnerJob> listJobs(JobQuery given) {
        JobQuery query = Require.given("query", given);
        return db.read(tx -> {
            Run run = Table.RUNS.get(tx, query.runId());
            if (query.commandId() != null) {
                requireCommand(tx, run.id(), query.commandId());
            }
            Where which = new Where().and("run_id = ?", run.id()).ifGiven("command_id = ?", query.commandId());
            return Table.JOBS.list(tx, which.first(Integer.MAX_VALUE, "created_at, id"));
        });
    }

    private static void requireCommand(Tx tx, String runId, String commandId) {
        Command command = Table.COMMANDS.get(tx, commandId);
        if (!command.runId().equals(runId)) {
            throw new NotFoundException("command", commandId);
        }
    }

    @Override
    public List<Backend> backends() {
        return db.read(tx -> Table.BACKENDS.list(tx, "TRUE ORDER BY STRINGTOUTF8(profile)"));
    }

    @Override
    public Backend saveBackend(NewBackend given) {
        NewBackend input = in.backend(given);
        return db.write(tx -> save(tx, input));
    }

    static Backend save(Tx tx, NewBackend input) {
        Backend backend =
                new Backend(input.profile(), input.capabilities(), input.capacity(), input.health(), tx.now());
        tx.update(
                "MERGE INTO backends (profile, document) KEY (profile) VALUES (?, ?)",
                input.profile().wire(),
                Documents.of(backend));
        return backend;
    }
}

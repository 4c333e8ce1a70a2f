package io.agentrun.memory;

import io.agentrun.RunnerStore;
import io.agentrun.check.Require;
import io.agentrun.command.Command;
import io.agentrun.id.IdSource;
import io.agentrun.rules.Keys;
import io.agentrun.rules.RunnerRules;
import io.agentrun.runner.Backend;
import io.agentrun.runner.JobQuery;
import io.agentrun.runner.NewBackend;
import io.agentrun.runner.NewRunner;
import io.agentrun.runner.NewRunnerJob;
import io.agentrun.runner.Runner;
import io.agentrun.runner.RunnerJob;
import java.util.List;
import java.util.Optional;

/** The runners, runner jobs and backends of the store in memory. */
final class MemoryRunners implements RunnerStore {

    private final Engine.Handle engine;

    MemoryRunners(Engine.Handle engine) {
        this.engine = engine;
    }

    @Override
    public Runner register(NewRunner runner) {
        NewRunner kept = engine.intake().runner(runner);
        return engine.write(tx -> {
            String id = kept.id() == null ? tx.newId(IdSource.RUNNER) : kept.id();
            Runner known = tx.state().runners.get(id);
            Runner next = RunnerRules.register(kept, id, known, tx.now());
            tx.write(new Write.OfRunner(next));
            return next;
        });
    }

    @Override
    public Optional<Runner> find(String runnerId) {
        String id = engine.intake().id("runnerId", runnerId);
        return engine.read(state -> Optional.ofNullable(state.runners.get(id)));
    }

    @Override
    public RunnerJob saveJob(NewRunnerJob job) {
        NewRunnerJob checked = engine.intake().job(job);
        return engine.write(tx -> saveJob(tx, checked));
    }

    private static RunnerJob saveJob(Tx tx, NewRunnerJob input) {
        RunEntry entry = tx.require(input.runId());
        RunnerRules.requireOwn(entry.run(), tx.requireCommand(input.commandId()));
        for (RunnerJob stored : entry.jobs) {
            if (stored.idempotency() != null && stored.idempotency().key().equals(input.idempotencyKey())) {
                Keys.requireSameContent(stored.idempotency(), input.contentHash());
                return stored;
            }
        }
        RunnerJob saved = RunnerRules.job(input, entry.run(), tx.newId(IdSource.RUNNER_JOB), tx.now());
        tx.write(new Write.OfJob(saved));
        return saved;
    }

    @Override
    public Optional<RunnerJob> findJob(String runId, String idempotencyKey) {
        String id = engine.intake().id("runId", runId);
        String key = engine.intake().key("idempotencyKey", idempotencyKey);
        return engine.read(state -> {
            RunEntry entry = state.runs.get(id);
            return entry == null
                    ? Optional.empty()
                    : entry.jobs.stream()
                            .filter(job -> job.idempotency() != null
                                    && job.idempotency().key().equals(key))
                            .findFirst();
        });
    }

    @Override
    public List<RunnerJob> listJobs(JobQuery query) {
        JobQuery given = Require.given("query", query);
        return engine.read(state -> {
            RunEntry entry = Tx.require(state, given.runId());
            if (given.commandId() == null) {
                return List.copyOf(entry.jobs);
            }
            Command command = Tx.requireCommand(state, given.commandId());
            RunnerRules.requireOwn(entry.run(), command);
            return entry.jobs.stream()
                    .filter(job -> job.commandId().equals(command.id()))
                    .toList();
        });
    }

    @Override
    public List<Backend> backends() {
        return engine.read(state -> List.copyOf(state.backends.values()));
    }

    @Override
    public Backend saveBackend(NewBackend backend) {
        NewBackend checked = engine.intake().backend(backend);
        return engine.write(tx -> {
            Backend saved = RunnerRules.backend(checked, tx.now());
            tx.write(new Write.OfBackend(saved));
            return saved;
        });
    }
}

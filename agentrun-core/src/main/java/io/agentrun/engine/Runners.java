package io.agentrun.engine;

import io.agentrun.RunnerStore;
import io.agentrun.backend.Attempt;
import io.agentrun.backend.Entry;
import io.agentrun.backend.LockMode;
import io.agentrun.backend.StoreReads.JobSlice;
import io.agentrun.backend.StoreTx;
import io.agentrun.backend.StoreTx.StoredRun;
import io.agentrun.check.Require;
import io.agentrun.command.Command;
import io.agentrun.error.NotFoundException;
import io.agentrun.id.IdSource;
import io.agentrun.model.Idempotency;
import io.agentrun.rules.CommandHead;
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

/** The runners, runner jobs and backends of every store. */
final class Runners implements RunnerStore {

    private final Context context;

    Runners(Context context) {
        this.context = context;
    }

    @Override
    public Runner register(NewRunner runner) {
        NewRunner kept = context.intake().runner(runner);
        String given = kept.id();
        String id = given == null ? context.ids().next(IdSource.RUNNER) : given;
        if (context.backend().shortcuts().register(kept, id) instanceof Attempt.Done<Runner> done) {
            return done.value();
        }
        return context.backend().write(tx -> {
            Runner next = RunnerRules.register(kept, id, tx.findRunner(id).orElse(null), tx.now());
            tx.put(new Entry.OfRunner(next));
            return next;
        });
    }

    @Override
    public Optional<Runner> find(String runnerId) {
        String id = context.intake().id("runnerId", runnerId);
        return context.backend().read(reads -> reads.findRunner(id));
    }

    @Override
    public RunnerJob saveJob(NewRunnerJob job) {
        NewRunnerJob checked = context.intake().job(job);
        String id = context.ids().next(IdSource.RUNNER_JOB);
        if (context.backend().shortcuts().saveJob(checked, id) instanceof Attempt.Done<RunnerJob> done) {
            return done.value();
        }
        return context.backend().write(tx -> saveJob(tx, checked, id));
    }

    private static RunnerJob saveJob(StoreTx tx, NewRunnerJob input, String id) {
        String key = input.idempotencyKey();
        RunnerJob replayed = key == null ? null : tx.findJob(input.runId(), key).orElse(null);
        if (replayed != null && isReplay(replayed, input)) {
            // Equal content names the same run and command, so that neither needs a lock.
            return replayed;
        }
        StoredRun run = tx.lockRun(input.runId(), LockMode.WAIT).orThrow("run", input.runId());
        String commandId = input.commandId();
        Command command = tx.findCommand(commandId).orElseThrow(() -> new NotFoundException("command", commandId));
        RunnerRules.requireOwn(run.run().id(), CommandHead.of(command));
        RunnerJob first = key == null ? null : tx.findJob(input.runId(), key).orElse(null);
        if (first != null) {
            Keys.requireSameContent(Require.given("idempotency", first.idempotency()), input.contentHash());
            return first;
        }
        RunnerJob saved = RunnerRules.job(input, run.head(), id, tx.now());
        tx.put(new Entry.OfJob(saved));
        return saved;
    }

    private static boolean isReplay(RunnerJob stored, NewRunnerJob input) {
        Idempotency idempotency = stored.idempotency();
        return idempotency != null && idempotency.contentHash().equals(input.contentHash());
    }

    @Override
    public Optional<RunnerJob> findJob(String runId, String idempotencyKey) {
        String id = context.intake().id("runId", runId);
        String key = context.intake().key("idempotencyKey", idempotencyKey);
        return context.backend().read(reads -> reads.findJob(id, key));
    }

    @Override
    public List<RunnerJob> listJobs(JobQuery query) {
        JobQuery given = Require.given("query", query);
        JobSlice found = context.backend().read(reads -> reads.jobs(given));
        if (!found.runKnown()) {
            throw new NotFoundException("run", given.runId());
        }
        String commandId = given.commandId();
        if (commandId != null) {
            CommandHead command = found.command();
            if (command == null) {
                throw new NotFoundException("command", commandId);
            }
            RunnerRules.requireOwn(given.runId(), command);
        }
        return List.copyOf(found.jobs());
    }

    @Override
    public List<Backend> backends() {
        return context.backend().read(reads -> List.copyOf(reads.backends()));
    }

    @Override
    public Backend saveBackend(NewBackend backend) {
        NewBackend checked = context.intake().backend(backend);
        if (context.backend().shortcuts().saveBackend(checked) instanceof Attempt.Done<Backend> done) {
            return done.value();
        }
        return context.backend().write(tx -> {
            Backend saved = RunnerRules.backend(checked, tx.now());
            tx.put(new Entry.OfBackend(saved));
            return saved;
        });
    }
}

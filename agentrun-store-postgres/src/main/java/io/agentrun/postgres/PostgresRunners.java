package io.agentrun.postgres;

import io.agentrun.RunnerStore;
import io.agentrun.check.Require;
import io.agentrun.command.Command;
import io.agentrun.error.NotFoundException;
import io.agentrun.id.IdSource;
import io.agentrun.postgres.internal.db.LostRace;
import io.agentrun.postgres.internal.db.Script;
import io.agentrun.postgres.internal.db.Tx;
import io.agentrun.postgres.internal.register.BackendTable;
import io.agentrun.postgres.internal.register.RunnerJobTable;
import io.agentrun.postgres.internal.register.RunnerTable;
import io.agentrun.postgres.internal.table.CommandQueries;
import io.agentrun.postgres.internal.table.CommandTable;
import io.agentrun.postgres.internal.table.RunRow;
import io.agentrun.postgres.internal.table.RunTable;
import io.agentrun.rules.Keys;
import io.agentrun.rules.RunRules;
import io.agentrun.runner.Backend;
import io.agentrun.runner.JobQuery;
import io.agentrun.runner.NewBackend;
import io.agentrun.runner.NewRunner;
import io.agentrun.runner.NewRunnerJob;
import io.agentrun.runner.Runner;
import io.agentrun.runner.RunnerJob;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The runners, runner jobs and backends of the store on PostgreSQL. */
final class PostgresRunners implements RunnerStore {

    private final Engine engine;

    PostgresRunners(Engine engine) {
        this.engine = engine;
    }

    @Override
    public Runner register(NewRunner runner) {
        NewRunner kept = engine.intake().runner(runner);
        String id = kept.id() == null ? engine.ids().next(IdSource.RUNNER) : kept.id();
        return engine.database().once(tx -> {
            Script script = RunnerTable.bind(new Script(), id, kept.info());
            Script.Rows<Runner> registered = script.query(RunnerTable.REGISTER, RunnerTable::runner);
            tx.execute(script);
            return registered.first().orElseThrow();
        });
    }

    @Override
    public Optional<Runner> find(String runnerId) {
        String id = engine.intake().id("runnerId", runnerId);
        return engine.database().once(tx -> {
            Script script = new Script().bind("runner_id", id);
            Script.Rows<Runner> found = script.query(RunnerTable.GET, RunnerTable::runner);
            tx.execute(script);
            return found.first();
        });
    }

    @Override
    public RunnerJob saveJob(NewRunnerJob job) {
        NewRunnerJob checked = engine.intake().job(job);
        RunnerJob saved = engine.database().once(tx -> insert(tx, checked));
        if (saved != null) {
            return saved;
        }
        RunnerJob first = engine.database().once(tx -> stored(tx, checked));
        return first != null
                ? first
                : engine.database().inTransaction(tx -> {
                    RunnerJob stored = stored(tx, checked);
                    RunnerJob again = stored != null ? stored : insert(tx, checked);
                    if (again == null) {
                        throw new LostRace();
                    }
                    return again;
                });
    }

    private @Nullable RunnerJob insert(Tx tx, NewRunnerJob job) {
        Script script = RunnerJobTable.bind(new Script(), engine.ids().next(IdSource.RUNNER_JOB), job);
        Script.Rows<RunnerJob> inserted = script.query(RunnerJobTable.INSERT, RunnerJobTable::job);
        tx.execute(script);
        return inserted.firstOrNull();
    }

    /** Why nothing was inserted: the job that was first, an error, or nothing that would still stand in the way. */
    private static @Nullable RunnerJob stored(Tx tx, NewRunnerJob job) {
        Script script = new Script()
                .bind("run_id", job.runId())
                .bind("command_id", job.commandId())
                .bind("idempotency_key", job.idempotencyKey());
        Script.Rows<RunRow> run = script.query(RunTable.GET, RunTable::row);
        Script.Rows<Command> command = script.query(CommandTable.GET, CommandTable::command);
        Script.Rows<RunnerJob> known = script.query(RunnerJobTable.BY_KEY, RunnerJobTable::job);
        tx.execute(script);
        RunRow found = run.first().orElseThrow(() -> new NotFoundException("run", job.runId()));
        requireOwn(command.firstOrNull(), job.commandId(), job.runId());
        RunnerJob first = known.firstOrNull();
        if (first != null) {
            Keys.requireSameContent(Require.given("idempotency", first.idempotency()), job.contentHash());
            return first;
        }
        RunRules.requireOpen(found.run());
        return null;
    }

    @Override
    public Optional<RunnerJob> findJob(String runId, String idempotencyKey) {
        String id = engine.intake().id("runId", runId);
        String key = engine.intake().key("idempotencyKey", idempotencyKey);
        return engine.database().once(tx -> {
            Script script = new Script().bind("run_id", id).bind("idempotency_key", key);
            Script.Rows<RunnerJob> job = script.query(RunnerJobTable.BY_KEY, RunnerJobTable::job);
            tx.execute(script);
            return job.first();
        });
    }

    @Override
    public List<RunnerJob> listJobs(JobQuery query) {
        JobQuery given = Require.given("query", query);
        String commandId = given.commandId();
        return engine.database().once(tx -> {
            Script script = new Script().bind("run_id", given.runId()).bind("command_id", commandId);
            Script.Rows<Boolean> run = script.query(CommandQueries.RUN_EXISTS, (row, context) -> true);
            Script.Rows<Command> command = script.query(CommandTable.GET, CommandTable::command);
            Script.Rows<RunnerJob> jobs = script.query(
                    commandId == null ? RunnerJobTable.LIST : RunnerJobTable.LIST_OF_COMMAND, RunnerJobTable::job);
            tx.execute(script);
            if (run.all().isEmpty()) {
                throw new NotFoundException("run", given.runId());
            }
            if (commandId != null) {
                requireOwn(command.firstOrNull(), commandId, given.runId());
            }
            return List.copyOf(jobs.all());
        });
    }

    private static void requireOwn(@Nullable Command command, String commandId, String runId) {
        if (command == null || !command.runId().equals(runId)) {
            throw new NotFoundException("command", commandId);
        }
    }

    @Override
    public List<Backend> backends() {
        return engine.database().once(tx -> {
            Script script = new Script();
            Script.Rows<Backend> all = script.query(BackendTable.LIST, BackendTable::backend);
            tx.execute(script);
            return List.copyOf(all.all());
        });
    }

    @Override
    public Backend saveBackend(NewBackend backend) {
        NewBackend checked = engine.intake().backend(backend);
        return engine.database().once(tx -> {
            Script script = BackendTable.bind(new Script(), checked);
            Script.Rows<Backend> saved = script.query(BackendTable.SAVE, BackendTable::backend);
            tx.execute(script);
            return saved.first().orElseThrow();
        });
    }
}

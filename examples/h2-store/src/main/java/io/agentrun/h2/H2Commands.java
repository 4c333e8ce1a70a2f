package io.agentrun.h2;

import static io.agentrun.h2.H2Runs.RUNS;

import io.agentrun.*;
import io.agentrun.check.Require;
import io.agentrun.command.*;
import io.agentrun.id.IdSource;
import io.agentrun.lease.Fence;
import io.agentrun.lease.LeaseSignal;
import io.agentrun.model.TurnResult;
import io.agentrun.rules.*;
import io.agentrun.run.Run;
import io.agentrun.runner.*;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/** The rooms of commands and of those who carry them out: runners, their jobs, and backends. Thread-safe. */
record H2Commands(Database db, Intake in) implements CommandStore, RunnerStore {

    static final Table<Command> COMMANDS = new Table<>("commands", "command", Command.class, Command::id)
            .with(Table.OF_RUN, Command::runId)
            .keyed("run_id", Command::idempotency)
            .with("seq BIGINT", Command::seq)
            .with("ordinal BIGINT", command -> command.order().ordinal())
            .with("is_turn BOOLEAN", command -> command.type() == CommandType.TURN)
            .with("is_open BOOLEAN", command -> !command.state().terminal())
            .with("state VARCHAR", command -> command.state().wire())
            .with("deliverable BOOLEAN", command -> command.order().deliverable())
            .and("UNIQUE (run_id, seq)");

    static final Table<RunnerJob> JOBS = new Table<>("jobs", "runner job", RunnerJob.class, RunnerJob::id)
            .with(Table.OF_RUN, RunnerJob::runId)
            .keyed("run_id", RunnerJob::idempotency)
            .with("command_id VARCHAR", RunnerJob::commandId)
            .with("created_at" + Table.TIME, RunnerJob::createdAt);

    static final Table<Runner> RUNNERS = new Table<>("runners", "runner", Runner.class, Runner::id);
    static final Table<Backend> BACKENDS = new Table<>("backends", "backend", Backend.class, Backend::profile);

    @Override
    public Command create(String runId, NewCommand given) {
        NewCommand input = in.command(given);
        return db.write(tx -> {
            Run run = RUNS.get(tx, runId);
            var stored = COMMANDS.where().is("run_id", runId).replay(tx, input.idempotencyKey(), input::contentHash);
            return stored.orElseGet(() -> {
                String id = tx.newId(IdSource.COMMAND);
                String interruptId = tx.newId(IdSource.COMMAND);
                return COMMANDS.after(tx, CommandRules.create(tx.lane(run), input, id, interruptId, tx.now()), id);
            });
        });
    }

    @Override
    public Command get(String commandId) {
        return db.read(tx -> COMMANDS.get(tx, commandId));
    }

    @Override
    public CommandPage list(String runId, long afterSeq, int limit) {
        var which = COMMANDS.where().is("run_id", runId).and("seq > ?", in.afterSeq(afterSeq));
        which.first(in.page(limit), "seq");
        return db.read(tx -> {
            RUNS.get(tx, runId);
            List<Command> items = which.list(tx);
            long next = items.isEmpty() ? afterSeq : items.get(items.size() - 1).seq();
            return new CommandPage(runId, items, next);
        });
    }

    @Override
    public CommandDelivery await(Fence fence, int limit, Duration timeout) {
        Require.given("fence", fence);
        int most = in.page(limit);
        Predicate<CommandDelivery> waits = seen -> seen.commands().isEmpty() && seen.signal() == LeaseSignal.CONTINUE;
        return db.await(in.timeout(timeout), waits.negate(), tx -> {
            Run run = RUNS.get(tx, fence.runId());
            LeaseSignal signal = LeaseRules.signal(run, fence);
            return signal.holds()
                    ? new CommandDelivery(signal, deliverable(tx, run, most), run.cancelRequest())
                    : CommandDelivery.over(signal);
        });
    }

    /** What a runner is given: the run's first pending commands that do not wait behind others. */
    static List<Command> deliverable(Tx tx, Run run, int limit) {
        var waiting = COMMANDS.where().is("run_id", run.id()).and("state = 'pending' AND deliverable");
        return waiting.first(limit, "seq").list(tx);
    }

    @Override
    public Command acknowledge(Fence fence, String commandId) {
        Require.given("fence", fence);
        String id = in.id("commandId", commandId);
        return db.write(tx -> {
            Run run = RUNS.get(tx, fence.runId());
            return COMMANDS.after(tx, CommandRules.acknowledge(COMMANDS.get(tx, id), run, fence, tx.now()), id);
        });
    }

    @Override
    public Command finish(Fence fence, String commandId, TurnResult result) {
        Require.given("fence", fence);
        String id = in.id("commandId", commandId);
        TurnResult done = in.result(result);
        return db.write(tx -> {
            RUNS.get(tx, fence.runId());
            return COMMANDS.after(tx, CommandRules.finish(tx.view(COMMANDS.get(tx, id)), fence, done, tx.now()), id);
        });
    }

    @Override
    public Command cancel(String commandId, String reason) {
        String why = in.reason(reason);
        return COMMANDS.change(db, commandId, (tx, command) -> CommandRules.cancel(tx.view(command), why, tx.now()));
    }

    @Override
    public Runner register(NewRunner given) {
        NewRunner input = in.runner(given);
        return db.write(tx -> {
            String id = input.id() == null ? tx.newId(IdSource.RUNNER) : input.id();
            var stored = RUNNERS.find(tx, id).orElse(null);
            return RUNNERS.save(tx, RunnerRules.register(input, id, stored, tx.now()));
        });
    }

    @Override
    public Optional<Runner> find(String runnerId) {
        return db.read(tx -> RUNNERS.find(tx, in.id("runnerId", runnerId)));
    }

    @Override
    public RunnerJob saveJob(NewRunnerJob given) {
        NewRunnerJob input = in.job(given);
        return db.write(tx -> {
            Run run = RUNS.get(tx, input.runId());
            RunnerRules.requireOwn(run, COMMANDS.get(tx, input.commandId()));
            String id = tx.newId(IdSource.RUNNER_JOB);
            var stored = JOBS.where().is("run_id", run.id()).replay(tx, input.idempotencyKey(), input::contentHash);
            return stored.orElseGet(() -> JOBS.save(tx, RunnerRules.job(input, run, id, tx.now())));
        });
    }

    @Override
    public Optional<RunnerJob> findJob(String runId, String idempotencyKey) {
        var saved = JOBS.where().is("run_id", in.id("runId", runId));
        saved.is("idempotency_key", in.key("idempotencyKey", idempotencyKey));
        return db.read(saved::first);
    }

    @Override
    public List<RunnerJob> listJobs(JobQuery query) {
        Require.given("query", query);
        return db.read(tx -> {
            Run run = RUNS.get(tx, query.runId());
            if (query.commandId() != null) {
                RunnerRules.requireOwn(run, COMMANDS.get(tx, query.commandId()));
            }
            var saved = JOBS.where().is("run_id", run.id()).is("command_id", query.commandId());
            return saved.by("created_at, id").list(tx);
        });
    }

    @Override
    public List<Backend> backends() {
        return db.read(tx -> BACKENDS.where().by("STRINGTOUTF8(id)").list(tx));
    }

    @Override
    public Backend saveBackend(NewBackend given) {
        NewBackend input = in.backend(given);
        return db.write(tx -> BACKENDS.save(tx, RunnerRules.backend(input, tx.now())));
    }
}

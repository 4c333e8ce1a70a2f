package io.agentrun.h2;

import static io.agentrun.h2.H2Runs.RUNS;

import io.agentrun.IdSource;
import io.agentrun.Require;
import io.agentrun.TurnResult;
import io.agentrun.command.Command;
import io.agentrun.command.CommandDelivery;
import io.agentrun.command.CommandPage;
import io.agentrun.command.CommandState;
import io.agentrun.command.CommandStore;
import io.agentrun.command.CommandType;
import io.agentrun.command.NewCommand;
import io.agentrun.error.NotFoundException;
import io.agentrun.lease.Fence;
import io.agentrun.lease.LeaseSignal;
import io.agentrun.rules.CommandRules;
import io.agentrun.rules.CommandView;
import io.agentrun.rules.Intake;
import io.agentrun.rules.Keys;
import io.agentrun.rules.LeaseRules;
import io.agentrun.rules.RunRules;
import io.agentrun.rules.TurnLane;
import io.agentrun.run.Run;
import io.agentrun.runner.Backend;
import io.agentrun.runner.JobQuery;
import io.agentrun.runner.NewBackend;
import io.agentrun.runner.NewRunner;
import io.agentrun.runner.NewRunnerJob;
import io.agentrun.runner.Runner;
import io.agentrun.runner.RunnerJob;
import io.agentrun.runner.RunnerStore;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** The rooms of commands and of those who carry them out: runners, their jobs, and backends. Thread-safe. */
record H2Commands(Database db, Intake in) implements CommandStore, RunnerStore {

    static final Table<Command> COMMANDS = new Table<>("commands", "command", "commandId", Command.class, Command::id)
            .with(Table.OF_RUN, Command::runId)
            .keyed("run_id", Command::idempotency)
            .with("seq BIGINT NOT NULL", Command::seq)
            .with("is_open BOOLEAN NOT NULL", command -> !command.state().terminal())
            .with("is_turn BOOLEAN NOT NULL", command -> command.type() == CommandType.TURN)
            .with("ordinal BIGINT NOT NULL", command -> command.order().ordinal())
            .and("UNIQUE (run_id, seq)");

    static final Table<RunnerJob> JOBS = new Table<>("jobs", "runner job", "jobId", RunnerJob.class, RunnerJob::id)
            .with(Table.OF_RUN, RunnerJob::runId)
            .keyed("run_id", RunnerJob::idempotency)
            .with("command_id VARCHAR NOT NULL", RunnerJob::commandId)
            .timed("created_at", RunnerJob::createdAt);

    static final Table<Runner> RUNNERS = new Table<>("runners", "runner", "runnerId", Runner.class, Runner::id);
    static final Table<Backend> BACKENDS = new Table<>(
            "backends",
            "backend",
            "profile",
            Backend.class,
            backend -> backend.profile().wire());

    @Override
    public Command create(String runId, NewCommand given) {
        String id = in.id("runId", runId);
        NewCommand input = in.command(given);
        return db.write(tx -> {
            Run run = RUNS.get(tx, id);
            return COMMANDS.replay(tx, input.idempotencyKey(), input::contentHash, new Where().is("run_id", id)).orElseGet(() -> {
                String newId = tx.newId(IdSource.COMMAND);
                TurnLane lane = tx.lane(run);
                String interruptId = tx.newId(IdSource.COMMAND);
                return COMMANDS.after(tx, CommandRules.create(lane, input, newId, interruptId, tx.now()), newId);
            });
        });
    }

    @Override
    public Command get(String commandId) {
        return db.read(tx -> COMMANDS.get(tx, commandId));
    }

    @Override
    public CommandPage list(String runId, long afterSeq, int limit) {
        String id = in.id("runId", runId);
        long after = in.afterSeq(afterSeq);
        int most = in.page(limit);
        return db.read(tx -> {
            RUNS.get(tx, id);
            Where later = new Where().is("run_id", id).and("seq > ?", after).first(most, "seq");
            List<Command> items = COMMANDS.list(tx, later);
            long next = items.isEmpty() ? after : items.get(items.size() - 1).seq();
            return new CommandPage(id, items, next);
        });
    }

    @Override
    public CommandDelivery await(Fence fence, int limit, Duration timeout) {
        Require.given("fence", fence);
        int most = in.page(limit);
        return db.await(
                in.timeout(timeout),
                tx -> delivery(tx, fence, most),
                seen -> seen.signal() != LeaseSignal.CONTINUE
                        || !seen.commands().isEmpty());
    }

    private static CommandDelivery delivery(Tx tx, Fence fence, int limit) {
        Run run = RUNS.get(tx, fence.runId());
        LeaseSignal signal = LeaseRules.signal(run, fence);
        return signal.holds()
                ? new CommandDelivery(signal, deliverable(tx, run, limit), run.cancelRequest())
                : CommandDelivery.over(signal);
    }

    /** What a runner is given: the run's first pending commands that do not wait behind others. */
    static List<Command> deliverable(Tx tx, Run run, int limit) {
        return tx.openCommands(run).stream()
                .filter(command -> command.state() == CommandState.PENDING)
                .filter(command -> command.order().deliverable())
                .limit(limit)
                .toList();
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
        TurnResult reported = in.result(result);
        return db.write(tx -> {
            RUNS.get(tx, fence.runId());
            CommandView view = tx.view(COMMANDS.get(tx, id));
            return COMMANDS.after(tx, CommandRules.finish(view, fence, reported, tx.now()), id);
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
            Optional<Instant> before = RUNNERS.find(tx, id).map(Runner::registeredAt);
            return RUNNERS.save(tx, new Runner(id, input.info(), before.orElseGet(tx::now), tx.now()));
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
            requireCommand(tx, run, input.commandId());
            return JOBS.replay(tx, input.idempotencyKey(), input::contentHash, new Where().is("run_id", run.id())).orElseGet(() -> {
                RunRules.requireOpen(run);
                return JOBS.save(
                        tx,
                        new RunnerJob(
                                tx.newId(IdSource.RUNNER_JOB),
                                run.id(),
                                input.commandId(),
                                input.attemptId(),
                                input.runnerId(),
                                input.placement(),
                                input.result(),
                                Keys.of(input.idempotencyKey(), input::contentHash),
                                tx.now(),
                                tx.now()));
            });
        });
    }

    private static void requireCommand(Tx tx, Run run, String commandId) {
        if (!COMMANDS.get(tx, commandId).runId().equals(run.id())) {
            throw new NotFoundException("command", commandId);
        }
    }

    @Override
    public Optional<RunnerJob> findJob(String runId, String idempotencyKey) {
        String id = in.id("runId", runId);
        String key = in.key("idempotencyKey", idempotencyKey);
        Where which = new Where().is("run_id", id).is("idempotency_key", key);
        return db.read(tx -> JOBS.first(tx, which));
    }

    @Override
    public List<RunnerJob> listJobs(JobQuery query) {
        Require.given("query", query);
        return db.read(tx -> {
            Run run = RUNS.get(tx, query.runId());
            if (query.commandId() != null) {
                requireCommand(tx, run, query.commandId());
            }
            Where which = new Where().is("run_id", run.id()).is("command_id", query.commandId());
            return JOBS.list(tx, which.by("created_at, id"));
        });
    }

    @Override
    public List<Backend> backends() {
        return db.read(tx -> BACKENDS.list(tx, new Where().by("STRINGTOUTF8(id)")));
    }

    @Override
    public Backend saveBackend(NewBackend given) {
        NewBackend input = in.backend(given);
        return db.write(tx -> save(tx, input));
    }

    static Backend save(Tx tx, NewBackend input) {
        return BACKENDS.save(
                tx, new Backend(input.profile(), input.capabilities(), input.capacity(), input.health(), tx.now()));
    }
}

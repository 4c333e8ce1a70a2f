package io.agentrun.engine;

import io.agentrun.AgentRunStore;
import io.agentrun.InspectStore;
import io.agentrun.StoreListener;
import io.agentrun.backend.LimitSets;
import io.agentrun.backend.StoreTx;
import io.agentrun.check.Require;
import io.agentrun.command.Command;
import io.agentrun.doctor.StoreDoctor;
import io.agentrun.error.NotFoundException;
import io.agentrun.error.TenantPolicyException;
import io.agentrun.inspect.Bounds;
import io.agentrun.inspect.Diagnosis;
import io.agentrun.inspect.Explanation;
import io.agentrun.queue.QueueTask;
import io.agentrun.queue.TaskAttempt;
import io.agentrun.rules.CommandHead;
import io.agentrun.rules.ExplainRules;
import io.agentrun.rules.QueueRules;
import io.agentrun.rules.RunHead;
import io.agentrun.rules.limit.LimitRules.Need;
import io.agentrun.run.Run;
import io.agentrun.session.Session;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The explanations of every store. A look is a transaction that locks and writes nothing; because its reads may be of several
 * moments, it is made again until two in a row agree.
 */
final class Inspector implements InspectStore {

    private static final int LOOKS = 4;

    private final Context context;

    Inspector(Context context) {
        this.context = context;
    }

    @Override
    public Explanation task(String taskId) {
        String id = context.intake().id("taskId", taskId);
        return look(tx -> tx.findTask(id).map(task -> explain(tx, task)), "task", id);
    }

    @Override
    public Explanation run(String runId) {
        String id = context.intake().id("runId", runId);
        return look(tx -> tx.findRun(id).map(run -> explain(tx, run)), "run", id);
    }

    @Override
    public Explanation command(String commandId) {
        String id = context.intake().id("commandId", commandId);
        return look(tx -> tx.findCommand(id).flatMap(command -> explain(tx, command)), "command", id);
    }

    @Override
    public Explanation session(String sessionId) {
        String id = context.intake().id("sessionId", sessionId);
        return look(tx -> tx.findSession(id).map(session -> explain(tx, session)), "session", id);
    }

    /** The calls of an examination are its own: no listener hears of them. */
    @Override
    public Diagnosis doctor(Bounds bounds) {
        Bounds given = Require.given("bounds", bounds);
        context.intake().page(given.page());
        if (!context.scope().isEverybody()) {
            throw TenantPolicyException.ownerless("doctor", "*");
        }
        AgentRunStore unheard = new EngineStore(
                context.backend(), context.ids(), context.intake(), StoreListener.NONE, context.ticker());
        return StoreDoctor.of(unheard).within(given).examine();
    }

    private Explanation look(Function<StoreTx, Optional<Explanation>> look, String kind, String id) {
        Optional<Explanation> last = Optional.empty();
        for (int i = 0; i < LOOKS; i++) {
            Optional<Explanation> seen = context.backend().write(look);
            if (i > 0 && seen.equals(last)) {
                break;
            }
            last = seen;
        }
        return last.orElseThrow(() -> new NotFoundException(kind, id));
    }

    private Explanation explain(StoreTx tx, QueueTask task) {
        TaskAttempt attempt = task.latestAttempt();
        String runId = task.state().terminal() || attempt == null || attempt.outcome() != null ? null : attempt.runId();
        Run run = runId == null ? null : tx.findRun(runId).orElse(null);
        if (run != null) {
            return ExplainRules.task(task, explain(tx, run));
        }
        Session session = task.content().session() == null
                ? null
                : session(tx, task.content().session().sessionId());
        Need full = QueueRules.due(task, tx.now()) ? LimitSets.full(tx, task, tx.now()) : null;
        return ExplainRules.task(task, session, full, tx.now());
    }

    private Explanation explain(StoreTx tx, Run run) {
        return explain(tx, run, tx.openCommands(run.id()), session(tx, run.sessionId()));
    }

    private Explanation explain(StoreTx tx, Run run, List<CommandHead> open, @Nullable Session session) {
        int maxStarts = context.intake().maxStarts();
        RunHead head = RunHead.of(run);
        Need full = LimitSets.full(tx, head, tx.now());
        return ExplainRules.run(head, run.spec(), open, session, full, maxStarts, tx.now());
    }

    private Optional<Explanation> explain(StoreTx tx, Command command) {
        return tx.findRun(command.runId()).map(run -> {
            List<CommandHead> open = tx.openCommands(run.id());
            Session session = session(tx, run.sessionId());
            return ExplainRules.command(command, open, session, explain(tx, run, open, session));
        });
    }

    private Explanation explain(StoreTx tx, Session session) {
        String commandId = session.activity().activeCommandId();
        Command turn = commandId == null ? null : tx.findCommand(commandId).orElse(null);
        return Optional.ofNullable(turn)
                .flatMap(active -> explain(tx, active))
                .map(active -> ExplainRules.session(session, active))
                .orElseGet(() -> ExplainRules.session(session));
    }

    private static @Nullable Session session(StoreTx tx, @Nullable String sessionId) {
        return sessionId == null ? null : tx.findSession(sessionId).orElse(null);
    }
}

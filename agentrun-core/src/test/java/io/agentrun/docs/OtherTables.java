package io.agentrun.docs;

import static io.agentrun.samples.Runs.EARLIER;
import static io.agentrun.samples.Runs.NOW;
import static io.agentrun.samples.Runs.OTHER_RUN;
import static io.agentrun.samples.Runs.OWNER;
import static io.agentrun.samples.Runs.RUN;
import static io.agentrun.samples.Runs.SPEC;

import io.agentrun.command.CommandState;
import io.agentrun.command.NewCommand;
import io.agentrun.model.CancelMode;
import io.agentrun.model.Outcome;
import io.agentrun.model.TurnResult;
import io.agentrun.queue.AttemptReport;
import io.agentrun.queue.QueueTask;
import io.agentrun.rules.Change;
import io.agentrun.rules.CommandHead;
import io.agentrun.rules.CommandRules;
import io.agentrun.rules.CommandView;
import io.agentrun.rules.QueueRules;
import io.agentrun.rules.Rule;
import io.agentrun.rules.RunHead;
import io.agentrun.rules.RunRules;
import io.agentrun.rules.RunView;
import io.agentrun.rules.StorageRules;
import io.agentrun.rules.TurnLane;
import io.agentrun.run.NewRun;
import io.agentrun.run.SessionRef;
import io.agentrun.samples.Runs;
import io.agentrun.samples.Tasks;
import io.agentrun.samples.Turns;
import io.agentrun.session.ExecutionState;
import io.agentrun.session.Session;
import io.agentrun.storage.EvictionCause;
import io.agentrun.storage.StorageIntent;
import io.agentrun.storage.StorageReady;
import io.agentrun.storage.StorageRefresh;
import io.agentrun.storage.StorageState;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The tables of sessions, storage and tasks, and of the rules themselves. */
final class OtherTables {

    private static final Outcome COMPLETED = Outcome.completed();

    private OtherTables() {}

    static String rules() {
        Table table = new Table("rule", "what holds");
        for (Rule rule : Rule.values()) {
            table.row(List.of(rule.number(), rule.sentence()));
        }
        return table.toString();
    }

    static String sessions() {
        Table table = new Table(
                "session",
                "a run is created",
                "a turn, none active",
                "a turn, another active",
                "the active turn ends, none waits",
                "the active turn ends, another waits",
                "another run ends");
        for (ExecutionState state : ExecutionState.values()) {
            boolean busy = state == ExecutionState.RUNNING;
            Session session = switch (state) {
                case IDLE -> Turns.idle();
                case RUNNING -> Turns.running(RUN, "cmd_1");
                case TERMINAL -> Turns.ended();
            };
            CommandHead active = Turns.active("cmd_1", RUN, CommandState.ACKNOWLEDGED);
            table.row(
                    state.wire(),
                    List.of(
                            withoutEvents(Cell.session(session, () -> runIn(session))),
                            busy ? "–" : withoutEvents(Cell.session(session, () -> turnIn(session, null))),
                            busy ? withoutEvents(Cell.session(session, () -> turnIn(session, active))) : "–",
                            busy ? withoutEvents(Cell.session(session, () -> ended(session, active, null))) : "–",
                            busy
                                    ? withoutEvents(Cell.session(
                                            session,
                                            () -> ended(session, active, Turns.waiting("cmd_9", OTHER_RUN, 1, 2))))
                                    : "–",
                            otherEnded(session)));
        }
        return table.toString();
    }

    private static String withoutEvents(String cell) {
        int events = cell.indexOf(';');
        return events < 0 ? cell : cell.substring(0, events);
    }

    private static Change runIn(Session session) {
        NewRun input =
                NewRun.builder(OWNER, SPEC).session(SessionRef.of(session.id())).build();
        return RunRules.create(input, session, "run_8", null, NOW);
    }

    private static Change turnIn(Session session, @Nullable CommandHead active) {
        RunHead run = Runs.run(RUN, Runs.At.RUNNING, session.id(), null);
        CommandView view = active == null ? null : new CommandView(active, run, List.of(active), session, null, 5);
        return CommandRules.create(
                new TurnLane(run, session, 5, view), NewCommand.turn(Turns.PAYLOAD), "cmd_8", "cmd_x", NOW);
    }

    private static Change ended(Session session, CommandHead active, @Nullable CommandHead next) {
        RunHead run = Runs.run(RUN, Runs.At.RUNNING, session.id(), null);
        return CommandRules.cancel(new CommandView(active, run, List.of(active), session, next, 5), "stop", NOW);
    }

    private static String otherEnded(Session session) {
        RunHead other = Runs.run(OTHER_RUN, Runs.At.PENDING, session.id(), null);
        RunView view = new RunView(other, List.of(), session, null, null);
        boolean touched = RunRules.cancel(view, "stop", CancelMode.FORCE, NOW)
                .session(session.id())
                .isPresent();
        return touched ? "changed" : "unchanged";
    }

    static String storage() {
        Table table = new Table(
                "storage",
                "provision, same name",
                "provision, another name",
                "ready, same uid",
                "ready, another uid",
                "refresh");
        for (StorageState state : StorageState.values()) {
            Session session = Turns.stored(Turns.idle(), state);
            table.row(
                    state.wire(),
                    List.of(
                            Cell.storage(session, () -> StorageRules.provision(session, intent("claim-a"), NOW)),
                            Cell.storage(session, () -> StorageRules.provision(session, intent("claim-b"), NOW)),
                            Cell.storage(session, () -> ready(session, "uid-1")),
                            Cell.storage(session, () -> ready(session, "uid-9")),
                            Cell.storage(session, () -> StorageRules.refresh(session, refresh(), NOW))));
        }
        return table.toString();
    }

    private static StorageIntent intent(String name) {
        return new StorageIntent(Turns.SESSION, "agents", name);
    }

    private static StorageRefresh refresh() {
        return StorageRefresh.builder(Turns.SESSION).filesCount(4L).build();
    }

    private static Change ready(Session session, String uid) {
        return StorageRules.ready(session, StorageReady.of(Turns.SESSION, 2, uid), NOW);
    }

    static String eviction() {
        Table table = new Table(
                "storage",
                "beginEviction, asked for",
                "… while a run is open",
                "… for expiry that has not come",
                "confirmEvicted",
                "markMissing",
                "a new run or turn",
                "claimExpired shows it");
        for (StorageState state : StorageState.values()) {
            Session session = Turns.stored(Turns.idle(), state);
            long generation = session.storage().generation();
            table.row(
                    state.wire(),
                    List.of(
                            Cell.storage(
                                    session,
                                    () -> StorageRules.beginEviction(
                                            session, generation, EvictionCause.REQUESTED, false, NOW)),
                            Cell.storage(
                                    session,
                                    () -> StorageRules.beginEviction(
                                            session, generation, EvictionCause.REQUESTED, true, NOW)),
                            Cell.storage(
                                    session,
                                    () -> StorageRules.beginEviction(
                                            session, generation, EvictionCause.EXPIRED, false, NOW)),
                            Cell.storage(session, () -> StorageRules.confirmEvicted(session, generation, NOW)),
                            Cell.storage(session, () -> StorageRules.markMissing(session, generation, NOW)),
                            Cell.allowed(() -> StorageRules.requireUsable(session)),
                            collected(session)));
        }
        return table.toString();
    }

    private static String collected(Session session) {
        Session expired = session.toBuilder().expiresAt(EARLIER).build();
        if (StorageRules.collectable(session, true, NOW)) {
            return "always";
        }
        return StorageRules.collectable(expired, false, NOW) && !StorageRules.collectable(expired, true, NOW)
                ? "once expired and no run is open"
                : "never";
    }

    static String tasks() {
        Table table = new Table(
                "task",
                "dispatch when due",
                "cancel, graceful, run leased",
                "cancel, forced, or run not leased",
                "its run completes",
                "its run fails");
        for (Tasks.At at : Tasks.At.values()) {
            QueueTask task = Tasks.task(at);
            boolean onRun = task.latestAttempt() != null
                    && task.latestAttempt().runId() != null
                    && !task.state().terminal();
            table.row(
                    at.words(),
                    List.of(
                            dispatched(task),
                            withoutEvents(Cell.task(task, () -> cancel(task, onRun, CancelMode.GRACEFUL))),
                            withoutEvents(Cell.task(task, () -> cancel(task, onRun, CancelMode.FORCE))),
                            onRun ? withoutEvents(Cell.task(task, () -> runEnds(task, COMPLETED))) : "–",
                            onRun ? withoutEvents(Cell.task(task, () -> runEnds(task, Runs.FAILED))) : "–"));
        }
        return table.toString();
    }

    private static String dispatched(QueueTask task) {
        if (!QueueRules.due(task, NOW)) {
            return "never due";
        }
        QueueRules.DispatchIds ids = new QueueRules.DispatchIds("run_8", "cmd_8");
        return withoutEvents(Cell.task(task, () -> QueueRules.dispatch(task, null, ids, null, NOW)));
    }

    private static RunView runOf(QueueTask task) {
        Runs.At at = task.cancelRequest() == null ? Runs.At.RUNNING : Runs.At.ASKED;
        return new RunView(Runs.run(RUN, at, null, task.id()), List.of(), null, null, task);
    }

    private static Change cancel(QueueTask task, boolean onRun, CancelMode mode) {
        return QueueRules.cancel(task, onRun ? runOf(task) : null, "stop", mode, NOW);
    }

    private static Change runEnds(QueueTask task, Outcome outcome) {
        return RunRules.finish(runOf(task), Runs.fence(), TurnResult.of(outcome), NOW);
    }

    static String reports() {
        Table table = new Table(
                "task", "attempt 1 runs", "attempt 2 runs", "attempt 2 completed", "attempt 1 failed", "by another id");
        for (Tasks.At at : Tasks.At.values()) {
            QueueTask task = Tasks.task(at);
            table.row(
                    at.words(),
                    List.of(
                            report(task, AttemptReport.running(task.id(), 1, "host-1")),
                            report(task, AttemptReport.running(task.id(), 2, "host-2")),
                            report(task, AttemptReport.ended(task.id(), 2, "host-2", COMPLETED)),
                            report(task, AttemptReport.ended(task.id(), 1, "host-1", Runs.FAILED)),
                            report(task, AttemptReport.ended(task.id(), 1, "else", COMPLETED))));
        }
        return table.toString();
    }

    private static String report(QueueTask task, AttemptReport report) {
        return Cell.task(task, () -> QueueRules.report(task, report, NOW));
    }
}

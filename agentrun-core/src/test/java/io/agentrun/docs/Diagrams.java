package io.agentrun.docs;

import static io.agentrun.samples.Runs.HOLDER;
import static io.agentrun.samples.Runs.LEASE;
import static io.agentrun.samples.Runs.MAX_STARTS;
import static io.agentrun.samples.Runs.NOW;
import static io.agentrun.samples.Runs.RIVAL;
import static io.agentrun.samples.Runs.RUN;
import static io.agentrun.samples.Runs.claimBy;
import static io.agentrun.samples.Runs.fence;

import io.agentrun.command.CommandState;
import io.agentrun.error.AgentRunException;
import io.agentrun.model.CancelMode;
import io.agentrun.model.Outcome;
import io.agentrun.model.TurnResult;
import io.agentrun.question.Question;
import io.agentrun.queue.AttemptReport;
import io.agentrun.queue.QueueTask;
import io.agentrun.rules.Change;
import io.agentrun.rules.CommandHead;
import io.agentrun.rules.CommandRules;
import io.agentrun.rules.CommandView;
import io.agentrun.rules.LeaseRules;
import io.agentrun.rules.QueueRules;
import io.agentrun.rules.RunHead;
import io.agentrun.rules.RunRules;
import io.agentrun.rules.RunView;
import io.agentrun.rules.StorageRules;
import io.agentrun.run.ClaimLimit;
import io.agentrun.samples.Runs;
import io.agentrun.samples.Tasks;
import io.agentrun.samples.Turns;
import io.agentrun.session.Session;
import io.agentrun.storage.EvictionCause;
import io.agentrun.storage.StorageIntent;
import io.agentrun.storage.StorageReady;
import io.agentrun.storage.StorageState;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;

/** State diagrams: every edge is an answer of a rule. */
final class Diagrams {

    private static final List<Outcome> OUTCOMES =
            List.of(Outcome.completed(), Runs.FAILED, Runs.BLOCKED, Runs.CANCELLED);

    private final Map<String, Set<String>> edges = new LinkedHashMap<>();

    private Diagrams() {}

    static Map<String, String> all() {
        Map<String, String> diagrams = new LinkedHashMap<>();
        diagrams.put("run-diagram", runs());
        diagrams.put("lease-diagram", leases());
        diagrams.put("command-diagram", commands());
        diagrams.put("question-diagram", QuestionTables.diagram());
        diagrams.put("task-diagram", tasks());
        diagrams.put("storage-diagram", storage());
        return diagrams;
    }

    private void edge(String from, String label, Supplier<String> to) {
        String next;
        try {
            next = to.get();
        } catch (AgentRunException refused) {
            return;
        }
        if (!next.equals(from)) {
            edges.computeIfAbsent(from + " --> " + next, key -> new LinkedHashSet<>())
                    .add(label);
        }
    }

    private String mermaid(String start) {
        StringBuilder text = new StringBuilder("```mermaid\nstateDiagram-v2\n    [*] --> " + start + "\n");
        edges.forEach((edge, labels) -> text.append("    ")
                .append(edge)
                .append(" : ")
                .append(String.join(", ", labels))
                .append('\n'));
        return text.append("```\n").toString();
    }

    private static String runs() {
        Diagrams diagram = new Diagrams();
        runRequests((at, label, change) -> {
            RunHead run = Runs.run(at);
            diagram.edge(run.status().wire(), label, () -> {
                return change.get().run(run.id()).orElse(run).status().wire();
            });
        });
        RunHead claimed = Runs.run(Runs.At.CLAIMED);
        RunHead overdue = Runs.run(Runs.At.PENDING).toBuilder()
                .claimLimit(new ClaimLimit(Duration.ofSeconds(1), NOW))
                .build();
        diagram.edge(
                "pending",
                "endUnclaimed",
                () -> LeaseRules.unclaimed(new RunView(overdue, List.of(), null, null, null), NOW)
                        .run(RUN)
                        .orElse(overdue)
                        .status()
                        .wire());
        CommandHead turn = Turns.active("cmd_1", RUN, CommandState.PENDING);
        diagram.edge(
                "claimed",
                "first turn acknowledged",
                () -> CommandRules.acknowledge(turn, claimed, fence(), NOW)
                        .run(RUN)
                        .orElseThrow()
                        .status()
                        .wire());
        diagram.edge("running", "park", () -> ParkTables.parked().status().wire());
        diagram.edge(
                "waiting",
                "its questions end",
                () -> ParkTables.resumed().status().wire());
        return diagram.mermaid("pending");
    }

    /** The ends of a question, in each of the situations. */
    static String ofQuestions(Map<String, Question> rows, Function<Question, Map<String, Supplier<Change>>> requests) {
        Diagrams diagram = new Diagrams();
        rows.values()
                .forEach(question -> requests.apply(question)
                        .forEach((label, rule) -> diagram.edge(
                                question.state().wire(),
                                label,
                                () -> rule.get().questions().replaced().stream()
                                        .findFirst()
                                        .orElse(question)
                                        .state()
                                        .wire())));
        return diagram.mermaid("open");
    }

    private static String leases() {
        Diagrams diagram = new Diagrams();
        Function<RunHead, String> state = run -> run.lease()
                .map(lease -> lease.expiresAt().isAfter(NOW) ? "live" : "run_out")
                .orElse("none");
        runRequests((at, label, change) -> {
            RunHead run = Runs.run(at);
            diagram.edge(state.apply(run), label, () -> {
                return state.apply(change.get().run(run.id()).orElse(run));
            });
        });
        diagram.edge("live", "time passes", () -> "run_out");
        return diagram.mermaid("none");
    }

    private interface Visitor {
        void visit(Runs.At at, String label, Supplier<Change> change);
    }

    private static void runRequests(Visitor visitor) {
        for (Runs.At at : Runs.At.values()) {
            RunView view = Runs.standing(at);
            visitor.visit(at, "claim", () -> LeaseRules.claim(view, claimBy(RIVAL), MAX_STARTS, NOW));
            visitor.visit(at, "claim", () -> LeaseRules.claim(view, claimBy(HOLDER), MAX_STARTS, NOW));
            visitor.visit(at, "heartbeat", () -> beat(view.run()));
            visitor.visit(at, "release", () -> LeaseRules.release(view, fence(), NOW));
            visitor.visit(
                    at,
                    "recover",
                    () -> LeaseRules.recover(view, Runs.EPOCH, MAX_STARTS, NOW).change());
            for (Outcome outcome : OUTCOMES) {
                visitor.visit(at, "finish", () -> RunRules.finish(view, fence(), TurnResult.of(outcome), NOW));
                visitor.visit(at, "finishUnclaimed", () -> RunRules.finishUnclaimed(view, outcome, NOW));
            }
            visitor.visit(at, "cancel", () -> RunRules.cancel(view, "stop", CancelMode.GRACEFUL, NOW));
            visitor.visit(at, "forced cancel", () -> RunRules.cancel(view, "stop", CancelMode.FORCE, NOW));
        }
    }

    private static Change beat(RunHead run) {
        RunHead next = LeaseRules.heartbeat(run, fence(), LEASE, NOW).next();
        return next == null ? Change.none() : Change.of(next);
    }

    private static String commands() {
        Diagrams diagram = new Diagrams();
        RunHead run = Runs.run(Runs.At.CLAIMED);
        for (CommandState state : CommandState.values()) {
            CommandHead turn = Turns.active("cmd_1", RUN, state);
            List<CommandHead> open = state.terminal() ? List.of() : List.of(turn);
            CommandView view = new CommandView(turn, run, open, null, null, 2);
            RunView held = new RunView(run, open, null, null, null);
            diagram.command(turn, "acknowledge", () -> CommandRules.acknowledge(turn, run, fence(), NOW));
            for (Outcome outcome : OUTCOMES) {
                diagram.command(turn, "finish", () -> CommandRules.finish(view, fence(), TurnResult.of(outcome), NOW));
                diagram.command(
                        turn, "its run ends", () -> RunRules.finish(held, fence(), TurnResult.of(outcome), NOW));
            }
            diagram.command(turn, "cancel", () -> CommandRules.cancel(view, "stop", NOW));
            diagram.command(turn, "release or recovery of its run", () -> LeaseRules.release(held, fence(), NOW));
        }
        return diagram.mermaid("pending");
    }

    private void command(CommandHead before, String label, Supplier<Change> change) {
        edge(before.state().wire(), label, () -> {
            return change.get().command(before.id()).orElse(before).state().wire();
        });
    }

    private static String tasks() {
        Diagrams diagram = new Diagrams();
        for (Tasks.At at : Tasks.At.values()) {
            QueueTask task = Tasks.task(at);
            if (QueueRules.due(task, NOW)) {
                QueueRules.DispatchIds ids = new QueueRules.DispatchIds("run_8", "cmd_8");
                diagram.task(task, "dispatch", () -> QueueRules.dispatch(task, null, ids, null, NOW));
                QueueTask named = Tasks.task(at, Turns.SESSION);
                Session gone = Turns.stored(Turns.idle(), StorageState.EVICTED);
                diagram.task(
                        named,
                        "dispatch refused by its session",
                        () -> QueueRules.dispatch(named, gone, ids, null, NOW));
            }
            for (int number = 1; number <= 2; number++) {
                AttemptReport begun = AttemptReport.running(task.id(), number, "host-" + number);
                diagram.task(task, "report", () -> QueueRules.report(task, begun, NOW));
                for (Outcome outcome : OUTCOMES) {
                    AttemptReport over = AttemptReport.ended(task.id(), number, "host-" + number, outcome);
                    diagram.task(task, "report", () -> QueueRules.report(task, over, NOW));
                }
            }
            boolean onRun = at == Tasks.At.ON_RUN || at == Tasks.At.ON_RUN_LAST;
            RunView view = new RunView(Runs.run(RUN, Runs.At.RUNNING, null, task.id()), List.of(), null, null, task);
            if (onRun) {
                for (Outcome outcome : OUTCOMES) {
                    diagram.task(
                            task, "its run ends", () -> RunRules.finish(view, fence(), TurnResult.of(outcome), NOW));
                }
            }
            diagram.task(
                    task, "cancel", () -> QueueRules.cancel(task, onRun ? view : null, "stop", CancelMode.FORCE, NOW));
        }
        return diagram.mermaid("pending");
    }

    private void task(QueueTask before, String label, Supplier<Change> change) {
        edge(before.state().wire(), label, () -> {
            return change.get().task(before.id()).orElse(before).state().wire();
        });
    }

    private static String storage() {
        Diagrams diagram = new Diagrams();
        for (StorageState state : StorageState.values()) {
            Session session = Turns.stored(Turns.idle(), state);
            long generation = session.storage().generation();
            StorageIntent intent = new StorageIntent(Turns.SESSION, "agents", "claim-a");
            StorageReady ready = StorageReady.of(Turns.SESSION, 2, "uid-1");
            diagram.storage(session, "provision", () -> StorageRules.provision(session, intent, NOW));
            diagram.storage(session, "ready", () -> StorageRules.ready(session, ready, NOW));
            diagram.storage(
                    session,
                    "beginEviction",
                    () -> StorageRules.beginEviction(session, generation, EvictionCause.REQUESTED, false, NOW));
            diagram.storage(session, "confirmEvicted", () -> StorageRules.confirmEvicted(session, generation, NOW));
            diagram.storage(session, "markMissing", () -> StorageRules.markMissing(session, generation, NOW));
        }
        return diagram.mermaid("none");
    }

    private void storage(Session before, String label, Supplier<Change> change) {
        edge(before.storage().state().wire(), label, () -> {
            return change.get()
                    .session(before.id())
                    .orElse(before)
                    .storage()
                    .state()
                    .wire();
        });
    }
}

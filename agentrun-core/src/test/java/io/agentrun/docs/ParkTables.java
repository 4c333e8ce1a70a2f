package io.agentrun.docs;

import static io.agentrun.samples.Runs.NOW;
import static io.agentrun.samples.Runs.RUN;
import static io.agentrun.samples.Runs.fence;

import io.agentrun.command.CommandState;
import io.agentrun.command.NewCommand;
import io.agentrun.command.OnBusy;
import io.agentrun.command.Resumed;
import io.agentrun.json.JsonObject;
import io.agentrun.model.CancelMode;
import io.agentrun.model.Outcome;
import io.agentrun.question.Question;
import io.agentrun.question.QuestionState;
import io.agentrun.question.Reply;
import io.agentrun.rules.Change;
import io.agentrun.rules.CommandHead;
import io.agentrun.rules.CommandRules;
import io.agentrun.rules.CommandView;
import io.agentrun.rules.QuestionRules;
import io.agentrun.rules.RunHead;
import io.agentrun.rules.RunRules;
import io.agentrun.rules.RunView;
import io.agentrun.rules.TurnLane;
import io.agentrun.samples.Runs;
import io.agentrun.samples.Turns;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/** What a park does, and what becomes of a run that waits. */
final class ParkTables {

    private static final Reply YES = Reply.text("yes");
    private static final Question OPEN = QuestionTables.question(NOW.plusSeconds(60), null);
    private static final Question OVER = QuestionTables.question(NOW, null);
    private static final RunHead WAITING = Runs.run(Runs.At.WAITING);

    private ParkTables() {}

    static String parks() {
        Question ended = QuestionTables.ended(OPEN, QuestionState.ANSWERED, YES);
        Table table = new Table("run", "park for an open question", "park for what has ended");
        for (Runs.At at : Runs.At.values()) {
            RunView view = Runs.standing(at);
            table.row(at.words(), List.of(park(view, OPEN), park(view, ended)));
        }
        return table.toString();
    }

    private static String park(RunView view, Question question) {
        return Cell.run(view.run(), () -> QuestionRules.park(view, List.of(question), fence(), NOW));
    }

    static String waiting() {
        Table table = new Table("a run that waits", "the run");
        requests().forEach((name, rule) -> {
            String cell = Cell.run(WAITING, rule);
            table.row(name, List.of(cell.startsWith(";") ? "waiting" + cell : cell));
        });
        return table.toString();
    }

    private static CommandHead turn(String... waitsFor) {
        return Turns.active("cmd_1", RUN, CommandState.PENDING).toBuilder()
                .resumed(new Resumed(1, List.of(waitsFor), List.of()))
                .build();
    }

    private static Map<String, Supplier<Change>> requests() {
        CommandHead turn = turn(OPEN.id());
        QuestionRules.View last = new QuestionRules.View(OPEN, WAITING, List.of(turn), 2);
        QuestionRules.View first =
                new QuestionRules.View(OPEN, WAITING.withOpenQuestions(2), List.of(turn(OPEN.id(), "qst_2")), 2);
        QuestionRules.View over = new QuestionRules.View(OVER, WAITING, List.of(turn), 2);
        RunView view = new RunView(WAITING, List.of(turn), null, null, null, List.of(OPEN));
        CommandView active = new CommandView(turn, WAITING, List.of(turn), null, null, 2, List.of(OPEN));
        Map<String, Supplier<Change>> requests = new LinkedHashMap<>();
        requests.put("one of two questions is answered", () -> answer(first));
        requests.put("the last question is answered", () -> answer(last));
        requests.put("the last question is withdrawn", () -> QuestionRules.withdraw(last, "stop", "cmd_2", NOW));
        requests.put("the time of the last question is over", () -> QuestionRules.expire(over, "cmd_2", NOW));
        requests.put("its turn is cancelled", () -> CommandRules.cancel(active, "stop", NOW));
        requests.put("a turn of its own interrupts", () -> interrupt(WAITING, active));
        requests.put(
                "a turn of another run of its session interrupts",
                () -> interrupt(Runs.run("run_2", Runs.At.PENDING, null, null), active));
        requests.put("cancel", () -> RunRules.cancel(view, "stop", CancelMode.GRACEFUL, NOW));
        requests.put("forced cancel", () -> RunRules.cancel(view, "stop", CancelMode.FORCE, NOW));
        requests.put("`finishUnclaimed`", () -> RunRules.finishUnclaimed(view, Outcome.completed(), NOW));
        return requests;
    }

    private static Change answer(QuestionRules.View view) {
        return QuestionRules.answer(view, YES, "ann", "cmd_2", NOW);
    }

    private static Change interrupt(RunHead from, CommandView active) {
        NewCommand input = NewCommand.turn(JsonObject.empty()).withOnBusy(OnBusy.INTERRUPT);
        return CommandRules.create(new TurnLane(from, null, 2, active), input, "cmd_2", "cmd_3", NOW);
    }

    /** Returns a run that its runner has parked. */
    static RunHead parked() {
        return QuestionRules.park(Runs.standing(Runs.At.RUNNING), List.of(OPEN), fence(), NOW)
                .run(RUN)
                .orElseThrow();
    }

    /** Returns a run whose last question was answered. */
    static RunHead resumed() {
        return answer(new QuestionRules.View(OPEN, WAITING, List.of(turn(OPEN.id())), 2))
                .run(RUN)
                .orElseThrow();
    }
}

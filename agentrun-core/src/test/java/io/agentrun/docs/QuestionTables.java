package io.agentrun.docs;

import static io.agentrun.samples.Runs.NOW;
import static io.agentrun.samples.Runs.RUN;
import static io.agentrun.samples.Runs.fence;

import io.agentrun.command.CommandState;
import io.agentrun.model.Outcome;
import io.agentrun.model.Owner;
import io.agentrun.model.TurnResult;
import io.agentrun.question.Question;
import io.agentrun.question.QuestionContent;
import io.agentrun.question.QuestionEnd;
import io.agentrun.question.QuestionState;
import io.agentrun.question.Reply;
import io.agentrun.rules.Change;
import io.agentrun.rules.CommandHead;
import io.agentrun.rules.QuestionRules;
import io.agentrun.rules.RunHead;
import io.agentrun.rules.RunRules;
import io.agentrun.rules.RunView;
import io.agentrun.samples.Runs;
import io.agentrun.samples.Turns;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** What becomes of a question, in every situation. */
final class QuestionTables {

    private static final Reply YES = Reply.text("yes");
    private static final CommandHead TURN = Turns.active("cmd_1", RUN, CommandState.ACKNOWLEDGED);
    private static final Instant LATER = NOW.plusSeconds(60);

    private QuestionTables() {}

    static String questions() {
        Table table = new Table(
                "question",
                "answered by ann",
                "answered by bob",
                "withdrawn by the host",
                "upkeep",
                "its turn or run ends");
        rows().forEach((name, question) -> table.row(name, ends(question)));
        return table.toString();
    }

    private static Map<String, Question> rows() {
        Question open = question(LATER, null);
        Map<String, Question> rows = new LinkedHashMap<>();
        rows.put("open", open);
        rows.put("open, its time over", question(NOW, null));
        rows.put("open, its time over, with a fallback", question(NOW, YES));
        rows.put("answered by ann", open.ended(QuestionState.ANSWERED, new QuestionEnd(YES, "ann", null, null, NOW)));
        rows.put("expired", open.ended(QuestionState.EXPIRED, new QuestionEnd(null, null, null, null, NOW)));
        rows.put("withdrawn", open.ended(QuestionState.WITHDRAWN, new QuestionEnd(null, null, "stop", null, NOW)));
        return rows;
    }

    static Question ended(Question question, QuestionState state, Reply reply) {
        return question.ended(state, new QuestionEnd(reply, "ann", null, null, NOW));
    }

    static Question question(Instant expiresAt, @Nullable Reply fallback) {
        QuestionContent content = QuestionContent.of("May I?");
        return new Question(
                "qst_1",
                RUN,
                TURN.id(),
                new Owner("acme", "web"),
                null,
                new QuestionContent(content.text(), List.of(), null, null, fallback, content.metadata()),
                QuestionState.OPEN,
                null,
                null,
                1,
                NOW.minusSeconds(60),
                expiresAt);
    }

    private static List<String> ends(Question question) {
        boolean open = question.state() == QuestionState.OPEN;
        RunHead run = Runs.run(Runs.At.RUNNING).withOpenQuestions(open ? 1 : 0);
        QuestionRules.View view = new QuestionRules.View(question, run, List.of(TURN), 2);
        RunView held = new RunView(run, List.of(TURN), null, null, null, open ? List.of(question) : List.of());
        TurnResult done = TurnResult.of(Outcome.completed());
        return List.of(
                cell(question, () -> QuestionRules.answer(view, YES, "ann", "cmd_2", NOW)),
                cell(question, () -> QuestionRules.answer(view, YES, "bob", "cmd_2", NOW)),
                cell(question, () -> QuestionRules.withdraw(view, "stop", "cmd_2", NOW)),
                cell(question, () -> QuestionRules.expire(view, "cmd_2", NOW)),
                ofEnd(question, RunRules.finish(held, fence(), done, NOW)));
    }

    /** Of the end of a run only what it does to the question. */
    private static String ofEnd(Question question, Change change) {
        return change.questions().replaced().stream()
                .findFirst()
                .map(next -> "**" + next.state().wire() + "**; `question_answered`")
                .orElse(question.state() == QuestionState.OPEN ? "unchanged" : Cell.STORED);
    }

    private static String cell(Question question, Supplier<Change> rule) {
        return Cell.question(question, rule);
    }

    static String diagram() {
        return Diagrams.ofQuestions(rows(), QuestionTables::edges);
    }

    /** Returns each request with what it makes of the question. */
    static Map<String, Supplier<Change>> edges(Question question) {
        RunHead run = Runs.run(Runs.At.RUNNING).withOpenQuestions(1);
        QuestionRules.View view = new QuestionRules.View(question, run, List.of(TURN), 2);
        boolean open = question.state() == QuestionState.OPEN;
        RunView held = new RunView(run, List.of(TURN), null, null, null, open ? List.of(question) : List.of());
        TurnResult done = TurnResult.of(Outcome.completed());
        Map<String, Supplier<Change>> edges = new LinkedHashMap<>();
        edges.put("answer", () -> QuestionRules.answer(view, YES, "ann", "cmd_2", NOW));
        edges.put("withdraw", () -> QuestionRules.withdraw(view, "stop", "cmd_2", NOW));
        edges.put("time over", () -> QuestionRules.expire(view, "cmd_2", NOW));
        edges.put("its turn or run ends", () -> RunRules.finish(held, fence(), done, NOW));
        return edges;
    }
}

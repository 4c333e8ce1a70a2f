package io.agentrun.tck.script;

import io.agentrun.question.NewQuestion;
import io.agentrun.question.QuestionOrder;
import io.agentrun.question.QuestionQuery;
import io.agentrun.question.QuestionState;
import io.agentrun.question.Reply;
import io.agentrun.tck.script.Side.FenceChoice;
import java.util.List;
import java.util.stream.Stream;

/** Steps that ask, park, answer and withdraw, and those that read questions. */
final class QuestionSteps {

    private final Dice dice;

    QuestionSteps(Dice dice) {
        this.dice = dice;
    }

    Step next() {
        String run = dice.run();
        int roll = dice.below(100);
        if (roll < 25) {
            return ask(run);
        } else if (roll < 45) {
            return park(run);
        } else if (roll < 70) {
            return answer(run);
        } else if (roll < 85) {
            // One whose time is over ends by that.
            String variable = question(run);
            return Step.ofQuestions(
                    "withdraw " + variable, side -> side.store().questions().withdraw(side.id(variable), "not needed"));
        }
        return list();
    }

    private String question(String run) {
        return (dice.percent(92) ? run : dice.of(Dice.RUNS)) + (dice.percent(65) ? ".x" : ".y");
    }

    Step ask(String run) {
        FenceChoice fence = ScriptWriter.fence(dice);
        String variable = run + (dice.percent(65) ? ".x" : ".y");
        NewQuestion plain = NewQuestion.of("which one?").withWithin(dice.hours(6));
        NewQuestion fallback = dice.percent(30) ? plain.withFallback(Reply.text("whatever")) : plain;
        NewQuestion question = dice.percent(30) ? fallback.withIdempotencyKey(dice.key()) : fallback;
        return Step.ofQuestions(
                variable + " := ask in " + run + " " + ScriptWriter.words(fence) + " " + question,
                side -> side.put(variable, side.store().questions().ask(side.fence(run, fence), question)));
    }

    Step park(String run) {
        FenceChoice fence = ScriptWriter.fence(dice);
        boolean both = dice.percent(30);
        String variable = question(run);
        List<String> variables = both ? List.of(run + ".x", run + ".y") : List.of(variable);
        return Step.of("park " + run + " " + ScriptWriter.words(fence) + " for " + variables, side -> {
            List<String> ids = variables.stream().map(side::id).distinct().toList();
            return side.store().leases().park(side.fence(run, fence), ids);
        });
    }

    Step answer(String run) {
        String variable = question(run);
        Reply reply = dice.percent(80) ? Reply.text("this one") : Reply.declined();
        String person = dice.percent(70) ? "ann" : "bob";
        return Step.ofQuestions(
                "answer " + variable + " by " + person,
                side -> side.store().questions().answer(side.id(variable), reply, person));
    }

    private Step list() {
        QuestionQuery all = QuestionQuery.in(dice.scope()).withLimit(10);
        QuestionQuery open = dice.percent(50) ? all.withState(QuestionState.OPEN) : all;
        QuestionQuery query = dice.percent(30) ? open.withOrder(QuestionOrder.DUE) : open;
        return Step.of(
                "count " + query,
                side -> side.store().questions().list(query).items().size());
    }

    /** What a runner does that asks, and its host. */
    Stream<Step> life(String run, Step claim, Step await, Step acknowledge) {
        return Stream.of(acknowledge, ask(run), park(run), answer(run), claim, await, acknowledge);
    }
}

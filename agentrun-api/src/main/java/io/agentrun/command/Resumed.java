package io.agentrun.command;

import io.agentrun.check.Require;
import io.agentrun.check.Texts;
import io.agentrun.question.QuestionResult;
import java.util.ArrayList;
import java.util.List;

/**
 * That a turn was parked ({@code LeaseStore.park}), and what became of the questions of its last park. An agent that gets such a turn goes
 * on with it; it does not start over.
 *
 * <p>Immutable.
 *
 * @param times how often the turn was parked
 * @param waitsFor the questions that its run still waits for, in the order in which the runner named them; empty once it goes on
 * @param results what became of the others, in the order in which they ended
 */
public record Resumed(int times, List<String> waitsFor, List<QuestionResult> results) {

    /**
     * Checks and copies what is given.
     *
     * @throws io.agentrun.error.InvalidInputException if it was parked less than once, or an item is missing or breaks its rule
     */
    public Resumed {
        Require.between("times", times, 1, Integer.MAX_VALUE);
        waitsFor = Require.items("waitsFor", waitsFor);
        waitsFor.forEach(id -> Texts.id("waitsFor", id));
        results = Require.items("results", results);
    }

    /** Returns the same without a question that has ended so, which it waited for; for authors of stores. */
    public Resumed with(QuestionResult result) {
        List<QuestionResult> more = new ArrayList<>(results);
        more.add(result);
        return new Resumed(
                times,
                waitsFor.stream().filter(id -> !id.equals(result.questionId())).toList(),
                more);
    }

    /** Returns the same, waiting for nothing: the turn has ended; for authors of stores. */
    public Resumed settled() {
        return waitsFor.isEmpty() ? this : new Resumed(times, List.of(), results);
    }
}

package io.agentrun.tck.script;

import io.agentrun.doctor.StoreDoctor;
import io.agentrun.memory.InMemoryAgentRunStore;
import io.agentrun.model.TenantScope;
import io.agentrun.queue.QueueScope;
import io.agentrun.tck.SettableClock;
import io.agentrun.tck.StoreFixture;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One performance of a script on a store under test and on a new reference store. */
final class Trial {

    private static final Duration TICK = Duration.ofMillis(1);
    private static final Instant BEGIN = Instant.parse("2030-01-01T00:00:00Z");
    private static final List<String> NAMES = List.of(
            Side.NOBODY,
            "s-1",
            "s-2",
            "s-3",
            "s-4",
            "w-1",
            "w-2",
            "clock",
            "collector-1",
            "collector-2",
            "reader-1",
            "reader-2",
            "k-1",
            "k-2",
            "k-3");

    private final Side expected;
    private final Side actual;
    private final Likeness likeness;

    private Trial(Side expected, Side actual) {
        this.expected = expected;
        this.actual = actual;
        this.likeness = new Likeness(expected.timeline(), actual.timeline(), NAMES);
    }

    /**
     * Where two stores first answered a step differently.
     *
     * @param taken how many steps of the script had been taken, this one counted; one more than there are if the records
     *     differed in the end
     * @param path where in the answers
     */
    record Difference(int taken, String step, String path, String expected, String actual) {}

    /** The first difference between the fixture's store, which must be empty, and the reference store. */
    static @Nullable Difference of(Script script, StoreFixture fixture) {
        SettableClock clock = SettableClock.at(BEGIN);
        try (InMemoryAgentRunStore reference =
                InMemoryAgentRunStore.builder().clock(clock).build()) {
            Side expected = new Side(reference, reference, clock::advance);
            Side actual = new Side(fixture.store(), fixture.second(), fixture::advance);
            return new Trial(expected, actual).play(script);
        }
    }

    private @Nullable Difference play(Script script) {
        List<Step> steps = script.steps();
        for (int i = 0; i < steps.size(); i++) {
            expected.advance(TICK);
            actual.advance(TICK);
            Difference difference = take(steps.get(i), i + 1);
            if (difference != null) {
                return difference;
            }
        }
        for (Step step : aftermath()) {
            Difference difference = take(step, steps.size() + 1);
            if (difference != null) {
                return difference;
            }
        }
        return null;
    }

    private @Nullable Difference take(Step step, int taken) {
        Answer expectedAnswer = expected.take(step);
        Answer actualAnswer = actual.take(step);
        String path = likeness.difference(expectedAnswer, actualAnswer, step.versions());
        return path == null
                ? null
                : new Difference(taken, step.toString(), path, expectedAnswer.toString(), actualAnswer.toString());
    }

    /** Looks at every record that there is. */
    private List<Step> aftermath() {
        List<Step> steps = new ArrayList<>();
        for (int i = 0; i < expected.runs().size(); i++) {
            int run = i;
            steps.add(Step.of(
                    "in the end, run " + (i + 1),
                    side -> side.store().runs().get(side.runs().get(run))));
            steps.add(CommandSteps.all(i));
            steps.add(EventSteps.all(i));
            steps.add(RunnerSteps.jobs(i));
        }
        Dice.SESSIONS.forEach(session -> steps.add(SessionSteps.end(session)));
        for (int i = 0; i < expected.tasks().size(); i++) {
            steps.add(QueueSteps.end(i));
        }
        steps.add(SessionSteps.changes(TenantScope.all(), 500));
        steps.add(QueueSteps.changes(TenantScope.all(), 500));
        steps.add(QueueSteps.snapshot(QueueScope.all()));
        steps.add(RunnerSteps.backends());
        steps.add(Step.of(
                "in the end, what must not be in a store",
                side -> StoreDoctor.of(side.store()).examine().findings()));
        return steps;
    }
}

package io.agentrun.benchmark.report;

import java.util.List;
import java.util.Optional;

/** What the lines are to reach; lines that are not named here only inform. */
public final class Goals {

    /** Whole lives in a second for each insert in a second, as the manager that this library replaces does them. */
    private static final double FORMER_LIVES_ALONE = 19.0 / 2_000;

    private static final double FORMER_LIVES_CROWDED = 29.0 / 4_600;

    private record Rule(String scenario, int threads, Goal goal) {}

    private static final List<Rule> RULES = List.of(
            ratio(Names.APPEND_SPREAD, 1, 0.7),
            ratio(Names.APPEND_SPREAD, 8, 1.0),
            ratio(Names.APPEND_SPREAD, 32, 2.0),
            ratio(Names.APPEND_ONE_RUN, 32, 1.5),
            ratio(Names.APPEND_50_SPREAD, 0, 10),
            ratio(Names.APPEND_50_ONE_RUN, 0, 10),
            ratio(Names.appendAfter(100_000), 0, 0.9),
            ratio(Names.HEARTBEAT, 1, 0.8),
            ratio(Names.HEARTBEAT, 32, 0.8),
            ratio(Names.CLAIM, 1, 0.6),
            ratio(Names.CLAIM, 32, 0.6),
            ratio(Names.claimNext(100_000), 0, 0.8),
            ratio(Names.dispatchNext(100_000), 0, 0.8),
            ratio(Names.DISPATCH_NEXT_CROWDED, 0, 1.0),
            ratio(Names.limited(1), 0, 0.9),
            ratio(Names.LIFE, 1, 5 * FORMER_LIVES_ALONE),
            ratio(Names.LIFE, 32, 8 * FORMER_LIVES_CROWDED),
            median(Names.statistics(100_000), 1_900_000 / 50.0),
            median(Names.snapshot(100_000), 1_900_000 / 50.0),
            median(Names.sessionPage(10_000), 20_000 / 20.0),
            median(Names.taskPage(100_000), 85_000 / 20.0),
            median(Names.inbox(100_000), 2_000),
            new Rule(Names.MEMORY_LIFE, 1, new Goal(Goal.Kind.RATE, 20_000)),
            median(Names.wakeUp(1, "the same"), 20_000),
            median(Names.wakeUp(200, "the same"), 20_000),
            median(Names.wakeUp(1, "another"), 20_000),
            median(Names.wakeUp(200, "another"), 20_000),
            new Rule(Names.WRITER, 1, new Goal(Goal.Kind.RATE, 30_000)),
            new Rule(Names.WRITER, 8, new Goal(Goal.Kind.RATE, 60_000)),
            median(Names.TAIL, 50_000),
            median(Names.BEGIN, 10_000),
            ratio(Names.OBSERVED, 0, 0.97),
            // 3 % of an append of half a millisecond.
            median(Names.OBSERVATION, 15),
            median(Names.redact(1), 400_000),
            median(Names.redact(2), 800_000),
            median(Names.redact(4), 1_600_000));

    /** Days of work cost no operation more than a tenth. */
    private static final Goal GROWN = new Goal(Goal.Kind.RATIO, 0.9);

    private Goals() {}

    private static Rule ratio(String scenario, int threads, double least) {
        return new Rule(scenario, threads, new Goal(Goal.Kind.RATIO, least));
    }

    private static Rule median(String scenario, double mostMicros) {
        return new Rule(scenario, 0, new Goal(Goal.Kind.MEDIAN, mostMicros));
    }

    /** What the line is to reach, if anything. */
    public static Optional<Goal> of(Result result) {
        if (result.scenario().startsWith(Names.grown(""))) {
            return Optional.of(GROWN);
        }
        return RULES.stream()
                .filter(rule -> rule.scenario().equals(result.scenario())
                        && (rule.threads() == 0 || rule.threads() == result.threads()))
                .map(Rule::goal)
                .findFirst();
    }
}

package io.agentrun.tck.script;

import io.agentrun.tck.StoreFixture;
import io.agentrun.tck.script.Trial.Difference;
import java.time.Duration;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Plays a script on the store under test and on {@link io.agentrun.memory.InMemoryAgentRunStore}, step by step, and
 * compares what they answer: results, exceptions, and in the end every record, every event stream and both feeds.
 *
 * <p>What is compared, and how, where stores may differ (ids, versions, cursors, times) is said by {@link Likeness} and
 * {@link Timeline}. Thread-safe.
 */
public final class Differential {

    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final int LONGEST_ANSWER = 4000;

    private Differential() {}

    /**
     * Fails if the stores differ, with the seed, the shortest script found on which they do, and both answers.
     *
     * @param fixtures gives a fixture on empty data at every call; each is closed here
     * @throws AssertionError if the stores differ
     */
    public static void check(Script script, Supplier<? extends StoreFixture> fixtures) {
        Difference found = play(script, fixtures);
        if (found == null) {
            return;
        }
        Shrinker shrinker = new Shrinker(shorter -> play(shorter, fixtures) != null, PATIENCE);
        Script shortest = shrinker.shrink(script, found.taken());
        Difference again = play(shortest, fixtures);
        if (again == null) {
            throw new AssertionError(report(script.prefix(Math.min(found.taken(), script.length())), found)
                    + "A second performance did not differ: the store does not always answer alike.");
        }
        throw new AssertionError(report(shortest, again));
    }

    private static @Nullable Difference play(Script script, Supplier<? extends StoreFixture> fixtures) {
        try (StoreFixture fixture = fixtures.get()) {
            return Trial.of(script, fixture);
        }
    }

    private static String report(Script script, Difference difference) {
        return String.format(
                "The stores differ on the script of seed %d (-Dagentrun.tck.seed=%d runs it alone).%n"
                        + "The shortest script found:%n%s"
                        + "They differ in: %s%n  at %s%n  reference: %s%n  this store: %s%n",
                script.seed(),
                script.seed(),
                script,
                difference.step(),
                difference.path(),
                cut(difference.expected()),
                cut(difference.actual()));
    }

    private static String cut(String answer) {
        return answer.length() <= LONGEST_ANSWER ? answer : answer.substring(0, LONGEST_ANSWER) + "…";
    }
}

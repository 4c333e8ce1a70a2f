package io.agentrun.tck.suite;

import io.agentrun.rules.Rule;
import io.agentrun.tck.Proves;
import io.agentrun.tck.script.Differential;
import io.agentrun.tck.script.Script;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;

/**
 * Random scripts of operations, answered as the reference store answers them; see {@link Differential}.
 *
 * <p>The scripts are the same in every build. {@code -Dagentrun.tck.scripts=1000} plays more of them, and
 * {@code -Dagentrun.tck.seed=7} only the one that a failure has named. Each gets a fixture of its own. Every rule takes
 * part; {@link Proves} names only the one that no other suite looks at in so many states.
 *
 * <p>Not thread-safe: one thread at a time.
 */
public abstract class DifferentialSuite extends ConformanceSuite {

    private static final int SCRIPTS = 40;
    private static final int STEPS = 150;

    /** For adapters. */
    protected DifferentialSuite() {}

    @Test
    @Proves(Rule.G_3)
    void random_scripts_are_answered_as_by_the_reference_store(TestInfo test) {
        Long seed = Long.getLong("agentrun.tck.seed");
        if (seed != null) {
            Differential.check(Script.random(seed, STEPS), () -> createFixture(test));
            return;
        }
        int scripts = Integer.getInteger("agentrun.tck.scripts", SCRIPTS);
        for (int i = 1; i <= scripts; i++) {
            Differential.check(Script.random(i, STEPS), () -> createFixture(test));
        }
    }
}

package io.agentrun.tck.suite;

import io.agentrun.tck.StoreFixture;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.TestInfo;

/**
 * The suites of the kit about what a runner holds: tokens, starts, numbered batches. {@link StoreConformance} has them too.
 *
 * <p>Not thread-safe: one thread at a time.
 */
abstract class RunnerConformance {

    /** A fixture on empty data, asked for before each test; the kit closes it. */
    protected abstract StoreFixture createFixture(TestInfo test);

    @Nested
    class Token extends TokenSuite {
        @Override
        protected StoreFixture createFixture(TestInfo test) {
            return RunnerConformance.this.createFixture(test);
        }
    }

    @Nested
    class Restart extends RestartSuite {
        @Override
        protected StoreFixture createFixture(TestInfo test) {
            return RunnerConformance.this.createFixture(test);
        }
    }

    @Nested
    class Numbered extends NumberedSuite {
        @Override
        protected StoreFixture createFixture(TestInfo test) {
            return RunnerConformance.this.createFixture(test);
        }
    }
}

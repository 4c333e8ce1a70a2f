package io.agentrun.tck.suite;

import io.agentrun.AgentRunStore;
import io.agentrun.tck.StoreFixture;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.TestInfo;

/**
 * What all suites share: a fresh fixture for every test, closed afterwards.
 *
 * <p>An adapter nests every suite of {@link Suites#all()} in one test class, each with the one hook
 * {@link #createFixture}; a suite that runs without its siblings fails, so that none is left out silently.
 *
 * <p>Not thread-safe: one thread at a time.
 */
public abstract class ConformanceSuite {

    private @Nullable StoreFixture fixture;

    /** For the suites of the kit. */
    ConformanceSuite() {}

    /** A fixture on empty data; the suite closes it. */
    protected abstract StoreFixture createFixture(TestInfo test);

    @BeforeAll
    static void all_suites_of_the_kit_are_run(TestInfo test) {
        Suites.requireComplete(test.getTestClass().orElseThrow());
    }

    @BeforeEach
    final void openFixture(TestInfo test) {
        fixture = createFixture(test);
    }

    @AfterEach
    final void closeFixture() {
        StoreFixture open = fixture;
        fixture = null;
        if (open != null) {
            open.close();
        }
    }

    final StoreFixture fixture() {
        return Objects.requireNonNull(fixture, "createFixture returned null");
    }

    final AgentRunStore store() {
        return fixture().store();
    }

    final AgentRunStore second() {
        return fixture().second();
    }

    final void advance(Duration by) {
        fixture().advance(by);
    }

    /** Records in the states that tests begin with, made through {@link #store()}. */
    final Given given() {
        return new Given(store());
    }
}

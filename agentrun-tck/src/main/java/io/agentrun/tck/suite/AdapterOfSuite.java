package io.agentrun.tck.suite;

import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Gives each suite, before each test, the instance of the adapter's test class that it is nested in, and says whether stores are
 * examined after each test. Thread-safe.
 */
final class AdapterOfSuite implements BeforeEachCallback {

    /** The configuration parameter that keeps stores from being examined if it says {@code false}: what the tests alone find. */
    private static final String SWITCH = "agentrun.tck.doctor";

    AdapterOfSuite() {}

    @Override
    public void beforeEach(ExtensionContext test) {
        ConformanceSuite suite = test.getRequiredTestInstances()
                .findInstance(ConformanceSuite.class)
                .orElseThrow(() -> new AssertionError("AdapterOfSuite is for suites of the kit"));
        StoreConformance adapter = test.getRequiredTestInstances()
                .findInstance(StoreConformance.class)
                .orElseThrow(() -> new AssertionError(
                        suite.getClass().getName() + " must be nested in the adapter's StoreConformance"));
        boolean examined =
                test.getConfigurationParameter(SWITCH).filter("false"::equals).isEmpty();
        suite.adapter(adapter, examined);
    }
}

package io.agentrun.h2;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentrun.tck.StoreFixture;
import io.agentrun.tck.suite.StoreConformance;
import io.agentrun.tck.suite.Suites;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.junit.jupiter.api.TestInfo;
import org.junit.platform.engine.DiscoverySelector;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.engine.discovery.DiscoverySelectors;
import org.junit.platform.engine.support.descriptor.MethodSource;
import org.junit.platform.launcher.LauncherDiscoveryRequest;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.core.LauncherConfig;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;

/** Some tests of the kit on whichever stores are to be tested now. Its name keeps it out of the build's own tests. */
class KitOnTrial extends StoreConformance {

    private static final AtomicReference<Supplier<StoreFixture>> STORES = new AtomicReference<>();

    @Override
    protected StoreFixture createFixture(TestInfo test) {
        return STORES.get().get();
    }

    /** Runs these tests of the suite, or all without a name; returns why those failed that did, by the test's name. */
    static Map<String, Throwable> failures(Supplier<StoreFixture> stores, Class<?> suite, String... tests) {
        Map<String, Throwable> failures = new TreeMap<>();
        LauncherDiscoveryRequest request = LauncherDiscoveryRequestBuilder.request()
                .selectors(selectors(nested(suite), tests))
                .configurationParameter("agentrun.tck.report", "false")
                .build();
        AtomicInteger run = new AtomicInteger();
        STORES.set(stores);
        LauncherFactory.create(LauncherConfig.builder()
                        .enableTestExecutionListenerAutoRegistration(false)
                        .enableLauncherSessionListenerAutoRegistration(false)
                        .build())
                .execute(request, new TestExecutionListener() {
                    @Override
                    public void executionFinished(TestIdentifier test, TestExecutionResult result) {
                        result.getThrowable().ifPresent(failure -> failures.put(name(test), failure));
                        run.addAndGet(test.isTest() ? 1 : 0);
                    }
                });
        STORES.set(null);
        assertThat(run.get()).isGreaterThanOrEqualTo(Math.max(1, tests.length));
        return failures;
    }

    private static List<? extends DiscoverySelector> selectors(Class<?> nested, String... tests) {
        return tests.length == 0
                ? List.of(DiscoverySelectors.selectNestedClass(List.of(KitOnTrial.class), nested))
                : Arrays.stream(tests)
                        .map(test -> DiscoverySelectors.selectNestedMethod(List.of(KitOnTrial.class), nested, test))
                        .toList();
    }

    private static Class<?> nested(Class<?> suite) {
        return Suites.nestedIn(StoreConformance.class).stream()
                .filter(suite::isAssignableFrom)
                .findFirst()
                .orElseThrow();
    }

    private static String name(TestIdentifier test) {
        return test.getSource()
                .filter(MethodSource.class::isInstance)
                .map(MethodSource.class::cast)
                .map(MethodSource::getMethodName)
                .orElse(test.getDisplayName());
    }
}

package io.agentrun.tck.sabotage;

import io.agentrun.rules.Rule;
import io.agentrun.tck.Proves;
import io.agentrun.tck.StoreFixture;
import io.agentrun.tck.suite.ConformanceSuite;
import io.agentrun.tck.suite.StoreConformance;
import io.agentrun.tck.suite.Suites;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Supplier;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.engine.discovery.DiscoverySelectors;
import org.junit.platform.engine.support.descriptor.ClassSource;
import org.junit.platform.engine.support.descriptor.MethodSource;
import org.junit.platform.launcher.LauncherDiscoveryRequest;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.core.LauncherConfig;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;

/** One run of suites of the kit on a store, and what came of it. */
final class KitRun implements TestExecutionListener {

    private final Set<String> passed = new TreeSet<>();
    private final Map<String, Throwable> failed = new TreeMap<>();
    private final Set<String> skipped = new TreeSet<>();
    private final Set<Rule> broken = EnumSet.noneOf(Rule.class);

    private KitRun() {}

    /** Runs the suites, each test on a fixture of its own, and without a look at what it leaves: what the tests alone find. */
    static KitRun of(List<Class<? extends ConformanceSuite>> suites, Supplier<StoreFixture> fixtures) {
        return of(suites, fixtures, Map.of("agentrun.tck.report", "false", "agentrun.tck.doctor", "false"));
    }

    /** Runs the suites under configuration parameters. */
    static KitRun of(
            List<Class<? extends ConformanceSuite>> suites,
            Supplier<StoreFixture> fixtures,
            Map<String, String> parameters) {
        KitRun run = new KitRun();
        KitOnTrial.STORE.set(fixtures);
        LauncherDiscoveryRequest request = LauncherDiscoveryRequestBuilder.request()
                .selectors(suites.stream()
                        .map(KitRun::nested)
                        .map(nested -> DiscoverySelectors.selectNestedClass(List.of(KitOnTrial.class), nested))
                        .toList())
                .configurationParameters(parameters)
                .build();
        LauncherFactory.create(LauncherConfig.builder()
                        .enableTestExecutionListenerAutoRegistration(false)
                        .enableLauncherSessionListenerAutoRegistration(false)
                        .build())
                .execute(request, run);
        KitOnTrial.STORE.set(null);
        return run;
    }

    private static Class<?> nested(Class<? extends ConformanceSuite> suite) {
        return Suites.nestedIn(StoreConformance.class).stream()
                .filter(suite::isAssignableFrom)
                .findFirst()
                .orElseThrow(() -> new AssertionError(suite + " is not nested in StoreConformance"));
    }

    /** The tests that passed, as {@code Suite.test}. */
    Set<String> passed() {
        return passed;
    }

    /** The tests that failed, with why. */
    Map<String, Throwable> failed() {
        return failed;
    }

    /** The tests and suites that were not run. */
    Set<String> skipped() {
        return skipped;
    }

    /** The rules that the failed tests prove. */
    Set<Rule> broken() {
        return broken;
    }

    @Override
    public void executionSkipped(TestIdentifier test, String reason) {
        skipped.add(name(test));
    }

    @Override
    public void executionFinished(TestIdentifier test, TestExecutionResult result) {
        Throwable failure = result.getThrowable().orElse(null);
        if (failure != null) {
            failed.put(name(test), failure);
            test.getSource()
                    .filter(MethodSource.class::isInstance)
                    .map(source -> ((MethodSource) source).getJavaMethod().getAnnotation(Proves.class))
                    .ifPresent(proves -> broken.addAll(List.of(proves.value())));
        } else if (test.isTest()) {
            passed.add(name(test));
        }
    }

    private static String name(TestIdentifier test) {
        return test.getSource().map(KitRun::name).orElse(test.getDisplayName());
    }

    private static String name(Object source) {
        if (source instanceof MethodSource method) {
            String suite = method.getJavaClass().getSuperclass().getSimpleName();
            return suite + "." + method.getMethodName();
        }
        return source instanceof ClassSource of ? of.getJavaClass().getSimpleName() : source.toString();
    }
}

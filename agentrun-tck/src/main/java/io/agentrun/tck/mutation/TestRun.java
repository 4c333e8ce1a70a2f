package io.agentrun.tck.mutation;

import io.agentrun.tck.mutation.MutationTarget.TestClass;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.platform.engine.CancellationToken;
import org.junit.platform.engine.DiscoverySelector;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.engine.discovery.DiscoverySelectors;
import org.junit.platform.launcher.LauncherDiscoveryRequest;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.core.LauncherConfig;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherExecutionRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;

/** A run of test classes up to the first test that fails. Not thread-safe: one thread at a time. */
final class TestRun implements TestExecutionListener {

    private static final Map<String, String> PARAMETERS = Map.of(
            "agentrun.tck.report", "false",
            "junit.jupiter.execution.timeout.default", "45 s",
            "junit.jupiter.execution.timeout.thread.mode.default", "SEPARATE_THREAD");

    private final CancellationToken token = CancellationToken.create();
    private volatile @Nullable String failed;
    private final AtomicInteger tests = new AtomicInteger();

    private TestRun() {}

    /**
     * What came of it.
     *
     * @param killedBy the first test that failed; null if none did
     * @param tests how many tests were run
     */
    record Result(@Nullable String killedBy, int tests) {}

    /** Runs the classes; a failure ends it. */
    static Result of(List<TestClass> classes) {
        TestRun run = new TestRun();
        LauncherDiscoveryRequest request = LauncherDiscoveryRequestBuilder.request()
                .selectors(classes.stream().map(TestRun::selector).toList())
                .configurationParameters(PARAMETERS)
                .build();
        LauncherFactory.create(LauncherConfig.builder()
                        .enableTestExecutionListenerAutoRegistration(false)
                        .enableLauncherSessionListenerAutoRegistration(false)
                        .build())
                .execute(LauncherExecutionRequestBuilder.request(request)
                        .listeners(run)
                        .cancellationToken(run.token)
                        .build());
        return new Result(run.failed, run.tests.get());
    }

    private static DiscoverySelector selector(TestClass test) {
        Class<?> enclosing = test.enclosing();
        return enclosing == null
                ? DiscoverySelectors.selectClass(test.type())
                : DiscoverySelectors.selectNestedClass(List.of(enclosing), test.type());
    }

    @Override
    public void executionFinished(TestIdentifier test, TestExecutionResult result) {
        if (test.isTest()) {
            tests.incrementAndGet();
        }
        if (result.getStatus() == TestExecutionResult.Status.FAILED && failed == null) {
            failed = test.getDisplayName().replaceAll("\\(.*", "") + ": "
                    + result.getThrowable()
                            .map(failure ->
                                    String.valueOf(failure).lines().findFirst().orElse(""))
                            .orElse("");
            token.cancel();
        }
    }
}

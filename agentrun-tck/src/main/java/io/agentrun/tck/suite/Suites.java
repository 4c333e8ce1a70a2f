package io.agentrun.tck.suite;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The suites of the kit, as a list.
 *
 * <p>Thread-safe.
 */
public final class Suites {

    private static final List<Class<? extends ConformanceSuite>> ALL = List.of(
            RunSuite.class,
            RunListSuite.class,
            RunEndSuite.class,
            LeaseSuite.class,
            FenceSuite.class,
            ClaimNextSuite.class,
            RecoverySuite.class,
            CommandSuite.class,
            CommandEndSuite.class,
            TurnSuite.class,
            WaitingTurnSuite.class,
            BusySuite.class,
            EventSuite.class,
            AwaitSuite.class,
            PurgeSuite.class,
            RaceSuite.class,
            CrossingSuite.class,
            MeetingSuite.class,
            SessionSuite.class,
            SessionActivitySuite.class,
            SessionReadSuite.class,
            SessionExpectSuite.class,
            SessionListSuite.class,
            SessionChangesSuite.class,
            SessionTraceSuite.class,
            StorageStateSuite.class,
            StorageSuite.class,
            StorageClaimSuite.class,
            QueueSuite.class,
            QueueListSuite.class,
            QueueStatsSuite.class,
            DispatchSuite.class,
            TaskEndSuite.class,
            AttemptSuite.class,
            RunnerSuite.class,
            TextSuite.class,
            BoundsSuite.class,
            JsonSuite.class,
            NullSuite.class,
            UnknownSuite.class,
            MomentSuite.class,
            ExactTimeSuite.class,
            LifecycleSuite.class,
            PersistenceSuite.class,
            DifferentialSuite.class);

    private Suites() {}

    /** Every suite that {@link StoreConformance} nests. */
    public static List<Class<? extends ConformanceSuite>> all() {
        return ALL;
    }

    /**
     * Fails unless the class around the given nested suite nests every suite of the kit.
     *
     * @throws AssertionError if one is missing
     */
    static void requireComplete(Class<?> nested) {
        Class<?> adapter = nested.getEnclosingClass();
        if (adapter == null) {
            throw new AssertionError(nested.getName() + " must be a @Nested class of the adapter's test class");
        }
        List<String> missing = new ArrayList<>();
        for (Class<?> suite : ALL) {
            if (Arrays.stream(adapter.getDeclaredClasses()).noneMatch(suite::isAssignableFrom)) {
                missing.add(suite.getSimpleName());
            }
        }
        if (!missing.isEmpty()) {
            throw new AssertionError(adapter.getName() + " leaves out " + missing);
        }
    }
}

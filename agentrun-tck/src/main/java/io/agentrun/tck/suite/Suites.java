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
            RunTimesSuite.class,
            LeaseSuite.class,
            FenceSuite.class,
            TokenSuite.class,
            RestartSuite.class,
            NumberedSuite.class,
            BatchSuite.class,
            ClaimNextSuite.class,
            RecoverySuite.class,
            UnclaimedSuite.class,
            CommandSuite.class,
            CommandEndSuite.class,
            TurnEndSuite.class,
            TurnSuite.class,
            WaitingTurnSuite.class,
            BusySuite.class,
            EventSuite.class,
            AwaitSuite.class,
            AwaitAnySuite.class,
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
            TaskBatchSuite.class,
            RetrySuite.class,
            CancelManySuite.class,
            OldRecordsSuite.class,
            ReplaceSuite.class,
            DeadlineSuite.class,
            ScheduleSuite.class,
            DispatchSuite.class,
            DispatchRaceSuite.class,
            CreationRaceSuite.class,
            EndRaceSuite.class,
            PurgeRaceSuite.class,
            TakeSuite.class,
            GivenBackSuite.class,
            LimitSuite.class,
            LimitChangeSuite.class,
            PassingOverSuite.class,
            TaskEndSuite.class,
            AttemptSuite.class,
            QuestionSuite.class,
            QuestionEndSuite.class,
            QuestionWithdrawalSuite.class,
            QuestionRaceSuite.class,
            ParkSuite.class,
            ParkEndSuite.class,
            ParkRefusalSuite.class,
            ParkLimitSuite.class,
            RunnerSuite.class,
            InspectSuite.class,
            TextSuite.class,
            BoundsSuite.class,
            PageBytesSuite.class,
            JsonSuite.class,
            NullSuite.class,
            UnknownSuite.class,
            ViewSuite.class,
            ViewScopeSuite.class,
            MomentSuite.class,
            ExactTimeSuite.class,
            PagesSuite.class,
            LifecycleSuite.class,
            PersistenceSuite.class,
            OutageSuite.class,
            HistorySuite.class,
            DifferentialSuite.class);

    private Suites() {}

    /** Every suite that {@link StoreConformance} nests. */
    public static List<Class<? extends ConformanceSuite>> all() {
        return ALL;
    }

    /** Returns the classes that the test class nests, those of the classes above it too. */
    public static List<Class<?>> nestedIn(Class<?> test) {
        List<Class<?>> nested = new ArrayList<>();
        for (Class<?> type = test; type != null; type = type.getSuperclass()) {
            nested.addAll(Arrays.asList(type.getDeclaredClasses()));
        }
        return nested;
    }

    /**
     * Fails unless the class around the given nested suite nests every suite of the kit.
     *
     * @throws AssertionError if one is missing
     */
    static void requireComplete(Class<?> nested) {
        // The kit's own classes are two, one on top of the other.
        Class<?> adapter = nested.getEnclosingClass() == RunnerConformance.class
                ? StoreConformance.class
                : nested.getEnclosingClass();
        if (adapter == null) {
            throw new AssertionError(nested.getName() + " must be a @Nested class of the adapter's test class");
        }
        List<String> missing = new ArrayList<>();
        for (Class<?> suite : ALL) {
            if (nestedIn(adapter).stream().noneMatch(suite::isAssignableFrom)) {
                missing.add(suite.getSimpleName());
            }
        }
        if (!missing.isEmpty()) {
            throw new AssertionError(adapter.getName() + " leaves out " + missing);
        }
    }
}

package io.agentrun.tck.sabotage;

import static io.agentrun.rules.Rule.*;

import io.agentrun.json.JsonObject;
import io.agentrun.json.Redactor;
import io.agentrun.tck.suite.AttemptSuite;
import io.agentrun.tck.suite.CommandSuite;
import io.agentrun.tck.suite.EventSuite;
import io.agentrun.tck.suite.ExactTimeSuite;
import io.agentrun.tck.suite.LifecycleSuite;
import io.agentrun.tck.suite.MeetingSuite;
import io.agentrun.tck.suite.NumberedSuite;
import io.agentrun.tck.suite.PersistenceSuite;
import io.agentrun.tck.suite.PurgeSuite;
import io.agentrun.tck.suite.QueueListSuite;
import io.agentrun.tck.suite.QueueStatsSuite;
import io.agentrun.tck.suite.RestartSuite;
import io.agentrun.tck.suite.RunnerSuite;
import io.agentrun.tck.suite.SessionExpectSuite;
import io.agentrun.tck.suite.TokenSuite;
import java.util.List;
import java.util.Set;

/** What is done to a store when it is opened again, and at boundaries of time, scope, batch and lock. */
final class BoundarySabotages {

    static final List<Sabotage> ALL = List.of(
            Sabotage.reopening(
                    "all rows are deleted at every open",
                    Set.of(E_1),
                    OpeningSabotage::everythingIsDeleted,
                    PersistenceSuite.class),
            Sabotage.reopening(
                    "backends are seeded again at every open",
                    Set.of(J_3),
                    OpeningSabotage::backendsAreSeededAgain,
                    PersistenceSuite.class),
            Sabotage.of(
                    "saved backends are lost when it is opened again",
                    Set.of(J_3),
                    OpeningSabotage::savedBackendsAreLost,
                    PersistenceSuite.class),
            Sabotage.of(
                    "closing does not wait for the calls at work",
                    Set.of(G_4),
                    OpeningSabotage::closesBesideCallsAtWork,
                    LifecycleSuite.class),
            Sabotage.of(
                    "the run's state is read after its events",
                    Set.of(E_3),
                    OpeningSabotage::endedByALaterLook,
                    MeetingSuite.class),
            Sabotage.of(
                    "events are read after their run's state",
                    Set.of(E_3),
                    OpeningSabotage::endedByAnEarlierLook,
                    MeetingSuite.class),
            Sabotage.of(
                    "a claim at the very end of a lease is refused",
                    Set.of(L_4),
                    BoundarySabotage::claimJustAfterTheEnd,
                    ExactTimeSuite.class),
            Sabotage.of(
                    "a lease is listed a microsecond late",
                    Set.of(L_8),
                    BoundarySabotage::listJustAfterTheEnd,
                    ExactTimeSuite.class),
            Sabotage.of(
                    "storage is collected a microsecond late",
                    Set.of(P_8),
                    BoundarySabotage::collectJustAfterTheExpiry,
                    ExactTimeSuite.class),
            Sabotage.of(
                    "a task is dispatched a microsecond early",
                    Set.of(Q_2),
                    BoundarySabotage::dispatchAMicrosecondEarly,
                    ExactTimeSuite.class),
            Sabotage.of(
                    "a task with a session never waits for its time",
                    Set.of(Q_2),
                    BoundarySabotage::sessionsDoNotWait,
                    ExactTimeSuite.class),
            Sabotage.of(
                    "an acknowledgement leaves the time of its run",
                    Set.of(C_6),
                    BoundarySabotage::acknowledgedRunsKeepTheirTime,
                    CommandSuite.class),
            Sabotage.of(
                    "the oldest task is anybody's",
                    Set.of(Q_9),
                    BoundarySabotage::oldestOfEverybody,
                    QueueStatsSuite.class),
            Sabotage.of(
                    "delayed tasks are anybody's",
                    Set.of(Q_9),
                    BoundarySabotage::delayedOfEverybody,
                    QueueStatsSuite.class),
            Sabotage.of(
                    "the oldest pending task may be running",
                    Set.of(Q_9),
                    BoundarySabotage::oldestOfRunningOnes,
                    QueueStatsSuite.class),
            Sabotage.of(
                    "later pages show lower priorities of everybody",
                    Set.of(G_6),
                    BoundarySabotage::laterPagesOfEverybody,
                    QueueListSuite.class),
            Sabotage.of(
                    "several events are taken after the end",
                    Set.of(E_2),
                    BoundarySabotage::severalEventsAfterTheEnd,
                    EventSuite.class),
            Sabotage.of(
                    "any epoch of the runner will do",
                    Set.of(L_1),
                    BoundarySabotage::anyEpochOfTheRunner,
                    MeetingSuite.class),
            Sabotage.of(
                    "run, runner and epoch will do, whatever the token",
                    Set.of(L_1, L_6),
                    FenceSabotage::tokenIsNotCompared,
                    TokenSuite.class),
            Sabotage.of("the stream tells the token", Set.of(L_1), FenceSabotage::tokenIsTold, TokenSuite.class),
            Sabotage.of(
                    "events that look like the store's own are taken",
                    Set.of(E_6),
                    FenceSabotage::phasesOfTheStore,
                    TokenSuite.class),
            Sabotage.of(
                    "two processes of one runner id share a fence",
                    Set.of(L_3),
                    LeaseSabotage::secondClaimSharesTheFence,
                    RestartSuite.class),
            Sabotage.of(
                    "a claim that is repeated costs a start",
                    Set.of(L_3),
                    LeaseSabotage::secondClaimCosts,
                    RestartSuite.class),
            Sabotage.of(
                    "what is sent twice is stored twice", Set.of(E_7), BatchSabotage::storedTwice, NumberedSuite.class),
            Sabotage.of(
                    "the same number is the same batch",
                    Set.of(E_7),
                    BatchSabotage::contentIsNotCompared,
                    NumberedSuite.class),
            Sabotage.of("an older batch is stored", Set.of(E_7), BatchSabotage::olderIsStored, NumberedSuite.class),
            Sabotage.of(
                    "a batch outlives its epoch", Set.of(E_7), BatchSabotage::outlivesItsEpoch, NumberedSuite.class),
            Sabotage.of("starts are not counted", Set.of(L_8), LeaseSabotage::startsAreNotCounted, RestartSuite.class),
            Sabotage.of(
                    "a dispatch looks at the session's turns before the lock alone",
                    Set.of(Q_2),
                    BoundarySabotage::dispatchBesideAnOpenTurn,
                    MeetingSuite.class),
            Sabotage.of(
                    "a purge spares every run of a live task",
                    Set.of(R_8),
                    BoundarySabotage::purgeSparesLiveTasks,
                    PurgeSuite.class),
            Sabotage.of(
                    "the cancel of a task misses the run that is begun meanwhile",
                    Set.of(Q_8),
                    BoundarySabotage::cancelMissesTheRun,
                    MeetingSuite.class),
            new Sabotage(
                    "secrets in messages stay, as in a report",
                    Set.of(E_4),
                    List.of(AttemptSuite.class),
                    () -> new BrokenFixture((store, clock) -> {}, blindInMessages())),
            new Sabotage(
                    "secrets in threads and titles of sessions stay",
                    Set.of(E_4),
                    List.of(SessionExpectSuite.class),
                    () -> new BrokenFixture((store, clock) -> {}, blindInMessages())),
            new Sabotage(
                    "secrets in the address of a job's host stay",
                    Set.of(E_4),
                    List.of(RunnerSuite.class),
                    () -> new BrokenFixture((store, clock) -> {}, blindInMessages())));

    private BoundarySabotages() {}

    private static Redactor blindInMessages() {
        Redactor standard = Redactor.standard();
        return new Redactor() {
            @Override
            public JsonObject redact(JsonObject payload) {
                return standard.redact(payload);
            }

            @Override
            public String redact(String text) {
                return text;
            }
        };
    }
}

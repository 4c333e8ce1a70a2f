package io.agentrun.tck.sabotage;

import static io.agentrun.rules.Rule.*;

import io.agentrun.json.Redactor;
import io.agentrun.tck.suite.AttemptSuite;
import io.agentrun.tck.suite.AwaitSuite;
import io.agentrun.tck.suite.BoundsSuite;
import io.agentrun.tck.suite.BusySuite;
import io.agentrun.tck.suite.ClaimNextSuite;
import io.agentrun.tck.suite.CommandEndSuite;
import io.agentrun.tck.suite.CommandSuite;
import io.agentrun.tck.suite.CrossingSuite;
import io.agentrun.tck.suite.DispatchSuite;
import io.agentrun.tck.suite.EventSuite;
import io.agentrun.tck.suite.FenceSuite;
import io.agentrun.tck.suite.LeaseSuite;
import io.agentrun.tck.suite.QueueListSuite;
import io.agentrun.tck.suite.QueueStatsSuite;
import io.agentrun.tck.suite.QueueSuite;
import io.agentrun.tck.suite.RaceSuite;
import io.agentrun.tck.suite.RecoverySuite;
import io.agentrun.tck.suite.RunEndSuite;
import io.agentrun.tck.suite.RunListSuite;
import io.agentrun.tck.suite.RunSuite;
import io.agentrun.tck.suite.RunTimesSuite;
import io.agentrun.tck.suite.SessionActivitySuite;
import io.agentrun.tck.suite.SessionChangesSuite;
import io.agentrun.tck.suite.SessionExpectSuite;
import io.agentrun.tck.suite.SessionListSuite;
import io.agentrun.tck.suite.SessionReadSuite;
import io.agentrun.tck.suite.SessionSuite;
import io.agentrun.tck.suite.StorageClaimSuite;
import io.agentrun.tck.suite.StorageStateSuite;
import io.agentrun.tck.suite.StorageSuite;
import io.agentrun.tck.suite.TaskEndSuite;
import io.agentrun.tck.suite.TextSuite;
import io.agentrun.tck.suite.TurnSuite;
import java.util.List;
import java.util.Set;

/** All that is done to a store, beginning with the defects that the original has (D1 … D24). */
final class Sabotages {

    static final List<Sabotage> ALL = List.of(
            // keys
            Sabotage.of(
                    "D1 raw error for one of two new tasks",
                    Set.of(I_2),
                    KeySabotage::rawErrorForTasks,
                    RaceSuite.class),
            Sabotage.of(
                    "D2 raw error for one of two runs with a key",
                    Set.of(I_2),
                    KeySabotage::rawErrorForRuns,
                    RaceSuite.class),
            Sabotage.of(
                    "D2 raw error for one of two runs of a new session",
                    Set.of(R_1, I_2),
                    KeySabotage::rawErrorForRunsOfANewSession,
                    RaceSuite.class),
            Sabotage.of(
                    "D2 raw error for one of two upserts",
                    Set.of(S_2),
                    KeySabotage::rawErrorForSessions,
                    RaceSuite.class),
            Sabotage.of(
                    "raw error for one of two new commands",
                    Set.of(I_2),
                    KeySabotage::rawErrorForCommands,
                    RaceSuite.class),
            Sabotage.of(
                    "raw error for one of two new jobs", Set.of(I_2), KeySabotage::rawErrorForJobs, RaceSuite.class),
            Sabotage.of("a key belongs to every tenant", Set.of(I_1), KeySabotage::keysOfEverybody, RunSuite.class),
            Sabotage.of(
                    "a key replays whatever the content",
                    Set.of(I_1),
                    KeySabotage::otherContentIsAReplay,
                    RunSuite.class),
            Sabotage.of("a key is not kept", Set.of(I_1), KeySabotage::keysAreNotKept, RunSuite.class),
            Sabotage.of(
                    "a run is found by anybody's key", Set.of(I_3), KeySabotage::anothersRunIsFound, RunSuite.class),
            Sabotage.of(
                    "a task that has ended is not found by its key",
                    Set.of(I_3),
                    KeySabotage::endedTasksAreNotFound,
                    QueueSuite.class),
            Sabotage.of(
                    "the newest attempt of a task is the first",
                    Set.of(Q_12),
                    QueueSabotage::newestAttemptFirst,
                    RunListSuite.class),
            Sabotage.of("a task has one run", Set.of(Q_12), QueueSabotage::onlyTheLatestAttempt, RunListSuite.class),
            // commands
            Sabotage.of(
                    "D3 deadlock of finish and cancel",
                    Set.of(R_5, R_6, C_7),
                    CommandSabotage::deadlock,
                    CrossingSuite.class),
            Sabotage.of(
                    "D15 commands left open by the end of their run",
                    Set.of(R_7),
                    CommandSabotage::leftOpenByTheEndOfTheRun,
                    RunEndSuite.class),
            Sabotage.of(
                    "D19 a replay after the end of the run is refused",
                    Set.of(I_1),
                    CommandSabotage::replayAfterTheEndIsRefused,
                    CommandSuite.class),
            Sabotage.of(
                    "a waiting turn is delivered",
                    Set.of(C_2, C_5),
                    CommandSabotage::waitingTurnIsDelivered,
                    TurnSuite.class),
            Sabotage.of("a waiting runner is not woken", Set.of(C_5), CommandSabotage::lostWakeUp, AwaitSuite.class),
            Sabotage.of(
                    "a command is finished without acknowledging",
                    Set.of(C_7),
                    CommandSabotage::finishedWithoutAcknowledging,
                    CommandEndSuite.class),
            Sabotage.of(
                    "a turn waits that asked not to", Set.of(C_3), CommandSabotage::rejectIsNotHeard, BusySuite.class),
            // fences and leases
            Sabotage.of("D7 append without fence", Set.of(L_1), FenceSabotage::append, FenceSuite.class),
            Sabotage.of("D7 acknowledge without fence", Set.of(L_1), FenceSabotage::acknowledge, FenceSuite.class),
            Sabotage.of(
                    "D7 finish of a command without fence",
                    Set.of(L_1),
                    FenceSabotage::finishCommand,
                    FenceSuite.class),
            Sabotage.of("D7 finish of a run without fence", Set.of(L_1), FenceSabotage::finishRun, FenceSuite.class),
            Sabotage.of("D7 release without fence", Set.of(L_1), FenceSabotage::release, FenceSuite.class),
            Sabotage.of(
                    "D7 heartbeat without fence",
                    Set.of(L_1, L_6),
                    FenceSabotage::heartbeat,
                    FenceSuite.class,
                    LeaseSuite.class),
            Sabotage.of(
                    "D7 anybody ends a run that nobody claimed",
                    Set.of(L_1, R_3),
                    FenceSabotage::neverClaimed,
                    FenceSuite.class,
                    RunEndSuite.class),
            Sabotage.of(
                    "a heartbeat throws for a lost lease",
                    Set.of(L_6),
                    FenceSabotage::heartbeatThrows,
                    FenceSuite.class,
                    LeaseSuite.class),
            Sabotage.of(
                    "D8 leases compared with the clock of the host",
                    Set.of(G_5, L_3, L_8),
                    LeaseSabotage::clockOfTheHost,
                    LeaseSuite.class,
                    RecoverySuite.class),
            Sabotage.of(
                    "D8 negative leases",
                    Set.of(G_1, L_2),
                    LeaseSabotage::negativeLeases,
                    LeaseSuite.class,
                    BoundsSuite.class),
            Sabotage.of(
                    "a heartbeat does not say how long the lease is held now",
                    Set.of(L_9),
                    LeaseSabotage::heldAsClaimed,
                    LeaseSuite.class),
            Sabotage.of(
                    "a lease is said to be held for longer than it is",
                    Set.of(L_9),
                    LeaseSabotage::heldForLonger,
                    LeaseSuite.class),
            Sabotage.of(
                    "a later claim starts a run again", Set.of(R_10), LeaseSabotage::startsAnew, RunTimesSuite.class),
            Sabotage.of(
                    "a take does not start a run", Set.of(R_10), LeaseSabotage::takesDoNotStart, RunTimesSuite.class),
            Sabotage.of("a live lease is stolen", Set.of(L_3), LeaseSabotage::stolen, LeaseSuite.class),
            Sabotage.of(
                    "recovery does not look again",
                    Set.of(L_8),
                    LeaseSabotage::recoveryDoesNotCheck,
                    RecoverySuite.class),
            Sabotage.of(
                    "a lease that ends now has not ended",
                    Set.of(L_8),
                    LeaseSabotage::endIsExclusive,
                    RecoverySuite.class),
            Sabotage.of("claimNext gives one run to two", Set.of(L_7), LeaseSabotage::handedOutTwice, RaceSuite.class),
            Sabotage.of(
                    "claimNext breaks ties the wrong way",
                    Set.of(L_7),
                    LeaseSabotage::wrongTieBreak,
                    ClaimNextSuite.class),
            // events
            Sabotage.of(
                    "D3 one number for two events", Set.of(E_1), EventSabotage::oneNumberForTwo, CrossingSuite.class),
            Sabotage.of(
                    "D15 events after the end",
                    Set.of(E_2),
                    EventSabotage::appendsAfterTheEnd,
                    EventSuite.class,
                    RunEndSuite.class),
            Sabotage.of(
                    "a page says ended while there is more",
                    Set.of(E_3),
                    EventSabotage::endedTooEarly,
                    EventSuite.class),
            Sabotage.of("a page never says ended", Set.of(E_3), EventSabotage::neverEnded, EventSuite.class),
            Sabotage.of(
                    "a batch is written in steps",
                    Set.of(E_2),
                    EventSabotage::batchInSteps,
                    EventSuite.class,
                    RaceSuite.class),
            Sabotage.of("a waiting reader is not woken", Set.of(E_5), EventSabotage::lostWakeUp, AwaitSuite.class),
            new Sabotage(
                    "secrets in arrays are stored",
                    Set.of(E_4),
                    List.of(EventSuite.class, TextSuite.class),
                    () -> new BrokenFixture((store, clock) -> {}, EventSabotage.blindInArrays())),
            new Sabotage(
                    "secrets are stored",
                    Set.of(E_4),
                    List.of(EventSuite.class, TextSuite.class),
                    () -> new BrokenFixture((store, clock) -> {}, Redactor.none())),
            // sessions
            Sabotage.of(
                    "D5 a session counts its own versions",
                    Set.of(S_9, G_9),
                    SessionSabotage::ownVersions,
                    SessionChangesSuite.class,
                    SessionSuite.class),
            Sabotage.of(
                    "D6 a feed misses late commits",
                    Set.of(G_9),
                    SessionSabotage::lateCommits,
                    SessionChangesSuite.class),
            Sabotage.of(
                    "D16 the end of an old run ends its session",
                    Set.of(S_4),
                    SessionSabotage::endOfAnOldRun,
                    SessionActivitySuite.class),
            Sabotage.of(
                    "D17 the end of one turn ends its session",
                    Set.of(S_4, C_8),
                    SessionSabotage::endOfOneTurn,
                    SessionActivitySuite.class),
            Sabotage.of(
                    "D18 a thread is stored with what was long ago",
                    Set.of(S_5),
                    SessionSabotage::staleWriteBack,
                    SessionActivitySuite.class,
                    SessionSuite.class),
            Sabotage.of("D22 a session is taken over", Set.of(S_1), SessionSabotage::takeover, SessionSuite.class),
            Sabotage.of(
                    "D22 a list shows every tenant's sessions",
                    Set.of(G_6),
                    SessionSabotage::noTenantInLists,
                    SessionListSuite.class),
            Sabotage.of(
                    "what nobody saw is marked read",
                    Set.of(S_6),
                    SessionSabotage::markReadBeyond,
                    SessionReadSuite.class),
            Sabotage.of("a mark moves back", Set.of(S_6), SessionSabotage::markReadBack, SessionReadSuite.class),
            Sabotage.of(
                    "what was read long ago is overwritten",
                    Set.of(S_10),
                    SessionSabotage::anyVersion,
                    SessionExpectSuite.class),
            Sabotage.of(
                    "another thread than the expected one is forgotten",
                    Set.of(S_10),
                    SessionSabotage::anyText,
                    SessionExpectSuite.class),
            Sabotage.of(
                    "a run gives its session its own backend",
                    Set.of(S_11),
                    SessionSabotage::backendOfTheRun,
                    SessionSuite.class),
            // storage
            Sabotage.of(
                    "a volume whose cluster nobody knows any more",
                    Set.of(P_2),
                    StorageSabotage::namespaceUidForgotten,
                    StorageSuite.class),
            Sabotage.of(
                    "D20 what is in use is collected",
                    Set.of(P_8),
                    StorageSabotage::usedIsCollected,
                    StorageClaimSuite.class),
            Sabotage.of(
                    "D20 what is in use is evicted",
                    Set.of(P_5),
                    StorageSabotage::usedIsEvicted,
                    StorageStateSuite.class,
                    StorageSuite.class),
            Sabotage.of(
                    "D20 a refresh forgets what it does not mention",
                    Set.of(P_4),
                    StorageSabotage::refreshForgets,
                    StorageSuite.class),
            Sabotage.of(
                    "D20 a late refresh brings back what was evicted",
                    Set.of(P_4),
                    StorageSabotage::refreshRevives,
                    StorageSuite.class,
                    StorageStateSuite.class),
            Sabotage.of(
                    "D20 a run without its volume",
                    Set.of(P_1),
                    StorageSabotage::runsWithoutTheirVolume,
                    StorageSuite.class,
                    StorageStateSuite.class),
            Sabotage.of(
                    "D20 an old eviction ends a new volume",
                    Set.of(P_6, P_7),
                    StorageSabotage::anyGeneration,
                    StorageStateSuite.class,
                    StorageSuite.class),
            Sabotage.of(
                    "D20 evicted contents stay",
                    Set.of(P_6),
                    StorageSabotage::evictedKeepsItsContents,
                    StorageStateSuite.class,
                    StorageSuite.class),
            Sabotage.of(
                    "another uid is taken for ours",
                    Set.of(P_3),
                    StorageSabotage::anyUid,
                    StorageStateSuite.class,
                    StorageSuite.class),
            Sabotage.of(
                    "an expiry that is now has not come",
                    Set.of(P_8),
                    StorageSabotage::endIsExclusive,
                    StorageClaimSuite.class),
            Sabotage.of(
                    "collectors take from each other",
                    Set.of(P_8),
                    StorageSabotage::collectorsShareNothing,
                    StorageClaimSuite.class),
            // queue
            Sabotage.of("D22 a late report counts", Set.of(Q_7), QueueSabotage::lateReportCounts, AttemptSuite.class),
            Sabotage.of(
                    "D22 two dispatchers start one task", Set.of(Q_3), QueueSabotage::startedTwice, RaceSuite.class),
            Sabotage.of(
                    "D22 lists show every tenant's tasks",
                    Set.of(G_6),
                    QueueSabotage::listsOfEverybody,
                    QueueListSuite.class),
            Sabotage.of(
                    "D22 statistics count every tenant's tasks",
                    Set.of(G_6, Q_9),
                    QueueSabotage::statsOfEverybody,
                    QueueStatsSuite.class),
            Sabotage.of("a retry spends no attempt", Set.of(Q_6), QueueSabotage::retriesAreFree, TaskEndSuite.class),
            Sabotage.of(
                    "a task that is due now is not",
                    Set.of(Q_2, Q_6),
                    QueueSabotage::dueIsExclusive,
                    DispatchSuite.class,
                    TaskEndSuite.class),
            Sabotage.of(
                    "a task is started before its time",
                    Set.of(Q_2),
                    QueueSabotage::notBeforeIsNotHeard,
                    DispatchSuite.class),
            Sabotage.of(
                    "a gentle cancel of a task is none",
                    Set.of(Q_8),
                    QueueSabotage::cancelIsForced,
                    TaskEndSuite.class));

    private Sabotages() {}
}

package io.agentrun.tck.sabotage;

import static io.agentrun.rules.Rule.*;

import io.agentrun.tck.suite.UnclaimedSuite;
import java.util.List;
import java.util.Set;

/** What is done to a store that must end runs that nobody claims. */
final class UnclaimedSabotages {

    static final List<Sabotage> ALL = List.of(
            Sabotage.of("unclaimed runs never end", Set.of(L_10), UnclaimedSabotage::neverEnd, UnclaimedSuite.class),
            Sabotage.of(
                    "unclaimed runs end a microsecond late",
                    Set.of(L_10),
                    UnclaimedSabotage::endAMicrosecondLate,
                    UnclaimedSuite.class),
            Sabotage.of(
                    "unclaimed runs end a microsecond early",
                    Set.of(L_10),
                    UnclaimedSabotage::endAMicrosecondEarly,
                    UnclaimedSuite.class),
            Sabotage.of(
                    "a dispatch forgets within which time to claim",
                    Set.of(L_10),
                    UnclaimedSabotage::theDispatchForgetsTheTime,
                    UnclaimedSuite.class),
            Sabotage.of(
                    "a run that was begun ends as unclaimed",
                    Set.of(L_10),
                    UnclaimedSabotage::whatWasBegunEndsToo,
                    UnclaimedSuite.class),
            Sabotage.of(
                    "an unclaimed run costs its task an attempt",
                    Set.of(Q_14),
                    UnclaimedSabotage::theyCostAnAttempt,
                    UnclaimedSuite.class));

    private UnclaimedSabotages() {}
}

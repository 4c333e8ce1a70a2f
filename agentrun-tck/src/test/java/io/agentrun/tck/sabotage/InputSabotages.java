package io.agentrun.tck.sabotage;

import static io.agentrun.rules.Rule.*;

import io.agentrun.tck.suite.BoundsSuite;
import io.agentrun.tck.suite.LifecycleSuite;
import io.agentrun.tck.suite.PurgeSuite;
import io.agentrun.tck.suite.RunnerSuite;
import io.agentrun.tck.suite.TextSuite;
import java.util.List;
import java.util.Set;

/** What a store may do wrong with its input. */
final class InputSabotages {

    static final List<Sabotage> ALL = List.of(
            Sabotage.of("D12 NUL is dropped from a reason", Set.of(G_1), InputSabotage::nul, TextSuite.class),
            Sabotage.of(
                    "D12 half an emoji becomes a question mark",
                    Set.of(G_1),
                    InputSabotage::loneSurrogate,
                    TextSuite.class),
            Sabotage.of("D13 long ids are cut", Set.of(G_1), InputSabotage::longIdsAreCut, TextSuite.class),
            Sabotage.of("D14 limits are clamped", Set.of(G_1), InputSabotage::limitsAreClamped, BoundsSuite.class),
            Sabotage.of(
                    "D14 negative waits are none", Set.of(G_1), InputSabotage::negativeWaitsAreNone, BoundsSuite.class),
            Sabotage.of(
                    "D15 a job of another run's command",
                    Set.of(J_2),
                    InputSabotage::jobOfAnotherRun,
                    RunnerSuite.class),
            Sabotage.of("D15 a job of an ended run", Set.of(J_2), InputSabotage::jobAfterTheEnd, RunnerSuite.class),
            Sabotage.of(
                    "a registration forgets the first",
                    Set.of(J_1),
                    InputSabotage::registrationForgets,
                    RunnerSuite.class),
            Sabotage.of("a job is not found by its key", Set.of(J_2), InputSabotage::jobsHaveNoKeys, RunnerSuite.class),
            Sabotage.of(
                    "a purge takes more than it may", Set.of(R_8), InputSabotage::purgeWithoutEnd, PurgeSuite.class),
            Sabotage.of(
                    "a closed store throws what its pool throws",
                    Set.of(G_4),
                    InputSabotage::readsAfterClose,
                    LifecycleSuite.class));

    private InputSabotages() {}
}

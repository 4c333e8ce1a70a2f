package io.agentrun.tck.sabotage;

import static io.agentrun.rules.Rule.*;

import io.agentrun.tck.suite.AwaitAnySuite;
import io.agentrun.tck.suite.BatchSuite;
import io.agentrun.tck.suite.TakeSuite;
import io.agentrun.tck.suite.TurnEndSuite;
import java.util.List;
import java.util.Set;

/** What is done to a store that a worker relies on. */
final class WorkerSabotages {

    static final List<Sabotage> ALL = List.of(
            Sabotage.of(
                    "one refusal stops a call for many",
                    Set.of(G_10),
                    WorkerSabotage::oneRefusalStopsTheBatch,
                    BatchSuite.class),
            Sabotage.of(
                    "answers for many come in another order",
                    Set.of(G_10),
                    WorkerSabotage::answersInAnotherOrder,
                    BatchSuite.class),
            Sabotage.of(
                    "a turn and its run are ended in two steps",
                    Set.of(R_9),
                    WorkerSabotage::turnAndRunInTwoSteps,
                    TurnEndSuite.class),
            Sabotage.of(
                    "due tasks are taken before what was given back",
                    Set.of(Q_11),
                    WorkerSabotage::dueTasksFirst,
                    TakeSuite.class),
            Sabotage.of("a take acknowledges", Set.of(Q_11), WorkerSabotage::takeAcknowledges, TakeSuite.class),
            Sabotage.of("a take does not wait", Set.of(Q_11, E_5), WorkerSabotage::takeIsNotWoken, TakeSuite.class),
            Sabotage.of(
                    "a wait for many repeats what its caller has seen",
                    Set.of(G_11),
                    WorkerSabotage::oldNews,
                    AwaitAnySuite.class),
            Sabotage.of("a task is taken twice", Set.of(Q_11), WorkerSabotage::takenTwice, TakeSuite.class));

    private WorkerSabotages() {}
}

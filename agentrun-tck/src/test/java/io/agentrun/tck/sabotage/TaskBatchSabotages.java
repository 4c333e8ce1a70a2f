package io.agentrun.tck.sabotage;

import static io.agentrun.rules.Rule.*;

import io.agentrun.QueueStore;
import io.agentrun.error.AgentRunException;
import io.agentrun.queue.NewQueueTask;
import io.agentrun.queue.QueueTask;
import io.agentrun.tck.suite.TaskBatchSuite;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;

/** What may go wrong with tasks that are created together. */
final class TaskBatchSabotages {

    static final List<Sabotage> ALL = List.of(
            Sabotage.of(
                    "tasks are created one after the other",
                    Set.of(Q_13),
                    TaskBatchSabotages::oneByOne,
                    TaskBatchSuite.class),
            Sabotage.of(
                    "a refusal leaves the tasks before it",
                    Set.of(Q_13),
                    TaskBatchSabotages::refusalLeavesThoseBefore,
                    TaskBatchSuite.class),
            Sabotage.of(
                    "tasks of one call are created backwards",
                    Set.of(Q_13),
                    TaskBatchSabotages::backwards,
                    TaskBatchSuite.class),
            Sabotage.of(
                    "a known key is overlooked among many",
                    Set.of(Q_13, I_1),
                    TaskBatchSabotages::keysAreOverlooked,
                    TaskBatchSuite.class),
            Sabotage.of(
                    "the last of many tasks is lost",
                    Set.of(Q_13),
                    TaskBatchSabotages::lastIsLost,
                    TaskBatchSuite.class));

    private TaskBatchSabotages() {}

    private interface CreateAll {
        List<QueueTask> of(QueueStore real, List<NewQueueTask> input);
    }

    private static void instead(PassingStore store, CreateAll other) {
        store.queue = new PassingQueue(store.queue) {
            @Override
            public List<QueueTask> createAll(List<NewQueueTask> input) {
                return other.of(real, input);
            }
        };
    }

    private static void oneByOne(PassingStore store, SkewedClock clock) {
        instead(store, (real, input) -> input.stream().map(real::create).toList());
    }

    private static void refusalLeavesThoseBefore(PassingStore store, SkewedClock clock) {
        instead(store, (real, input) -> {
            try {
                return real.createAll(input);
            } catch (AgentRunException e) {
                real.create(input.get(0));
                throw e;
            }
        });
    }

    private static void backwards(PassingStore store, SkewedClock clock) {
        instead(store, (real, input) -> {
            List<NewQueueTask> backwards = new ArrayList<>(input);
            Collections.reverse(backwards);
            List<QueueTask> created = new ArrayList<>(real.createAll(backwards));
            Collections.reverse(created);
            return created;
        });
    }

    private static void keysAreOverlooked(PassingStore store, SkewedClock clock) {
        instead(store, (real, input) -> {
            if (input.size() != 3) {
                return real.createAll(input);
            }
            List<QueueTask> created = new ArrayList<>(real.createAll(input));
            created.set(0, real.create(withoutKey(input.get(0))));
            return created;
        });
    }

    private static NewQueueTask withoutKey(NewQueueTask task) {
        return new NewQueueTask(
                task.owner(),
                task.place(),
                task.title(),
                task.spec(),
                task.content(),
                task.retry(),
                task.notBefore(),
                null,
                task.replaceKey(),
                task.deadlines(),
                task.limitLabels());
    }

    private static void lastIsLost(PassingStore store, SkewedClock clock) {
        instead(store, (real, input) -> {
            List<QueueTask> created = real.createAll(input);
            return created.size() < 30 ? created : created.subList(0, created.size() - 1);
        });
    }
}

package io.agentrun.tck.suite;

import io.agentrun.limit.LimitKey;
import io.agentrun.model.Outcome;
import io.agentrun.model.TurnResult;
import io.agentrun.queue.Dispatch;
import io.agentrun.queue.DispatchRequest;
import io.agentrun.queue.QueueTask;
import io.agentrun.queue.TakeRequest;
import io.agentrun.queue.Taken;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What the suites of limits share: tasks that a limit may count. Not thread-safe: one thread at a time. */
abstract class LimitedTasks extends ConformanceSuite {

    static final String QUEUE = "queue";
    static final TurnResult DONE = TurnResult.of(Outcome.completed());

    /** For the suites of limits. */
    LimitedTasks() {}

    QueueTask labelled(String name, String value) {
        return store().queue()
                .create(given().newTask(QUEUE).limitLabels(Map.of(name, value)).build());
    }

    void tasks(int count) {
        for (int i = 0; i < count; i++) {
            given().task(QUEUE);
        }
    }

    Optional<Dispatch> next() {
        return store().queue().dispatchNext(DispatchRequest.any());
    }

    List<Taken> take(int most) {
        return store().queue()
                .take(TakeRequest.by(Given.RUNNER, DispatchRequest.any())
                        .withLease(Given.LEASE)
                        .withN(most));
    }

    /** Dispatches as many tasks as there are to be had. */
    List<Dispatch> drain() {
        List<Dispatch> all = new ArrayList<>();
        for (Optional<Dispatch> next = next(); next.isPresent(); next = next()) {
            all.add(next.get());
        }
        return all;
    }

    void end(Dispatch dispatch) {
        given().completed(dispatch.run());
    }

    LimitKey tenant() {
        return LimitKey.tenant(given().owner().tenantId());
    }
}

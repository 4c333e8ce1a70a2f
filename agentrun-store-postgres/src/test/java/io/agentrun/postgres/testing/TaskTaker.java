package io.agentrun.postgres.testing;

import io.agentrun.AgentRunStore;
import io.agentrun.model.TenantScope;
import io.agentrun.queue.DispatchRequest;
import io.agentrun.queue.QueueScope;
import io.agentrun.queue.QueueSnapshot;
import io.agentrun.queue.TakeRequest;
import io.agentrun.queue.Taken;
import java.util.List;

/**
 * A process of its own that takes all tasks, as many with one call as may be asked for, and says how many there were; before that it
 * looks at their head.
 *
 * <p>Not thread-safe: one thread at a time.
 */
public final class TaskTaker {

    private TaskTaker() {}

    /** Begins, with the URL of the database. */
    public static void main(String[] args) {
        ChildStore.use(args[0], TaskTaker::takeAll);
    }

    private static void takeAll(AgentRunStore store) {
        QueueSnapshot snapshot = store.queue().snapshot(new QueueScope(TenantScope.all(), null));
        TakeRequest request = TakeRequest.by("runner", DispatchRequest.any()).withN(TakeRequest.MAX_TASKS);
        int tasks = 0;
        List<Taken> taken;
        do {
            taken = store.queue().take(request);
            tasks += taken.size();
        } while (!taken.isEmpty());
        System.out.println("tasks " + tasks + " head " + snapshot.items().size() + " ready "
                + store.health().ready());
    }
}

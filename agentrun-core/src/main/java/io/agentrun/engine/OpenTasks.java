package io.agentrun.engine;

import io.agentrun.backend.PageBytes;
import io.agentrun.engine.view.ViewScope;
import io.agentrun.model.Page;
import io.agentrun.queue.QueueQuery;
import io.agentrun.queue.QueueTask;
import io.agentrun.queue.TaskCancel;
import io.agentrun.queue.TaskState;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Finds the open tasks of a filter in steps: the pending ones, then the running ones, each in the order of the queue. */
final class OpenTasks {

    private static final String KIND = "open-tasks";

    /** The state whose tasks are looked for, and the keys of the last one; empty keys before the first one. */
    private static final int KEYS = 4;

    private static final Pages<QueueTask> PAGES = new Pages<>(
            KIND,
            KEYS,
            PageBytes.TASKS,
            task -> List.of(
                    task.state().wire(),
                    Cursors.key(task.place().priority()),
                    Cursors.key(task.createdAt()),
                    task.id()));

    private OpenTasks() {}

    /** The tasks of one step. Immutable. */
    record Step(List<QueueTask> tasks, @Nullable String nextCursor) {}

    static Step find(Context context, TaskCancel request) {
        int size = context.intake().page(request.limit());
        QueueQuery query = context.scope()
                .narrow(request.scope())
                .map(scope -> QueueQuery.in(scope).withQueue(request.queue()).withLane(request.lane()))
                .orElse(null);
        TaskState only = request.state();
        String bound = query == null ? ViewScope.NOTHING : query.withState(only).fingerprint();
        List<String> keys = PAGES.after(bound, request.cursor());
        if (query == null) {
            // A closed store says so here too.
            return new Step(context.backend().read(reads -> List.of()), null);
        }
        TaskState state = only == null ? TaskState.PENDING : only;
        if (!keys.isEmpty()) {
            state = TaskState.fromWire("cursor", keys.get(0));
        }
        boolean begins = keys.isEmpty() || keys.get(KEYS - 1).isEmpty();
        Page<QueueTask> page = page(context, query.withState(state), bound, begins ? List.of() : keys, size);
        if (only != null || state == TaskState.RUNNING || page.nextCursor() != null) {
            return new Step(page.items(), page.nextCursor());
        }
        if (!page.items().isEmpty()) {
            return new Step(page.items(), Cursors.encode(KIND, bound, List.of(TaskState.RUNNING.wire(), "", "", "")));
        }
        Page<QueueTask> running = page(context, query.withState(TaskState.RUNNING), bound, List.of(), size);
        return new Step(running.items(), running.nextCursor());
    }

    /** @param keys those of the last task that was found, its state first; none before the first one */
    private static Page<QueueTask> page(Context context, QueueQuery query, String bound, List<String> keys, int size) {
        List<String> after = keys.isEmpty() ? keys : keys.subList(1, KEYS);
        return PAGES.page(bound, size, context.backend().read(reads -> reads.tasks(query, after, size + 1)));
    }
}

package io.agentrun.console;

import io.agentrun.AgentRunStore;
import io.agentrun.console.Console.Route;
import io.agentrun.error.NotFoundException;
import io.agentrun.model.Page;
import io.agentrun.model.TenantScope;
import io.agentrun.queue.QueueQuery;
import io.agentrun.queue.QueueScope;
import io.agentrun.queue.QueueTask;
import io.agentrun.queue.TaskState;
import io.agentrun.run.Run;
import io.agentrun.run.RunQuery;
import io.agentrun.run.RunStatus;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The queue, tasks, runs and commands. Thread-safe. */
final class WorkRoutes {

    private WorkRoutes() {}

    static void addTo(Map<String, Route> routes) {
        routes.put("/api/queue", WorkRoutes::queue);
        routes.put("/api/task", WorkRoutes::task);
        routes.put("/api/runs", WorkRoutes::runs);
        routes.put("/api/run", WorkRoutes::run);
        routes.put("/api/commands", WorkRoutes::commands);
    }

    private static Object queue(Call call) {
        String queue = call.optional("queue");
        String state = call.optional("state");
        QueueQuery query = new QueueQuery(
                TenantScope.all(),
                queue,
                call.optional("lane"),
                state == null ? null : TaskState.fromWire("state", state),
                call.optional("cursor"),
                call.limit());
        Page<QueueTask> tasks = call.store().queue().list(query);
        Map<String, String> why = new LinkedHashMap<>();
        for (QueueTask task : tasks.items()) {
            if (task.state() == TaskState.PENDING) {
                String reason = why(call.store(), task.id());
                if (reason != null) {
                    why.put(task.id(), reason);
                }
            }
        }
        return Json.of(
                "stats", call.store().queue().stats(new QueueScope(TenantScope.all(), queue)),
                "tasks", tasks,
                "why", why);
    }

    /** Returns why the task waits; null if it is gone meanwhile. */
    private static @Nullable String why(AgentRunStore store, String taskId) {
        try {
            return store.inspect().task(taskId).cause().text();
        } catch (NotFoundException gone) {
            return null;
        }
    }

    private static Object task(Call call) {
        String id = call.id();
        QueueTask task = call.store().queue().get(id);
        return Json.of(
                "task", task,
                "explanation", InspectRoutes.chain(call.store().inspect().task(id)),
                "runs", call.store().runs().listByTask(id, call.optional("cursor"), call.limit()));
    }

    private static Object runs(Call call) {
        String status = call.optional("status");
        RunQuery query = new RunQuery(
                TenantScope.all(),
                status == null ? null : RunStatus.fromWire("status", status),
                call.optional("session"),
                null,
                call.optional("cursor"),
                call.limit());
        return call.store().runs().list(query);
    }

    private static Object run(Call call) {
        String id = call.id();
        Run run = call.store().runs().get(id);
        return Json.of(
                "run", run,
                "explanation", InspectRoutes.chain(call.store().inspect().run(id)),
                "jobs", call.store().runners().listJobs(id));
    }

    private static Object commands(Call call) {
        return call.store().commands().list(call.id(), call.after(), call.limit());
    }
}

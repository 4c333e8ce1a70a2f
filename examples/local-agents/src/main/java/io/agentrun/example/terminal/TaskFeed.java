package io.agentrun.example.terminal;

import io.agentrun.AgentRunStore;
import io.agentrun.model.ChangePage;
import io.agentrun.model.TenantScope;
import io.agentrun.queue.QueueTask;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What has changed in the queue since the last look. Not thread-safe: one thread at a time. */
public final class TaskFeed {
    private static final int PAGE = 200;

    private final AgentRunStore store;
    private final TenantScope scope;
    private @Nullable String cursor;

    private TaskFeed(AgentRunStore store, TenantScope scope) {
        this.store = store;
        this.scope = scope;
    }

    /** The feed of what changes from now on. */
    public static TaskFeed fromNow(AgentRunStore store, TenantScope scope) {
        TaskFeed feed = new TaskFeed(store, scope);
        feed.next();
        return feed;
    }

    /** Returns the tasks that have changed since the last call, each once, as it is now. */
    public List<QueueTask> next() {
        List<QueueTask> changed = new ArrayList<>();
        boolean more = true;
        while (more) {
            ChangePage<QueueTask> page = store.queue().changes(scope, cursor, PAGE);
            changed.addAll(page.items());
            cursor = page.cursor();
            more = page.more();
        }
        return changed;
    }
}

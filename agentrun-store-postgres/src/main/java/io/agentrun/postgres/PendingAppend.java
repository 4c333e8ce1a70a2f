package io.agentrun.postgres;

import io.agentrun.event.NewEvent;
import io.agentrun.lease.Fence;
import io.agentrun.postgres.internal.table.AppendStatements.Appended;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One caller's events, and what became of them.
 *
 * <p>Not thread-safe: whoever settles it hands it back through {@link AppendLine}.
 */
final class PendingAppend {

    private final String runId;
    private final @Nullable Fence fence;
    private final List<String> ids;
    private final List<NewEvent> events;
    private @Nullable Appended appended;
    private @Nullable RuntimeException failure;

    /** @param fence null for events of the host */
    PendingAppend(String runId, @Nullable Fence fence, List<String> ids, List<NewEvent> events) {
        this.runId = runId;
        this.fence = fence;
        this.ids = ids;
        this.events = events;
    }

    String runId() {
        return runId;
    }

    @Nullable
    Fence fence() {
        return fence;
    }

    List<String> ids() {
        return ids;
    }

    List<NewEvent> events() {
        return events;
    }

    void succeed(Appended outcome) {
        appended = outcome;
    }

    void fail(RuntimeException outcome) {
        failure = outcome;
    }

    /**
     * Where the events stand; null if the guard of the run did not hold, or nobody could tell.
     *
     * @throws RuntimeException what the append failed with
     */
    @Nullable
    Appended outcome() {
        if (failure != null) {
            throw failure;
        }
        return appended;
    }
}

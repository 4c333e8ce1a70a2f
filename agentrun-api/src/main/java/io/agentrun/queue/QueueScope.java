package io.agentrun.queue;

import io.agentrun.check.Require;
import io.agentrun.check.Texts;
import io.agentrun.error.InvalidInputException;
import io.agentrun.model.TenantScope;
import org.jspecify.annotations.Nullable;

/**
 * Which tasks are counted.
 *
 * <p>Immutable.
 *
 * @param scope whose tasks
 * @param queue only those of this queue, null for all queues
 */
public record QueueScope(TenantScope scope, @Nullable String queue) {

    /**
     * Checks and copies what is given.
     *
     * @throws InvalidInputException when a component is missing or out of the bounds stated above
     */
    public QueueScope {
        scope = Require.given("scope", scope);
        queue = Texts.labelOrNull("queue", queue);
    }

    /** Returns the scope of every task. */
    public static QueueScope all() {
        return new QueueScope(TenantScope.all(), null);
    }

    /**
     * Returns the scope of the tasks of one queue, of all tenants.
     *
     * @throws InvalidInputException when the queue is not named by 1 to 200 plain characters
     */
    public static QueueScope inQueue(String queue) {
        return new QueueScope(TenantScope.all(), Require.given("queue", queue));
    }

    /**
     * Returns a copy with another {@code scope}: whose tasks.
     *
     * @throws InvalidInputException when it is missing or out of its bounds
     */
    public QueueScope withScope(TenantScope scope) {
        return new QueueScope(scope, queue);
    }

    /**
     * Returns a copy with another {@code queue}: only those of this queue, null for all queues.
     *
     * @throws InvalidInputException when it is out of its bounds
     */
    public QueueScope withQueue(@Nullable String queue) {
        return new QueueScope(scope, queue);
    }
}

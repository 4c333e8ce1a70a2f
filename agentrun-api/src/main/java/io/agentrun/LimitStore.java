package io.agentrun;

import io.agentrun.limit.Limit;
import io.agentrun.limit.LimitHolder;
import io.agentrun.limit.LimitKey;
import io.agentrun.limit.LimitKind;
import io.agentrun.model.Page;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The limits of the queue: at most so many attempts at once, or so many starts in a period, for each queue, lane, tenant, project or
 * value of a limit label.
 *
 * <p>A limit counts attempts that the store dispatches, from the dispatch to the end of their run, in the same transactions: it is never
 * exceeded, also by a host that dies, whose attempts count until recovery ends them. A run that is given back, or recovered for another
 * try, keeps counting. Runs without a task and attempts that a host reports itself are not counted. A task of which one limit is full
 * waits, and others go before it.
 *
 * <p>Limits are stored, for all hosts at once, and hold from the moment they are set; no process keeps a copy. They have no owner: a tenant
 * view refuses every operation here ({@code TenantPolicyException}), and takes in it obey them.
 *
 * <p>Thread-safe.
 */
public interface LimitStore {

    /**
     * Sets a limit, in place of the one with its key and kind.
     *
     * <p>Attempts that are under way count from the start towards a limit of what runs at once. If they are more than it allows they go on,
     * and nothing new begins before fewer are left than it allows. A limit of starts counts from when one was first set for the key.
     *
     * <p>Dispatches, takes and ends of runs that are under way come first, and those that begin meanwhile wait for it: set limits seldom. In
     * a transaction of the host they wait until that commits.
     *
     * @return the limit
     * @throws io.agentrun.error.InvalidInputException when it is null
     */
    Limit set(Limit limit);

    /**
     * Returns the limit that was set with exactly this key; empty without one. A value that has none of its own obeys the one for each
     * value.
     *
     * @throws io.agentrun.error.InvalidInputException when an argument is null
     */
    Optional<Limit> get(LimitKey key, LimitKind kind);

    /**
     * Returns all limits, by key and kind.
     *
     * @param cursor where to go on, from the page before; null for the first page
     * @param limit how many at most, from 1 to the store's largest page
     * @throws io.agentrun.error.InvalidInputException when the cursor is none of this list, or the number is out of its bounds
     */
    Page<Limit> list(@Nullable String cursor, int limit);

    /**
     * Removes the limit with exactly this key and kind. What it held back is free at once, unless another limit holds it.
     *
     * @return whether there was one
     * @throws io.agentrun.error.InvalidInputException when an argument is null
     */
    boolean remove(LimitKey key, LimitKind kind);

    /**
     * Returns the attempts that count for one value towards its limit of what runs at once, the longest counted first; more than the
     * limit allows if it was lowered.
     *
     * @param value the key of one value, such as {@code LimitKey.tenant("acme")}, whether the limit was set for it or for each value
     * @throws io.agentrun.error.InvalidInputException when it is null or stands for each value
     */
    List<LimitHolder> holders(LimitKey value);
}

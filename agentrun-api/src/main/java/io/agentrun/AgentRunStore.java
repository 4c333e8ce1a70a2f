package io.agentrun;

import io.agentrun.model.TenantScope;
import io.agentrun.model.Upkeep;

/**
 * Keeps the state of coding-agent work, in nine parts, and tells why it does not move.
 *
 * <p>A host creates runs (or queue tasks that become runs), runners hold them under lease, commands go in and events come
 * out, and sessions tie the runs of one conversation together. Every operation is atomic: it happens as a whole, with
 * the events that it writes, or not at all. Of several calls at the same moment each sees the others' whole effect or
 * none of it.
 *
 * <p>Every operation of every part checks in this order: the input ({@code InvalidInputException}), existence and tenant
 * ({@code NotFoundException}, {@code TenantPolicyException}), the replay of a known idempotency key, the fence
 * ({@code LeaseConflictException}), the end ({@code AlreadyTerminalException}, or the stored record where the operation
 * says so), the state. The earliest that fails is the one that is thrown. A null where none is allowed is an
 * {@code InvalidInputException} that names the parameter.
 *
 * <p>Every operation may throw {@code StoreClosedException} once the store is closed, and
 * {@code StoreUnavailableException} when the store cannot be reached; the parts do not repeat it. All times come from the
 * store's own clock, in microseconds; no operation takes the caller's time.
 *
 * <p>Thread-safe.
 */
public interface AgentRunStore extends AutoCloseable {

    /** Returns the runs: create, get, list, finish, cancel, purge. The same object every time. */
    RunStore runs();

    /** Returns the leases: which runner holds which run, and what happens when one is lost. The same object every time. */
    LeaseStore leases();

    /** Returns the commands: turns, steers and interrupts that go into a run. The same object every time. */
    CommandStore commands();

    /** Returns the events: what comes out of a run. The same object every time. */
    EventStore events();

    /** Returns the runners, the jobs that were started for them, and the backends. The same object every time. */
    RunnerStore runners();

    /** Returns the sessions: conversations over any number of runs. The same object every time. */
    SessionStore sessions();

    /** Returns the storage of sessions: the volume that keeps a session's files between runs. The same object every time. */
    StorageStore storage();

    /** Returns the queue: tasks that wait for a run. The same object every time. */
    QueueStore queue();

    /** Returns the questions: what agents ask people in the middle of a turn. The same object every time. */
    QuestionStore questions();

    /** Returns the schedules: rules by which tasks are created again and again. The same object every time. */
    ScheduleStore schedules();

    /** Returns the explanations: why a task, run, command or session does not move. The same object every time. */
    InspectStore inspect();

    /**
     * Returns a tenant view: this store for the records of one tenant or project, for a host that gets ids from its users.
     *
     * <ul>
     *   <li>A run, command, session or task of another owner does not exist in it: every operation that names one answers
     *       as for an id that nobody has ({@code NotFoundException}, or nothing where the operation says so), and changes
     *       nothing.
     *   <li>Every scope that is given to an operation is intersected with the scope of the view; where they have nothing in
     *       common, the answer is empty. Cursors are those of the intersected scope. Claims, dispatches, recovery, purge and
     *       the collection of storage take what is in the scope, and nothing else.
     *   <li>A new record for another owner is refused ({@code TenantPolicyException}), and so is the id of a session that
     *       another owner has: that a session id is taken is the one thing that a view tells of others.
     *   <li>What has no owner, runners and backends, is refused ({@code TenantPolicyException}). Jobs have the owner of
     *       their run.
     * </ul>
     *
     * <p>A view of a view shows what both include, perhaps nothing. The view of {@link TenantScope#all()} is this store.
     * Closing a view does nothing; it ends with the store that it is a view of. An operation costs no statement more in a view than without.
     * Views are cheap: make one for each request. Waiting calls work in a view too.
     *
     * @throws io.agentrun.error.InvalidInputException if the scope is null
     */
    AgentRunStore within(TenantScope scope);

    /**
     * Does what a store must do now and then, whoever uses it: bounded steps, each at most one transaction of a few rows. Call it
     * about once a minute from any number of hosts; what another host did within the last minute is not done again. A store
     * to which nobody does it loses nothing: after a failover its feeds are read from the start, and questions whose time is over stay
     * open, though nobody can answer them.
     *
     * <p>It notes how far the change feeds have come, and ends open questions whose time is over, the longest over first, at most 500. One
     * that cannot be ended now, because another transaction has its run locked or a record cannot be read, stops no other.
     */
    Upkeep upkeep();

    /**
     * Returns how the store is, now: whether it can be reached and whether its schema is the one that this library needs.
     * It never throws for a store that is unreachable or closed but says so in the answer, in a bounded time.
     */
    StoreHealth health();

    /**
     * Closes the store: calls that wait, and every later call but {@link #health()}, end with
     * {@code StoreClosedException}; calls that are at work finish first. What the host lent to the store (a data source,
     * a connection) stays open. A second call does nothing.
     */
    @Override
    void close();
}

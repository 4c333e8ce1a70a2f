package io.agentrun.backend;

import io.agentrun.StoreHealth;
import io.agentrun.model.TenantScope;
import io.agentrun.model.Upkeep;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A database as the engine needs it: transactions, reads, waiting, health; and, where it pays, whole operations as one
 * statement.
 *
 * <p>Every method but {@link #health} and {@link #close} throws {@code StoreClosedException} once the backend is closed, and
 * {@code StoreUnavailableException} when the database fails; both leave nothing half-written.
 *
 * <p>Thread-safe.
 */
public interface StoreBackend extends AutoCloseable {

    /** How long {@link #await} waits before it looks again, unless it is overridden. */
    long POLL_NANOS = 10_000_000;

    /**
     * Runs a step as one transaction: everything that it writes, or nothing if it throws.
     *
     * <p>The step may run several times (after a deadlock, after losing a race) and on another thread; only the answer of the
     * last run leaves. It touches nothing but its {@code StoreTx}. Who waits for what it changed is woken after the commit.
     */
    <T extends @Nullable Object> T write(Function<StoreTx, T> step);

    /**
     * Reads without a lock. The look calls one method of {@code StoreReads}, whose answer is of one moment. A default method of
     * {@code StoreReads} makes several reads: a backend that does not override it has to run them in one snapshot.
     */
    <T extends @Nullable Object> T read(Function<StoreReads, T> look);

    /**
     * Looks until there is something to see, the timeout is over or the thread is interrupted (its flag is kept). In between it
     * holds no connection, and looks again when a commit signals, and every now and then by itself. Unless overridden, it looks
     * every 10 milliseconds, which needs no signals.
     *
     * @param signal what the look depends on
     * @param timeout zero looks once
     * @param look returns null while there is nothing to see
     * @return what was seen, or null
     */
    default <T> @Nullable T await(Signal signal, Duration timeout, Function<StoreReads, @Nullable T> look) {
        long deadline = System.nanoTime() + timeout.toNanos();
        while (true) {
            T seen = read(look);
            long left = deadline - System.nanoTime();
            if (seen != null || left <= 0 || Thread.currentThread().isInterrupted()) {
                return seen;
            }
            LockSupport.parkNanos(Math.min(left, POLL_NANOS));
        }
    }

    /**
     * Looks as {@link #await} does, for many runs. A backend that gives no signals, and looks often by itself, need not override it.
     *
     * @param interest is told each signal, and wakes the call when there is something else to look at
     */
    default <T> @Nullable T awaitAny(Interest interest, Duration timeout, Function<StoreReads, @Nullable T> look) {
        return await(Signal.tasks(), timeout, reads -> {
            interest.unsure();
            return look.apply(reads);
        });
    }

    /**
     * Returns what carries out the step for its callers, who may call it at the same time. A backend may let callers that meet share
     * a transaction, without a delay for one that is alone; unless overridden, each has its own.
     */
    default <I, T> Function<I, T> sharing(SharedStep<I, T> step) {
        return input -> write(tx -> step.alone(tx, input));
    }

    /** Returns how the database is; never throws for one that is closed or cannot be reached. */
    StoreHealth health();

    /** Does what {@code AgentRunStore.upkeep} promises; a backend has nothing to do unless it overrides this. */
    default Upkeep upkeep() {
        return read(reads -> Upkeep.NOTHING);
    }

    /** Ends what waits, lets finish what is at work, and refuses what follows. A second call does nothing. */
    @Override
    void close();

    /** Returns the operations that this backend does in one statement; none unless overridden. */
    default Shortcuts shortcuts() {
        return Shortcuts.NONE;
    }

    /**
     * Returns this backend for a tenant view, if it can check the owner in its own queries. What it answers without an owner
     * (heads of runs, the runs of a task, commands, events, deliverable commands, traces, jobs, read marks, the end of a command, the lane of a
     * turn) is then of runs, sessions and tasks in the scope alone, and of any other as if that did not exist; its shortcuts
     * act on records in the scope alone, and are refused for others. What it answers with the owner it need not check: the
     * engine does.
     *
     * <p>Empty unless overridden: the engine then reads the owner before each of these, and uses no shortcuts in a view.
     */
    default Optional<StoreBackend> within(TenantScope scope) {
        return Optional.empty();
    }

    /**
     * Returns whether {@link #write} commits; false for a backend that is bound to a transaction of the host, which keeps its
     * locks after a step.
     */
    default boolean commitsSteps() {
        return true;
    }
}

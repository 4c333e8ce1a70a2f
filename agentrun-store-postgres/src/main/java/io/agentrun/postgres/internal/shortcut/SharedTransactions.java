package io.agentrun.postgres.internal.shortcut;

import io.agentrun.backend.Attempt;
import io.agentrun.backend.SharedStep;
import io.agentrun.backend.StoreBackend;
import io.agentrun.error.StoreUnavailableException;
import io.agentrun.error.StoreUnavailableException.Reason;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * Whole steps of callers who meet, in one transaction: group commit of what is more than one statement. There are no savepoints: a
 * statement that the server refuses, or a row that cannot be read, rolls all of them back, and each is carried out alone.
 *
 * <p>Thread-safe.
 */
public final class SharedTransactions<I, T> implements GroupCommit.Operation<I, T> {

    /** Bounds how long the first of them waits for the last one, and how many rows are locked at once. */
    private static final int MOST = 32;

    /** A transaction of large inputs has fewer of them: no more than about 8 MiB in all. */
    private static final long BYTES_OF_WEIGHT = 8L * 1024 * 1024 / GroupQueue.MAX_BATCH_WEIGHT;

    /** Failures after which nothing was done, and which one of them may have caused. */
    private static final Set<Reason> UNDONE =
            Set.of(Reason.INTERNAL, Reason.CORRUPT, Reason.CONFLICT, Reason.LOCK_TIMEOUT);

    private final StoreBackend backend;
    private final SharedStep<I, T> step;

    private SharedTransactions(StoreBackend backend, SharedStep<I, T> step) {
        this.backend = backend;
        this.step = step;
    }

    /** Returns what carries out the step for its callers. */
    public static <I, T> Function<I, T> of(StoreBackend backend, SharedStep<I, T> step) {
        GroupCommit<I, T> group = new GroupCommit<>(new SharedTransactions<>(backend, step));
        return input -> {
            if (group.execute(input) instanceof Attempt.Done<T> done) {
                return done.value();
            }
            throw new IllegalStateException("a step that was carried out alone has no answer");
        };
    }

    /** Nearly all of a transaction is work of the server, so that two small ones at once cost more than one large one. */
    @Override
    public int maxInFlight() {
        return 1;
    }

    @Override
    public String key(I input) {
        return step.key(input);
    }

    @Override
    public int weight(I input) {
        return weight(step.bytes(input));
    }

    @Override
    public long bytes(I input) {
        return step.bytes(input);
    }

    @Override
    public Attempt<T> executeAlone(I input) {
        return Attempt.done(backend.write(tx -> step.alone(tx, input)));
    }

    @Override
    public void executeCombined(List<Waiter<I, T>> batch) {
        List<I> inputs = batch.stream().map(Waiter::input).toList();
        List<Attempt<T>> attempts = unlessUndone(List.of(), () -> backend.write(tx -> step.together(tx, inputs)));
        for (int i = 0; i < attempts.size(); i++) {
            batch.get(i).settle(attempts.get(i));
        }
    }

    /** Returns what was done for several callers; or nothing, after a failure that one of them may have caused: all stay contended then. */
    static <R> R unlessUndone(R nothing, Supplier<R> work) {
        try {
            return work.get();
        } catch (StoreUnavailableException e) {
            if (UNDONE.contains(e.reason())) {
                return nothing;
            }
            throw e;
        }
    }

    /** Returns the weight of an input with so many bytes: at most {@value #MOST} are together, and fewer that are large. */
    static int weight(long bytes) {
        return GroupQueue.MAX_BATCH_WEIGHT / MOST
                + (int) Math.min(GroupQueue.MAX_BATCH_WEIGHT, bytes / BYTES_OF_WEIGHT);
    }
}

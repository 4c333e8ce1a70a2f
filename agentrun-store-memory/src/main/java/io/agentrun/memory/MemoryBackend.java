package io.agentrun.memory;

import io.agentrun.StoreHealth;
import io.agentrun.backend.Entry;
import io.agentrun.backend.Interest;
import io.agentrun.backend.Signal;
import io.agentrun.backend.StartingBackends;
import io.agentrun.backend.StoreBackend;
import io.agentrun.backend.StoreReads;
import io.agentrun.backend.StoreTx;
import io.agentrun.error.StoreClosedException;
import io.agentrun.error.StoreUnavailableException;
import io.agentrun.rules.RunnerRules;
import io.agentrun.runner.NewBackend;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** One user of a state in memory: its own open or closed, the data of all. Thread-safe. */
final class MemoryBackend implements StoreBackend {

    private final StepExecutor executor;
    private final String adapter;
    private final AtomicBoolean closed = new AtomicBoolean();
    private final Runnable requireOpen = this::requireOpen;

    MemoryBackend(StepExecutor executor, String adapter) {
        this.executor = executor;
        this.adapter = adapter;
        executor.enter();
    }

    /** Adds the starting backends that the state does not know; what a file has kept stays. */
    void seed() {
        write(tx -> {
            for (NewBackend backend : StartingBackends.all()) {
                boolean known = tx.backends().stream()
                        .anyMatch(stored -> stored.profile().equals(backend.profile()));
                if (!known) {
                    tx.put(new Entry.OfBackend(RunnerRules.backend(backend, tx.now())));
                }
            }
            return true;
        });
    }

    /** Returns another user of the same state. */
    MemoryBackend sibling() {
        requireOpen();
        return new MemoryBackend(executor, adapter);
    }

    private void requireOpen() {
        if (closed.get()) {
            throw new StoreClosedException();
        }
    }

    @Override
    public <T extends @Nullable Object> T write(Function<StoreTx, T> step) {
        return executor.write(requireOpen, step);
    }

    @Override
    public <T extends @Nullable Object> T read(Function<StoreReads, T> look) {
        return executor.read(requireOpen, look);
    }

    @Override
    public <T> @Nullable T await(Signal signal, Duration timeout, Function<StoreReads, @Nullable T> look) {
        return executor.await(requireOpen, signal, timeout.toNanos(), look);
    }

    @Override
    public <T> @Nullable T awaitAny(Interest interest, Duration timeout, Function<StoreReads, @Nullable T> look) {
        return executor.awaitAny(requireOpen, interest, timeout.toNanos(), look);
    }

    @Override
    public StoreHealth health() {
        if (closed.get()) {
            return StoreHealth.unreachable(adapter, "the store is closed");
        }
        try {
            return new StoreHealth(adapter, true, true, true, null, null, executor.problem());
        } catch (StoreUnavailableException e) {
            return StoreHealth.unreachable(adapter, String.valueOf(e.getMessage()));
        }
    }

    /** Returns all that the state holds, in no particular order, closed or not: for tests. */
    List<Write> contents() {
        return executor.contents();
    }

    @Override
    public void close() {
        if (!closed.getAndSet(true)) {
            executor.leave();
        }
    }
}

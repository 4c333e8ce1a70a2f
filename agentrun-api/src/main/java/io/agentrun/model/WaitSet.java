package io.agentrun.model;

import io.agentrun.check.Require;
import io.agentrun.check.Texts;
import io.agentrun.error.InvalidInputException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

/**
 * The runs that one call waits for, each with what its caller has seen of it. It may be changed while the call waits: the call looks
 * again then. What is answered stays news until the caller puts what it has seen, or removes the run.
 *
 * <p>One call at a time waits with a set. Thread-safe.
 *
 * @param <S> what a caller has seen of a run
 */
public final class WaitSet<S> {

    private final Map<String, S> entries = new ConcurrentHashMap<>();
    private final List<Consumer<String>> listeners = new CopyOnWriteArrayList<>();
    private final AtomicBoolean woken = new AtomicBoolean();
    private final Object lock = new Object();

    private WaitSet() {}

    /** Returns a set without a run. */
    public static <S> WaitSet<S> create() {
        return new WaitSet<>();
    }

    /**
     * Adds the run, or replaces what was seen of it.
     *
     * @throws InvalidInputException if the id breaks the rule for ids, the second parameter is null, or the set would have more than
     *     1,000 runs
     */
    public void put(String runId, S seen) {
        Texts.id("runId", runId);
        Require.given("seen", seen);
        synchronized (lock) {
            if (entries.size() >= Limits.MAX_CALL_ITEMS && !entries.containsKey(runId)) {
                throw new InvalidInputException("waits", "must not be more than " + Limits.MAX_CALL_ITEMS);
            }
            entries.put(runId, seen);
        }
        listeners.forEach(listener -> listener.accept(runId));
    }

    /** Takes the run out, if it is in the set. */
    public void remove(String runId) {
        entries.remove(Texts.id("runId", runId));
    }

    /** Lets the waiting call return at once, with nothing; the next call, if none waits now. */
    public void wake() {
        woken.set(true);
        listeners.forEach(listener -> listener.accept(""));
    }

    /** Returns a copy of what is in the set. */
    public Map<String, S> entries() {
        return Map.copyOf(entries);
    }

    /** Returns whether the run is in the set. */
    public boolean contains(String runId) {
        return entries.containsKey(runId);
    }

    /** Returns whether {@link #wake} was called, and forgets it; for authors of stores. */
    public boolean takeWake() {
        return woken.getAndSet(false);
    }

    /**
     * Calls the listener with the id of each run that is put, and with an empty text at each {@link #wake}; for authors of stores.
     *
     * @return what ends that
     */
    public Runnable onChange(Consumer<String> listener) {
        listeners.add(Require.given("listener", listener));
        return () -> listeners.remove(listener);
    }
}

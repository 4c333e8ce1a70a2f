package io.agentrun.engine;

import io.agentrun.backend.Interest;
import io.agentrun.backend.Signal;
import io.agentrun.backend.StoreReads;
import io.agentrun.engine.report.Failures;
import io.agentrun.error.StoreUnavailableException;
import io.agentrun.model.ItemAnswer;
import io.agentrun.model.WaitSet;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/**
 * One call that waits for many runs (G-11). It looks at the runs that a signal named, and at all of them at first, every second, and
 * whenever signals may have been lost.
 *
 * @param <S> what the caller has seen of a run
 * @param <A> what it is answered
 */
final class Waits<S, A> implements Interest {

    private static final long FULL_LOOK_NANOS = 1_000_000_000;

    private final WaitSet<S> set;
    private final char kind;
    private final BiFunction<StoreReads, Map<String, S>, Map<String, ItemAnswer<A>>> news;
    private final Map<Signal, Set<String>> named = new ConcurrentHashMap<>();
    private final Set<String> signalled = ConcurrentHashMap.newKeySet();
    private volatile boolean unsure = true;
    private long lastFullLook;

    /**
     * @param kind the kind of the signals, as {@link Signal#of} has it
     * @param news reads what is new to the caller; what is not is left out
     */
    Waits(WaitSet<S> set, char kind, BiFunction<StoreReads, Map<String, S>, Map<String, ItemAnswer<A>>> news) {
        this.set = set;
        this.kind = kind;
        this.news = news;
    }

    @Override
    public boolean includes(Signal signal) {
        Set<String> runIds = named.getOrDefault(signal, Set.of());
        boolean any = false;
        for (String runId : runIds) {
            any |= set.contains(runId) && signalled.add(runId);
        }
        return any;
    }

    @Override
    public void unsure() {
        unsure = true;
    }

    @Override
    public Runnable attach(Runnable wake) {
        Runnable detach = set.onChange(runId -> {
            if (!runId.isEmpty()) {
                name(runId);
                signalled.add(runId);
            }
            wake.run();
        });
        set.entries().keySet().forEach(this::name);
        return detach;
    }

    private void name(String runId) {
        named.computeIfAbsent(Signal.of(kind, runId), signal -> ConcurrentHashMap.newKeySet())
                .add(runId);
    }

    /** Returns the news, null while there is none; nothing if the caller was woken. */
    @Nullable
    Map<String, ItemAnswer<A>> look(StoreReads reads) {
        if (set.takeWake()) {
            return Map.of();
        }
        Map<String, S> due = due();
        if (due.isEmpty()) {
            return null;
        }
        try {
            Map<String, ItemAnswer<A>> found = read(reads, due);
            return found.isEmpty() ? null : found;
        } catch (RuntimeException failed) {
            unsure = true;
            throw failed;
        }
    }

    /** Reads what is new of all at once; if a record of one cannot be read, of each alone, and this one is refused. */
    private Map<String, ItemAnswer<A>> read(StoreReads reads, Map<String, S> due) {
        try {
            return news.apply(reads, due);
        } catch (StoreUnavailableException e) {
            if (!Failures.isUnreadable(e)) {
                throw e;
            }
        }
        Map<String, ItemAnswer<A>> found = new HashMap<>();
        due.forEach((runId, seen) -> found.putAll(readOne(reads, runId, seen)));
        return found;
    }

    private Map<String, ItemAnswer<A>> readOne(StoreReads reads, String runId, S seen) {
        try {
            return news.apply(reads, Map.of(runId, seen));
        } catch (StoreUnavailableException e) {
            if (Failures.isUnreadable(e)) {
                return Map.of(runId, ItemAnswer.refused(e));
            }
            throw e;
        }
    }

    private Map<String, S> due() {
        long now = System.nanoTime();
        if (unsure || now - lastFullLook >= FULL_LOOK_NANOS) {
            unsure = false;
            lastFullLook = now;
            signalled.clear();
            return set.entries();
        }
        Map<String, S> all = set.entries();
        Map<String, S> due = new HashMap<>();
        for (String runId : Set.copyOf(signalled)) {
            signalled.remove(runId);
            S seen = all.get(runId);
            if (seen != null) {
                due.put(runId, seen);
            }
        }
        return due;
    }
}

package io.agentrun.worker;

import io.agentrun.command.SeenCommands;
import io.agentrun.lease.Fence;
import io.agentrun.model.WaitSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * The runs that a worker waits for news of, and what was seen of each. A run is in the wait set while its agent works: not when its
 * turn is about to end, because its own end would be the news.
 *
 * <p>Thread-safe.
 */
final class HeardRuns {

    private final WaitSet<SeenCommands> waits = WaitSet.create();
    private final Object lock = new Object();
    private final Map<String, SeenCommands> seen = new HashMap<>();
    private final Set<String> ending = new HashSet<>();

    /** Returns what a call for news waits with. */
    WaitSet<SeenCommands> waits() {
        return waits;
    }

    /** Adds a run; nobody waits for it before {@link #listen}. */
    void hold(Fence fence) {
        synchronized (lock) {
            seen.put(fence.runId(), SeenCommands.nothing(fence));
        }
    }

    /** Waits for the run from now on, unless it is held no more or its turn is about to end. */
    void listen(String runId) {
        synchronized (lock) {
            SeenCommands known = seen.get(runId);
            if (known != null && !ending.contains(runId)) {
                waits.put(runId, known);
            }
        }
    }

    /** Waits no more for the run, whose turn is about to end. */
    void ending(String runId) {
        synchronized (lock) {
            if (seen.containsKey(runId)) {
                ending.add(runId);
                waits.remove(runId);
            }
        }
    }

    /** Waits again for the run, which goes on with another turn. */
    void goesOn(String runId) {
        synchronized (lock) {
            ending.remove(runId);
            listen(runId);
        }
    }

    /** Returns what was seen of the run; nothing of one that is not held. */
    Set<String> commandIds(String runId) {
        synchronized (lock) {
            SeenCommands known = seen.get(runId);
            return known == null ? Set.of() : known.commandIds();
        }
    }

    /** Notes what was seen of the run. */
    void saw(SeenCommands now) {
        String runId = now.fence().runId();
        synchronized (lock) {
            if (seen.replace(runId, now) != null) {
                listen(runId);
            }
        }
    }

    /** Drops the run. */
    void forget(String runId) {
        synchronized (lock) {
            seen.remove(runId);
            ending.remove(runId);
            waits.remove(runId);
        }
    }
}

package io.agentrun.k8s.job;

import io.agentrun.lease.ExpiredLease;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;

/**
 * In which order expired leases are examined: first come, first served, and what could not be settled goes to the end, so
 * that a few that have to wait for long never keep the others from their turn.
 *
 * <p>Thread-safe.
 */
final class Turns {

    private static final int MAX_QUEUE = 10_000;

    private final Object lock = new Object();
    private final LinkedHashSet<String> queue = new LinkedHashSet<>();

    /** Returns how many leases must be listed so that those behind the ones that are examined now are seen too. */
    int reach(int limit) {
        synchronized (lock) {
            return (int) Math.min(2L * limit + queue.size(), Integer.MAX_VALUE);
        }
    }

    /** Returns the next ones, at most so many, and puts them at the end of the queue. */
    List<ExpiredLease> next(List<ExpiredLease> all, int limit) {
        Map<String, ExpiredLease> byRun = new HashMap<>();
        synchronized (lock) {
            for (ExpiredLease expired : all) {
                byRun.put(expired.runId(), expired);
                if (queue.size() < MAX_QUEUE) {
                    queue.add(expired.runId());
                }
            }
            // What is not listed any more has been settled by others.
            queue.retainAll(byRun.keySet());
            List<ExpiredLease> next = new ArrayList<>();
            for (String runId : List.copyOf(queue)) {
                ExpiredLease expired = byRun.get(runId);
                if (next.size() < limit && expired != null) {
                    next.add(expired);
                    queue.remove(runId);
                    queue.add(runId);
                }
            }
            return next;
        }
    }

    /** Notes that the run needs no turn any more. */
    void settled(String runId) {
        synchronized (lock) {
            queue.remove(runId);
        }
    }
}

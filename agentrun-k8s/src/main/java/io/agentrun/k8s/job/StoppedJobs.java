package io.agentrun.k8s.job;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The Jobs that were stopped by this process: their pods are known by their owner after the Jobs are gone.
 *
 * <p>Thread-safe.
 */
final class StoppedJobs {

    private static final int MAX = 10_000;

    private final Object lock = new Object();
    private final Map<String, String> runsByUid = new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, String> eldest) {
            return size() > MAX;
        }
    };

    void add(String runId, String uid) {
        synchronized (lock) {
            runsByUid.put(uid, runId);
        }
    }

    Set<String> uidsOf(String runId) {
        synchronized (lock) {
            return runsByUid.entrySet().stream()
                    .filter(entry -> entry.getValue().equals(runId))
                    .map(Map.Entry::getKey)
                    .collect(Collectors.toSet());
        }
    }
}

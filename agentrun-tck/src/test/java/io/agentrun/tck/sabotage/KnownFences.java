package io.agentrun.tck.sabotage;

import io.agentrun.lease.ClaimRequest;
import io.agentrun.lease.Fence;
import io.agentrun.lease.RunLease;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** The fences of the latest claims of both instances, for stores that give away what only the claimer may have. */
final class KnownFences {

    private final Map<String, RunLease> latest = new ConcurrentHashMap<>();

    /** Remembers every claim of this instance. */
    void listen(PassingStore store) {
        store.leases = new PassingLeases(store.leases) {
            @Override
            public RunLease claim(String runId, String runnerId, Duration lease) {
                return remember(real.claim(runId, runnerId, lease));
            }

            @Override
            public Optional<RunLease> claimNext(ClaimRequest request) {
                return real.claimNext(request).map(KnownFences.this::remember);
            }
        };
    }

    private RunLease remember(RunLease lease) {
        latest.merge(
                lease.fence().runId(),
                lease,
                (old, next) -> next.fence().epoch() > old.fence().epoch() ? next : old);
        return lease;
    }

    Optional<RunLease> lease(String runId) {
        return Optional.ofNullable(latest.get(runId));
    }

    /** The fence of the run's latest claim, whoever asks. */
    Fence current(Fence given) {
        return lease(given.runId()).map(RunLease::fence).orElse(given);
    }

    /** The fence of the run's latest claim, if the given one says the same of itself, whatever its token is. */
    Fence ofTheSame(Fence given) {
        Fence known = current(given);
        return known.epoch() == given.epoch() && known.runnerId().equals(given.runnerId()) ? known : given;
    }
}

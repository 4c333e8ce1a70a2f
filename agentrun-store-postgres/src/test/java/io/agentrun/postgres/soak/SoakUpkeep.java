package io.agentrun.postgres.soak;

import io.agentrun.AgentRunStore;
import io.agentrun.lease.ExpiredQuery;
import io.agentrun.lease.Recovery;
import io.agentrun.lease.RecoveryOutcome;
import io.agentrun.model.TenantScope;
import io.agentrun.postgres.soak.Fact.Kind;
import io.agentrun.run.PurgeRequest;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/**
 * What a host calls from time to time: recovery of expired leases, the purge of one project's old runs, the marks of the feeds.
 *
 * <p>Not thread-safe: one thread at a time.
 */
final class SoakUpkeep implements Runnable {

    private static final long PAUSE_NANOS = 500_000_000;
    private static final Duration KEPT = Duration.ofSeconds(4);

    private final AgentRunStore store;
    private final SoakCalls calls;

    SoakUpkeep(AgentRunStore store, SoakCalls calls) {
        this.store = store;
        this.calls = calls;
    }

    @Override
    public void run() {
        calls.live(() -> {
            recover();
            purge();
            calls.once(store::upkeep);
            LockSupport.parkNanos(PAUSE_NANOS);
        });
    }

    /** Recovers what has expired, and says how much it found. */
    int recover() {
        var recovered = calls.once(() -> store.leases()
                        .recoverExpired(ExpiredQuery.in(TenantScope.all()).withLimit(100)))
                .orElseGet(List::of);
        for (Recovery each : recovered) {
            if (each.outcome() != RecoveryOutcome.PASSED_OVER) {
                calls.write(Kind.RECOVERED, each.runId(), each.outcome().wire());
            }
        }
        return recovered.size();
    }

    private void purge() {
        TenantScope purged = TenantScope.project(SoakLife.PURGED.tenantId(), SoakLife.PURGED.projectId());
        calls.once(() -> store.runs().purge(PurgeRequest.olderThan(KEPT).withScope(purged)))
                .filter(result -> result.purged() > 0)
                .ifPresent(result -> calls.write(Kind.PURGED, result.purged()));
    }
}

package io.agentrun.k8s.storage;

import io.agentrun.AgentRunStore;
import io.agentrun.check.Require;
import io.agentrun.error.AgentRunException;
import io.agentrun.k8s.kubectl.KubectlHandler;
import io.agentrun.session.StorageClaim;
import io.agentrun.storage.StorageClaimRequest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;

/**
 * Takes away the volumes of sessions whose time is over, and ends evictions that were begun. It serves any number of
 * replicas: the store lends each session to one collector at a time.
 *
 * <p>A session that is in use is never evicted: the store refuses it while a run has not ended, its expiry is looked at
 * again when its eviction is committed, a young Job or a pod of this instance keeps it, and a claim is deleted by its uid
 * alone. While somebody else's pod mounts the claim, Kubernetes keeps it, on its way out, until that pod is gone.
 * {@code evicted} is committed only after the cluster said that the claim does not exist, and its namespace, with the uid
 * that was remembered when the volume was made, was seen after that.
 *
 * <p>A sweep over n sessions needs at most two calls for each (delete, get), one for each leftover Job, and per batch and
 * namespace twice the namespace and the pages of Jobs and pods; one that finds nothing needs none.
 *
 * <p>Thread-safe; one sweep at a time, a second caller waits.
 */
public final class StorageGc {

    private final Lock oneSweep = new ReentrantLock();
    private final AgentRunStore store;
    private final KubectlHandler kubectl;
    private final SessionVolumeOptions volumes;
    private final StorageGcOptions options;
    private final Namespaces namespaces;
    private final LongSupplier nanoTime;

    /** Makes a collector; neither store nor cluster is asked before the first sweep. */
    public StorageGc(
            AgentRunStore store, KubectlHandler kubectl, SessionVolumeOptions volumes, StorageGcOptions options) {
        this(store, kubectl, volumes, options, System::nanoTime);
    }

    /** Makes a collector that measures the time of a sweep by another clock than {@link System#nanoTime}. */
    StorageGc(
            AgentRunStore store,
            KubectlHandler kubectl,
            SessionVolumeOptions volumes,
            StorageGcOptions options,
            LongSupplier nanoTime) {
        this.store = Require.given("store", store);
        this.kubectl = Require.given("kubectl", kubectl);
        this.volumes = Require.given("volumes", volumes);
        this.options = Require.given("options", options);
        this.nanoTime = nanoTime;
        this.namespaces = new Namespaces(this.kubectl, volumes.namespaceUids());
    }

    /**
     * Evicts everything that is due: afterwards it is evicted, or is on its way, or stands in the report with what is in
     * the way. It never throws for what store or cluster do; a second call goes on with what is left.
     */
    public SweepReport sweep() {
        oneSweep.lock();
        try {
            return sweepAlone();
        } finally {
            oneSweep.unlock();
        }
    }

    private SweepReport sweepAlone() {
        long start = nanoTime.getAsLong();
        List<Eviction> evictions = new ArrayList<>();
        List<String> problems = new ArrayList<>();
        List<StorageClaim> taken = new ArrayList<>();
        ExecutorService pool = Executors.newFixedThreadPool(options.parallelism(), StorageGc::worker);
        boolean more = false;
        try {
            List<StorageClaim> batch = take(0, 0);
            for (int number = 1; !batch.isEmpty(); number++) {
                taken.addAll(batch);
                evictions.addAll(batch(pool, start, batch, problems));
                more = late(start) || taken.size() >= options.maxSessions();
                if (more) {
                    break;
                }
                batch = take(number, taken.size());
            }
        } catch (AgentRunException e) {
            problems.add("the store: " + e.getMessage());
        } finally {
            pool.shutdown();
            problems.addAll(giveBack(taken));
        }
        return new SweepReport(evictions, problems, more, Duration.ofNanos(nanoTime.getAsLong() - start));
    }

    private static Thread worker(Runnable work) {
        Thread thread = new Thread(work, "agentrun-storage-gc");
        thread.setDaemon(true);
        return thread;
    }

    private List<Eviction> batch(ExecutorService pool, long start, List<StorageClaim> batch, List<String> problems) {
        Surroundings around = new Surroundings(kubectl, volumes.names(), namespaces);
        List<Eviction> evictions =
                new SweepBatch(store, kubectl, volumes.names(), options, around, () -> late(start)).run(pool, batch);
        problems.addAll(around.problems());
        return evictions;
    }

    /**
     * Takes the next sessions. Each batch has a collector id of its own, so that what could not be evicted is not offered
     * again to this very sweep, before those that come after it.
     */
    private List<StorageClaim> take(int number, int already) {
        int limit = Math.min(options.batch(), options.maxSessions() - already);
        return store.storage()
                .claimExpired(new StorageClaimRequest(options.scope(), collector(number), options.lease(), limit));
    }

    private String collector(int number) {
        return options.collectorId() + "/" + number;
    }

    private List<String> giveBack(List<StorageClaim> taken) {
        for (StorageClaim claim : taken) {
            try {
                store.storage().releaseClaim(claim.session().id(), claim.collectorId());
            } catch (AgentRunException e) {
                // The leases end by themselves.
                return List.of("the store, giving back what was taken: " + e.getMessage());
            }
        }
        return List.of();
    }

    /** Returns whether the leases of what was taken first are about to end. */
    private boolean late(long start) {
        return nanoTime.getAsLong() - start > options.lease().toNanos() / 10 * 8;
    }
}

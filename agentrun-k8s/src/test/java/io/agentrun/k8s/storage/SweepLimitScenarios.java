package io.agentrun.k8s.storage;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentrun.k8s.apiserver.Scenario;
import io.agentrun.k8s.apiserver.TestJobs;
import io.agentrun.k8s.object.ObjectRef;
import io.agentrun.k8s.storage.Eviction.Outcome;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** How much one sweep takes, how long, and what it leaves for the next one. */
abstract class SweepLimitScenarios extends Scenario {

    private static final Duration LEASE = Duration.ofMinutes(10);

    private StorageGcOptions.Builder sweeping(String collectorId) {
        return StorageGcOptions.builder().collectorId(collectorId).lease(LEASE).clock(clock);
    }

    private StorageGc gc(StorageGcOptions.Builder how) {
        return new StorageGc(store, kubectl(), options, how.build());
    }

    @Test
    void a_sweep_takes_no_more_sessions_than_it_may_also_when_its_batches_do_not_divide_them() {
        for (int i = 0; i < 5; i++) {
            createExpired("s" + i);
        }

        SweepReport report = gc(sweeping("a").batch(2).maxSessions(3)).sweep();

        assertThat(report.count(Outcome.EVICTED)).isEqualTo(3);
        assertThat(report.more()).isTrue();
        assertThat(cluster().claims()).hasSize(2);
    }

    @Test
    void what_a_sweep_could_not_evict_is_free_for_another_collector_at_once() {
        createExpired("s1");
        ObjectRef pod = new ObjectRef("default", "somebody");
        ownPod(pod, claimOf("s1"));
        assertThat(gc(sweeping("a")).sweep().count(Outcome.POD_IN_USE)).isEqualTo(1);
        cluster().removePod(pod);

        assertThat(gc(sweeping("b")).sweep().count(Outcome.EVICTED)).isEqualTo(1);
    }

    @Test
    void a_sweep_takes_no_further_batch_when_its_leases_are_about_to_end() {
        for (int i = 0; i < 3; i++) {
            createExpired("s" + i);
        }
        AtomicLong nanos = new AtomicLong(-1);
        StorageGc slow = new StorageGc(
                store,
                kubectlAfter("listPods", () -> nanos.addAndGet(LEASE.toNanos() * 9 / 10)),
                options,
                sweeping("a").batch(1).build(),
                nanos::get);

        SweepReport report = slow.sweep();

        assertThat(report.evictions()).hasSize(1);
        assertThat(report.count(Outcome.POSTPONED)).isEqualTo(1);
        assertThat(report.more()).isTrue();
        assertThat(gc(sweeping("b")).sweep().count(Outcome.EVICTED)).isEqualTo(3);
    }

    @Test
    void a_pod_that_is_on_its_way_out_holds_up_no_eviction() {
        createExpired("s1");
        ObjectRef job = new ObjectRef("default", "job-1");
        kubectl()
                .createJob(TestJobs.manifest(
                        job, names.sessionLabels("s1"), claimOf("s1").name()));
        cluster().startJob(job);
        cluster().slowDeletions();
        kubectl().deleteJob(job, cluster().jobs().get(0).meta().uid());
        clock.advance(Duration.ofHours(1));
        assertThat(cluster().jobs()).isEmpty();
        assertThat(cluster().pods()).singleElement().matches(pod -> pod.meta().terminating());

        assertThat(gc(sweeping("a")).sweep().count(Outcome.TERMINATING)).isEqualTo(1);

        assertThat(cluster().claim(claimOf("s1")).orElseThrow().meta().terminating())
                .isTrue();
    }
}

package io.agentrun.k8s.storage;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentrun.k8s.apiserver.Interposed;
import io.agentrun.k8s.apiserver.Scenario;
import io.agentrun.k8s.apiserver.Stopper;
import io.agentrun.k8s.apiserver.Stopper.Stopped;
import io.agentrun.k8s.apiserver.TestJobs;
import io.agentrun.k8s.kubectl.KubectlException.Reason;
import io.agentrun.k8s.kubectl.memory.ClusterCall;
import io.agentrun.k8s.kubectl.memory.Fault;
import io.agentrun.k8s.object.ObjectRef;
import io.agentrun.k8s.object.PodState;
import io.agentrun.k8s.storage.Eviction.Outcome;
import io.agentrun.run.Run;
import io.agentrun.session.Expiry;
import io.agentrun.storage.StorageState;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;

/** Sweeps: what they take, what they leave alone, and what happens when they stop half-way. */
abstract class StorageGcScenarios extends Scenario {

    private static final int MANY = 200;
    private static final ObjectRef POD = new ObjectRef("default", "somebody");

    private Eviction only(SweepReport report) {
        assertThat(report.evictions()).hasSize(1);
        return report.evictions().get(0);
    }

    private ObjectRef jobOf(String sessionId, String name) {
        ObjectRef ref = new ObjectRef("default", name);
        Map<String, String> labels = names.sessionLabels(sessionId);
        String claim = claimOf(sessionId).name();
        kubectl().createJob(TestJobs.manifest(ref, labels, claim));
        return ref;
    }

    @Test
    void an_expired_session_is_evicted_and_others_are_not() {
        createExpired("old");
        create("for-ever");
        volumes.create(NewSessionVolume.of(
                upsert("later").expiry(Expiry.at(clock.instant().plus(HOUR))).build()));

        SweepReport report = gc("a").sweep();

        assertThat(only(report)).isEqualTo(new Eviction("old", Outcome.EVICTED, null));
        assertThat(report.sawEverything()).isTrue();
        assertThat(storage("old").state()).isEqualTo(StorageState.EVICTED);
        assertThat(cluster().claims()).hasSize(2);
    }

    @Test
    void a_sweep_that_finds_nothing_needs_no_call() {
        create("for-ever");
        long before = processes();

        SweepReport report = gc("a").sweep();

        assertThat(report.evictions()).isEmpty();
        assertThat(processes()).isEqualTo(before);
    }

    @Test
    void a_large_sweep_needs_two_calls_for_each_session_and_a_few_for_all() {
        // What is counted is the sweep: the claims are made without a process each.
        volumes = new SessionVolumes(store, direct(), options);
        for (int i = 0; i < MANY; i++) {
            createExpired("s" + i);
        }
        ObjectRef leftover = jobOf("s0", "leftover");
        cluster().completeJob(leftover);
        long before = processes();

        SweepReport report = gc("a").sweep();

        long used = processes() - before;
        assertThat(report.count(Outcome.EVICTED)).isEqualTo(MANY);
        assertThat(cluster().claims()).isEmpty();
        assertThat(cluster().jobs()).isEmpty();
        // Namespace twice, one page of Jobs, one of pods; one leftover Job.
        assertThat(used).isLessThanOrEqualTo(2L * MANY + 4 + 1);
    }

    @Test
    void replicas_share_the_work_and_nothing_is_done_twice() throws Exception {
        for (int replicas : List.of(2, 5)) {
            List<String> ids = new ArrayList<>();
            for (int i = 0; i < 12; i++) {
                ids.add("r" + replicas + "-" + i);
                createExpired(ids.get(i));
            }
            cluster().forgetCalls();
            ExecutorService threads = Executors.newFixedThreadPool(replicas);
            CyclicBarrier start = new CyclicBarrier(replicas);
            List<CompletableFuture<SweepReport>> sweeps = new ArrayList<>();
            for (int i = 0; i < replicas; i++) {
                StorageGc gc = new StorageGc(
                        store,
                        kubectl(),
                        options,
                        StorageGcOptions.builder()
                                .collectorId("replica-" + i)
                                .batch(2)
                                .clock(clock)
                                .build());
                sweeps.add(CompletableFuture.supplyAsync(
                        () -> {
                            await(start);
                            return gc.sweep();
                        },
                        threads));
            }

            List<Eviction> all = new ArrayList<>();
            for (CompletableFuture<SweepReport> sweep : sweeps) {
                all.addAll(sweep.get().evictions());
            }
            threads.shutdown();

            assertThat(all).extracting(Eviction::sessionId).containsExactlyInAnyOrderElementsOf(ids);
            assertThat(all).extracting(Eviction::outcome).containsOnly(Outcome.EVICTED);
            Map<String, Integer> deletions = new HashMap<>();
            for (ClusterCall call : cluster().calls()) {
                if (call.verb().equals("delete")) {
                    deletions.merge(String.valueOf(call.name()), 1, Integer::sum);
                }
            }
            assertThat(deletions).hasSize(12);
            assertThat(deletions.values()).containsOnly(1);
        }
    }

    private static void await(CyclicBarrier barrier) {
        try {
            barrier.await();
        } catch (InterruptedException | BrokenBarrierException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void a_session_with_an_open_run_a_waiting_turn_or_a_lease_is_never_evicted() {
        createExpired("open");
        run("open");
        createExpired("waiting");
        turn(run("waiting"));
        turn(run("waiting"));
        createExpired("leased");
        Run leased = run("leased");
        store.leases().claim(leased.id(), "runner", Duration.ofMinutes(1));
        cluster().forgetCalls();

        SweepReport report = gc("a").sweep();

        assertThat(report.evictions()).isEmpty();
        assertThat(cluster().calls()).isEmpty();
        assertThat(cluster().claims()).hasSize(3);
    }

    @Test
    void a_session_that_is_taken_into_use_while_the_sweep_runs_is_left_alone() {
        createExpired("s1");
        StorageGc gc = new StorageGc(
                store,
                new Interposed(kubectl(), () -> run("s1")),
                options,
                StorageGcOptions.builder().collectorId("a").clock(clock).build());

        assertThat(only(gc.sweep()).outcome()).isEqualTo(Outcome.BUSY);

        assertThat(storage("s1").state()).isEqualTo(StorageState.READY);
        assertThat(cluster().claim(claimOf("s1"))).isPresent();
    }

    @Test
    void a_session_whose_expiry_moves_while_the_sweep_runs_is_left_alone() {
        createExpired("s1");
        StorageGc gc = new StorageGc(
                store,
                new Interposed(
                        kubectl(),
                        () -> store.sessions()
                                .upsert(upsert("s1").expiry(Expiry.never()).build())),
                options,
                StorageGcOptions.builder().collectorId("a").clock(clock).build());

        assertThat(only(gc.sweep()).outcome()).isEqualTo(Outcome.NOT_DUE);

        assertThat(storage("s1").state()).isEqualTo(StorageState.READY);
        assertThat(cluster().claim(claimOf("s1"))).isPresent();
    }

    @Test
    void a_young_job_keeps_its_session_and_an_old_one_goes_with_it() {
        createExpired("s1");
        ObjectRef job = jobOf("s1", "job-1");
        cluster().startJob(job);

        assertThat(only(gc("a").sweep()).outcome()).isEqualTo(Outcome.YOUNG_JOB);
        assertThat(storage("s1").state()).isEqualTo(StorageState.READY);

        clock.advance(Duration.ofMinutes(11));
        assertThat(only(gc("a").sweep()).outcome()).isEqualTo(Outcome.EVICTED);
        assertThat(cluster().jobs()).isEmpty();
        assertThat(cluster().pods()).isEmpty();
        assertThat(cluster().claims()).isEmpty();
    }

    @Test
    void a_claim_that_a_pod_of_ours_mounts_is_not_deleted() {
        createExpired("s1");
        ownPod(POD, claimOf("s1"));

        assertThat(only(gc("a").sweep()).outcome()).isEqualTo(Outcome.POD_IN_USE);
        assertThat(cluster().claim(claimOf("s1")).orElseThrow().meta().terminating())
                .isFalse();

        cluster().removePod(POD);
        assertThat(only(gc("a").sweep()).outcome()).isEqualTo(Outcome.EVICTED);
    }

    @Test
    void a_claim_that_somebody_elses_pod_mounts_stays_in_the_cluster_until_the_pod_is_gone() {
        createExpired("s1");
        cluster().addPod(POD, Set.of(claimOf("s1").name()));

        assertThat(only(gc("a").sweep()).outcome()).isEqualTo(Outcome.TERMINATING);
        assertThat(cluster().claim(claimOf("s1"))).isPresent();
        assertThat(storage("s1").state()).isEqualTo(StorageState.EVICTING);

        cluster().removePod(POD);
        assertThat(only(gc("a").sweep()).outcome()).isEqualTo(Outcome.EVICTED);
    }

    @Test
    void a_pod_without_a_node_keeps_no_claim() {
        createExpired("s1");
        ownPod(POD, claimOf("s1"));
        cluster().podState(POD, PodState.of("Pending", null));

        assertThat(only(gc("a").sweep()).outcome()).isEqualTo(Outcome.EVICTED);
    }

    @Test
    void a_claim_whose_uid_is_not_ours_is_left_alone_sweep_after_sweep() {
        createExpired("s1");
        cluster().replaceClaim(claimOf("s1"), names.claimLabels("s1", 1));

        assertThat(only(gc("a").sweep()).outcome()).isEqualTo(Outcome.FOREIGN_CLAIM);
        assertThat(storage("s1").state()).isEqualTo(StorageState.MISSING);
        long version = store.sessions().get("s1").version();
        assertThat(only(gc("a").sweep()).outcome()).isEqualTo(Outcome.FOREIGN_CLAIM);

        assertThat(store.sessions().get("s1").version()).isEqualTo(version);
        assertThat(cluster().claims())
                .singleElement()
                .satisfies(claim -> assertThat(claim.meta().terminating()).isFalse());
    }

    @Test
    void nothing_is_evicted_when_the_cluster_cannot_be_asked() {
        createExpired("s1");
        for (String permission : List.of("get namespaces", "list jobs.batch")) {
            cluster().inject(Fault.before(permission, Reason.UNAVAILABLE).always());

            SweepReport report = gc("a").sweep();
            assertThat(only(report).outcome()).isEqualTo(Outcome.CLUSTER_FAILED);
            assertThat(report.sawEverything()).isFalse();
            assertThat(storage("s1").state()).isEqualTo(StorageState.READY);
            cluster().heal();
        }
        for (String permission : List.of("list pods", "delete persistentvolumeclaims", "get persistentvolumeclaims")) {
            cluster().inject(Fault.before(permission, Reason.FORBIDDEN).always());

            assertThat(only(gc("a").sweep()).outcome()).isEqualTo(Outcome.CLUSTER_FAILED);
            assertThat(storage("s1").state()).isEqualTo(StorageState.EVICTING);
            cluster().heal();
        }
        assertThat(only(gc("a").sweep()).outcome()).isEqualTo(Outcome.EVICTED);
    }

    @Test
    void another_cluster_never_passes_for_an_evicted_volume() {
        createExpired("s1");
        StorageGc gc = gc("a");
        createExpired("s2");
        cluster().slowDeletions();
        assertThat(gc.sweep().count(Outcome.TERMINATING)).isEqualTo(2);
        cluster().addNamespace("default");

        SweepReport report = gc.sweep();

        assertThat(report.count(Outcome.CLUSTER_FAILED)).isEqualTo(2);
        assertThat(storage("s1").state()).isEqualTo(StorageState.EVICTING);
    }

    @Test
    void nothing_is_evicted_when_the_store_cannot_be_asked() {
        createExpired("s1");
        StorageGc gc = gc("a");
        cluster().forgetCalls();
        store.close();

        SweepReport report = gc.sweep();

        assertThat(report.problems()).isNotEmpty();
        assertThat(report.sawEverything()).isFalse();
        assertThat(cluster().calls()).isEmpty();
    }

    @Test
    void a_slow_deletion_is_ended_by_a_later_sweep() {
        createExpired("s1");
        cluster().slowDeletions();
        assertThat(only(gc("a").sweep()).outcome()).isEqualTo(Outcome.TERMINATING);
        assertThat(only(gc("a").sweep()).outcome()).isEqualTo(Outcome.TERMINATING);

        cluster().finishDeletions();

        assertThat(only(gc("a").sweep()).outcome()).isEqualTo(Outcome.EVICTED);
        assertThat(gc("a").sweep().evictions()).isEmpty();
    }

    @Test
    void sessions_that_cannot_be_evicted_do_not_delay_the_others() {
        for (int i = 0; i < 3; i++) {
            createExpired("stuck" + i);
            ownPod(new ObjectRef("default", "somebody-" + i), claimOf("stuck" + i));
        }
        clock.advance(HOUR);
        createExpired("free");
        StorageGc gc = new StorageGc(
                store,
                kubectl(),
                options,
                StorageGcOptions.builder()
                        .collectorId("a")
                        .batch(1)
                        .clock(clock)
                        .build());

        SweepReport report = gc.sweep();

        assertThat(report.evictions()).hasSize(4);
        assertThat(report.count(Outcome.POD_IN_USE)).isEqualTo(3);
        assertThat(report.count(Outcome.EVICTED)).isEqualTo(1);
    }

    @Test
    void a_sweep_that_stops_after_any_step_is_ended_by_another_collector() {
        int step = 1;
        boolean stopped = true;
        while (stopped) {
            String id = "crash-" + step;
            createExpired(id);
            cluster().completeJob(jobOf(id, "job-" + step));
            Stopper stopper = new Stopper(step);
            StorageGc dying = new StorageGc(
                    stopper.store(store),
                    stopper.kubectl(kubectl()),
                    options,
                    StorageGcOptions.builder().collectorId("dying").clock(clock).build());
            try {
                dying.sweep();
                stopped = false;
            } catch (Stopped e) {
                step++;
            } catch (IllegalStateException e) {
                assertThat(e).hasCauseInstanceOf(Stopped.class);
                step++;
            }
            clock.advance(Duration.ofMinutes(11));

            gc("survivor").sweep();

            assertThat(storage(id).state()).isEqualTo(StorageState.EVICTED);
            assertThat(cluster().claims()).isEmpty();
            assertThat(cluster().jobs()).isEmpty();
        }
        assertThat(step).isGreaterThan(9);
    }
}

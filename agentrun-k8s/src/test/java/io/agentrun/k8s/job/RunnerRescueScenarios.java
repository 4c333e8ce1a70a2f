package io.agentrun.k8s.job;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentrun.command.Command;
import io.agentrun.k8s.apiserver.Interposed;
import io.agentrun.k8s.apiserver.Scenario;
import io.agentrun.k8s.kubectl.KubectlException.Reason;
import io.agentrun.k8s.kubectl.memory.ClusterCall;
import io.agentrun.k8s.kubectl.memory.Fault;
import io.agentrun.k8s.object.ObjectRef;
import io.agentrun.lease.ExpiredQuery;
import io.agentrun.lease.Fence;
import io.agentrun.lease.RecoveryOutcome;
import io.agentrun.model.BackendProfile;
import io.agentrun.model.RunSpec;
import io.agentrun.model.TenantScope;
import io.agentrun.run.NewRun;
import io.agentrun.run.Run;
import io.agentrun.run.RunStatus;
import io.agentrun.run.SessionRef;
import io.agentrun.runner.RunnerJob;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Runs of lost runners: given to others only when the cluster has no runner of them any more. */
abstract class RunnerRescueScenarios extends Scenario {

    private static final Duration LEASE = Duration.ofMinutes(1);

    private final JobTemplate template = JobTemplate.builder(
                    "default",
                    RunnerContainer.builder("registry.example/runner:1").build())
            .serviceAccountName("runner")
            .build();

    private RunnerJobLauncher launcher() {
        return new RunnerJobLauncher(store, kubectl(), names, template);
    }

    private @Nullable Fence fence;

    private static LaunchRequest request(Run run, Command command) {
        return LaunchRequest.of(run.id(), command.id(), "https://host.example", "abc123");
    }

    private static ObjectRef ref(RunnerJob job) {
        return new ObjectRef(job.placement().namespace(), job.placement().jobName());
    }

    private Fence held() {
        return Objects.requireNonNull(fence);
    }

    private RunnerRescue rescue() {
        return new RunnerRescue(store, kubectl(), names, "default", clock);
    }

    private Rescue only() {
        List<Rescue> rescues = rescue().rescue(ExpiredQuery.in(TenantScope.all()));
        assertThat(rescues).hasSize(1);
        return rescues.get(0);
    }

    /** A run whose runner has begun its turn, under {@link #fence}, and let its lease run out. */
    private Run expiredRun(int attempts) {
        Run run = store.runs()
                .create(NewRun.builder(OWNER, RunSpec.of(BackendProfile.CODEX))
                        .session(SessionRef.of("s1"))
                        .maxAttempts(attempts)
                        .build());
        Command turn = turn(run);
        LaunchRequest request = request(run, turn);
        RunnerJob job = launcher().launch(request);
        cluster().startJob(ref(job));
        Fence claimed =
                store.leases().claim(run.id(), request.runnerId(), LEASE).fence();
        store.commands().acknowledge(claimed, turn.id());
        fence = claimed;
        clock.advance(LEASE.plusSeconds(1));
        return run;
    }

    @Test
    void a_job_that_still_runs_is_stopped_before_its_run_is_given_to_another() {
        create("s1");
        Run run = expiredRun(2);
        cluster().slowDeletions();

        assertThat(only().outcome()).isEqualTo(Rescue.Outcome.STOPPED_JOB);
        assertThat(store.runs().get(run.id()).status()).isNotEqualTo(RunStatus.PENDING);
        assertThat(only().outcome()).isEqualTo(Rescue.Outcome.WAITING_FOR_POD);
        assertThat(store.runs().get(run.id()).status()).isNotEqualTo(RunStatus.PENDING);
        cluster().finishDeletions();

        Rescue last = only();

        assertThat(last.outcome()).isEqualTo(Rescue.Outcome.RECOVERED);
        assertThat(last.recovery()).isEqualTo(RecoveryOutcome.REQUEUED);
        assertThat(store.runs().get(run.id()).status()).isEqualTo(RunStatus.PENDING);
        assertThat(rescue().rescue(ExpiredQuery.in(TenantScope.all()))).isEmpty();
    }

    @Test
    void a_job_that_has_ended_is_no_obstacle() {
        create("s1");
        Run run = expiredRun(1);
        cluster().failJob(cluster().jobs().get(0).meta().ref());

        assertThat(only().recovery()).isEqualTo(RecoveryOutcome.FAILED);

        assertThat(store.runs().get(run.id()).outcome())
                .satisfies(outcome -> assertThat(String.valueOf(outcome)).contains("runner-lost"));
    }

    @Test
    void a_pod_that_never_stops_dying_counts_as_dead_in_the_end() {
        create("s1");
        expiredRun(2);
        cluster().slowDeletions();
        assertThat(only().outcome()).isEqualTo(Rescue.Outcome.STOPPED_JOB);
        assertThat(only().outcome()).isEqualTo(Rescue.Outcome.WAITING_FOR_POD);

        clock.advance(Duration.ofMinutes(16));

        assertThat(only().outcome()).isEqualTo(Rescue.Outcome.RECOVERED);
    }

    @Test
    void runs_that_have_to_wait_do_not_keep_the_others_from_their_turn() {
        for (int i = 0; i < 3; i++) {
            Run run = store.runs()
                    .create(NewRun.builder(OWNER, RunSpec.of(BackendProfile.CODEX))
                            .session(SessionRef.of("w" + i))
                            .build());
            LaunchRequest request = request(run, turn(run));
            launcher().launch(request);
            store.leases().claim(run.id(), request.runnerId(), LEASE);
            clock.advance(Duration.ofSeconds(1));
        }
        Run free = run("free");
        store.leases().claim(free.id(), "local", LEASE);
        clock.advance(LEASE.plusSeconds(1));
        cluster().slowDeletions();
        RunnerRescue rescue = rescue();
        ExpiredQuery three = ExpiredQuery.in(TenantScope.all()).withLimit(3);

        assertThat(rescue.rescue(three))
                .extracting(Rescue::outcome)
                .containsOnly(Rescue.Outcome.STOPPED_JOB)
                .hasSize(3);
        List<Rescue> second = rescue.rescue(three);

        assertThat(second).hasSize(3);
        assertThat(second.get(0).runId()).isEqualTo(free.id());
        assertThat(second.get(0).outcome()).isEqualTo(Rescue.Outcome.RECOVERED);
        assertThat(second.subList(1, 3)).extracting(Rescue::outcome).containsOnly(Rescue.Outcome.WAITING_FOR_POD);
        cluster().finishDeletions();
        // The one that was examined longest ago comes first.
        assertThat(rescue.rescue(three.withLimit(1)))
                .extracting(Rescue::runId)
                .doesNotContain(second.get(1).runId());
        assertThat(rescue.rescue(three)).hasSize(2);
        assertThat(rescue.rescue(three)).isEmpty();
    }

    @Test
    void the_pod_of_a_job_that_nobody_remembers_is_waited_for_after_the_job_was_stopped() {
        create("s1");
        Run run = store.runs()
                .create(NewRun.builder(OWNER, RunSpec.of(BackendProfile.CODEX))
                        .session(SessionRef.of("s1"))
                        .build());
        LaunchRequest request = request(run, turn(run));
        // The Job was created, and its launcher died before it was remembered.
        kubectl().createJob(new Manifests(names, template).job(run, request, null));
        store.leases().claim(run.id(), request.runnerId(), LEASE);
        clock.advance(LEASE.plusSeconds(1));
        cluster().slowDeletions();
        RunnerRescue rescue = rescue();
        ExpiredQuery all = ExpiredQuery.in(TenantScope.all());

        assertThat(rescue.rescue(all)).extracting(Rescue::outcome).containsExactly(Rescue.Outcome.STOPPED_JOB);
        assertThat(rescue.rescue(all)).extracting(Rescue::outcome).containsExactly(Rescue.Outcome.WAITING_FOR_POD);
        // Another process knows the pod by its being on its way out.
        assertThat(only().outcome()).isEqualTo(Rescue.Outcome.WAITING_FOR_POD);
        cluster().finishDeletions();
        assertThat(rescue.rescue(all)).extracting(Rescue::outcome).containsExactly(Rescue.Outcome.RECOVERED);
    }

    @Test
    void nobody_gets_the_run_while_the_cluster_cannot_be_asked() {
        create("s1");
        Run run = expiredRun(2);
        for (String permission : List.of("list jobs.batch", "list pods", "delete jobs.batch")) {
            cluster().inject(Fault.before(permission, Reason.UNAVAILABLE));

            Rescue rescue = only();

            assertThat(rescue.outcome()).isEqualTo(Rescue.Outcome.FAILED);
            assertThat(rescue.detail()).contains("unavailable");
            assertThat(store.runs().get(run.id()).status()).isNotEqualTo(RunStatus.PENDING);
        }
    }

    @Test
    void a_run_without_a_job_is_recovered_at_once_and_no_expired_lease_needs_no_call() {
        long before = processes();
        assertThat(rescue().rescue(ExpiredQuery.in(TenantScope.all()))).isEmpty();
        assertThat(processes()).isEqualTo(before);
        Run run = run("s1");
        store.leases().claim(run.id(), "local", LEASE);
        clock.advance(LEASE.plusSeconds(1));

        assertThat(only().recovery()).isEqualTo(RecoveryOutcome.REQUEUED);
    }

    @Test
    void a_job_whose_runner_is_heard_of_again_while_the_cluster_is_asked_is_left_alone() {
        create("s1");
        Run run = expiredRun(2);
        RunnerRescue surprised = new RunnerRescue(
                store,
                new Interposed(kubectl(), () -> store.leases().heartbeat(held(), LEASE)),
                names,
                "default",
                clock);

        List<Rescue> rescues = surprised.rescue(ExpiredQuery.in(TenantScope.all()));

        assertThat(rescues).extracting(Rescue::outcome).containsExactly(Rescue.Outcome.NOT_NEEDED);
        assertThat(cluster().jobs()).hasSize(1);
        assertThat(store.runs().get(run.id()).lease()).isPresent();
    }

    @Test
    void a_job_in_another_namespace_is_found_by_its_record() {
        cluster().addNamespace("other");
        JobTemplate elsewhere =
                JobTemplate.builder("other", template.container()).build();
        Run run = run("s1");
        LaunchRequest request = request(run, turn(run));
        RunnerJob job = new RunnerJobLauncher(store, kubectl(), names, elsewhere).launch(request);
        store.leases().claim(run.id(), request.runnerId(), LEASE);
        clock.advance(LEASE.plusSeconds(1));

        assertThat(only().outcome()).isEqualTo(Rescue.Outcome.STOPPED_JOB);

        assertThat(ref(job).namespace()).isEqualTo("other");
        assertThat(cluster().jobs()).isEmpty();
        assertThat(only().outcome()).isEqualTo(Rescue.Outcome.RECOVERED);
    }

    @Test
    void a_namespace_is_asked_once_however_many_runs_are_examined() {
        for (String session : List.of("s1", "s2", "s3")) {
            store.leases().claim(run(session).id(), "local", LEASE);
        }
        clock.advance(LEASE.plusSeconds(1));
        cluster().forgetCalls();

        assertThat(rescue().rescue(ExpiredQuery.in(TenantScope.all())))
                .extracting(Rescue::outcome)
                .containsOnly(Rescue.Outcome.RECOVERED)
                .hasSize(3);

        assertThat(cluster().calls())
                .extracting(ClusterCall::permission)
                .containsExactly("list jobs.batch", "list pods");
    }
}

package io.agentrun.k8s.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.agentrun.command.Command;
import io.agentrun.error.AgentRunException;
import io.agentrun.error.AlreadyTerminalException;
import io.agentrun.error.IdempotencyConflictException;
import io.agentrun.error.InvalidInputException;
import io.agentrun.error.LeaseConflictException;
import io.agentrun.error.NotFoundException;
import io.agentrun.error.StateConflictException;
import io.agentrun.k8s.InstanceNames;
import io.agentrun.k8s.apiserver.Interposed;
import io.agentrun.k8s.apiserver.Scenario;
import io.agentrun.k8s.apiserver.Stopper;
import io.agentrun.k8s.apiserver.Stopper.Stopped;
import io.agentrun.k8s.kubectl.KubectlException;
import io.agentrun.k8s.kubectl.KubectlException.Reason;
import io.agentrun.k8s.kubectl.memory.Fault;
import io.agentrun.k8s.object.JobView;
import io.agentrun.k8s.object.ObjectRef;
import io.agentrun.lease.RunLease;
import io.agentrun.model.Outcome;
import io.agentrun.model.TurnResult;
import io.agentrun.run.Run;
import io.agentrun.runner.RunnerJob;
import io.agentrun.storage.SessionStorageException;
import io.agentrun.storage.StorageIntent;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Runners as Jobs: started once, watched, stopped, and never doubled by a rescue. */
abstract class RunnerJobScenarios extends Scenario {

    private static final Duration LEASE = Duration.ofMinutes(1);

    private final JobTemplate template = JobTemplate.builder(
                    "default",
                    RunnerContainer.builder("registry.example/runner:1").build())
            .serviceAccountName("runner")
            .build();

    private RunnerJobLauncher launcher() {
        return new RunnerJobLauncher(store, kubectl(), names, template);
    }

    private static LaunchRequest request(Run run, Command command) {
        return LaunchRequest.of(run.id(), command.id(), "https://host.example", "abc123");
    }

    private static ObjectRef ref(RunnerJob job) {
        return new ObjectRef(job.placement().namespace(), job.placement().jobName());
    }

    @Test
    void a_job_runs_from_its_launch_to_its_end() {
        create("s1");
        Run run = run("s1");
        Command turn = turn(run);
        long before = processes();

        RunnerJob job = launcher().launch(request(run, turn));

        assertThat(processes() - before).isEqualTo(1);
        JobView view = cluster().jobs().get(0);
        assertThat(view.meta().ref()).isEqualTo(ref(job));
        assertThat(view.meta().hasLabels(names.runLabels(run.id()))).isTrue();
        assertThat(view.meta().hasLabels(names.sessionLabels("s1"))).isTrue();
        assertThat(view.meta().labels()).containsEntry(InstanceNames.RUN_GENERATION, "0");
        assertThat(cluster().pods().get(0).claims())
                .containsExactly(claimOf("s1").name());
        assertThat(launcher().status(job).state()).isEqualTo(RunnerJobStatus.State.ACTIVE);
        cluster().startJob(ref(job));
        cluster().log(cluster().pods().get(0).meta().ref(), "a\nb\n");
        assertThat(launcher().logs(job, 1)).contains("b\n");
        cluster().failJob(ref(job));
        assertThat(launcher().status(job).end()).isEqualTo(new JobEnd(JobEnd.Cause.EXITED, 1, "Error"));
        cluster().removeJob(ref(job));
        assertThat(launcher().status(job).state()).isEqualTo(RunnerJobStatus.State.GONE);
        assertThat(launcher().logs(job, 1)).isEmpty();
    }

    @Test
    void a_second_launch_returns_the_first_job_also_after_the_end() {
        Run run = run("s1");
        LaunchRequest request = request(run, turn(run));
        RunnerJob first = launcher().launch(request);
        cluster().removeJob(ref(first));
        RunLease lease = store.leases().claim(run.id(), request.runnerId(), LEASE);
        store.runs().finish(lease.fence(), TurnResult.of(Outcome.completed()));
        cluster().forgetCalls();

        assertThat(launcher().launch(request)).isEqualTo(first);

        assertThat(cluster().calls()).isEmpty();
        assertThat(cluster().jobs()).isEmpty();
        assertThatThrownBy(() -> launcher().launch(request.withAttempt("attempt-2", "r2")))
                .isInstanceOf(AlreadyTerminalException.class);
        assertThatThrownBy(() -> launcher().launch(request.withAttempt("attempt-1", "other")))
                .isInstanceOf(IdempotencyConflictException.class);
        assertThat(cluster().calls()).isEmpty();
    }

    @Test
    void a_run_that_was_released_gets_another_job_by_the_same_request() {
        Run run = run("s1");
        LaunchRequest request = request(run, turn(run));
        RunnerJob first = launcher().launch(request);
        RunLease lease = store.leases().claim(run.id(), request.runnerId(), LEASE);
        assertThat(launcher().launch(request)).isEqualTo(first);
        launcher().stop(first);
        store.leases().release(lease.fence());

        RunnerJob second = launcher().launch(request);

        assertThat(ref(second)).isNotEqualTo(ref(first));
        assertThat(cluster().jobs()).extracting(job -> job.meta().ref()).containsExactly(ref(second));
        assertThat(launcher().launch(request)).isEqualTo(second);
        RunLease next = store.leases().claim(run.id(), request.runnerId(), LEASE);
        assertThat(launcher().launch(request)).isEqualTo(second);
        store.runs().finish(next.fence(), TurnResult.of(Outcome.completed()));
        assertThat(launcher().launch(request)).isEqualTo(second);
        assertThat(store.runners().listJobs(run.id())).hasSize(2);
    }

    @Test
    void a_runner_that_repeats_its_claim_gets_no_second_job() {
        Run run = run("s1");
        LaunchRequest request = request(run, turn(run));
        RunnerJob job = launcher().launch(request);
        store.leases().claim(run.id(), request.runnerId(), LEASE);
        store.leases().claim(run.id(), request.runnerId(), LEASE);

        assertThat(launcher().launch(request)).isEqualTo(job);
        assertThat(cluster().jobs()).hasSize(1);
    }

    @Test
    void the_holder_of_a_run_may_launch_its_job_under_the_same_runner_id() {
        Run run = run("s1");
        LaunchRequest request = request(run, turn(run));
        RunLease lease = store.leases().claim(run.id(), request.runnerId(), LEASE);

        RunnerJob job = launcher().launch(request);

        assertThat(launcher().launch(request)).isEqualTo(job);
        assertThat(cluster().jobs())
                .singleElement()
                .satisfies(view -> assertThat(view.meta().labels()).containsEntry(InstanceNames.RUN_GENERATION, "0"));
        launcher().stop(job);
        store.leases().release(lease.fence());
        store.leases().claim(run.id(), request.runnerId(), LEASE);
        assertThat(ref(launcher().launch(request))).isNotEqualTo(ref(job));
        assertThat(cluster().jobs()).hasSize(1);
    }

    @Test
    void a_launch_that_stops_after_any_step_is_ended_by_the_next() {
        int step = 1;
        boolean stopped = true;
        while (stopped) {
            Run run = run("crash-" + step);
            LaunchRequest request = request(run, turn(run));
            Stopper stopper = new Stopper(step);
            try {
                new RunnerJobLauncher(stopper.store(store), stopper.kubectl(kubectl()), names, template)
                        .launch(request);
                stopped = false;
            } catch (Stopped e) {
                step++;
            }

            RunnerJob job = launcher().launch(request);

            assertThat(cluster().jobs())
                    .filteredOn(view -> view.meta().hasLabels(names.runLabels(run.id())))
                    .singleElement()
                    .satisfies(view -> assertThat(view.meta().uid())
                            .isEqualTo(job.result().string("uid").orElseThrow()));
            assertThat(store.runners().listJobs(run.id())).containsExactly(job);
        }
        assertThat(step).isGreaterThan(5);
    }

    @Test
    void a_job_whose_record_was_lost_is_found_after_its_runner_has_claimed() {
        Run run = run("s1");
        LaunchRequest request = request(run, turn(run));
        Stopper stopper = new Stopper(5);
        assertThatThrownBy(
                        () -> new RunnerJobLauncher(stopper.store(store), stopper.kubectl(kubectl()), names, template)
                                .launch(request))
                .isInstanceOf(Stopped.class);
        assertThat(cluster().jobs()).hasSize(1);
        assertThat(store.runners().listJobs(run.id())).isEmpty();
        store.leases().claim(run.id(), request.runnerId(), LEASE);

        RunnerJob job = launcher().launch(request);

        assertThat(cluster().jobs()).hasSize(1);
        assertThat(ref(job)).isEqualTo(cluster().jobs().get(0).meta().ref());
        assertThatThrownBy(() -> launcher().launch(request.withAttempt("attempt-2", "r2")))
                .isInstanceOfSatisfying(
                        LeaseConflictException.class,
                        e -> assertThat(e.retryable()).isTrue());
    }

    @Test
    void unusable_storage_is_refused_before_the_cluster_is_asked() {
        for (String state : List.of("terminating", "evicted", "missing")) {
            String id = "s-" + state;
            create(id);
            Run run = run(id);
            Command turn = turn(run);
            RunLease lease = store.leases().claim(run.id(), "r", LEASE);
            store.leases().release(lease.fence());
            // No run of the session may be open when its eviction begins: it ends, and the next one is refused.
            store.runs().finishUnclaimed(run.id(), Outcome.cancelled("x"));
            if (state.equals("missing")) {
                store.storage().markMissing(id, 1);
            } else {
                cluster().slowDeletions();
                volumes.delete(id);
                cluster().finishDeletions();
                if (state.equals("evicted")) {
                    volumes.delete(id);
                }
            }
            assertThatThrownBy(() -> run(id)).isInstanceOf(SessionStorageException.class);
            assertThat(turn.id()).isNotBlank();
        }
        // A run that is open when its volume gets lost.
        create("s1");
        Run run = run("s1");
        LaunchRequest request = request(run, turn(run));
        store.storage().markMissing("s1", 1);
        cluster().forgetCalls();

        assertThatThrownBy(() -> launcher().launch(request))
                .isInstanceOfSatisfying(
                        SessionStorageException.class,
                        e -> assertThat(e.failureKind().wire()).isEqualTo("session-storage-missing"));
        assertThat(cluster().calls()).isEmpty();
    }

    @Test
    void a_volume_that_is_not_confirmed_or_elsewhere_is_refused() {
        store.sessions().upsert(upsert("s1").build());
        store.storage().provision(new StorageIntent("s1", "default", claimName("s1")));
        Run run = run("s1");
        LaunchRequest request = request(run, turn(run));
        assertThatThrownBy(() -> launcher().launch(request))
                .isInstanceOfSatisfying(
                        StateConflictException.class,
                        e -> assertThat(e.retryable()).isTrue());
        create("s1");
        JobTemplate elsewhere =
                JobTemplate.builder("elsewhere", template.container()).build();

        assertThatThrownBy(() -> new RunnerJobLauncher(store, kubectl(), names, elsewhere).launch(request))
                .isInstanceOf(InvalidInputException.class);
        assertThatThrownBy(() -> launcher()
                        .launch(LaunchRequest.of(run.id(), turn(run("s2")).id(), "https://x", "abc")))
                .isInstanceOf(NotFoundException.class);
        assertThat(cluster().jobs()).isEmpty();
    }

    @Test
    void a_refused_job_is_not_remembered() {
        Run run = run("s1");
        LaunchRequest request = request(run, turn(run));
        cluster().inject(Fault.before("create jobs.batch", Reason.FORBIDDEN));

        assertThatThrownBy(() -> launcher().launch(request))
                .isInstanceOfSatisfying(
                        KubectlException.class, e -> assertThat(e.reason()).isEqualTo(Reason.FORBIDDEN));
        assertThat(store.runners().listJobs(run.id())).isEmpty();
        cluster().inject(Fault.after("create jobs.batch", Reason.UNAVAILABLE));
        assertThat(launcher().launch(request)).isNotNull();
        assertThat(cluster().jobs()).hasSize(1);
    }

    @Test
    void a_stopped_job_is_gone_and_stopping_again_does_nothing() {
        Run run = run("s1");
        RunnerJob job = launcher().launch(request(run, turn(run)));

        launcher().stop(job);
        launcher().stop(job);

        assertThat(cluster().jobs()).isEmpty();
        assertThat(launcher().status(job).state()).isEqualTo(RunnerJobStatus.State.GONE);
    }

    @Test
    void what_kubernetes_would_refuse_is_refused_before_with_its_field() {
        record Bad(String field, Runnable call) {}
        RunnerContainer good = template.container();
        List<Bad> all = List.of(
                new Bad("image", () -> RunnerContainer.builder("a b").build()),
                new Bad("image", () -> RunnerContainer.builder("--rm").build()),
                new Bad(
                        "env",
                        () -> RunnerContainer.builder("a")
                                .env("A-B", EnvValue.of("x"))
                                .build()),
                new Bad(
                        "env",
                        () -> RunnerContainer.builder("a")
                                .env("AGENTRUN_RUN_ID", EnvValue.of("x"))
                                .build()),
                new Bad(
                        "env",
                        () -> RunnerContainer.builder("a")
                                .env("OPENAI_API_KEY", EnvValue.of("x"))
                                .build()),
                new Bad("env.secret", () -> EnvValue.fromSecret("Bad_Name", "k")),
                new Bad("env.key", () -> EnvValue.fromSecret("name", "../k")),
                new Bad(
                        "limits",
                        () -> RunnerContainer.builder("a")
                                .limits(Map.of("cpu", "much"))
                                .build()),
                new Bad(
                        "pullPolicy",
                        () -> RunnerContainer.builder("a")
                                .pullPolicy("Sometimes")
                                .build()),
                new Bad(
                        "deadline",
                        () -> JobTemplate.builder("n", good)
                                .deadline(Duration.ZERO)
                                .build()),
                new Bad(
                        "mountPath",
                        () -> JobTemplate.builder("n", good)
                                .mountPath("/a/../b")
                                .build()),
                new Bad(
                        "serviceAccountName",
                        () -> JobTemplate.builder("n", good)
                                .serviceAccountName("A")
                                .build()),
                new Bad("runAsUser", () -> JobSecurity.defaults().runAs(0, 1, 1)),
                new Bad("namespace", () -> JobTemplate.builder("--all", good).build()));

        for (Bad bad : all) {
            assertThatThrownBy(bad.call()::run)
                    .isInstanceOfSatisfying(
                            InvalidInputException.class,
                            e -> assertThat(e.field()).isEqualTo(bad.field()));
        }
    }

    @Test
    void no_exception_of_a_launch_is_without_a_kind() {
        assertThatThrownBy(() -> launcher().launch(LaunchRequest.of("run_x", "cmd_x", "https://x", "abc")))
                .isInstanceOf(AgentRunException.class);
    }

    @Test
    void a_job_whose_run_ends_while_it_is_created_is_removed() {
        Run run = run("s1");
        LaunchRequest request = request(run, turn(run));
        RunnerJobLauncher overtaken = new RunnerJobLauncher(
                store,
                new Interposed(kubectl(), () -> store.runs().cancel(run.id(), "not needed any more")),
                names,
                template);

        assertThatThrownBy(() -> overtaken.launch(request)).isInstanceOf(AlreadyTerminalException.class);

        assertThat(cluster().jobs()).isEmpty();
    }
}

package io.agentrun.k8s.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.agentrun.command.Command;
import io.agentrun.error.FailureKind;
import io.agentrun.k8s.apiserver.Scenario;
import io.agentrun.k8s.kubectl.KubectlException.Reason;
import io.agentrun.k8s.kubectl.memory.Fault;
import io.agentrun.k8s.object.ObjectRef;
import io.agentrun.lease.ExpiredQuery;
import io.agentrun.lease.RecoveryOutcome;
import io.agentrun.lease.RunLease;
import io.agentrun.model.TenantScope;
import io.agentrun.queue.Dispatch;
import io.agentrun.queue.DispatchRequest;
import io.agentrun.queue.NewQueueTask;
import io.agentrun.queue.QueueTask;
import io.agentrun.queue.RetryPolicy;
import io.agentrun.queue.TaskState;
import io.agentrun.run.Run;
import io.agentrun.run.RunStatus;
import io.agentrun.runner.RunnerJob;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A run that was launched while it was pending, and whose Job ended before its runner had claimed it. */
abstract class UnclaimedRunScenarios extends Scenario {

    private static final Duration MINUTE = Duration.ofMinutes(1);
    private static final ExpiredQuery ALL = ExpiredQuery.in(TenantScope.all());

    private RunnerJobLauncher launcher;
    private RunnerRescue rescue;

    @BeforeEach
    void begin() {
        JobTemplate template = JobTemplate.builder(
                        "default",
                        RunnerContainer.builder("registry.example/runner:1").build())
                .build();
        launcher = new RunnerJobLauncher(store, kubectl(), names, template, clock);
        rescue = new RunnerRescue(store, kubectl(), names, "default", clock);
    }

    private static LaunchRequest request(Run run, Command turn) {
        return LaunchRequest.of(run.id(), turn.id(), "https://host.example", "abc");
    }

    private static ObjectRef ref(RunnerJob job) {
        return new ObjectRef(job.placement().namespace(), job.placement().jobName());
    }

    private List<Rescue> after(Duration time) {
        clock.advance(time);
        return rescue.rescue(ALL);
    }

    private RunStatus status(Run run) {
        return store.runs().get(run.id()).status();
    }

    @Test
    void its_run_ends_a_minute_later_and_the_session_goes_on() {
        Run run = run("s1");
        Run later = run("s1");
        turn(later);
        RunnerJob job = launcher.launch(request(run, turn(run)));
        assertThat(after(MINUTE)).isEmpty();
        cluster().failJob(ref(job));
        assertThat(after(MINUTE)).isEmpty();
        assertThat(after(MINUTE.minusSeconds(1))).isEmpty();

        List<Rescue> rescues = after(Duration.ofSeconds(1));

        assertThat(rescues).singleElement().satisfies(rescued -> {
            assertThat(rescued.runId()).isEqualTo(run.id());
            assertThat(rescued.outcome()).isEqualTo(Rescue.Outcome.RECOVERED);
            assertThat(rescued.recovery()).isEqualTo(RecoveryOutcome.UNCLAIMED);
            assertThat(rescued.detail()).contains(ref(job).name());
        });
        assertThat(Objects.requireNonNull(store.runs().get(run.id()).outcome()).failureKind())
                .isEqualTo(FailureKind.UNCLAIMED);
        assertThat(status(later)).isEqualTo(RunStatus.PENDING);
        assertThat(after(MINUTE.multipliedBy(5))).isEmpty();
    }

    @Test
    void a_job_that_vanished_or_is_about_to_fail_ends_it_too() {
        Run gone = run("s1");
        Run failing = run("s2");
        RunnerJob vanished = launcher.launch(request(gone, turn(gone)));
        RunnerJob late = launcher.launch(request(failing, turn(failing)));
        cluster().removeJob(ref(vanished));
        cluster().slowDeletions();
        cluster().exceedDeadline(ref(late));
        after(MINUTE);

        assertThat(after(MINUTE)).extracting(Rescue::runId).containsExactlyInAnyOrder(gone.id(), failing.id());
        assertThat(status(gone)).isEqualTo(RunStatus.CANCELLED);
        assertThat(status(failing)).isEqualTo(RunStatus.CANCELLED);
    }

    @Test
    void another_attempt_that_is_launched_meanwhile_keeps_the_run_alive() {
        Run run = run("s1");
        Command turn = turn(run);
        RunnerJob first = launcher.launch(request(run, turn));
        cluster().failJob(ref(first));
        after(MINUTE);
        RunnerJob second = launcher.launch(request(run, turn).withAttempt("attempt-2", "runner-2"));

        assertThat(after(MINUTE)).isEmpty();
        assertThat(status(run)).isEqualTo(RunStatus.PENDING);
        // The minute begins anew.
        cluster().failJob(ref(second));
        assertThat(after(MINUTE)).isEmpty();
        assertThat(after(MINUTE)).hasSize(1);
    }

    @Test
    void what_is_claimed_or_was_given_back_or_never_launched_is_left_alone() {
        Run claimed = run("s1");
        Run released = run("s2");
        Run other = run("s3");
        turn(other);
        RunnerJob one = launcher.launch(request(claimed, turn(claimed)));
        RunnerJob two = launcher.launch(request(released, turn(released)));
        store.leases().claim(claimed.id(), "r", Duration.ofHours(1));
        store.leases().release(store.leases().claim(released.id(), "r", MINUTE).fence());
        cluster().failJob(ref(one));
        cluster().failJob(ref(two));

        assertThat(after(MINUTE)).isEmpty();
        assertThat(after(MINUTE)).isEmpty();

        assertThat(status(claimed)).isEqualTo(RunStatus.CLAIMED);
        assertThat(List.of(status(released), status(other))).containsOnly(RunStatus.PENDING);
        RunnerJob again = launcher.launch(request(released, store.commands().get(two.commandId())));
        assertThat(ref(again)).isNotEqualTo(ref(two));
    }

    @Test
    void a_run_that_may_have_been_begun_fails_and_one_that_was_not_costs_its_task_nothing() {
        Run begun = run("s1");
        Command turn = turn(begun);
        RunLease lease = store.leases().claim(begun.id(), "r", Duration.ofHours(1));
        store.commands().acknowledge(lease.fence(), turn.id());
        store.leases().release(lease.fence());
        store.queue()
                .create(NewQueueTask.builder(begun.owner(), "queue", "a task", begun.spec())
                        .retry(RetryPolicy.of(1, Duration.ofMinutes(3)))
                        .build());
        Dispatch dispatch = store.queue().dispatchNext(DispatchRequest.any()).orElseThrow();
        RunnerJob one = launcher.launch(request(begun, turn));
        RunnerJob two = launcher.launch(request(dispatch.run(), dispatch.turn()));
        cluster().failJob(ref(one));
        cluster().failJob(ref(two));
        after(MINUTE);

        assertThat(after(MINUTE))
                .extracting(Rescue::runId, Rescue::recovery)
                .containsExactlyInAnyOrder(
                        tuple(begun.id(), RecoveryOutcome.FAILED),
                        tuple(dispatch.run().id(), RecoveryOutcome.UNCLAIMED));
        assertThat(Objects.requireNonNull(store.runs().get(begun.id()).outcome())
                        .failureKind())
                .isEqualTo(FailureKind.INFRA_FAILED);
        QueueTask task = store.queue().get(dispatch.task().id());
        assertThat(task.state()).isEqualTo(TaskState.PENDING);
        assertThat(task.spent()).isZero();
    }

    @Test
    void a_cluster_that_cannot_be_asked_or_a_job_that_cannot_be_read_ends_nothing() {
        Run run = run("s1");
        RunnerJob job = launcher.launch(request(run, turn(run)));
        cluster().oversize(ref(job));
        assertThat(after(MINUTE)).isEmpty();
        assertThat(after(MINUTE)).isEmpty();
        cluster().inject(Fault.before("list jobs.batch", Reason.UNAVAILABLE));

        assertThat(after(MINUTE)).singleElement().satisfies(rescued -> {
            assertThat(rescued.outcome()).isEqualTo(Rescue.Outcome.FAILED);
            assertThat(rescued.detail()).contains("unavailable");
        });
        assertThat(status(run)).isEqualTo(RunStatus.PENDING);
    }

    @Test
    void runs_that_wait_for_their_jobs_keep_no_other_one_from_its_turn() {
        Run oldest = run("s0");
        cluster().failJob(ref(launcher.launch(request(oldest, turn(oldest)))));
        for (int i = 1; i < 5; i++) {
            clock.advance(Duration.ofSeconds(1));
            Run run = run("s" + i);
            launcher.launch(request(run, turn(run)));
        }
        for (int i = 0; i < 3; i++) {
            rescue.rescue(ALL.withLimit(2));
        }
        clock.advance(MINUTE);
        for (int i = 0; i < 3; i++) {
            rescue.rescue(ALL.withLimit(2));
        }

        assertThat(status(oldest)).isEqualTo(RunStatus.CANCELLED);
    }

    @Test
    void every_run_has_its_turn_and_a_namespace_is_asked_once_for_all_of_them() {
        for (int i = 0; i < 5; i++) {
            Run run = run("s" + i);
            cluster().failJob(ref(launcher.launch(request(run, turn(run)))));
        }
        long before = processes();
        after(MINUTE);
        assertThat(processes() - before).isEqualTo(1);
        clock.advance(MINUTE);

        int ended = 0;
        for (int i = 0; i < 4; i++) {
            ended += rescue.rescue(ALL.withLimit(2)).size();
        }

        assertThat(ended).isEqualTo(5);
        before = processes();
        turn(run("s9"));
        rescue.rescue(ALL);
        assertThat(processes()).isEqualTo(before);
    }
}

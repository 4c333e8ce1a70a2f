package io.agentrun.k8s.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.agentrun.command.Command;
import io.agentrun.error.RunWaitingException;
import io.agentrun.k8s.apiserver.Scenario;
import io.agentrun.k8s.object.ObjectRef;
import io.agentrun.k8s.storage.StorageGc;
import io.agentrun.lease.ExpiredQuery;
import io.agentrun.lease.RunLease;
import io.agentrun.model.Outcome;
import io.agentrun.model.TenantScope;
import io.agentrun.model.TurnResult;
import io.agentrun.question.NewQuestion;
import io.agentrun.question.Question;
import io.agentrun.question.Reply;
import io.agentrun.run.Run;
import io.agentrun.run.RunStatus;
import io.agentrun.runner.RunnerJob;
import io.agentrun.storage.StorageState;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A run whose runner, a Job, has parked it: the Job ends, the run and the volume stay, and another Job goes on. */
abstract class ParkedRunScenarios extends Scenario {

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

    private Run now(Run run) {
        return store.runs().get(run.id());
    }

    /** Claims the run as its Job does, asks, and parks; then the Job ends. */
    private Question parked(Run run, Command turn, RunnerJob job) {
        cluster().startJob(ref(job));
        RunLease lease = store.leases().claim(run.id(), "runner-1", MINUTE);
        store.commands().acknowledge(lease.fence(), turn.id());
        Question asked = store.questions().ask(lease.fence(), NewQuestion.of("which one?"));
        store.leases().park(lease.fence(), List.of(asked.id()));
        cluster().completeJob(ref(job));
        return asked;
    }

    @Test
    void its_job_ends_its_volume_stays_and_another_job_goes_on() {
        createExpired("s1");
        Run run = run("s1");
        Command turn = turn(run);
        RunnerJob first = launcher.launch(request(run, turn));
        Question asked = parked(run, turn, first);
        StorageGc gc = gc("a");

        for (int i = 0; i < 3; i++) {
            clock.advance(MINUTE.multipliedBy(10));
            assertThat(rescue.rescue(ALL)).isEmpty();
            assertThat(gc.sweep().evictions()).isEmpty();
        }

        assertThat(now(run).status()).isEqualTo(RunStatus.WAITING);
        assertThat(storage("s1").state()).isNotIn(StorageState.EVICTING, StorageState.EVICTED);
        assertThat(cluster().claims()).hasSize(1);
        assertThatExceptionOfType(RunWaitingException.class).isThrownBy(() -> launcher.launch(request(run, turn)));
        store.questions().answer(asked.id(), Reply.text("this one"), "ann");
        RunnerJob second = launcher.launch(request(run, turn));
        assertThat(second.placement().jobName()).isNotEqualTo(first.placement().jobName());
        cluster().startJob(ref(second));
        RunLease lease = store.leases().claim(run.id(), "runner-2", MINUTE);
        assertThat(store.commands().await(lease.fence(), 10, Duration.ZERO).commands())
                .singleElement()
                .satisfies(command -> assertThat(command.resumed()).isNotNull());
        store.runs().finish(lease.fence(), TurnResult.of(Outcome.completed()));
    }

    @Test
    void an_answered_run_without_a_job_of_its_own_waits_for_one() {
        create("s1");
        Run run = run("s1");
        Command turn = turn(run);
        Question asked = parked(run, turn, launcher.launch(request(run, turn)));
        store.questions().answer(asked.id(), Reply.text("this one"), "ann");

        for (int i = 0; i < 3; i++) {
            clock.advance(MINUTE.multipliedBy(2));
            assertThat(rescue.rescue(ALL)).isEmpty();
        }

        assertThat(now(run).status()).isEqualTo(RunStatus.PENDING);
    }
}
